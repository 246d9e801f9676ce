"""Cells of spreadsheets and column files as the text that readers of tables take.

What a cell holds is its own affair until here: a date is written as the feed's settings say, a
number with all its digits, nothing as what stands for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tocsin.errors import Fault, IntakeError
from tocsin.intake.lines import Table

__all__ = ["Refused", "add_row", "header_of", "text_of"]

MOST_TEXT = 200
"""Letters of a cell; longer ones are no station, time or number."""


class Refused:
    """Makes the error that a file as a whole is refused with."""

    def __init__(self, file: str) -> None:
        self.file = file

    def __call__(self, problem: str, remedy: str, value: str = "", line: int = 0) -> IntakeError:
        """Return the error."""
        return IntakeError([Fault(self.file, line, "file", value[:60], problem, remedy)])


def text_of(value: object, time_format: str | None, missing: Sequence[str]) -> str:
    """Return what a cell says, as a row of a CSV would say it."""
    nothing = missing[0] if missing else ""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return nothing
    if isinstance(value, datetime):
        return _moment(value, time_format)
    if isinstance(value, date):
        return _moment(datetime(value.year, value.month, value.day), time_format)  # noqa: DTZ001  the zone is the feed's
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return repr(value) if isinstance(value, float) else str(value)
    return str(value)[: MOST_TEXT + 1]


def header_of(cells: Sequence[object], file: str, line: int) -> list[str]:
    """Return the names of the columns.

    Raises
    ------
    IntakeError
        There are none, or two are alike.
    """
    names = ["" if cell is None else str(cell)[:MOST_TEXT].strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name and names.count(name) > 1:
            fault = Fault(
                file, line, "header", name[:60], "Two columns have this name.",
                "Give one another name.",
            )  # fmt: skip
            raise IntakeError([fault])
    if not any(names):
        fault = Fault(
            file, line, "header", "", "The table has no header.",
            "Write the names of the columns into its first row.",
        )  # fmt: skip
        raise IntakeError([fault])
    return names


def _moment(value: datetime, time_format: str | None) -> str:
    """Return a moment to the second: a spreadsheet keeps days as fractions, a hair off."""
    value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value.strftime(time_format) if time_format else value.isoformat()


def add_row(table: Table, line: int, cells: list[str]) -> None:
    """Add a row of a table whose cells are as many as its header; one of nothing is passed over."""
    if any(cells):
        table.rows_read += 1
        table.line.append(line)
        table.rows.append(cells)
