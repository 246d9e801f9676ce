"""``tocsin ledger ...``: the ledger of every message issued."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .door import DataFolder, set_up_office

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="The ledger of every message issued.")


@app.command("verify")
def verify(data: DataFolder = Path("var")) -> None:
    """Recompute every hash and link of the ledger from the bytes it holds."""
    _open(data)
    from tocsin.office.warnings_desk.ledger import head
    from tocsin.office.warnings_desk.ledger import verify as recompute

    count = recompute()
    if not count:
        typer.echo(f"The ledger in {data} is empty. If you meant another, name it with --data.")
        return
    typer.echo(f"{count} messages, every hash and link is right; head {head()[1]}")


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="where the bundle goes: ledger.zip; not over a file")],
    data: DataFolder = Path("var"),
) -> None:
    """Write the whole ledger as a bundle that anyone can verify without Tocsin."""
    _open(data)
    from tocsin.office.warnings_desk.export import export_ledger

    done = export_ledger(out)
    typer.echo(f"{out}: {done.messages} messages, SHA-256 {done.sha256}\nhead {done.head}")
    if done.fault:
        typer.echo(f"The ledger does not add up: {done.fault}", err=True)
        raise typer.Exit(1)


def _open(data: Path) -> None:
    if "DATABASE_URL" not in os.environ and not (data / "tocsin.sqlite3").is_file():
        raise typer.BadParameter(f"{data} holds no ledger: name the data folder with --data")
    set_up_office(data)
