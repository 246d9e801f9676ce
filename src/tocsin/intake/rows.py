"""What a reader finds, value by value, made into series: the part that all readers share.

A reader walks through its file and says of each value where it stands; here it is turned into the
quantity's unit, put in order of time, and what is wrong with it becomes a fault. A value costs
itself and nothing else.
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import Field

from tocsin.errors import Fault, IntakeError, UnitError
from tocsin.intake.feed import Event, Feed, Forecast, Options, Reading, SeriesValues
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.units import convert

__all__ = ["Rows", "StationNames", "json_of", "moment", "number"]

_SHOWN = 60
_ALIKE = 3
"""Faults of one kind in one column are told this often; the others are counted."""


class StationNames(Options):
    """Settings of readers whose files have names of their own for the region's stations."""

    stations: dict[str, str] = Field(
        default_factory=dict,
        description="the file's name of a station = the region's; alike where nothing is said",
    )

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return stations that two names of the file stand for."""
        count = Counter(self.stations.values())
        return [
            (
                f"stations.{name}", station, "Another name of the file stands for this station.",
                "Keep one: two instruments at one place are two stations.",
            )
            for name, station in self.stations.items()
            if count[station] > 1
        ]  # fmt: skip


@dataclass(slots=True)
class _Values:
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    corrected: list[bool] = field(default_factory=list)


class Rows:
    """Collects the values of one file."""

    def __init__(
        self, feed: Feed, stations: Collection[str], names: Mapping[str, str] | None = None
    ) -> None:
        self.file = feed.path
        self.faults: list[Fault] = []
        self.events: list[Event] = []
        self.rows_read = 0
        self._known = frozenset(stations)
        self._names = dict(names or {})
        self._used: set[object] = set()
        self._values: dict[tuple[str, str, str], _Values] = {}
        self._forecasts: dict[tuple[str, str, str, str, int | None, int | None], _Values] = {}
        self._strangers: Counter[str] = Counter()
        self._told: Counter[tuple[str, str]] = Counter()

    def fault(self, place: str, value: object, problem: str, remedy: str, line: int = 0) -> None:
        """Note a fault; of many that are alike the first ones, and at the end how many."""
        alike = (place.rpartition(".")[2], problem)
        self._told[alike] += 1
        if self._told[alike] <= _ALIKE:
            shown = "" if value is None else str(value)[:_SHOWN]
            self.faults.append(Fault(self.file, line, place, shown, problem, remedy))

    def station(self, name: object) -> str | None:
        """Return the region's name of a station of the file; None for one it does not have."""
        text = str(name)
        if self._names:
            text = self._names.get(text, "")
        if text in self._known:
            return text
        self._strangers[str(name)[:_SHOWN]] += 1
        return None

    def add(
        self,
        station: str,
        quantity: str,
        unit: str,
        time: np.datetime64,
        value: float,
        place: str,
        *,
        row: object = None,
        flags: int = 0,
        corrected: bool = False,
    ) -> None:
        """Add an observed value; NaN is "no value". A corrected one stands for an earlier one."""
        kept = self._values.setdefault((station, quantity, unit), _Values())
        self._append(kept, time, value, place, flags, corrected)
        self._used.add(place if row is None else row)

    def forecast(
        self,
        model: str,
        station: str,
        quantity: str,
        unit: str,
        time: np.datetime64,
        value: float,
        place: str,
        *,
        run: np.datetime64 | None = None,
        member: int | None = None,
    ) -> None:
        """Add a value that a model computed."""
        begun = None if run is None else int(run.astype("datetime64[s]").astype(np.int64))
        key = (model, station, quantity, unit, begun, member)
        self._append(self._forecasts.setdefault(key, _Values()), time, value, place, 0, False)
        self._used.add(place)

    @staticmethod
    def _append(
        kept: _Values, time: np.datetime64, value: float, place: str, flags: int, corrected: bool
    ) -> None:
        kept.times.append(_seconds(time))
        kept.values.append(value)
        kept.flags.append(flags)
        kept.places.append(place)
        kept.corrected.append(corrected)

    def reading(self) -> Reading:
        """Return the series.

        Raises
        ------
        IntakeError
            If the file gave nothing at all, and had something wrong.
        """
        series: dict[tuple[str, str], SeriesValues] = {}
        for station, quantity, unit in sorted(self._values):
            kept = self._values[station, quantity, unit]
            part = self._series(station, quantity, unit, kept)
            if part is None:
                continue
            if (station, quantity) in series:
                self.fault(
                    quantity, unit, "The file gives this quantity in two units.",
                    "Ask for one of them; the second is left out.",
                )  # fmt: skip
                continue
            series[station, quantity] = part
        forecasts = self._forecast_series()
        self._tell_strangers()
        self._tell_more()
        if not (series or forecasts or self.events) and self.faults:
            raise IntakeError(self.faults)
        return Reading(
            list(series.values()), self.faults, self.rows_read, len(self._used), self.events,
            forecasts,
        )  # fmt: skip

    def _forecast_series(self) -> list[Forecast]:
        found = []
        for key, kept in self._forecasts.items():
            model, station, quantity, unit, begun, member = key
            part = self._series(station, quantity, unit, kept)
            if part is not None:
                run = None if begun is None else np.datetime64(begun, "s")
                found.append(Forecast(model, part, run, member))
        return found

    def _series(self, station: str, quantity: str, unit: str, kept: _Values) -> SeriesValues | None:
        """Return one series in its canonical unit and in order, each time once."""
        wanted = QUANTITIES[quantity].unit
        try:
            values = np.asarray(convert(np.array(kept.values, np.float64), unit, wanted))
        except UnitError:
            self.fault(
                f"{kept.places[0]}.unit", unit, f"This unit does not measure {quantity}.",
                f"Ask for one of the kind of {wanted}; the values are left out.",
            )  # fmt: skip
            return None
        times, flags = np.array(kept.times, np.int64), np.array(kept.flags, np.uint16)
        order = self._once(station, times, values, flags, kept)
        return SeriesValues(
            station, quantity, wanted, times[order].astype("datetime64[s]"), values[order],
            flags[order],
        )  # fmt: skip

    def _once(self, station: str, times: Any, values: Any, flags: Any, kept: _Values) -> list[int]:
        """Return the rows to keep, in order of time; tell of the others."""
        if len(kept.times) == 1:  # a gateway's usual message, by the hundred thousand
            return [0]
        first: dict[int, int] = {}
        for row, time in enumerate(times.tolist()):
            before = first.setdefault(time, row)
            if before == row:
                continue
            if math.isnan(values[before]) or kept.corrected[row]:
                first[time] = row
                continue
            same = values[row] == values[before] or math.isnan(values[row])
            if not same:
                flags[before] |= np.uint16(Flag.DUPLICATE)
                self.fault(
                    kept.places[row], station,
                    "The file has two values of this station for one time, and they differ.",
                    "Find out which is right; the first is kept and flagged.",
                )  # fmt: skip
        return [first[time] for time in sorted(first)]

    def _tell_strangers(self) -> None:
        for name, count in sorted(self._strangers.items()):
            more = f" {count} rows are of it." if count > 1 else ""
            self.faults.append(
                Fault(
                    self.file, 0, "station", name,
                    f"The region does not have this station.{more}",
                    "Add it to stations.csv or to [feed.options.stations], or do not ask for it; "
                    "it is left out.",
                )
            )  # fmt: skip

    def _tell_more(self) -> None:
        for (column, problem), count in self._told.items():
            if count > _ALIKE:
                self.faults.append(
                    Fault(
                        self.file, 0, column, "", f"{count - _ALIKE} more like this: {problem}",
                        "See the ones above.",
                    )
                )  # fmt: skip


@functools.lru_cache(maxsize=4096)
def _seconds(time: np.datetime64) -> int:
    return int(time.astype("datetime64[s]").astype(np.int64))


def json_of(feed: Feed) -> Any:
    """Return the JSON of a feed's file.

    Raises
    ------
    IntakeError
        It is none.
    """
    try:
        return json.loads(feed.file.read_bytes())
    except (ValueError, RecursionError) as error:
        problem = "The file is not JSON, or breaks off."
        raise IntakeError(
            [Fault(feed.path, getattr(error, "lineno", 0), "file", "", problem, "Fetch it again.")]
        ) from error


def moment(text: object) -> np.datetime64 | None:
    """Return a time with its offset from UTC as UTC; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text.strip())
        if read.tzinfo is None:
            return None
        return np.datetime64(read.astimezone(UTC).replace(tzinfo=None), "s")
    except (ValueError, OverflowError):  # the first and the last day of the calendar
        return None


def number(value: object) -> float | None:
    """Return a finite number, NaN where nothing is given, None for what is no number."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and "_" in value:
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None
