"""Strongest wind of the last hours.

Source: a plain maximum; the gap policy is that of the rain sums.
Checked against: hand-worked series in tests/indicators/wind/test_highest_wind.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["highest_wind"]

TOLERATED_GAP_SHARE = 6


@kernel
def _highest(speed: Any, window: int, max_missing: int, out: Any) -> None:
    for place in range(speed.shape[0]):
        for end in range(speed.shape[1]):
            high = -math.inf
            missing = max(0, window - 1 - end)
            for hour in range(max(0, end - window + 1), end + 1):
                if speed[place, hour] >= 0.0:
                    high = max(high, speed[place, hour])
                else:
                    missing += 1
            out[place, end] = high if missing <= max_missing and high >= 0.0 else math.nan


@quantities(wind_speed="m/s", returns="m/s")
def highest_wind(wind_speed: Any, *, window_h: int, max_missing: int | None = None) -> Any:
    """Highest wind speed of the last ``window_h`` hours, the present one included.

    Parameters
    ----------
    wind_speed : array-like, time first (or a dimension ``time``) [m/s]
        On an unbroken hourly axis; or the maximum of each day at one of its hours.
    window_h : int
        Length of the window in hours, at least 1.
    max_missing : int, optional
        How many hours may be missing; a sixth of the window if not given.

    Returns
    -------
    same kind and shape as the input [m/s]
        Where hours are missing but tolerated, the highest of those present: a lower bound. NaN
        where more are missing; a negative speed counts as missing, hours before the start too.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no speed.
    ShapeError
        The window is shorter than an hour.
    """
    if window_h < 1:
        raise ShapeError(f"highest_wind(): window_h is {window_h}; give at least 1 hour.")
    check_steps("highest_wind", wind_speed, "hour")
    tolerated = window_h // TOLERATED_GAP_SHARE if max_missing is None else max_missing

    def highs(speed: Any) -> Any:
        out = np.empty_like(rows(speed))
        _highest(rows(speed), window_h, tolerated, out)
        return out.reshape(speed.shape)

    return along_time(highs, [wind_speed])
