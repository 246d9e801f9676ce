"""What several commands share: the office's set-up, files, moments, faults and progress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from tocsin.errors import Fault

if TYPE_CHECKING:
    from rich.table import Table

    from tocsin.cap.commands import Outcome

__all__ = [
    "DataFolder",
    "RegionFolder",
    "moment",
    "print_each",
    "print_faults",
    "print_table",
    "progress",
    "read_bytes",
    "set_up_office",
    "write_text",
]

WIDEST_TABLE = 240
"""Characters; tables are as wide as what they hold, up to this."""

RegionFolder = Annotated[
    Path, typer.Argument(help="the region's folder: examples/new-york-2013", metavar="REGION")
]
DataFolder = Annotated[
    Path, typer.Option("--data", envvar="TOCSIN_DATA", help="folder of the database and the key")
]


def set_up_office(data: Path) -> None:
    """Set up Django on a data folder and bring its database up to date."""
    os.environ["TOCSIN_DATA"] = str(data.resolve())
    (data / "static").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.office.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def read_bytes(path: Path) -> bytes:
    """Read a file named on the command line."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from None


def write_text(path: Path, text: str) -> None:
    """Write a file named on the command line."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}") from None


def print_each(outcomes: Iterable[Outcome]) -> None:
    """Print outcomes as they come; end with the worst exit status."""
    worst = 0
    for outcome in outcomes:
        typer.echo(outcome.text, err=outcome.code == 2)
        worst = max(worst, outcome.code)
    raise typer.Exit(worst)


def moment(text: str | None, zone: ZoneInfo) -> datetime | None:
    """Read a day or an hour; without an offset it is the region's own."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time; write 2013-07-18 or 2013-07-18T15:00 (region's time)"
        ) from None
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def print_faults(faults: tuple[Fault, ...] | list[Fault]) -> None:
    """Print faults, a line each, where errors go."""
    for fault in faults:
        typer.echo(str(fault), err=True)


def print_table(table: Table) -> None:
    """Print a table whole: what is wider than the terminal wraps there, and nothing is cut off."""
    from rich.console import Console

    Console(width=WIDEST_TABLE).print(table)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar a step; where there is no terminal, a line a step."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    words = {
        "read": "Reading feeds",
        "compute": "Indicators and rules",
        "replay": "Replaying hours",
    }
    console = Console()
    if not console.is_terminal:
        said: set[str] = set()

        def line(step: str, done: int, whole: int) -> None:
            if step not in said:
                said.add(step)
                console.print(words.get(step, step))

        yield line
        return
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks = {}

        def show(step: str, done: int, whole: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(words.get(step, step), total=whole)
            bars.update(tasks[step], completed=done, total=whole)

        yield show
