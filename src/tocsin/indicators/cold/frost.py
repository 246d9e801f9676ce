"""Lowest temperature of the last hours: frost, seen from the screen.

Source: a plain minimum; the gap policy is that of the rain sums.
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

__all__ = ["lowest_temperature"]

TOLERATED_GAP_SHARE = 6


@kernel
def _lowest(t: Any, window: int, max_missing: int, out: Any) -> None:
    for place in range(t.shape[0]):
        for end in range(t.shape[1]):
            low = math.inf
            missing = max(0, window - 1 - end)
            for hour in range(max(0, end - window + 1), end + 1):
                if math.isnan(t[place, hour]):
                    missing += 1
                else:
                    low = min(low, t[place, hour])
            out[place, end] = low if missing <= max_missing and low < math.inf else math.nan


@quantities(temperature="degC", returns="degC")
def lowest_temperature(
    temperature: Any, *, window_h: int = 24, max_missing: int | None = None
) -> Any:
    """Lowest temperature of the last ``window_h`` hours, the present one included.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        On an unbroken hourly axis. The grass can be several degrees colder than the screen.
    window_h : int
        Length of the window in hours, at least 1.
    max_missing : int, optional
        How many hours may be missing; a sixth of the window if not given.

    Returns
    -------
    same kind and shape as the input [degC]
        Where hours are missing but tolerated, the lowest of those present: an upper bound. NaN
        where more are missing, hours before the start included; a value beyond 100 degC to either
        side counts as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        The window is shorter than an hour.
    """
    if window_h < 1:
        raise ShapeError(f"lowest_temperature(): window_h is {window_h}; give at least 1 hour.")
    check_steps("lowest_temperature", temperature, "hour")
    tolerated = window_h // TOLERATED_GAP_SHARE if max_missing is None else max_missing

    def lows(t: Any) -> Any:
        out = np.empty_like(rows(t))
        _lowest(rows(possible_temperature(t)), window_h, tolerated, out)
        return out.reshape(t.shape)

    return along_time(lows, [temperature])
