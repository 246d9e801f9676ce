"""Highest temperature of the last hours, and heat that comes back day after day.

Source: plain maxima; the gap policy is that of the rain sums. Three days of 35 degC are the yellow
heat signal of the China Meteorological Administration, Order No. 16 (2007): the threshold belongs
in a rule, the number of days here.
Checked against: hand-worked series in tests/indicators/heat/test_highest.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, possible_temperature, rows
from tocsin.units import quantities

__all__ = ["highest_temperature", "lasting_heat"]

DAY_H = 24
TOLERATED_GAP_SHARE = 6


@kernel
def _lowest_of_maxima(t: Any, window: int, days: int, max_missing: int, out: Any) -> None:
    for place in range(t.shape[0]):
        for end in range(t.shape[1]):
            least = math.inf
            for day in range(days):
                last = end - day * window
                high = -math.inf
                missing = min(window, max(0, window - 1 - last))
                for hour in range(max(0, last - window + 1), last + 1):
                    if math.isnan(t[place, hour]):
                        missing += 1
                    else:
                        high = max(high, t[place, hour])
                if missing > max_missing or high == -math.inf:
                    high = math.nan
                least = high if math.isnan(high) or math.isnan(least) else min(least, high)
                if math.isnan(least):
                    break
            out[place, end] = least


@quantities(temperature="degC", returns="degC")
def highest_temperature(
    temperature: Any, *, window_h: int = DAY_H, max_missing: int | None = None
) -> Any:
    """Highest temperature of the last ``window_h`` hours, the present one included.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        On an unbroken hourly axis; or the maximum of each day at one of its hours.
    window_h : int
        Length of the window in hours, at least 1.
    max_missing : int, optional
        How many hours may be missing; a sixth of the window if not given.

    Returns
    -------
    same kind and shape as the input [degC]
        Where hours are missing but tolerated, the highest of those present: a lower bound. NaN
        where more are missing, hours before the start included. Values beyond -100 to 100 degC
        count as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        The window is shorter than an hour.
    """
    return _highest("highest_temperature", temperature, window_h, 1, max_missing)


@quantities(temperature="degC", returns="degC")
def lasting_heat(temperature: Any, *, days: int = 3, max_missing: int | None = None) -> Any:
    """Temperature that each of the last ``days`` stretches of 24 hours has reached.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        On an unbroken hourly axis; or the maximum of each day at one of its hours.
    days : int
        How many stretches of 24 hours, back to back, the last one ending now; at least 1.
    max_missing : int, optional
        How many hours of each stretch may be missing; 4 if not given.

    Returns
    -------
    same kind and shape as the input [degC]
        The lowest of the maxima. NaN where a stretch has more hours missing than tolerated.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        ``days`` is below 1.
    """
    return _highest("lasting_heat", temperature, DAY_H, days, max_missing)


def _highest(name: str, temperature: Any, window_h: int, days: int, missing: int | None) -> Any:
    if min(window_h, days) < 1:
        raise ShapeError(f"{name}(): {window_h} hours, {days} days; give at least 1 of each.")
    check_steps(name, temperature, "hour")
    tolerated = window_h // TOLERATED_GAP_SHARE if missing is None else missing

    def highs(t: Any) -> Any:
        out = np.empty_like(rows(t))
        _lowest_of_maxima(rows(possible_temperature(t)), window_h, days, tolerated, out)
        return out.reshape(t.shape)

    return along_time(highs, [temperature])
