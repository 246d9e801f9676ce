"""``tocsin feeds token`` and ``revoke``: who may push observations."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, RegionFolder, set_up_office

__all__ = ["list_tokens", "make", "revoke"]

Name = Annotated[str, typer.Argument(help="the feed's id", metavar="NAME")]
Box = Annotated[str, typer.Option("--gateway", help="which box it is: river-north")]


def make(region: RegionFolder, name: Name, gateway: Box, data: DataFolder = Path("var")) -> None:
    """Give a gateway a token for a pushed feed. It is shown once; only its hash is kept."""
    from tocsin.errors import TocsinError
    from tocsin.region import load_region

    feed = next((one for one in load_region(region).feeds if one.id == name), None)
    if feed is None:
        raise typer.BadParameter(f"there is no feed {name!r} in {region}")
    set_up_office(data)
    from tocsin.office.watch.gateways import make_token

    try:
        token = make_token(feed, gateway, at=datetime.now(UTC))
    except TocsinError as refused:
        raise typer.BadParameter(str(refused)) from None
    typer.echo(token)
    typer.echo("Write it down now: it is not kept and cannot be shown again.", err=True)


def revoke(name: Name, gateway: Box, data: DataFolder = Path("var")) -> None:
    """Let the token of a gateway hold no longer."""
    set_up_office(data)
    from tocsin.errors import TocsinError
    from tocsin.office.watch.gateways import revoke_token

    try:
        revoke_token(name, gateway, at=datetime.now(UTC))
    except TocsinError as refused:
        raise typer.BadParameter(str(refused)) from None
    typer.echo(f"{gateway} can push to {name} no longer.")


def list_tokens(data: DataFolder = Path("var")) -> None:
    """List the gateways: feed, box, since when, last message, whether revoked."""
    set_up_office(data)
    from tocsin.office.watch.push_models import Gateway

    for row in Gateway.objects.all():
        used = f"{row.used_at:%Y-%m-%d %H:%M} UTC" if row.used_at else "never"
        state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else "holds"
        typer.echo(f"{row.feed:<20}{row.label:<20}{row.made_at:%Y-%m-%d}  last {used}  {state}")
