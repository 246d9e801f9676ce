"""The one path from observations to levels: live, replay and backtest all come through here.

Observations stand on an hourly grid (time, station); a value with a quality flag has become NaN on
the way in. Indicators are computed at the stations, where they were measured; an area then takes
the value of its nearest station that has one, hour by hour, and remembers which station that was;
where a rule names a minimum share, the value that this share of its surface reaches (``taking``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ShapeError
from tocsin.indicators.catalogue import CATALOGUE, Indicator
from tocsin.indicators.standards import editions_of
from tocsin.triggers.levels import join, levels_of, reached, season_mask
from tocsin.triggers.return_levels import at_stations as levels_at_stations
from tocsin.triggers.rows import NOON, Resumed, given, rows_of, run, stand
from tocsin.triggers.rules import LEVELS, Condition, Level, LevelValues, Rule
from tocsin.triggers.taking import Cover, Shares, Taken, take

__all__ = [
    "HOUR",
    "AtAreas",
    "Calendar",
    "Evaluation",
    "Grid",
    "areas_of",
    "computed_of",
    "evaluate",
    "indicator_values",
    "is_computable",
    "judge",
    "thresholds",
]

HOUR = np.timedelta64(1, "h")
HOURLY = frozenset({"instant", "hourly", "hourly-sum", "daily-noon"})
GIVEN = frozenset({"latitude", "time"})
NOTHING: Mapping[str, Resumed] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Grid:
    """Hourly observations: ``values[quantity]`` is (time, station), in ``units[quantity]``."""

    times: NDArray[np.datetime64]
    stations: tuple[str, ...]
    latitudes: tuple[float, ...]
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]

    def __post_init__(self) -> None:
        if self.times.size > 1 and not (np.diff(self.times) == HOUR).all():
            raise ShapeError("Grid() needs every hour once, in order; fill missing hours with NaN")
        wanted = (self.times.size, len(self.stations))
        for name, array in self.values.items():
            if array.shape != wanted:
                raise ShapeError(
                    f"Grid() got {name} {array.shape}; expected (time, station) {wanted}"
                )

    def between(self, first: int, end: int) -> Grid:
        """Return the hours from index ``first`` to before ``end``."""
        part: dict[str, NDArray[np.float64]] = {
            name: array[first:end] for name, array in self.values.items()
        }
        return Grid(self.times[first:end], self.stations, self.latitudes, part, self.units)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The region's own calendar, arrays (time,); standard time has no daylight saving."""

    date: NDArray[np.datetime64]
    standard_hour: NDArray[np.int64]

    def between(self, first: int, end: int) -> Calendar:
        """Return the hours from index ``first`` to before ``end``."""
        return Calendar(self.date[first:end], self.standard_hour[first:end])

    @property
    def month(self) -> NDArray[np.int64]:
        """1 to 12, by the local clock."""
        month: NDArray[np.int64] = self.date.astype("datetime64[M]").astype(np.int64) % 12 + 1
        return month

    @property
    def day(self) -> NDArray[np.int64]:
        """1 to 31, by the local clock."""
        months = self.date.astype("datetime64[M]").astype("datetime64[D]")
        day: NDArray[np.int64] = (self.date - months).astype(np.int64) + 1
        return day

    def as_computed(self, cadence: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (time, station) values; NaN in hours to which a daily value was only carried."""
        if cadence != "daily-noon":
            return values
        return np.where((self.standard_hour == NOON)[:, None], values, np.nan)

    @classmethod
    def of(cls, times: NDArray[np.datetime64], zone: ZoneInfo) -> Calendar:
        """Return the calendar of UTC labels (time,): date by the clock, hour by standard time."""
        dates, hour = np.empty(times.size, "datetime64[D]"), np.empty(times.size, np.int64)
        for i, utc in enumerate(times.astype("datetime64[s]").astype(object)):
            local = zone.fromutc(utc.replace(tzinfo=zone))
            dates[i] = local.date()
            hour[i] = (local - (local.dst() or timedelta())).hour
        return cls(dates, hour)


@dataclass(frozen=True, slots=True)
class AtAreas:
    """What areas take of one condition's indicator: arrays (time, area).

    ``values`` [the condition's unit], ``stations`` the index of the station it came from, -1 for
    none; ``thresholds`` (time or 1, 4 levels, area or 1), NaN for a level that there is not.
    ``years`` of the same axes are the return periods behind thresholds, ``cover`` what a minimum
    share is counted in; None for a condition without.
    """

    condition: Condition
    values: NDArray[np.float64]
    stations: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    years: NDArray[np.float64] | None = None
    cover: Cover | None = None

    @classmethod
    def of(
        cls,
        condition: Condition,
        taken: Taken,
        areas: Sequence[str],
        calendar: Calendar,
        stations: Sequence[str],
    ) -> AtAreas:
        """Put thresholds to what areas have taken; ``stations`` are the codes of all stations."""
        limits, years = thresholds(condition, areas, calendar), None
        if condition.by_return_period:
            years, limits = limits, levels_at_stations(condition, limits, taken.stations, stations)
        return cls(condition, taken.values, taken.stations, limits, years, taken.cover)

    def limits(self, level: Level, place: int) -> NDArray[np.float64]:
        """Return the threshold of ``level`` at one area, (time,); NaN where there is none."""
        return self._of_area(self.thresholds, level, place)

    def return_period(self, level: Level, place: int, hour: int) -> float | None:
        """Return the years behind the threshold of ``level``; None where it is a plain value."""
        return None if self.years is None else float(self._of_area(self.years, level, place)[hour])

    def _of_area(self, of: NDArray[np.float64], level: Level, place: int) -> NDArray[np.float64]:
        column = of[:, level - 1, place if of.shape[2] > 1 else 0]
        return np.broadcast_to(column, self.values.shape[:1])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one rule made of a grid: levels (time, area) and what they rest on.

    ``own`` is the rule's own condition, the one messages quote; ``also`` those joined on.
    ``computed`` (time,) is the hour whose observations a value rests on: of an indicator that is
    read at noon, the noon before.
    """

    rule: Rule
    areas: tuple[str, ...]
    levels: NDArray[np.int8]
    own: AtAreas
    also: tuple[AtAreas, ...]
    computed: NDArray[np.int64]

    @property
    def values(self) -> NDArray[np.float64]:
        """Values of the rule's own indicator (time, area) [the rule's unit]."""
        return self.own.values

    @property
    def stations(self) -> NDArray[np.int64]:
        """The station of each value (time, area)."""
        return self.own.stations


def is_computable(indicator: Indicator) -> bool:
    """Whether a rule can look at it: some need months, laboratory samples or an event."""
    return indicator.cadence in HOURLY and GIVEN.issuperset(indicator.needs)


def indicator_values(
    ids: Sequence[str],
    grid: Grid,
    calendar: Calendar,
    *,
    resumed: Mapping[str, Resumed] = NOTHING,
) -> dict[str, NDArray[np.float64]]:
    """Compute catalogue indicators, each (time, station) [the catalogue's unit].

    An indicator whose quantities nobody measures here is NaN throughout. One that is read once a
    day (``daily-noon``) stands from its noon until the hour before the next. One behind which a
    standard stands is computed by the edition in force on the local day; days before the oldest
    edition that is known are judged by that one. ``resumed`` says, by the ``path`` of a recursive
    indicator, from which hour and state it goes on; before that hour it is NaN.

    Raises
    ------
    ValueError
        An indicator cannot be computed hour by hour: see :func:`is_computable`.
    """
    out: dict[str, NDArray[np.float64]] = {}
    runs: dict[str, Any] = {}
    for name in ids:
        indicator = CATALOGUE[name]
        if not is_computable(indicator):
            raise ValueError(f"{name} cannot be computed hour by hour ({indicator.cadence})")
        start = resumed.get(indicator.path, Resumed())
        rows = rows_of(indicator, calendar, start.first)
        if not rows.size or any(cf not in grid.values for cf in indicator.inputs.values()):
            out[name] = np.full((grid.times.size, len(grid.stations)), np.nan)
        elif indicator.state or indicator.cadence == "daily-noon":
            key = f"{indicator.path} {sorted(indicator.options.items())}"
            if key not in runs:  # seven fire codes are one run
                runs[key] = run(indicator, grid, calendar, rows, start.state)[0]
            out[name] = _on_hours(indicator, runs[key], rows, grid)
        else:
            inputs: dict[str, Any] = {arg: given(indicator, arg, grid) for arg in indicator.inputs}
            if indicator.standard:
                inputs["on"] = _in_force(indicator.standard, calendar)
            out[name] = np.asarray(indicator.compute(**inputs), np.float64)
    return out


def _on_hours(
    indicator: Indicator, values: Any, rows: NDArray[np.int64], grid: Grid
) -> NDArray[np.float64]:
    """Put what a run gave (row, station) onto the hours of the grid."""
    picked = getattr(values, indicator.output) if indicator.output else values
    picked = np.asarray(picked, np.float64)
    if indicator.cadence == "daily-noon":
        return stand(picked, rows, grid.times.size)
    out = np.full((grid.times.size, len(grid.stations)), np.nan)
    out[rows] = picked
    return out


def evaluate(
    rule: Rule,
    at_stations: Mapping[str, NDArray[np.float64]],
    order: Mapping[str, Sequence[int]],
    calendar: Calendar,
    *,
    stations: Sequence[str] = (),
    shares: Shares | None = None,
) -> Evaluation:
    """Return the levels of ``rule`` at each hour and area it looks at.

    Parameters
    ----------
    at_stations : indicator -> array (time, station) [unit of the catalogue]
        Every indicator of the rule, from :func:`indicator_values`.
    order : area code -> station indices, nearest first
    calendar : Calendar of the same hours
    stations : codes of the stations; needed for levels by return period
    shares : what each station stands for in each area; needed for a minimum share
    """
    areas = areas_of(rule, order)
    parts = []
    for condition in rule.conditions:
        taken = take(condition, at_stations[condition.indicator], areas, order, stations, shares)
        parts.append(AtAreas.of(condition, taken, areas, calendar, stations))
    return judge(rule, areas, parts, calendar)


def areas_of(rule: Rule, order: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Return the areas of ``order`` that the rule looks at."""
    return tuple(code for code in order if "*" in rule.areas or code in rule.areas)


def thresholds(
    condition: Condition, areas: Sequence[str], calendar: Calendar
) -> NDArray[np.float64]:
    """Return the thresholds of every hour and area, (time or 1, 4 levels, area or 1).

    A part of the year stands in for the rule's own thresholds, an area for both. They are in
    ``condition.level_unit``: levels by return period are still years. Where the level follows from
    impact, each area has those of a certain impact, none for an area of unknown people.
    """
    if isinstance(condition, Rule) and condition.impact is not None and condition.by_impact:
        out = np.full((1, len(LEVELS), len(areas)), np.nan)
        for place, code in enumerate(areas):
            limits = condition.impact.limits(condition.when, condition.unit, code)
            _put(out, limits, slice(None), place)
        return out
    by_area, by_season = condition.levels_by_area or {}, condition.levels_by_season or ()
    shape = (calendar.date.size if by_season else 1, len(LEVELS), len(areas) if by_area else 1)
    out = np.full(shape, np.nan)
    _put(out, condition.levels, slice(None), slice(None))
    for part in by_season:
        inside = season_mask(calendar.month, calendar.day, part)
        _put(out, part.levels, inside, slice(None))
    for code, own in by_area.items():
        if code in areas:
            _put(out, own, slice(None), list(areas).index(code))
    return out


def _put(out: NDArray[np.float64], own: LevelValues, hours: Any, places: Any) -> None:
    by_word = {str(word): value for word, value in own.items()}
    for level in LEVELS:
        if level.word in by_word:
            out[hours, level - 1, places] = by_word[level.word]


def judge(
    rule: Rule, areas: tuple[str, ...], parts: Sequence[AtAreas], calendar: Calendar
) -> Evaluation:
    """Return the levels of what areas have taken, one part for each condition of the rule."""
    said = [reached(part.values, part.thresholds, part.condition) for part in parts]
    season = season_mask(calendar.month, calendar.day, rule.season)
    found = levels_of(join(said, rule.join or "all"), rule, season)
    computed = computed_of(rule, calendar)
    return Evaluation(rule, areas, found, parts[0], tuple(parts[1:]), computed)


def computed_of(rule: Rule, calendar: Calendar) -> NDArray[np.int64]:
    """Return the hour whose observations the value of each hour rests on, indices (time,)."""
    computed = np.arange(calendar.date.size)
    if CATALOGUE[rule.indicator].cadence == "daily-noon":
        computed = np.maximum.accumulate(np.where(calendar.standard_hour == NOON, computed, 0))
    return computed


def _in_force(standard: str, calendar: Calendar) -> NDArray[np.datetime64]:
    """Return for each hour a day whose edition of the standard judges it."""
    oldest = editions_of(standard)[-1].valid_from
    return np.maximum(calendar.date, np.datetime64(oldest, "D"))
