"""Effective drought index: daily rain, remembered for a year and forgotten slowly.

Source: Byun and Wilhite (1999), Objective quantification of drought severity and duration, Journal
of Climate 12: 2747-2756, eq. 1 with a duration of 365 days, eq. 2 to 5.
Checked against: hand-worked values in tests/indicators/drought/test_edi.py
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, elementwise, kernel, per_element, rows
from tocsin.units import quantities

__all__ = ["Normals", "edi", "effective_precipitation", "normals_of"]

DURATION_DAYS = 365
MAX_MISSING_DAYS = 10
MIN_YEARS = 20
SMOOTHING_DAYS = 5

WEIGHTS = np.cumsum(1.0 / np.arange(1, DURATION_DAYS + 1)[::-1])[::-1].copy()
"""What a day's rain counts, today first: the sum of 1/n over all windows the day is in."""


class Normals(NamedTuple):
    """Mean and spread of effective precipitation for 366 days of the year (then places)."""

    mean: Any
    spread: Any

    def on(self, time: Any) -> Normals:
        """Return both for each of the dates given, time first."""
        day = _day_of_leap_year(time)
        return Normals(np.asarray(self.mean)[day], np.asarray(self.spread)[day])


def _day_of_leap_year(time: Any) -> Any:
    """Return 0 to 365, counted as if each year had a 29 February."""
    days = np.asarray(time, dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    first = np.array([0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335])
    return first[months.astype(np.int64) % 12] + (days - months).astype(np.int64)


@kernel
def _effective(rain: Any, weights: Any, max_missing: int, out: Any) -> None:
    for place in range(rain.shape[0]):
        for today in range(rain.shape[1]):
            out[place, today] = math.nan
            if today < weights.size - 1:
                continue
            total = 0.0
            missing = 0
            for age in range(weights.size):
                amount = rain[place, today - age]
                if 0.0 <= amount < math.inf:
                    total += weights[age] * amount
                else:
                    missing += 1
            if missing <= max_missing:
                out[place, today] = total


@quantities(rain="mm", returns="mm")
def effective_precipitation(rain: Any) -> Any:
    """Rain of the last 365 days, the recent counting most.

    Parameters
    ----------
    rain : array-like, time first (or a dimension ``time``) [mm]
        One row a day, without a break.

    Returns
    -------
    same kind and shape as the input [mm]
        NaN for the first 364 days. Up to 10 missing or negative days count as dry, which makes it
        a lower bound; NaN where more are missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    """
    check_steps("effective_precipitation", rain, "day")

    def remembered(amounts: Any) -> Any:
        out = np.empty_like(rows(amounts))
        _effective(rows(amounts), WEIGHTS, MAX_MISSING_DAYS, out)
        return out.reshape(amounts.shape)

    return along_time(remembered, [rain])


def normals_of(rain: Any, time: Any, *, min_years: int = MIN_YEARS) -> Normals:
    """Return the normals of a station's own record, for ``edi``.

    The mean of each day of the year is smoothed over five days, as in the paper. NaN where a day of
    the year has fewer than ``min_years`` values (29 February: a quarter of them).

    Parameters
    ----------
    rain : numpy (day, places...) [mm]
        One row a day, without a break.
    time : array of dates
        Of the rows.

    Raises
    ------
    ShapeError
        ``time`` is not one day after the other.
    """
    days = np.asarray(time, dtype="datetime64[D]")
    if (np.diff(days).astype(np.int64) != 1).any():
        at = int(np.flatnonzero(np.diff(days).astype(np.int64) != 1)[0])
        raise ShapeError(f"normals_of(): time is not daily after {days[at]}; put NaN into gaps.")
    values = np.asarray(effective_precipitation(np.asarray(rain, dtype=np.float64)))
    day = _day_of_leap_year(days)
    mean = np.full((366, *values.shape[1:]), np.nan)
    for n in range(366):
        of_day = values[day == n]
        known = np.isfinite(of_day)
        count = known.sum(axis=0)
        enough = count >= (min_years // 4 if n == 59 else min_years)
        total = np.where(known, of_day, 0.0).sum(axis=0)
        mean[n] = np.where(enough, total / np.maximum(count, 1), np.nan)
    reach = SMOOTHING_DAYS // 2
    mean = np.mean([np.roll(mean, shift, axis=0) for shift in range(-reach, reach + 1)], axis=0)
    departures = values - mean[day]
    spread = np.full_like(mean, np.nan)
    for n in range(366):
        of_day = departures[day == n]
        known = np.isfinite(of_day)
        count = np.maximum(known.sum(axis=0), 1)
        square = np.where(known, of_day, 0.0) ** 2
        spread[n] = np.where(np.isnan(mean[n]), np.nan, np.sqrt(square.sum(axis=0) / count))
    return Normals(mean, spread)


@per_element(3)
def _departure(value: float, mean: float, spread: float) -> float:
    return (value - mean) / spread if spread > 0.0 else math.nan


@quantities(rain="mm", normal_mean="mm", normal_spread="mm", returns="1")
def edi(rain: Any, *, normal_mean: Any, normal_spread: Any) -> Any:
    """How far the remembered rain is from what is normal on this day of the year.

    Parameters
    ----------
    rain : array-like, time first (or a dimension ``time``) [mm]
        One row a day, without a break; the first value comes with row 365.
    normal_mean, normal_spread : numbers or arrays that fit ``rain`` [mm]
        Of effective precipitation, for the day of each row: ``normals_of(...).on(time)``.

    Returns
    -------
    same kind and shape as ``rain`` [1]
        Around 0 when normal; drought below -1, severe below -1.5, extreme below -2. NaN where
        ``effective_precipitation`` is, or the spread is not above zero.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    """
    remembered = effective_precipitation(rain)
    return elementwise(_departure, remembered, normal_mean, normal_spread)
