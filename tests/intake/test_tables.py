"""Workbooks and Parquet files of a drop folder: the same rows as a CSV, and files made to harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.intake.readings import feed_of, read_bytes, series, values
from tocsin.errors import IntakeError
from tocsin.intake.quality import Flag
from tocsin.intake.readers import hourly_station_parquet, hourly_station_xlsx

OPTIONS: dict[str, Any] = {
    "station_column": "place", "time_column": "at", "time_label": "start",
    "time_zone": "America/New_York",
    "columns": {"t": {"quantity": "air_temperature", "unit": "degF"}},
}  # fmt: skip
NOON = datetime(2026, 7, 15, 12)  # noqa: DTZ001  as a spreadsheet has it
GOOD = [("EST", NOON + timedelta(hours=n), 68.0 + n) for n in range(3)]
WANTED = {"2026-07-15T16:00": 20.0, "2026-07-15T17:00": 20.556, "2026-07-15T18:00": 21.111}


def workbook(rows: list[tuple[Any, ...]], *before: tuple[Any, ...], title: str = "data") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in [*before, ("place", "at", "t"), *rows]:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def columns(table: pa.Table, **how: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **how)
    return stream.getvalue()


def of_rows(rows: list[tuple[Any, ...]]) -> bytes:
    place, at, t = zip(*rows, strict=True)
    return columns(pa.table({"other": [{"x": 1}] * len(rows), "place": place, "at": at, "t": t}))


MAKERS: list[tuple[str, Callable[[list[tuple[Any, ...]]], bytes]]] = [
    ("xlsx", workbook), ("parquet", of_rows),
]  # fmt: skip


def read(folder: Path, kind: str, body: bytes, **options: Any) -> Any:
    return read_bytes(
        folder, f"table.{kind}", body, f"hourly-station-{kind}", "EST BBB", **{**OPTIONS, **options}
    )


@pytest.mark.parametrize(("kind", "make"), MAKERS)
def test_a_table_gives_what_the_csv_would(tmp_path: Path, kind: str, make: Any) -> None:
    reading = read(tmp_path, kind, make(GOOD))
    assert values(reading, "EST", "air_temperature") == WANTED
    assert (reading.rows_read, reading.rows_used, reading.faults) == (3, 3, [])


@pytest.mark.parametrize(("kind", "make"), MAKERS)
def test_faults_name_row_and_column(tmp_path: Path, kind: str, make: Any) -> None:
    rows = [*GOOD, ("XYZ", NOON, 70.0), ("BBB", None, 71.0), ("BBB", NOON, None)]
    reading = read(tmp_path, kind, make(rows))
    first = 2 if kind == "xlsx" else 1  # a sheet counts its header
    told = {(fault.line, fault.field) for fault in reading.faults}
    assert told == {(first + 3, "place"), (first + 4, "at")}
    assert values(reading, "EST", "air_temperature") == WANTED
    assert list(values(reading, "BBB", "air_temperature")) == ["2026-07-15T16:00"]


def test_cells_of_a_sheet_that_are_no_numbers(tmp_path: Path) -> None:
    rows = [
        *GOOD, ("BBB", NOON, "warm"), ("BBB", NOON + timedelta(hours=1), True),
        ("BBB", "2026-07-15T14:00", 72),
        ("BBB", NOON + timedelta(hours=3, microseconds=-2), 74), ("BBB", date(2026, 7, 16), 73),
        (None, None, None),
    ]  # fmt: skip
    reading = read(tmp_path, "xlsx", workbook(rows))
    one = series(reading, "BBB", "air_temperature")
    assert [bool(bits & Flag.UNREADABLE) for bits in one.flags] == [True, True, False, False, False]
    assert {(fault.line, fault.value) for fault in reading.faults} == {(5, "warm"), (6, "True")}
    assert str(one.times[2]) == "2026-07-15T18:00:00"
    assert str(one.times[3]) == "2026-07-15T19:00:00"  # a hair before three is three
    assert reading.rows_read == 8


def test_the_sheet_and_the_row_of_the_header_can_be_named(tmp_path: Path) -> None:
    body = workbook(GOOD, ("Weather of the week",), (), title="July")
    reading = read(tmp_path, "xlsx", body, sheet="July", header_row=3)
    assert values(reading, "EST", "air_temperature") == WANTED
    with pytest.raises(IntakeError, match=r"no sheet 'June'. It has July"):
        read(tmp_path, "xlsx", body, sheet="June")
    with pytest.raises(IntakeError, match="no such column"):
        read(tmp_path, "xlsx", body)


def test_a_formula_is_not_computed_and_its_stored_value_not_believed(tmp_path: Path) -> None:
    rows = [*GOOD, ("BBB", NOON, "=1+1"), ("=HYPERLINK(1)", NOON, 70), ("BBB", "=NOW()", 70)]
    reading = read(tmp_path, "xlsx", workbook(rows))
    told = {(fault.line, fault.field) for fault in reading.faults if "formula" in fault.problem}
    assert told == {(5, "t"), (6, "place"), (7, "at")}
    assert [one.station for one in reading.series] == ["EST"]


def repacked(body: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part more, or another in its place."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
)
LEAK = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
HOSTILE = {
    "bomb": ("xl/media/image.bin", b"\0" * 70_000_000, "Unpacked the workbook would have"),
    "laughs": (SHEET, LAUGHS, "declares a document type"),
    "leak": ("xl/sharedStrings.xml", LEAK, "declares a document type"),
    "utf-16": (SHEET, "<?xml version='1.0'?><!DOCTYPE x>".encode("utf-16-le"), "document type"),
    "macro": ("xl/vbaProject.bin", b"x", "has macros"),
    "link": ("xl/externalLinks/externalLink1.xml", b"<x/>", "links to other files"),
    "cut": (SHEET, f'<worksheet xmlns="{NS}"><sheetData><row r="1">'.encode(), "damaged"),
    "text": (SHEET, b"this is not XML", "damaged"),
    "no book": ("xl/workbook.xml", b"<x/>", "has no sheet"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_workbook_is_refused_in_words(tmp_path: Path, how: str) -> None:
    name, content, words = HOSTILE[how]
    with pytest.raises(IntakeError, match=words):
        read(tmp_path, "xlsx", repacked(workbook(GOOD), name, content))


def test_a_sheet_that_lies_about_its_size_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("place", "at", "t"))
    lie = (
        f'<worksheet xmlns="{NS}"><dimension ref="A1:XFD1048576"/><sheetData>'
        f'<row r="1">{head}</row><row r="2"><c t="inlineStr"><is><t>EST</t></is></c>'
        '<c t="inlineStr"><is><t>2026-07-15T12:00</t></is></c><c><v>68</v></c></row>'
        "{}</sheetData></worksheet>"
    )
    body = repacked(workbook(GOOD), SHEET, lie.format("").encode())
    assert read(tmp_path, "xlsx", body).rows_used == 1
    monkeypatch.setattr(hourly_station_xlsx, "MOST_ROWS", 500)
    far = lie.format('<row r="1048576"><c><v>1</v></c></row>').encode()
    with pytest.raises(IntakeError, match="more than 500 rows"):
        read(tmp_path, "xlsx", repacked(workbook(GOOD), SHEET, far))


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"PAR1PAR1", b"\0" * 100, b"place,at,t\n"])
def test_what_is_no_such_file_is_told(tmp_path: Path, kind: str, body: bytes) -> None:
    with pytest.raises(IntakeError, match="This is no"):
        read(tmp_path, kind, body)


@pytest.mark.parametrize(("kind", "make"), MAKERS)
def test_half_a_file_is_told(tmp_path: Path, kind: str, make: Any) -> None:
    body = make(GOOD)
    for cut in range(1, 10):
        with pytest.raises(IntakeError):
            read(tmp_path, kind, body[: len(body) * cut // 10])


def test_times_of_parquet_with_and_without_zone_and_in_nanoseconds(tmp_path: Path) -> None:
    naive = pa.array([NOON, None], pa.timestamp("ns"))
    aware = pa.array([NOON.replace(tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))
    named = pa.array(["EST", "EST"]).dictionary_encode()
    for times, wanted in ((naive, "2026-07-15T16:00"), (aware, "2026-07-15T12:00")):
        body = columns(pa.table({"place": named, "at": times, "t": pa.array([68, 68], "int16")}))
        assert values(read(tmp_path, "parquet", body), "EST", "air_temperature") == {wanted: 20.0}


def test_a_parquet_file_that_would_unpack_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 1_000_001
    same = pa.DictionaryArray.from_arrays(pa.array([0] * size, "int8"), ["EST"])
    body = columns(pa.table({"place": same, "at": same, "t": same}))
    assert len(body) < 20_000
    with pytest.raises(IntakeError, match="1,000,001 rows"):
        read(tmp_path, "parquet", body)
    monkeypatch.setattr(hourly_station_parquet, "MOST_BYTES", 1_000)
    long = columns(pa.table({"place": ["x" * 5_000], "at": ["y"], "t": [1.0]}))
    with pytest.raises(IntakeError, match="Unpacked the columns"):
        read(tmp_path, "parquet", long)


def test_columns_of_lists_and_structs_are_refused(tmp_path: Path) -> None:
    body = columns(pa.table({"place": ["EST"], "at": [NOON], "t": [[1.0, 2.0]]}))
    with pytest.raises(IntakeError, match="The column t holds list"):
        read(tmp_path, "parquet", body)


@pytest.mark.parametrize(("kind", "package"), [("xlsx", "openpyxl"), ("parquet", "pyarrow")])
def test_what_to_install_is_said_where_the_package_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(IntakeError, match=r"pip install 'tocsin\["):
        read(tmp_path, kind, b"PK")


def test_they_are_kinds_of_file_that_a_drop_folder_keeps_by_their_own_name(tmp_path: Path) -> None:
    from tocsin.intake import READERS
    from tocsin.intake.payloads import EXTENSIONS, defect

    for kind, make in MAKERS:
        assert EXTENSIONS[READERS[feed_of(f"hourly-station-{kind}", tmp_path).reader].kind] == kind
        assert defect(make(GOOD), kind) is None
        assert defect(make(GOOD)[5:], kind) is not None
