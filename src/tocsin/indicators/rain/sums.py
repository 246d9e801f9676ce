"""Rain over a moving window of hours.

Source: a plain sum; the gap policy is ours and stated below.
Checked against: hand-worked series in tests/indicators/rain/test_sums.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["TOLERATED_GAP_SHARE", "rain_sum", "tolerated_gaps"]

TOLERATED_GAP_SHARE = 6
"""One hour in six may be missing: none of 1 or 3 hours, 1 of 6, 2 of 12, 4 of 24."""


def tolerated_gaps(window_h: int) -> int:
    """Return how many hours of a window may be missing before its sum is undefined."""
    return window_h // TOLERATED_GAP_SHARE


@kernel
def _moving_sums(amounts: Any, window: int, max_missing: int, out: Any) -> None:
    for row in range(amounts.shape[0]):
        for end in range(amounts.shape[1]):
            total = 0.0
            missing = max(0, window - 1 - end)  # hours before the series began
            for hour in range(max(0, end - window + 1), end + 1):
                amount = amounts[row, hour]
                if amount >= 0.0:
                    total += amount
                else:
                    missing += 1
            out[row, end] = total if missing <= max_missing else math.nan


@quantities(amount="mm", returns="mm")
def rain_sum(amount: Any, *, window_h: int, max_missing: int | None = None) -> Any:
    """Rain of the last ``window_h`` hours, the present one included.

    Parameters
    ----------
    amount : array-like, time first (or a dimension ``time``) [mm]
        Amount fallen in each hour, on an unbroken hourly axis.
    window_h : int
        Length of the window in hours, at least 1.
    max_missing : int, optional
        How many hours of the window may be missing; a sixth of the window if not given.

    Returns
    -------
    same kind and shape as the input [mm]
        Where hours are missing but tolerated, the sum of those present: a lower bound. NaN where
        more are missing. A negative amount counts as missing, and so do hours before the start.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    ShapeError
        The window is shorter than an hour, or the time axis is not hourly.
    """
    if window_h < 1:
        raise ShapeError(f"rain_sum(): window_h is {window_h}; give at least 1 hour.")
    tolerated = tolerated_gaps(window_h) if max_missing is None else max_missing
    check_steps("rain_sum", amount, "hour")

    def sums(amounts: Any) -> Any:
        by_place = rows(amounts)
        out = np.empty_like(by_place)
        _moving_sums(by_place, window_h, tolerated, out)
        return out.reshape(amounts.shape)

    return along_time(sums, [amount])
