"""Beaufort force of a wind speed.

Source: WMO-No. 306, Manual on Codes, code table 1100 (equivalent speeds at 10 m, in m/s). The
table's own limits in knots disagree with those in m/s at whole speeds of 16 kt (8.23 m/s) and
21 kt (10.80 m/s); the limits in m/s are used here.
Checked against: tests/indicators/wind/beaufort.csv
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["beaufort"]

LOWER_LIMITS_MS = np.array(
    [0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7]
)  # the first speed of force 1, 2, ... 12


@per_element(1)
def _beaufort(speed: float) -> float:
    if not 0.0 <= speed < math.inf:
        return math.nan
    force = 0.0
    for limit in LOWER_LIMITS_MS:
        if speed >= limit:
            force += 1.0
    return force


@quantities(wind_speed="m/s", returns="Bft")
def beaufort(wind_speed: Any) -> Any:
    """Force 0 to 12 of a mean speed; a gust is put on the same scale by its own speed.

    Parameters
    ----------
    wind_speed : array-like, any shape [m/s]
        Mean speed over ten minutes at 10 m, or the gust.

    Returns
    -------
    same kind as the input [Bft]
        Whole numbers as floats; NaN where the speed is NaN, negative or infinite.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no speed.
    """
    return elementwise(_beaufort, wind_speed)
