"""The time axis of a grid: in order, each moment once, and as unbroken as the indicator needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.errors import ShapeError

__all__ = ["check_cadence", "check_order", "check_same"]

_STEPS = {"hourly": 3600, "hourly-sum": 3600, "daily": 86_400, "weekly": 7 * 86_400}


def check_order(name: str, times: Any) -> None:
    """Refuse a time axis that is not sorted, has a moment twice, or has none somewhere.

    Raises
    ------
    ShapeError
        Names the first row that is wrong and how to mend it.
    """
    if np.isnat(times).any():
        row = int(np.flatnonzero(np.isnat(times))[0])
        raise ShapeError(f"{name}: row {row} of the time axis has no time. Drop it.")
    steps = np.diff(times).astype(np.int64)
    if (steps > 0).all():
        return
    row = int(np.flatnonzero(steps <= 0)[0])
    here, after = _day(times[row]), _day(times[row + 1])
    if steps[row] == 0:
        raise ShapeError(
            f"{name}: {here} stands twice in the time axis, in rows {row} and {row + 1}. Keep one: "
            "xarray's drop_duplicates('time')."
        )
    raise ShapeError(
        f"{name}: the time axis is not sorted: {after} follows {here} in row {row + 1}. Sort it "
        "first: xarray's sortby('time'). If files overlap, leave one out."
    )


def check_same(first: str, times: Any, other: str, others: Any, cadence: str) -> None:
    """Refuse two inputs of different times; of daily values only the day counts."""
    if cadence.startswith("daily"):
        times, others = times.astype("datetime64[D]"), others.astype("datetime64[D]")
    if len(times) != len(others):
        raise ShapeError(
            f"{first} has {len(times)} rows from {_day(times[0])} to {_day(times[-1])}, {other} "
            f"has {len(others)} from {_day(others[0])} to {_day(others[-1])}. Cut them to the same."
        )
    if (times != others).any():
        row = int(np.flatnonzero(times != others)[0])
        raise ShapeError(
            f"Row {row} is {_day(times[row])} in {first} and {_day(others[row])} in {other}. "
            "Bring both to the same times."
        )


def check_cadence(name: str, times: Any, cadence: str, step_s: int | None = None) -> None:
    """Refuse gaps where the indicator counts rows as time; those of ``daily-noon`` may have some.

    Raises
    ------
    ShapeError
        Names the first gap, and that NaN may stand in it.
    """
    if cadence == "monthly":
        months = times.astype("datetime64[M]").astype(np.int64)
        wrong = np.diff(months) != 1
        wanted = "one month"
    elif cadence == "daily-noon":
        wrong = np.diff(times.astype("datetime64[D]")).astype(np.int64) < 1
        wanted = "at least one day"
    elif cadence in _STEPS:
        step = step_s or _STEPS[cadence]
        wrong = np.diff(times).astype("timedelta64[s]").astype(np.int64) != step
        wanted = f"{step / 3600:g} h"
    else:
        return
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ShapeError(
            f"{name} needs a step of {wanted}; {_day(times[row + 1])} follows {_day(times[row])} "
            f"(row {row + 1}). Put NaN into missing rows: xarray's asfreq or reindex."
        )


def _day(moment: Any) -> str:
    text = str(moment.astype("datetime64[s]"))
    return text.removesuffix("T00:00:00")
