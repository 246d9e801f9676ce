"""Numbers to levels: thresholds with persistence, hysteresis, hold time, gaps and season.

Each place is a small machine that walks along its hours:

* it **rises** to the highest level whose threshold was reached ``persistence`` hours in a row;
* it **falls** from a level after ``hold`` hours in a row in which the value was further back than
  ``hysteresis``; a fall stops at the next lower level that still holds;
* an hour without a value neither counts nor breaks a row; after more than ``max_gap`` such hours
  the level is none, since nothing is known any more;
* outside the season it is none, and starts afresh when the season opens.

The same function serves live, replay and backtest: more hours, same answer for the earlier ones.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ShapeError
from tocsin.triggers.rules import LEVELS, Rule

__all__ = ["levels", "season_mask"]


def levels(
    values: NDArray[np.float64], rule: Rule, in_season: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return the level of each hour and place.

    Parameters
    ----------
    values : array (time, place) [unit of the rule]
        Hourly, in order of time; NaN where nothing trustworthy is known.
    rule : Rule
        Thresholds and patience.
    in_season : array (time,)
        Whether the rule looks at that hour (:func:`season_mask`).

    Returns
    -------
    array (time, place) of int8
        0 none, 1 blue, 2 yellow, 3 orange, 4 red.

    Raises
    ------
    ShapeError
        ``values`` is not (time, place) or ``in_season`` has another length.
    """
    if values.ndim != 2 or in_season.shape != values.shape[:1]:
        raise ShapeError(
            f"levels() got values {values.shape} and season {in_season.shape}; "
            "expected (time, place) and (time,)"
        )
    sign = -1.0 if rule.when == "at-or-below" else 1.0
    thresholds = np.array(
        [np.nan] + [sign * t if (t := rule.threshold(k)) is not None else np.nan for k in LEVELS]
    )
    out = np.zeros(values.shape, np.int8)
    _machine()(
        sign * np.ascontiguousarray(values, np.float64),
        thresholds,
        rule.persistence_h,
        rule.hysteresis,
        max(1, rule.hold_h),
        rule.max_gap_h,
        np.ascontiguousarray(in_season),
        out,
    )
    return out


def season_mask(
    local_month: NDArray[Any], local_day: NDArray[Any], rule: Rule
) -> NDArray[np.bool_]:
    """Return which hours lie in the rule's season by the local calendar; both ends count."""
    if rule.season is None:
        return np.ones(local_month.shape, np.bool_)
    day = local_month * 100 + local_day
    first, last = (month * 100 + of_month for month, of_month in rule.season.months_days())
    inside = (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
    return np.asarray(inside, np.bool_)


@functools.cache
def _machine() -> Callable[..., None]:
    """Compile on first use: numba takes 0.4 s to import, which `tocsin check` need not pay."""
    from numba import njit

    compiled: Callable[..., None] = njit(cache=True)(_walk)
    return compiled


def _walk(v, thresholds, persistence, hysteresis, hold, max_gap, active, out):  # type: ignore[no-untyped-def]
    hours, places = v.shape
    for p in range(places):
        state = 0
        gap = 0
        above = np.zeros(5, np.int64)  # hours in a row at or above each threshold
        below = np.full(5, 1 << 30)  # hours in a row clearly below it
        for t in range(hours):
            x = v[t, p]
            if not active[t] or (np.isnan(x) and gap >= max_gap):
                state = 0
                above[:] = 0
                below[:] = 1 << 30
                gap += np.isnan(x)
                out[t, p] = 0
                continue
            if np.isnan(x):
                gap += 1
                out[t, p] = state
                continue
            gap = 0
            reached = 0
            for k in range(1, 5):
                # A threshold the rule does not have is NaN: both comparisons are false.
                above[k] = above[k] + 1 if x >= thresholds[k] else 0
                below[k] = 0 if x >= thresholds[k] - hysteresis else below[k] + 1
                if above[k] >= persistence:
                    reached = k
            if reached > state:
                state = reached
            while state > 0 and (below[state] >= hold or np.isnan(thresholds[state])):
                state -= 1
            out[t, p] = state
