"""How far the temperature fell over a day or two: the cold wave's mark.

Source: a plain difference. The China Meteorological Administration speaks of a cold wave from a
fall of 8 K in 24 h or 10 K in 48 h on; its thresholds belong in rules, not here.
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

__all__ = ["temperature_drop"]


@kernel
def _drops(t: Any, hours: int, out: Any) -> None:
    for place in range(t.shape[0]):
        for row in range(t.shape[1]):
            out[place, row] = t[place, row - hours] - t[place, row] if row >= hours else math.nan


@quantities(temperature="degC", returns="delta_degC")
def temperature_drop(temperature: Any, *, hours: int) -> Any:
    """Fall of the temperature against the same hour ``hours`` before.

    Comparing the same hour of the day leaves the daily course out.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        On an unbroken hourly axis.
    hours : int
        24 or 48 in most rules, at least 1.

    Returns
    -------
    same kind and shape as the input [K]
        Positive where it fell. NaN where either hour is missing or beyond 100 degC to either side,
        and for the first ``hours`` rows.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        ``hours`` is below 1.
    """
    if hours < 1:
        raise ShapeError(f"temperature_drop(): hours is {hours}; give at least 1.")
    check_steps("temperature_drop", temperature, "hour")

    def drops(t: Any) -> Any:
        out = np.empty_like(rows(t))
        _drops(rows(possible_temperature(t)), hours, out)
        return out.reshape(t.shape)

    return along_time(drops, [temperature])
