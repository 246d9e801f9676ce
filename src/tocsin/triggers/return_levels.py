"""Thresholds by return period: the value that a station's own record reaches once in N years.

The record is the station's annual extremes. A generalised extreme value distribution is fitted to
them by L-moments (:mod:`tocsin.indicators.rain.return_period`, which names the papers); of minima
to their negatives. The level of N years is its quantile of probability 1 - 1/N, said with four
significant digits: the number that messages print is the one that decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.rain.return_period import MIN_YEARS, fit_gev
from tocsin.triggers.rules import Condition, StationRecord

__all__ = [
    "FAR",
    "MIN_YEARS",
    "When",
    "at_stations",
    "limit_at",
    "record_of",
    "return_level",
    "speaks",
]

When = Literal["at-or-above", "at-or-below"]

FAR = 2.0
"""A return period beyond so many times the years of the record is told as a doubt."""
DIGITS = 4


def record_of(extremes: Mapping[int, float], when: When) -> StationRecord:
    """Return what annual extremes (year -> value) say; without ``gev`` below MIN_YEARS years."""
    there = {year: value for year, value in extremes.items() if math.isfinite(value)}
    if not there:
        return StationRecord(years=0, first=0, last=0)
    sign = -1.0 if when == "at-or-below" else 1.0
    fitted = fit_gev(sign * np.array([there[year] for year in sorted(there)]))
    numbers = tuple(round(float(one), 9) for one in fitted)
    return StationRecord(
        years=len(there),
        first=min(there),
        last=max(there),
        gev=None if any(math.isnan(one) for one in numbers) else (numbers[0], *numbers[1:3]),
    )


def return_level(years: float, record: StationRecord | None, when: When) -> float:
    """Return the value met once in ``years`` years on average; NaN without a fitted record."""
    if record is None or record.gev is None or not years > 1.0:
        return math.nan
    location, scale, shape = record.gev
    reduced = -math.log(-math.log1p(-1.0 / years))  # Gumbel's variate of 1 - 1/N
    deviation = reduced if abs(shape) < 1e-7 else -math.expm1(-shape * reduced) / shape
    value = location + scale * deviation
    return float(f"{-value if when == 'at-or-below' else value:.{DIGITS}g}")


def limit_at(condition: Condition, asked: float, station: str) -> float:
    """Return a threshold as a value [the condition's unit]: ``asked`` is one of its levels."""
    if not condition.by_return_period:
        return asked
    return return_level(asked, (condition.record or {}).get(station), condition.when)


def speaks(condition: Condition, station: str) -> bool:
    """Whether a station can say anything to a condition: its record may be too short."""
    if not condition.by_return_period:
        return True
    record = (condition.record or {}).get(station)
    return record is not None and record.gev is not None


def at_stations(
    condition: Condition,
    years: NDArray[np.float64],
    taken: NDArray[np.int64],
    stations: Sequence[str],
) -> NDArray[np.float64]:
    """Turn return periods into the values they mean at the station that each area has taken.

    Parameters
    ----------
    years : array (time or 1, 4 levels, area or 1)
        NaN for a level that there is not.
    taken : array (time, area)
        Index into ``stations``; -1 for none.

    Returns
    -------
    array (time or 1, 4, area) [the condition's unit]
        One row where no area changes its station, nor the years with the season.
    """
    hours, areas = taken.shape
    steady = [np.unique(column[column >= 0]) for column in taken.T]
    if years.shape[0] == 1 and all(one.size <= 1 for one in steady):
        rows, who = 1, np.array([[one[0] if one.size else -1 for one in steady]], np.int64)
    else:
        rows, who = hours, taken
    asked = np.broadcast_to(years, (rows, years.shape[1], areas))
    out = np.full((rows, years.shape[1], areas), np.nan)
    for level in range(years.shape[1]):
        for period in np.unique(years[:, level][~np.isnan(years[:, level])]):
            table = np.array(
                [limit_at(condition, float(period), one) for one in stations] + [np.nan]
            )
            here = asked[:, level] == period
            out[:, level][here] = table[who][here]  # the last of the table serves for -1
    return out
