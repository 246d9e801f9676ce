"""Hourly values of several stations in an XLSX workbook: the table of the CSV reader, in a sheet.

A workbook is a ZIP of XML that anybody may have made. It is measured before it is unpacked, parts
that can do something (macros, links to other files, document types) make it refused, and a formula
is never believed: what stands in its cell was computed by a machine that we do not know, from cells
that may have changed since.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from tocsin.errors import IntakeError
from tocsin.intake.cells import Refused, add_row, header_of, text_of
from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.lines import Table
from tocsin.intake.readers.hourly_station_csv import HourlyStation, reading_of

__all__ = ["HourlyStationXlsx", "read_hourly_station_xlsx"]

MOST_BYTES = 64_000_000
"""Unpacked, all parts together."""
MOST_PARTS = 1_000
MOST_ROWS, MOST_COLUMNS = 200_000, 200
_HEAD = 4096
_DOCTYPES = (
    b"<!DOCTYPE",
    b"<!ENTITY",
    "<!DOCTYPE".encode("utf-16-le"),
    "<!DOCTYPE".encode("utf-16-be"),
)


class HourlyStationXlsx(HourlyStation):
    """The settings of this reader: those of hourly-station-csv, and where the table is."""

    sheet: str = Field("", description="the sheet's name; without it the first one")
    header_row: int = Field(1, ge=1, le=1000, description="the row with the names of the columns")


@reader("hourly-station-xlsx", HourlyStationXlsx, "xlsx")
def read_hourly_station_xlsx(
    feed: Feed, options: HourlyStationXlsx, stations: Collection[str]
) -> Reading:
    """Read the workbook of ``feed``; see :func:`tocsin.intake.read`."""
    refused = Refused(feed.path)
    try:
        import openpyxl
    except ImportError:
        raise refused("XLSX files need openpyxl.", "Run: pip install 'tocsin[office]'") from None
    _measure(feed.file, refused)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are no concern of ours
            book = openpyxl.load_workbook(feed.file, read_only=True, keep_links=False)
            try:
                table = _table(book, feed.path, options, refused)
            finally:
                book.close()
    except IntakeError:
        raise
    except Exception as error:  # what a crafted workbook can make of a parser is without end
        problem = f"The workbook is damaged ({type(error).__name__})."
        raise refused(problem, "Save it anew as an XLSX workbook.") from error
    return reading_of(table, options, stations)


def _measure(path: Path, refused: Refused) -> None:
    """Refuse what is no workbook, would unpack to too much, or has parts that can do something."""
    try:
        with zipfile.ZipFile(path) as parts:
            entries = parts.infolist()
            size = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_PARTS or size > MOST_BYTES:
                raise refused(
                    f"Unpacked the workbook would have {size / 1e6:,.0f} MB in {len(entries)} "
                    f"parts; {MOST_BYTES / 1e6:,.0f} MB in {MOST_PARTS} are read.",
                    "Save fewer rows into one workbook.",
                )
            for entry in entries:
                _look_at(parts, entry, refused)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise refused(
            "This is no XLSX workbook, or it is locked or damaged.",
            "Save it anew as an XLSX workbook, without a password.",
        ) from error


def _look_at(parts: zipfile.ZipFile, entry: zipfile.ZipInfo, refused: Refused) -> None:
    name = entry.filename.lower()
    if "vbaproject" in name or "externallinks/" in name or "activex" in name:
        raise refused(
            "The workbook has macros, or links to other files.",
            "Save the values alone as an XLSX workbook.", name,
        )  # fmt: skip
    if name.endswith((".xml", ".rels")):
        with parts.open(entry) as stream:
            head = stream.read(_HEAD)
        if any(mark in head for mark in _DOCTYPES):
            raise refused(
                "A part of the workbook declares a document type; a workbook has none.",
                "Save it anew as an XLSX workbook.", name,
            )  # fmt: skip


def _table(book: Any, file: str, options: HourlyStationXlsx, refused: Refused) -> Table:
    names = book.sheetnames
    if not names:
        raise refused("The workbook has no sheet.", "Save it anew as an XLSX workbook.")
    if options.sheet and options.sheet not in names:
        raise refused(
            f"There is no sheet {options.sheet!r}.", f"It has {', '.join(names)}.", options.sheet
        )
    sheet = book[options.sheet or names[0]]
    sheet.reset_dimensions()  # what a workbook says of its size it need not keep
    rows = _rows(sheet, options.header_row, refused)
    table = Table(
        file, header_of([c.value for c in next(rows, (0, ()))[1]], file, options.header_row)
    )
    used = {options.station_column, options.time_column, *options.columns}
    for line, cells in rows:
        _take(table, line, cells, used, options)
    return table


def _rows(sheet: Any, first: int, refused: Refused) -> Iterator[tuple[int, tuple[Any, ...]]]:
    last = first + MOST_ROWS + 1
    for line, cells in enumerate(
        sheet.iter_rows(min_row=first, max_row=last, max_col=MOST_COLUMNS), start=first
    ):
        if line == last:
            raise refused(
                f"The sheet has more than {MOST_ROWS:,} rows.", "Save fewer rows into one workbook."
            )
        yield line, cells


def _take(
    table: Table, line: int, cells: tuple[Any, ...], used: set[str], options: HourlyStationXlsx
) -> None:
    """Add a row; one with a formula where it matters is left out."""
    width = len(table.header)
    row = [*cells[:width], *[None] * (width - len(cells))]
    for name, cell in zip(table.header, row, strict=True):
        if name in used and getattr(cell, "data_type", "") == "f":
            table.rows_read += 1
            table.fault(
                line, name, str(cell.value),
                "The cell has a formula, and formulas are not computed.",
                "Paste the values in its place; the row is left out.",
            )  # fmt: skip
            return
    values = [getattr(cell, "value", None) for cell in row]
    if any(value is not None for value in values):
        add_row(table, line, [text_of(one, options.time_format, options.missing) for one in values])
