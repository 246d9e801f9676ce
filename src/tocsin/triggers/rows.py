"""The rows of an indicator that has a past, on an hourly grid: every hour, or once a day at noon.

``rows_of`` says at which hours there is one, ``run`` computes them. A recursive indicator can go on
where a run before stopped: ``state_after`` says what its rows up to an hour leave, and ``Resumed``
hands that to a later run. Rows are computed one after the other and every sum is made in the order
of its hours, so that both halves together give the very bits of one run over everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import Indicator
from tocsin.units import convert

if TYPE_CHECKING:
    from .evaluate import Calendar, Grid

__all__ = [
    "CONTEXT_H",
    "NOON",
    "Resumed",
    "given",
    "own_start",
    "rows_of",
    "run",
    "stand",
    "state_after",
]

RAIN = "lwe_thickness_of_precipitation_amount"
NOON = 12
NOON_SLACK_H = 2  # a missing noon reading is taken from up to two hours before; later is unknown
DAY_H = 24
CONTEXT_H = DAY_H - 1
"""Hours before a row that a noon's inputs rest on."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a recursive indicator goes on: what the rows before hour ``first`` left.

    ``state`` is what the function takes as ``initial``, arrays (station,); None is its own start.
    Hours of the grid before ``first`` are there for sums over the day alone.
    """

    first: int = 0
    state: Any = None


def rows_of(
    indicator: Indicator, calendar: Calendar, first: int = 0, last: int | None = None
) -> NDArray[np.int64]:
    """Return at which hours, from ``first`` to ``last`` inclusive, there is a row: (row,)."""
    hours = np.arange(calendar.standard_hour.size)
    is_row = (hours >= first) & (hours <= (hours.size if last is None else last))
    if indicator.cadence == "daily-noon":
        is_row &= calendar.standard_hour == NOON
    return np.flatnonzero(is_row)


def run(
    indicator: Indicator, grid: Grid, calendar: Calendar, rows: NDArray[np.int64], state: Any
) -> tuple[Any, Any]:
    """Compute some rows from ``state``; return values (row, station) and the state they leave.

    Of an indicator without a state the state is None.
    """
    inputs: dict[str, Any] = {}
    for argument, name in indicator.inputs.items():
        values = given(indicator, argument, grid)
        if indicator.cadence != "daily-noon":
            inputs[argument] = values[rows]
        elif name == RAIN:
            inputs[argument] = _rain_to_noon(values, rows)
        else:
            inputs[argument] = _near_noon(values, rows)
    if "latitude" in indicator.needs:
        inputs["latitude"] = np.array(grid.latitudes)
    if "time" in indicator.needs:
        inputs["time"] = calendar.date[rows]
    if state is not None:
        inputs["initial"] = state
    result = indicator.function(**inputs, **indicator.options)
    values, left = result if indicator.state else (result, None)
    return values, left


def state_after(
    indicator: Indicator, grid: Grid, calendar: Calendar, start: Resumed, last: int
) -> Any:
    """Return what the rows from ``start`` to hour ``last``, inclusive, leave.

    Where there is no row, the state is handed on.
    """
    state = own_start(indicator, grid.latitudes) if start.state is None else start.state
    rows = rows_of(indicator, calendar, start.first, last)
    if not rows.size or any(cf not in grid.values for cf in indicator.inputs.values()):
        return state
    return run(indicator, grid, calendar, rows, state)[1]


def own_start(indicator: Indicator, latitudes: Sequence[float]) -> Any:
    """Return the state that the indicator starts from by itself: what an undefined row leaves."""
    nothing = np.full((1, len(latitudes)), np.nan)
    inputs: dict[str, Any] = dict.fromkeys(indicator.inputs, nothing)
    if "latitude" in indicator.needs:
        inputs["latitude"] = np.array(latitudes)
    if "time" in indicator.needs:
        inputs["time"] = np.array(["2000-01-01"], "datetime64[D]")
    return indicator.function(**inputs, **indicator.options)[1]


def given(indicator: Indicator, argument: str, grid: Grid) -> NDArray[np.float64]:
    """Return one input of an indicator in the unit its function takes a bare array to be in."""
    name = indicator.inputs[argument]
    unit = indicator.input_units[argument]
    return np.asarray(convert(grid.values[name], grid.units[name], unit), np.float64)


def stand(daily: NDArray[np.float64], noons: NDArray[np.int64], hours: int) -> NDArray[np.float64]:
    """Spread (day, station) over the hours: each noon's value stands until the next noon."""
    out = np.full((hours, daily.shape[1]), np.nan)
    ends = np.append(noons[1:], hours)
    for i, (first, end) in enumerate(zip(noons, ends, strict=True)):
        out[first : min(end, first + DAY_H)] = daily[i]
    return out


def _near_noon(values: NDArray[np.float64], noons: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the reading at noon, else the newest of the NOON_SLACK_H hours before."""
    out = values[noons].copy()
    for before in range(1, NOON_SLACK_H + 1):
        out = np.where(np.isnan(out), _hours_before(values, noons, before), out)
    return out


def _rain_to_noon(values: NDArray[np.float64], noons: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rain of the 24 hours to noon; hours without a reading count as dry.

    The fire codes need an amount every day, and one lost hour must not lose the day. A day with
    more than 6 of its hours missing is NaN. Hours are added one by one: numpy's own sum depends in
    its last bit on how many stations stand beside.
    """
    total = np.zeros((noons.size, values.shape[1]))
    missing = np.zeros(total.shape, np.int64)
    for before in range(DAY_H - 1, -1, -1):
        hour = _hours_before(values, noons, before)
        gone = np.isnan(hour)
        missing += gone
        total += np.where(gone, 0.0, hour)
    return np.where(missing <= 6, total, np.nan)


def _hours_before(
    values: NDArray[np.float64], noons: NDArray[np.int64], before: int
) -> NDArray[np.float64]:
    """Return the values some hours before each noon, NaN before the grid begins."""
    at = noons - before
    out = np.full((noons.size, values.shape[1]), np.nan)
    out[at >= 0] = values[at[at >= 0]]
    return out
