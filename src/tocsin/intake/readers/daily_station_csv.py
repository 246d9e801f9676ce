"""Daily values of stations in one CSV file, a row for a station and a day.

A maximum, a minimum or a sum of a day is a quantity of its own, with its cell method in the name:
it is no hourly value, and at which hour it was reached is not known. It stands on the hourly grid
once, at the last hour of its local day, so that nothing looks at it before the day is over.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import Fault, IntakeError, UnitError
from tocsin.intake.feed import Feed, Options, Reading, reader
from tocsin.intake.lines import read_table
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.intake.rows import Rows, number
from tocsin.units import check_unit, same_dimension

__all__ = ["DailyColumn", "DailyStationCsv", "read_daily_station_csv"]

_OF_A_DAY = "over a day)"
_Name = Annotated[str, Field(min_length=1)]


class DailyColumn(BaseModel):
    """What a column of daily values holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: str = Field(description="air_temperature (time: maximum over a day)")
    unit: str = Field(description="the unit the file is in: degF")


class DailyStationCsv(Options):
    """The settings of this reader."""

    station_column: _Name
    date_column: _Name
    date_format: str = Field("%Y-%m-%d", description="strptime pattern of a day")
    time_zone: str = Field(description="the zone whose days the rows are: Asia/Shanghai")
    stations: dict[str, str] = Field(
        default_factory=dict, description="the file's name of a station = the region's"
    )
    delimiter: str = Field(",", min_length=1, max_length=1)
    missing: tuple[str, ...] = Field(("", "NA"), description="what is written for no value")
    columns: dict[str, DailyColumn] = Field(min_length=1, description="column -> daily quantity")

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return an unknown zone, and quantities and units that do not fit."""
        found = []
        if not _is_zone(self.time_zone):
            found.append(
                (
                    "time_zone", self.time_zone, "There is no such time zone.",
                    "Use an IANA name such as Asia/Shanghai.",
                )
            )  # fmt: skip
        seen: dict[str, str] = {}
        for name, column in self.columns.items():
            at = f"columns.{name}"
            known = sorted(one for one in QUANTITIES if one.endswith(_OF_A_DAY))
            if column.quantity not in known:
                found.append(
                    (
                        f"{at}.quantity", column.quantity, "This is no quantity of a whole day.",
                        f"Use one of {'; '.join(known)}.",
                    )
                )  # fmt: skip
                continue
            if column.quantity in seen:
                found.append(
                    (
                        f"{at}.quantity", column.quantity,
                        f"Column {seen[column.quantity]} gives this quantity too.",
                        "Keep one of the two columns.",
                    )
                )  # fmt: skip
            seen.setdefault(column.quantity, name)
            if not _measures(column.unit, QUANTITIES[column.quantity].unit):
                found.append(
                    (
                        f"{at}.unit", column.unit, "This unit does not measure the quantity.",
                        f"Use one of the kind of {QUANTITIES[column.quantity].unit}.",
                    )
                )  # fmt: skip
        return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _measures(unit: str, wanted: str) -> bool:
    try:
        check_unit(unit)
        return same_dimension(unit, wanted)
    except UnitError:
        return False


@reader("daily-station-csv", DailyStationCsv, kind="csv")
def read_daily_station_csv(
    feed: Feed, options: DailyStationCsv, stations: Collection[str]
) -> Reading:
    """Read a file with a row for a station and a day.

    Parameters
    ----------
    feed : Feed
        Names the file.
    options : DailyStationCsv
        The feed's settings.
    stations : collection of str
        The ids of the region; rows of others are reported.

    Returns
    -------
    Reading
        Each value labelled with the last hour of its local day, in UTC.

    Raises
    ------
    IntakeError
        If the file has no header, a named column is not there, or nothing can be read from it.
    """
    table = read_table(feed.file, feed.path, options.delimiter)
    wanted = [options.station_column, options.date_column, *options.columns]
    if lost := [name for name in wanted if name not in table.header]:
        raise IntakeError(
            [
                Fault(
                    feed.path, 1, name, "", "The file has no such column.",
                    f"It has {', '.join(table.header)}.",
                )
                for name in lost
            ]
        )  # fmt: skip
    rows = Rows(feed, stations, options.stations)
    rows.faults += table.faults
    rows.rows_read = table.rows_read
    place = {name: table.header.index(name) for name in wanted}
    zone = ZoneInfo(options.time_zone)
    for line, row in zip(table.line, table.rows, strict=True):
        station = rows.station(row[place[options.station_column]].strip())
        text = row[place[options.date_column]].strip()
        day = _day(text, options.date_format)
        if day is None:
            rows.fault(
                options.date_column, text, f"This is not a day written {options.date_format}.",
                "Mend it, or change date_format; the row is left out.", line,
            )  # fmt: skip
        if station is None or day is None:
            continue
        label = last_hour(day, zone)
        for name, column in options.columns.items():
            cell = row[place[name]].strip()
            value = number(None if cell in options.missing else cell)
            if value is None:
                rows.fault(
                    name, cell, "This is not a number.",
                    "Write it with digits and a point; the value is left out.", line,
                )  # fmt: skip
            rows.add(
                station, column.quantity, column.unit, label,
                np.nan if value is None else value, name, row=line,
                flags=int(Flag.UNREADABLE) if value is None else 0,
            )  # fmt: skip
    return rows.reading()


def _day(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def last_hour(day: date, zone: ZoneInfo) -> np.datetime64:
    """Return the start of the last whole hour of a local day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    utc = midnight.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=1)
    return np.datetime64(utc, "s")
