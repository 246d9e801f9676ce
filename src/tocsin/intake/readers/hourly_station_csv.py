"""Hourly values of several stations in one CSV file, a row for a station and an hour.

Everything that differs from file to file is a setting in ``feeds.toml``: which column is what, in
which unit, how the time is written, what stands for "no value". One line of the file is one row;
a quoted text never runs over the line's end, so one stray quote costs one row and not the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import IntakeError, UnitError
from tocsin.intake.feed import Feed, Options, Reading, SeriesValues, reader
from tocsin.intake.lines import Table, read_table
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.units import check_unit, convert, same_dimension

__all__ = [
    "Column",
    "HourlyStation",
    "HourlyStationCsv",
    "read_hourly_station_csv",
    "reading_of",
]

_HOUR_S = 3600


class Column(BaseModel):
    """What a column of values holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: str = Field(description="CF standard name: air_temperature")
    unit: str = Field(description="the unit the file is in: degF")
    empty_means: str | None = Field(
        None,
        description="a column whose value holds where this one is empty; a gust that is not "
        "reported did not pass the mean wind by much, which is something else than not known",
    )


class HourlyStation(Options):
    """The settings of every reader of such tables, whatever file the table is in."""

    station_column: str = Field(min_length=1)
    time_column: str = Field(min_length=1)
    time_format: str | None = Field(
        None, description="strptime pattern, %d.%m.%Y %H:%M; without it ISO 8601"
    )
    time_zone: str = Field("UTC", description="the zone of times written without an offset")
    time_label: Literal["start", "end"] = Field(
        description="does the time name the start or the end of the hour it stands for"
    )
    missing: tuple[str, ...] = Field(("", "NA"), description="what is written for no value")
    columns: dict[str, Column] = Field(min_length=1, description="column -> quantity and unit")

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return unknown quantities, unknown or unfitting units, unknown zones, doubled columns."""
        found = []
        if _zone_or_none(self.time_zone) is None:
            found.append(
                (
                    "time_zone", self.time_zone, "There is no such time zone.",
                    "Use an IANA name such as America/New_York.",
                )
            )  # fmt: skip
        seen: dict[str, str] = {}
        for name, column in self.columns.items():
            if column.quantity in seen:
                found.append(
                    (
                        f"columns.{name}.quantity", column.quantity,
                        f"Column {seen[column.quantity]} gives this quantity too.",
                        "Keep one of the two columns.",
                    )
                )  # fmt: skip
            seen.setdefault(column.quantity, name)
            found += _column_problems(name, column) or _empty_problems(name, column, self.columns)
        return found


def _zone_or_none(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _column_problems(name: str, column: Column) -> list[tuple[str, str, str, str]]:
    if column.quantity not in QUANTITIES:
        return [
            (
                f"columns.{name}.quantity", column.quantity, "This quantity is not known.",
                f"Use a CF standard name: {', '.join(sorted(QUANTITIES))}.",
            )
        ]  # fmt: skip
    wanted = QUANTITIES[column.quantity].unit
    try:
        check_unit(column.unit)
        fits = same_dimension(column.unit, wanted)
    except UnitError:
        return [
            (
                f"columns.{name}.unit", column.unit, "This unit is not known.",
                f"Write the unit the file is in, of the kind of {wanted}.",
            )
        ]  # fmt: skip
    if fits:
        return []
    return [
        (
            f"columns.{name}.unit", column.unit, f"This unit does not measure {column.quantity}.",
            f"Write a unit that can be turned into {wanted}.",
        )
    ]  # fmt: skip


def _empty_problems(
    name: str, column: Column, columns: Mapping[str, Column]
) -> list[tuple[str, str, str, str]]:
    """Check that what an empty cell means is another column of the same dimension."""
    other = column.empty_means
    if other is None:
        return []
    where = f"columns.{name}.empty_means"
    if other == name or other not in columns:
        remedy = f"Use one of {', '.join(sorted(set(columns) - {name}))}."
        return [(where, other, "No other column of values has this name.", remedy)]
    if _column_problems(other, columns[other]) or same_dimension(column.unit, columns[other].unit):
        return []
    return [(where, other, "That column measures something else.", "Name one of the same kind.")]


class HourlyStationCsv(HourlyStation):
    """The settings of this reader."""

    delimiter: str = Field(",", min_length=1, max_length=1)


@reader("hourly-station-csv", HourlyStationCsv)
def read_hourly_station_csv(
    feed: Feed, options: HourlyStationCsv, stations: Collection[str]
) -> Reading:
    """Read the file of ``feed``; see :func:`tocsin.intake.read`."""
    return reading_of(read_table(feed.file, feed.path, options.delimiter), options, stations)


def reading_of(table: Table, options: HourlyStation, stations: Collection[str]) -> Reading:
    """Return what a table of such rows gives, whatever file it was in.

    Raises
    ------
    IntakeError
        It lacks a column, or not one row can be used.
    """
    columns = _present_columns(table, options)
    times, has_time = _times(table, options)
    usable = has_time & _known_stations(table, options, stations)
    names = np.array(table.column(options.station_column), dtype=np.str_)
    order, flags = _in_order(table, names, times, usable)
    numbers = {name: _numbers(table, name, options.missing) for name in columns}
    series = []
    for name, column in columns.items():
        quantity = QUANTITIES[column.quantity]
        unreadable = numbers[name][1]
        values = _in_canonical_unit(column, columns, numbers, name)
        for station, rows in order.items():
            bits = flags[rows] | np.where(unreadable[rows], np.uint16(Flag.UNREADABLE), 0)
            series.append(
                SeriesValues(
                    station, quantity.id, quantity.unit, times[rows], values[rows],
                    bits.astype(np.uint16),
                )
            )  # fmt: skip
    series.sort(key=lambda one: (one.station, one.quantity))
    table.faults.sort(key=lambda fault: fault.line)
    used = sum(rows.size for rows in order.values())
    if not used:
        table.fault(0, "file", "", "Not one row of the file can be used.", "Mend the rows above.")
        raise IntakeError(table.faults)
    return Reading(series, table.faults, table.rows_read, used)


def _in_canonical_unit(
    column: Column,
    columns: Mapping[str, Column],
    numbers: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]],
    name: str,
) -> NDArray[np.float64]:
    """Return the values of a column in the quantity's unit, empty cells as the feed means them."""
    unit = QUANTITIES[column.quantity].unit
    values, unreadable = numbers[name]
    values = np.asarray(convert(values, column.unit, unit), np.float64)
    other = column.empty_means
    if other is not None and other in columns:
        stand_in = convert(numbers[other][0], columns[other].unit, unit)
        values = np.where(np.isnan(values) & ~unreadable, stand_in, values)
    return values


def _present_columns(table: Table, options: HourlyStation) -> dict[str, Column]:
    """Return the columns of values that the file has; refuse it without station or time."""
    shown = ", ".join(table.header)
    lost = [
        name
        for name in (options.station_column, options.time_column, *options.columns)
        if name not in table.header
    ]
    for name in lost:
        table.fault(
            1, name, "", "The file has no such column.",
            f"It has {shown}. Mend the file, or the column's name in feeds.toml.",
        )  # fmt: skip
    present = {name: one for name, one in options.columns.items() if name not in lost}
    if not present or {options.station_column, options.time_column} & set(lost):
        raise IntakeError(table.faults)
    return present


def _known_stations(
    table: Table, options: HourlyStation, stations: Collection[str]
) -> NDArray[np.bool_]:
    """Return which rows are of a station of the region; one fault for each other name."""
    cells = table.column(options.station_column)
    for name in sorted(set(cells) - set(stations)):
        first = table.line[cells.index(name)]
        more = cells.count(name) - 1
        also = f" So do {more} more rows." if more else ""
        table.fault(
            first, options.station_column, name,
            f"The row names a station that the region does not have.{also}",
            "Add it to stations.csv, or take its rows out; they are left out.",
        )  # fmt: skip
    return np.array([name in stations for name in cells], dtype=np.bool_)


def _times(
    table: Table, options: HourlyStation
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return each row's time, labelling the start of the hour in UTC, and whether it has one."""
    zone = ZoneInfo(options.time_zone)
    shift = _HOUR_S if options.time_label == "end" else 0
    cells = table.column(options.time_column)
    seconds: dict[str, int] = {}
    wrong: dict[str, tuple[str, str]] = {}
    for cell in set(cells):
        try:
            seconds[cell] = _epoch(cell, options.time_format, zone) - shift
        except (ValueError, OverflowError):
            how = options.time_format or "2013-07-18T15:00Z"
            wrong[cell] = ("This is not a time.", f"Write it like {how}; the row is left out.")
            continue
        if seconds[cell] % _HOUR_S:
            wrong[cell] = (
                "The time is not on the hour.",
                "This reader takes hourly values; the row is left out.",
            )
        elif not _happens_once(cell, options.time_format, zone):
            wrong[cell] = (
                "When the clocks change this local time comes twice or never.",
                "Write times in UTC or with their offset; the row is left out.",
            )
    if wrong:
        for line, cell in zip(table.line, cells, strict=True):
            if cell in wrong:
                table.fault(line, options.time_column, cell, *wrong[cell])
    times = np.array([seconds.get(cell, 0) for cell in cells], dtype=np.int64)
    fine = np.array([cell not in wrong for cell in cells], dtype=np.bool_)
    return times.astype("datetime64[s]"), fine


def _parsed(cell: str, pattern: str | None) -> datetime:
    if pattern is None:
        return datetime.fromisoformat(cell.strip())
    return datetime.strptime(cell.strip(), pattern)  # noqa: DTZ007  the zone is set by the caller


def _epoch(cell: str, pattern: str | None, zone: ZoneInfo) -> int:
    moment = _parsed(cell, pattern)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.timestamp())


def _happens_once(cell: str, pattern: str | None, zone: ZoneInfo) -> bool:
    """Whether a time written without an offset names one moment in its zone."""
    moment = _parsed(cell, pattern)
    if moment.tzinfo is not None:
        return True
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.astimezone(UTC) == second.astimezone(UTC)


def _in_order(
    table: Table,
    names: NDArray[np.str_],
    times: NDArray[np.datetime64],
    usable: NDArray[np.bool_],
) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.uint16]]:
    """Return for each station its rows in time order, each time once, and flags for each row."""
    flags = np.zeros(times.shape, np.uint16)
    order: dict[str, NDArray[np.int64]] = {}
    there = np.flatnonzero(usable)
    stations, which, counts = np.unique(names[there], return_inverse=True, return_counts=True)
    by_station = there[np.argsort(which, kind="stable")]
    ends = np.cumsum(counts)
    for station, end, count in zip(stations, ends, counts, strict=True):
        rows = by_station[end - count : end]
        if rows.size == 1:
            order[str(station)] = rows
            continue
        mine = times[rows]
        _, first = np.unique(mine, return_index=True)
        repeated = np.ones(mine.shape, np.bool_)
        repeated[first] = False
        latest = np.maximum.accumulate(mine)
        back = np.concatenate(([False], mine[1:] < latest[:-1])) & ~repeated
        for row in rows[back]:
            flags[row] |= np.uint16(Flag.CLOCK)
            table.fault(
                table.line[row], "time", f"{times[row]}Z",
                f"The clock of {station} goes backwards here.",
                "Sort the file, or mend the clock; the values are kept and flagged.",
            )  # fmt: skip
        kept = dict(zip(mine[first].tolist(), rows[first].tolist(), strict=True))
        _note_repeats(
            table, str(station), ((row, kept[times[row].item()]) for row in rows[repeated]), flags
        )
        order[str(station)] = rows[first]
    return order, flags


def _note_repeats(
    table: Table, station: str, repeats: Iterable[tuple[int, int]], flags: NDArray[np.uint16]
) -> None:
    """Note rows whose time was there before; the first row stands, flagged if they differ."""
    for row, first in repeats:
        same = table.rows[row] == table.rows[first]
        if not same:
            flags[first] |= np.uint16(Flag.DUPLICATE)
        table.fault(
            table.line[row], "time", station,
            f"Line {table.line[first]} is for the same time and station"
            f"{' and says the same' if same else ' and says something else'}.",
            "Take one of the two out; "
            + ("the first is used." if same else "the first is kept and flagged."),
        )  # fmt: skip


def _numbers(
    table: Table, name: str, missing: Collection[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return a column as numbers, NaN where there is none, and which cells are unreadable."""
    cells = table.column(name)
    unreadable = np.zeros(len(cells), np.bool_)
    absent = frozenset(missing)
    try:
        values = np.array([np.nan if cell in absent else float(cell) for cell in cells], np.float64)
    except ValueError:
        values = None
    blank = sum(cells.count(text) for text in absent)
    if (
        values is not None
        and int(np.count_nonzero(~np.isfinite(values))) == blank
        and not any("_" in cell for cell in cells)
    ):
        return values, unreadable
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(text.strip() for text in cells):
        if cell in absent:
            continue
        number = _number(cell)
        if number is None:
            unreadable[row] = True
            table.fault(
                table.line[row], name, cell, "This is not a number.",
                "Write it with digits and a point; the value is left out.",
            )  # fmt: skip
        else:
            values[row] = number
    return values, unreadable


def _number(cell: str) -> float | None:
    """Return a finite number written in digits, None where the text is none."""
    try:
        value = float(cell) if "_" not in cell else None
    except ValueError:
        return None
    return value if value is not None and np.isfinite(value) else None
