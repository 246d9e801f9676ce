"""How far the lowest temperature of a day lies below that of the days before: the cold wave's mark.

Source: the wording of the cold wave signals of the China Meteorological Administration, Order
No. 16 (2007): the minimum falls by so many kelvin within 24 or 48 hours. Days are stretches of 24
hours that end now, so that the number is there at every hour.
Checked against: hand-worked series in tests/indicators/cold/test_falls.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, possible_temperature, rows
from tocsin.units import quantities

__all__ = ["fall_of_minimum"]

DAY_H = 24
TOLERATED_H = 4


@kernel
def _falls(t: Any, days: int, max_missing: int, out: Any) -> None:
    for place in range(t.shape[0]):
        for end in range(t.shape[1]):
            now = math.nan
            before = -math.inf
            for day in range(days + 1):
                last = end - day * 24
                low = math.inf
                missing = min(24, max(0, 23 - last))
                for hour in range(max(0, last - 23), last + 1):
                    if math.isnan(t[place, hour]):
                        missing += 1
                    else:
                        low = min(low, t[place, hour])
                if missing > max_missing or low == math.inf:
                    before = math.nan
                    break
                if day == 0:
                    now = low
                else:
                    before = max(before, low)
            out[place, end] = before - now


@quantities(temperature="degC", returns="delta_degC")
def fall_of_minimum(temperature: Any, *, days: int = 1, max_missing: int = TOLERATED_H) -> Any:
    """Fall of the daily minimum against the highest of those of the ``days`` days before.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        On an unbroken hourly axis; or the minimum of each day at one of its hours.
    days : int
        1 for a fall within 24 hours, 2 for one within 48.
    max_missing : int
        How many hours of each stretch of 24 may be missing.

    Returns
    -------
    same kind and shape as the input [K]
        Positive where it fell. NaN where a stretch has more hours missing than tolerated; a value
        beyond 100 degC to either side counts as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        ``days`` is below 1.
    """
    if days < 1:
        raise ShapeError(f"fall_of_minimum(): days is {days}; give at least 1.")
    check_steps("fall_of_minimum", temperature, "hour")

    def falls(t: Any) -> Any:
        out = np.empty_like(rows(t))
        _falls(rows(possible_temperature(t)), days, max_missing, out)
        return out.reshape(t.shape)

    return along_time(falls, [temperature])
