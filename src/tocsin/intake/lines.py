"""Delimited text files, line by line: which rows hold together, and what is wrong with the others.

One line is one row. A quoted text never runs over the end of a line, so that one stray quote costs
one row and not the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import Fault, IntakeError

__all__ = ["Table", "read_table"]

_SHOWN = 60
_NOT_UTF8 = "has bytes that are not UTF-8 text."
_NUL = "has a NUL byte."


@dataclass
class Table:
    """The whole rows of a file, column by column.

    ``line[n]`` is the line of row ``n`` in the file, counted from 1 with the header.
    """

    file: str
    header: list[str]
    line: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows_read: int = 0

    def column(self, name: str) -> list[str]:
        """Return the cells of one column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def fault(self, line: int, column: str, value: str, problem: str, remedy: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(self.file, line, column, value[:_SHOWN], problem, remedy))


def read_table(path: Path, shown: str, delimiter: str = ",") -> Table:
    """Read a delimited file with a header line.

    Parameters
    ----------
    path : Path
        The file; UTF-8, with or without a byte order mark.
    shown : str
        The name of the file in faults.

    Raises
    ------
    IntakeError
        If the file is empty or its header cannot be read.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline=None) as stream:
        header = _header(next(stream, ""), shown, delimiter)
        table = Table(shown, header)
        for number, text in _not_blank(stream):
            table.rows_read += 1
            if row := _row(table, number, text, delimiter):
                table.line.append(number)
                table.rows.append(row)
    return table


def _not_blank(stream: Iterator[str]) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(stream, start=2):
        if not text.isspace():
            yield number, text


def _fields(text: str, delimiter: str) -> list[str]:
    text = text.removesuffix("\n")
    if '"' not in text:
        return text.split(delimiter)
    return next(csv.reader([text], delimiter=delimiter, strict=True))


def _unfit(text: str) -> str | None:
    """Return what is wrong with the characters of a text, None where nothing is."""
    if "\0" in text:
        return _NUL
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return _NOT_UTF8
    return None


def _header(text: str, shown: str, delimiter: str) -> list[str]:
    def refuse(field_: str, value: str, problem: str, remedy: str) -> IntakeError:
        return IntakeError([Fault(shown, 1, field_, value[:_SHOWN], problem, remedy)])

    if not text.strip():
        raise refuse("header", "", "The file is empty.", "Fetch it again.")
    if unfit := _unfit(text):
        raise refuse("header", "", f"The header {unfit}", "Save the file as UTF-8 text.")
    try:
        header = [name.strip() for name in _fields(text, delimiter)]
    except csv.Error as error:
        raise refuse(
            "header", text.strip(), "A quotation mark is not closed.", "Close it or take it out."
        ) from error
    for name in header:
        if header.count(name) > 1:
            raise refuse("header", name, "Two columns have this name.", "Give one another name.")
    return header


def _row(table: Table, number: int, text: str, delimiter: str) -> list[str] | None:
    """Return the fields of one line, or note why it cannot be used."""
    unfit = _unfit(text)
    try:
        fields = _fields(text, delimiter)
    except csv.Error:
        shown = text.strip().encode("ascii", "backslashreplace").decode()
        table.fault(
            number, "row", shown, "A quotation mark is not closed.",
            "Close it or take it out; the row is left out.",
        )  # fmt: skip
        return None
    if unfit:
        place = next(n for n, cell in enumerate(fields) if _unfit(cell))
        name = (table.header[place] if place < len(table.header) else "") or "row"
        cell = fields[place].encode("ascii", "backslashreplace").decode()
        table.fault(
            number, name, cell, f"The field {unfit}",
            "Fetch the file again or save it as UTF-8; the row is left out.",
        )  # fmt: skip
        return None
    if len(fields) == len(table.header):
        return fields
    _note_length(table, number, text, fields)
    return None


def _note_length(table: Table, number: int, text: str, fields: Sequence[str]) -> None:
    count, wanted = len(fields), len(table.header)
    if count < wanted and not text.endswith("\n"):
        problem = f"The file ends in the middle of this row, after {count} of {wanted} fields."
        remedy = "Fetch the file again; the row is left out."
    else:
        problem = f"The row has {count} fields, the header has {wanted}."
        remedy = "Mend the row; it is left out."
    where = (table.header[count - 1] if count < wanted else "") or "row"
    table.fault(number, where, text.strip(), problem, remedy)
