"""What an area takes of the values inside and around it, hour by hour.

As a rule it takes the value of its nearest station that has one. Of a condition with a minimum
share it takes the value that at least this share of its surface reaches: each station, or cell of a
grid, stands for the part of the surface that lies nearest to it (``tocsin.exposure.shares``), and
the value is a quantile weighted by these parts. The share is counted of the surface that has a
value; where that is less than ``min_known`` of the whole area, nothing is known.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ShapeError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.return_levels import speaks
from tocsin.triggers.rules import Condition
from tocsin.units import convert

__all__ = [
    "MIN_KNOWN",
    "Cover",
    "Shares",
    "Taken",
    "area_values",
    "in_unit",
    "share_values",
    "take",
]

Shares = Mapping[str, Mapping[int, float]]
"""Area code -> index of a station -> the share of the area's surface it stands for, 0 to 1."""

MIN_KNOWN = 0.5
"""Share of an area's surface that must have a value, where the rule says nothing."""
SLACK = 1e-6  # shares are kept with nine decimals, and an area may have a thousand of them


@dataclass(frozen=True, slots=True)
class Cover:
    """The values at the stations (time, station) [the catalogue's unit] behind areas' shares."""

    condition: Condition
    at_stations: NDArray[np.float64]
    members: tuple[NDArray[np.int64], ...]
    weights: tuple[NDArray[np.float64], ...]

    def reached(self, place: int, hour: int, limit: float) -> tuple[float, float]:
        """Return which share of an area's known surface reaches ``limit``, and which is known."""
        values = in_unit(self.at_stations[hour, self.members[place]], self.condition)
        weights, there = self.weights[place], ~np.isnan(values)
        known = float(weights[there].sum())
        low = self.condition.when == "at-or-below"
        over = values[there] <= limit if low else values[there] >= limit
        return float(weights[there][over].sum()) / known if known else np.nan, known


@dataclass(frozen=True, slots=True)
class Taken:
    """Values (time, area) [the condition's unit] and the stations they came from, -1 for none."""

    values: NDArray[np.float64]
    stations: NDArray[np.int64]
    cover: Cover | None = None


def take(
    condition: Condition,
    at_stations: NDArray[np.float64],
    areas: Sequence[str],
    order: Mapping[str, Sequence[int]],
    stations: Sequence[str] = (),
    shares: Shares | None = None,
) -> Taken:
    """Return what areas take of a condition's indicator.

    Parameters
    ----------
    at_stations : array (time, station) [unit of the catalogue]
    order : area code -> station indices, nearest first
    stations : codes of the stations; needed for levels by return period
    shares : needed for a minimum share

    Raises
    ------
    ShapeError
        The condition needs ``stations`` or ``shares`` and they were not given.
    """
    if condition.min_share is not None:
        if shares is None:
            raise ShapeError(f"take() got no shares for the minimum share of {condition.indicator}")
        cover = _cover(condition, at_stations, [shares.get(code, {}) for code in areas])
        found, who = share_values(
            at_stations,
            cover.members,
            cover.weights,
            condition.min_share,
            MIN_KNOWN if condition.min_known is None else condition.min_known,
            low=condition.when == "at-or-below",
        )
        return Taken(in_unit(found, condition), who, cover)
    if condition.by_return_period and len(stations) != at_stations.shape[1]:
        raise ShapeError(
            f"take() got {len(stations)} station codes for {at_stations.shape[1]} columns; levels "
            "by return period need the code of each"
        )
    near = [order[code] for code in areas]
    if condition.by_return_period:  # one whose record is too short says nothing here
        near = [[i for i in one if speaks(condition, stations[i])] for one in near]
    found, who = area_values(at_stations, near)
    return Taken(in_unit(found, condition), who)


def _cover(
    condition: Condition, at_stations: NDArray[np.float64], shares: Sequence[Mapping[int, float]]
) -> Cover:
    # In the order of the stations, in whatever order a database gives them back.
    rows = [sorted(one.items()) for one in shares]
    return Cover(
        condition,
        at_stations,
        tuple(np.array([station for station, _ in row], np.int64) for row in rows),
        tuple(np.array([share for _, share in row], np.float64) for row in rows),
    )


def in_unit(values: NDArray[np.float64], condition: Condition) -> NDArray[np.float64]:
    """Return values of the condition's indicator, any shape, in the condition's unit.

    35 degC is 94.99999999999999 degF after conversion; rounded to nine decimals, so that a
    threshold that is met counts as met.
    """
    converted = convert(values, CATALOGUE[condition.indicator].unit, condition.unit)
    rounded: NDArray[np.float64] = np.asarray(converted, np.float64).round(9)
    return rounded


def area_values(
    at_stations: NDArray[np.float64], order: Sequence[Sequence[int]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give each area the value of its nearest station that has one at that hour.

    ``order[area]`` lists station indices, nearest first. Returns values and station indices, both
    (time, area); NaN and -1 where no station in reach has a value.
    """
    hours = at_stations.shape[0]
    values = np.full((hours, len(order)), np.nan)
    stations = np.full((hours, len(order)), -1, np.int64)
    there = ~np.isnan(at_stations)
    reached = [area for area, near in enumerate(order) if len(near)]
    nearest = np.array([order[area][0] for area in reached], np.int64)
    values[:, reached] = at_stations[:, nearest]
    stations[:, reached] = np.where(there[:, nearest], nearest, -1)
    # As a rule the nearest one has them all; the others are asked where any of them has something.
    for area in np.flatnonzero(np.isnan(values).any(axis=0)).tolist():
        others = order[area][1:]
        open_ = np.isnan(values[:, area])
        open_ &= there[:, others].any(axis=1)
        for station in others:
            if not open_.any():
                break
            taken = open_ & there[:, station]
            values[taken, area] = at_stations[taken, station]
            stations[taken, area] = station
            open_ &= ~taken
    return values, stations


def share_values(
    at_stations: NDArray[np.float64],
    members: Sequence[NDArray[np.int64]],
    weights: Sequence[NDArray[np.float64]],
    share: float,
    min_known: float,
    *,
    low: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give each area the worst value that at least ``share`` of its known surface reaches.

    Parameters
    ----------
    at_stations : array (time, station)
    members, weights : for each area the station indices, and the share of its surface of each
    share : from above 0 to 1; 1 is the mildest value inside
    min_known : share of the whole surface that must have a value
    low : whether the lowest value is the worst

    Returns
    -------
    values and stations, arrays (time, area)
        The station is the one whose value it is; NaN and -1 where too little is known.
    """
    shape = (at_stations.shape[0], len(members))
    values, stations = np.full(shape, np.nan), np.full(shape, -1, np.int64)
    if not shape[1]:
        return values, stations
    _machine()(
        np.ascontiguousarray(at_stations, np.float64),
        np.concatenate(members).astype(np.int64),
        np.concatenate(weights).astype(np.float64),
        np.cumsum([0, *(one.size for one in members)]),
        share,
        min_known - SLACK,
        -1.0 if low else 1.0,
        values,
        stations,
    )
    return values, stations


@functools.cache
def _machine() -> Callable[..., None]:
    """Compile on first use: numba takes 0.4 s to import, which `tocsin check` need not pay."""
    from numba import njit

    compiled: Callable[..., None] = njit(cache=True)(_quantiles)
    return compiled


def _quantiles(v, members, weights, starts, share, least, sign, values, stations):  # type: ignore[no-untyped-def]
    longest = np.diff(starts).max()
    x = np.empty(longest)  # the worst first: the sign turned, so that sorting is rising
    who = np.empty(longest, np.int64)
    for t in range(v.shape[0]):
        for area in range(starts.size - 1):
            first, size = starts[area], starts[area + 1] - starts[area]
            there = 0
            known = 0.0
            for j in range(first, first + size):
                value = -sign * v[t, members[j]]
                if np.isnan(value):
                    continue
                known += weights[j]
                at = there
                if size <= 48:  # few stations: sorted as they come
                    while at > 0 and x[at - 1] > value:
                        x[at] = x[at - 1]
                        who[at] = who[at - 1]
                        at -= 1
                x[at] = value
                who[at] = j
                there += 1
            if there == 0 or known < least:
                continue
            if size > 48:
                order = np.argsort(x[:there], kind="mergesort")
                who[:there] = who[:there][order]
            total = 0.0
            for n in range(there):
                total += weights[who[n]]
                if total >= share * known - 1e-6:
                    values[t, area] = v[t, members[who[n]]]
                    stations[t, area] = members[who[n]]
                    break
