"""Forecasts in GRIB 1 and 2 at the region's stations: ECMWF open data, GFS and their like.

Format: WMO-No. 306, Volume I.2, FM 92 GRIB; read message by message with ecCodes, which comes with
``tocsin[grids]``, by its keys ``shortName``, ``dataDate``, ``dataTime``, ``validityDate``,
``validityTime``, ``stepRange``, ``number`` and ``units`` (ECMWF's parameter database,
https://codes.ecmwf.int/grib/param-db/). A station takes the nearest grid point that has a
value. Half a file gives the messages that are whole, and a fault; a message whose end is missing
never gives a value.

Rain (``tp``) is summed from the begin of the run, or from the last bucket in GFS: hours are made of
the differences of neighbouring steps of one hour that begin together; steps of three or six hours
give no hour's rain and are told. Wind comes as ``10u`` and ``10v`` and is joined.

With ``messages`` a feed fetches only the messages it names (:mod:`tocsin.intake.grib_parts`).
"""

from __future__ import annotations

import importlib
import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tocsin.intake import grib_index
from tocsin.intake.feed import Feed, Options, Reading, reader
from tocsin.intake.rows import Rows

__all__ = ["GribPoints", "Messages", "Point", "read_grib_points"]

SURFACE = {
    "2t": "air_temperature", "2d": "dew_point_temperature", "2r": "relative_humidity",
    "prmsl": "air_pressure_at_mean_sea_level", "msl": "air_pressure_at_mean_sea_level",
    "sp": "surface_air_pressure", "gust": "wind_speed_of_gust", "10fg": "wind_speed_of_gust",
    "vis": "visibility_in_air",
}  # fmt: skip
_UNITS = {"K": "K", "Pa": "Pa", "m s**-1": "m s-1", "m": "m", "%": "%"}
_RAIN = "lwe_thickness_of_precipitation_amount"
_RAIN_UNITS = {"m": "m", "kg m**-2": "mm", "mm": "mm"}
Key = tuple[str, np.datetime64, int | None]
"""Station, run, member."""


class Point(BaseModel):
    """Where a station is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Messages(BaseModel):
    """What is fetched of each file, by the index beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: str = Field(pattern="^(ecmwf|wgrib2)$", description="ecmwf: .index; wgrib2: .idx")
    steps: str = Field(
        pattern=r"^\d{1,3}(-\d{1,3}/[1-9]\d?)?(, ?\d{1,3}(-\d{1,3}/[1-9]\d?)?)*$",
        description="hours after the run: 0-48/3, 54-120/6",
    )
    quantities: tuple[str, ...] = Field(min_length=1, description="CF standard names")
    numbers: tuple[int, ...] | None = Field(
        None, min_length=1, description="members of an ensemble; all if left out"
    )

    @property
    def hours(self) -> tuple[int, ...]:
        """The steps in hours, rising."""
        found: set[int] = set()
        for part in self.steps.replace(" ", "").split(","):
            span, _, every = part.partition("/")
            first, _, last = span.partition("-")
            found.update(range(int(first), int(last or first) + 1, int(every or 1)))
        return tuple(sorted(found))


class GribPoints(Options):
    """The settings of this reader."""

    model: str = Field(min_length=1, description="name of the forecast: ifs, gfs")
    points: dict[str, Point] = Field(min_length=1, description="station = { lat, lon }")
    members: int | None = Field(
        None, ge=1, description="how many members an ensemble has; missing ones are told"
    )

    def observes(self) -> bool:
        """Return that nothing here was measured."""
        return False

    messages: Messages | None = Field(
        None, description="fetch these alone, by the index beside the file; else the whole file"
    )

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Refuse quantities that an index has no name for, and steps that run backwards."""
        if self.messages is None:
            return []
        can = grib_index.quantities(self.messages.index)
        wrong = [
            ("messages.quantities", one, "It cannot be asked for by this index.",
             f"Use some of {', '.join(can)}.")
            for one in self.messages.quantities
            if one not in can
        ]  # fmt: skip
        if not self.messages.hours:
            wrong.append(
                ("messages.steps", self.messages.steps, "There is no step in it.",
                 "Write first-last/every, hours after the run: 0-48/3.")
            )  # fmt: skip
        return wrong


@dataclass
class _Found:
    """What the messages gave that has to be joined afterwards."""

    wind: dict[tuple[Key, np.datetime64], dict[str, float]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    rain: dict[Key, dict[tuple[int, int], tuple[float, str]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    members: dict[np.datetime64, set[int]] = field(default_factory=lambda: defaultdict(set))


@reader("grib-points", GribPoints, "grib")
def read_grib_points(feed: Feed, options: GribPoints, stations: Collection[str]) -> Reading:
    """Read one file."""
    rows = Rows(feed, stations)
    try:
        # Here, not above: an extra with a large library; it has no types.
        eccodes: Any = importlib.import_module("eccodes")
    except (ImportError, RuntimeError):
        rows.fault("file", "", "GRIB cannot be read here.", "Install tocsin[grids].")
        return rows.reading()
    found = _Found()
    points = {name: one for name, one in options.points.items() if rows.station(name)}
    with feed.file.open("rb") as stream:
        for message in _messages(rows, eccodes, stream):
            rows.rows_read += 1
            try:
                _read_message(rows, eccodes, message, options, points, found)
            except eccodes.CodesInternalError as error:
                rows.fault(
                    f"message {rows.rows_read}", error, "This message cannot be read.", "Left out."
                )
            finally:
                eccodes.codes_release(message)
    _join_wind(rows, options, found)
    _difference_rain(rows, options, found)
    _count_members(rows, options, found)
    return rows.reading()


def _messages(rows: Rows, eccodes: Any, stream: BinaryIO) -> Iterator[Any]:
    """Yield the messages that are whole."""
    while True:
        begun = stream.tell()
        try:
            message = eccodes.codes_grib_new_from_file(stream)
        except eccodes.CodesInternalError as error:
            rows.fault(
                f"byte {begun}", error, "The file breaks off in the middle of a message.",
                "Fetch it again; the messages before it are used.",
            )  # fmt: skip
            return
        if message is None:
            return
        yield message


def _read_message(
    rows: Rows, eccodes: Any, message: Any, options: GribPoints, points: dict[str, Point],
    found: _Found,
) -> None:  # fmt: skip
    def key(name: str) -> Any:
        return eccodes.codes_get(message, name)

    short, unit = key("shortName"), key("units")
    if short not in {*SURFACE, "10u", "10v", "tp"}:
        return
    run = _moment(key("dataDate"), key("dataTime"))
    valid = _moment(key("validityDate"), key("validityTime"))
    member = key("number") if eccodes.codes_is_defined(message, "number") else None
    if member is not None:
        found.members[run].add(int(member))
    for station, point in points.items():
        value = _nearest(eccodes, message, point)
        if value is None:
            continue
        where: Key = (station, run, member)
        if short in {"10u", "10v"}:
            found.wind[where, valid][short] = value
        elif short == "tp":
            first, _, last = str(key("stepRange")).rpartition("-")
            found.rain[where][int(first or 0), int(last)] = (value, _RAIN_UNITS.get(unit, ""))
        elif unit in _UNITS:
            rows.forecast(
                options.model, station, SURFACE[short], _UNITS[unit], valid, value,
                f"{short} {valid}", run=run, member=member,
            )  # fmt: skip


def _moment(day: int, clock: int) -> np.datetime64:
    read = datetime.strptime(f"{day:08d}{clock:04d}", "%Y%m%d%H%M")  # noqa: DTZ007  GRIB is UTC
    return np.datetime64(read, "s")


def _nearest(eccodes: Any, message: Any, point: Point) -> float | None:
    """Return the value of the nearest grid point, of the four around where that one has none."""
    absent = eccodes.codes_get(message, "missingValue")
    try:
        around = eccodes.codes_grib_find_nearest(message, point.lat, point.lon, npoints=4)
    except eccodes.OutOfAreaError:
        return None
    for one in sorted(around, key=lambda near: near["distance"]):
        if one["value"] != absent and math.isfinite(one["value"]):
            return float(one["value"])
    return None


def _join_wind(rows: Rows, options: GribPoints, found: _Found) -> None:
    for ((station, run, member), valid), parts in found.wind.items():
        if len(parts) < 2:
            rows.fault(
                f"{station} {valid}", next(iter(parts)), "Only one component of the wind is there.",
                "Ask for 10u and 10v; there is no wind at this time.",
            )  # fmt: skip
            continue
        east, north = parts["10u"], parts["10v"]
        where = f"wind {valid}"
        rows.forecast(
            options.model, station, "wind_speed", "m s-1", valid, math.hypot(east, north), where,
            run=run, member=member,
        )  # fmt: skip
        if east or north:
            rows.forecast(
                options.model, station, "wind_from_direction", "degree", valid,
                math.degrees(math.atan2(-east, -north)) % 360, where, run=run, member=member,
            )  # fmt: skip


def _difference_rain(rows: Rows, options: GribPoints, found: _Found) -> None:
    """Make hours of sums that begin together."""
    for (station, run, member), sums in found.rain.items():
        for (first, last), (value, unit) in sorted(sums.items()):
            before = sums.get((first, last - 1), (0.0, unit))[0] if last - 1 > first else 0.0
            if not unit or (last - 1 > first and (first, last - 1) not in sums):
                if last:
                    rows.fault(
                        "tp", f"{first}-{last}", "No hour's rain follows from this sum.",
                        "Ask for every hour's step; it is left out.",
                    )  # fmt: skip
                continue
            if last == first:
                continue
            label = run + np.timedelta64((last - 1) * 3600, "s")
            rows.forecast(
                options.model, station, _RAIN, unit, label,
                max(0.0, value - before), f"tp {first}-{last}", run=run, member=member,
            )  # fmt: skip


def _count_members(rows: Rows, options: GribPoints, found: _Found) -> None:
    """Tell of members that are missing: probabilities are then of those that came."""
    wanted = options.members
    for run, members in sorted(found.members.items()):
        if wanted and len(members) < wanted:
            rows.fault(
                f"run {run}", len(members), f"The ensemble should have {wanted} members.",
                "Fetch it again later; until then probabilities are of the members that came.",
            )  # fmt: skip
