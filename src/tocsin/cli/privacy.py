"""``tocsin privacy ...``: which personal data there are, their end, and the keys they lie under."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, set_up_office

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Personal data: what there is, how it ends, its keys.")


@app.command("inventory")
def inventory(data: DataFolder = Path("var")) -> None:
    """Print every personal field with its purpose and how long it is kept, from the models."""
    set_up_office(data)
    from tocsin.office.subscribers.inventory import inventory as fields
    from tocsin.office.subscribers.inventory import undeclared

    for item in fields():
        typer.echo(f"{item.field}\n    purpose    {item.purpose}\n    retention  {item.retention}")
    if missing := undeclared():
        typer.echo("Not declared: " + ", ".join(missing), err=True)
        raise typer.Exit(1)


@app.command("purge")
def purge(data: DataFolder = Path("var")) -> None:
    """Erase and delete what is past its term; the worker does the same regularly."""
    set_up_office(data)
    from tocsin.office.subscribers.services import purge as run
    from tocsin.office.warnings_desk.presence import forget_closed

    at = datetime.now(UTC)
    counts = {**asdict(run(at)), "open_pages": forget_closed(at)}
    for name, count in counts.items():
        typer.echo(f"{count:8,}  {name.replace('_', ' ')}")


@app.command("rotate-keys")
def rotate_keys(
    data: DataFolder = Path("var"),
    finish: Annotated[
        bool, typer.Option(help="forget the old keys, once every contact has the new one")
    ] = False,
) -> None:
    """Make a new key and seal every contact with it; a minute later, finish with --finish.

    Keys from TOCSIN_CONTACT_KEYS are yours to change: put the new one first, run this, run it with
    --finish, then take the old ones out.
    """
    set_up_office(data)
    from tocsin.office.subscribers.services.rotating import finish_rotation, rotate

    if finish:
        typer.echo(f"{finish_rotation()} contact(s) were left; only the newest key is needed now.")
        return
    typer.echo(f"{rotate()} contact(s) sealed with the newest key; the old ones still open.")
    typer.echo("Run it again with --finish in a minute: then the old keys are forgotten.")
