"""``tocsin received ...``: warnings of other authorities."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, read_bytes, set_up_office

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Warnings of other authorities.")


@app.command("add")
def add(
    name: str,
    address: Annotated[
        str, typer.Argument(help="https://... of a feed or file, mqtt://host/topic")
    ],
    pin: Annotated[
        list[Path] | None, typer.Option(help="PEM file of the issuer to be trusted; repeatable")
    ] = None,
    every: Annotated[int, typer.Option(help="seconds between two polls")] = 60,
    stale: Annotated[int, typer.Option(help="seconds of silence after which it is late")] = 900,
    data: DataFolder = Path("var"),
) -> None:
    """Add a source; the poller then asks it."""
    issuers = "\n".join(read_bytes(path).decode("ascii", "replace") for path in pin or [])
    set_up_office(data)
    from tocsin.office.people.rules import MACHINE
    from tocsin.office.received.services import NewSource, add_source

    new = NewSource(name, address, issuers=issuers, every_s=every, stale_after_s=stale)
    add_source(new, by=MACHINE, at=datetime.now(UTC))
    typer.echo(f"{name} is polled every {every} s once  tocsin received poll  runs.")


@app.command("poll")
def poll(
    every: Annotated[
        float | None, typer.Option(help="go on, looking for sources that are due every so many s")
    ] = None,
    data: DataFolder = Path("var"),
) -> None:
    """Poll the sources that are due, once or for good; a line for each."""
    set_up_office(data)
    from django.db import close_old_connections

    from tocsin.office.received.poll import poll_due

    while True:
        for report in poll_due(datetime.now(UTC)):
            typer.echo(str(report))
        if every is None:
            return
        close_old_connections()
        time.sleep(every)
