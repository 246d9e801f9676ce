"""What really happened, as a CSV: ``hazard,area,first,last,level,source``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.errors import IntakeError
from tocsin.intake.lines import Table, read_table
from tocsin.region.model import Region
from tocsin.region.plain import near
from tocsin.triggers.rules import LEVELS, Level
from tocsin.triggers.verification import Event

__all__ = ["COLUMNS", "events_in", "read_events"]

COLUMNS = ("hazard", "area", "first", "last", "level", "source")
CLOCKS_CHANGE = "When the clocks change this local time comes twice or never."
BY_WORD = {level.word: level for level in LEVELS}


def read_events(region: Region, file: Path) -> list[Event]:
    """Return the events of a file; times without an offset are the region's own.

    A day without an hour is meant whole: ``first`` is its beginning, ``last`` its end. ``level``
    may be empty (blue: any warning of the hazard counts), ``source`` may be empty too.

    Raises
    ------
    IntakeError
        With every fault of the file: an unknown area, a time that is none or that the clocks
        leave open, an end before its beginning, a level that does not exist, a column that is
        missing.
    """
    table = read_table(file, file.name)
    events = events_in(
        table,
        areas={area.code for area in region.areas},
        hazards={rule.hazard for rule in region.rules},
        zone=region.zone,
    )
    if table.faults:
        raise IntakeError(table.faults)
    return [event for _line, event in events]


def events_in(
    table: Table, *, areas: Collection[str], hazards: Collection[str], zone: ZoneInfo
) -> list[tuple[int, Event]]:
    """Return the good rows of a table as (line, event); the others are in ``table.faults``."""
    for name in COLUMNS[:4]:
        if name not in table.header:
            table.fault(1, name, "", "The column is missing.", f"Columns: {', '.join(COLUMNS)}.")
    if not {*COLUMNS[:4]} <= {*table.header}:
        return []
    cells = {name: table.column(name) for name in COLUMNS if name in table.header}
    events = []
    for number, line in enumerate(table.line):
        row = {name: column[number].strip() for name, column in cells.items()}
        event = _event(table, line, row, areas, hazards, zone)
        if event is not None:
            events.append((line, event))
    return events


def _event(
    table: Table,
    line: int,
    row: dict[str, str],
    areas: Collection[str],
    hazards: Collection[str],
    zone: ZoneInfo,
) -> Event | None:
    """Return one row as an event; note its faults and return None where it has any."""
    before = len(table.faults)
    if row["area"] not in areas:
        table.fault(line, "area", row["area"], "No area has this code.", near(row["area"], areas))
    if row["hazard"] not in hazards:
        table.fault(
            line, "hazard", row["hazard"], "No rule warns of it.", near(row["hazard"], hazards)
        )
    level = row.get("level", "")
    if level and level not in BY_WORD:
        table.fault(line, "level", level, "There is no such level.", near(level, BY_WORD))
    first, last = (_moment(table, line, name, row[name], zone) for name in ("first", "last"))
    if first and last and last < first:
        table.fault(line, "last", row["last"], "It ends before it begins.", "Swap both times.")
    if len(table.faults) > before or first is None or last is None:
        return None
    return Event(
        row["hazard"],
        row["area"],
        first,
        last,
        BY_WORD.get(level, Level.BLUE),
        row.get("source", ""),
    )


def _moment(table: Table, line: int, column: str, text: str, zone: ZoneInfo) -> datetime | None:
    whole_day = _is_a_day(text)
    try:
        read = datetime.fromisoformat(text)
        if whole_day and column == "last":
            read += timedelta(days=1, seconds=-1)
        moment = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar
        table.fault(line, column, text, "This is not a time.", "Write 2013-07-18T15:00.")
        return None
    if not whole_day and read.tzinfo is None and not _happens_once(read, zone):
        table.fault(line, column, text, CLOCKS_CHANGE, "Write it with its offset from UTC.")
        return None
    return moment


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _happens_once(local: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock of the region shows this time once, not twice and not never."""
    before, after = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return before.utcoffset() == after.utcoffset()
