"""Numbers to levels: thresholds with persistence, hysteresis, hold time, gaps and season.

Each place is a small machine that walks along its hours:

* it **rises** to the highest level whose threshold was reached ``persistence`` hours in a row;
* it **falls** from a level after ``hold`` hours in a row in which the value was further back than
  ``hysteresis``; a fall stops at the next lower level that still holds;
* an hour without a value neither counts nor breaks a row; after more than ``max_gap`` such hours
  the level is none, since nothing is known any more;
* outside the season it is none, and starts afresh when the season opens.

Several conditions are joined before the machine runs: each says for every hour which level it
reaches, and which it still holds when hysteresis is granted.

The same function serves live, replay and backtest: more hours, same answer for the earlier ones.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ShapeError
from tocsin.triggers.rules import LEVELS, Condition, Rule, Season

__all__ = ["Reached", "join", "levels_of", "reached", "season_mask"]


@dataclass(frozen=True, slots=True)
class Reached:
    """What one condition says, arrays (time, place).

    ``level`` is the highest level whose threshold is met, ``held`` the highest that is met with
    hysteresis granted; where the value is not ``known`` both are 0.
    """

    level: NDArray[np.int8]
    held: NDArray[np.int8]
    known: NDArray[np.bool_]


def reached(
    values: NDArray[np.float64], thresholds: NDArray[np.float64], condition: Condition
) -> Reached:
    """Return what a condition says of ``values`` (time, place) [the condition's unit].

    ``thresholds`` is (time or 1, 4 levels, place or 1); NaN for a level that there is not. A value
    that is NaN is not known.

    Raises
    ------
    ShapeError
        Arrays of other dimensions.
    """
    if values.ndim != 2 or thresholds.ndim != 3:
        raise ShapeError(
            f"reached() got values {values.shape} and thresholds {thresholds.shape}; expected "
            "(time, place) and (time or 1, 4, place or 1)"
        )
    sign = -1.0 if condition.when == "at-or-below" else 1.0
    level, held = np.zeros(values.shape, np.int8), np.zeros(values.shape, np.int8)
    known = np.zeros(values.shape, np.bool_)
    meet, _ = _machines()
    meet(
        np.ascontiguousarray(values, np.float64),
        np.ascontiguousarray(thresholds, np.float64),
        sign,
        condition.hysteresis,
        level,
        held,
        known,
    )
    return Reached(level, held, known)


def join(parts: Sequence[Reached], how: Literal["all", "any"]) -> Reached:
    """Join conditions: ``all`` takes the lowest of their levels, ``any`` the highest.

    An unknown part leaves ``all`` unknown unless a known one says none already; ``any`` goes by
    what is known.
    """
    if len(parts) == 1:
        return parts[0]
    known: NDArray[np.bool_] = np.array([part.known for part in parts])
    if how == "any":
        level = np.max([part.level for part in parts], axis=0)
        held = np.max([part.held for part in parts], axis=0)
        return Reached(level, held, np.asarray(known.any(axis=0)))
    four = np.int8(len(LEVELS))  # an unknown part does not lower the lowest
    level = np.min([np.where(part.known, part.level, four) for part in parts], axis=0)
    held = np.min([np.where(part.known, part.held, four) for part in parts], axis=0)
    sure: NDArray[np.bool_] = known.all(axis=0) | (known.any(axis=0) & (held == 0))
    return Reached(np.where(sure, level, 0), np.where(sure, held, 0), sure)


def levels_of(what: Reached, rule: Rule, in_season: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the level of each hour and place with the rule's patience; see the module's head.

    Parameters
    ----------
    what : Reached
        Hourly, in order of time.
    rule : Rule
        Its levels, persistence, hold time and longest gap.
    in_season : array (time,)
        Whether the rule looks at that hour (:func:`season_mask`).

    Returns
    -------
    array (time, place) of int8
        0 none, 1 blue, 2 yellow, 3 orange, 4 red.

    Raises
    ------
    ShapeError
        ``in_season`` is not of the same hours.
    """
    if in_season.shape != what.level.shape[:1]:
        raise ShapeError(
            f"levels_of() got levels {what.level.shape} and season {in_season.shape}; "
            "expected (time, place) and (time,)"
        )
    out = np.zeros(what.level.shape, np.int8)
    there = np.array([True, *(level.word in rule.level_words for level in LEVELS)])
    _, run = _machines()
    run(
        what.level,
        what.held,
        what.known,
        there,
        rule.persistence_h,
        max(1, rule.hold_h),
        rule.max_gap_h,
        np.ascontiguousarray(in_season),
        out,
    )
    return out


def season_mask(
    local_month: NDArray[Any], local_day: NDArray[Any], season: Season | None
) -> NDArray[np.bool_]:
    """Return which hours lie in a season, (time,); both ends count, None is always.

    ``local_month`` and ``local_day`` (time,) are those of the local calendar.
    """
    if season is None:
        return np.ones(local_month.shape, np.bool_)
    day = local_month * 100 + local_day
    first, last = (month * 100 + of_month for month, of_month in season.months_days())
    inside = (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
    return np.asarray(inside, np.bool_)


@functools.cache
def _machines() -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile on first use: numba takes 0.4 s to import, which `tocsin check` need not pay."""
    from numba import njit

    return njit(cache=True)(_meet), njit(cache=True)(_walk)


def _meet(v, thresholds, sign, hysteresis, level, held, known):  # type: ignore[no-untyped-def]
    hours, places = v.shape
    steps, _, columns = thresholds.shape
    for t in range(hours):
        row = t if steps > 1 else 0
        for p in range(places):
            if np.isnan(v[t, p]):
                continue
            known[t, p] = True
            x = sign * v[t, p]
            column = p if columns > 1 else 0
            for k in range(4):
                # A threshold that there is not is NaN: both comparisons are false.
                limit = sign * thresholds[row, k, column]
                if x >= limit:
                    level[t, p] = k + 1
                if x >= limit - hysteresis:
                    held[t, p] = k + 1


def _walk(level, held, known, there, persistence, hold, max_gap, active, out):  # type: ignore[no-untyped-def]
    hours, places = level.shape
    for p in range(places):
        state = 0
        gap = 0
        above = np.zeros(5, np.int64)  # hours in a row at or above each threshold
        below = np.full(5, 1 << 30)  # hours in a row clearly below it
        for t in range(hours):
            if not active[t] or (not known[t, p] and gap >= max_gap):
                state = 0
                above[:] = 0
                below[:] = 1 << 30
                gap += not known[t, p]
                out[t, p] = 0
                continue
            if not known[t, p]:
                gap += 1
                out[t, p] = state
                continue
            gap = 0
            up = 0
            for k in range(1, 5):
                above[k] = above[k] + 1 if level[t, p] >= k else 0
                below[k] = 0 if held[t, p] >= k else below[k] + 1
                if there[k] and above[k] >= persistence:
                    up = k
            if up > state:
                state = up
            while state > 0 and (below[state] >= hold or not there[state]):
                state -= 1
            out[t, p] = state
