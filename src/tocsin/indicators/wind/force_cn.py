"""Chinese wind force, 0 to 17, in which typhoon and gale signals are written.

Source: GB/T 28591-2012, Wind scale, as public code and pages have it: the Beaufort scale to force
12, then five forces more. Checked against: tests/indicators/wind/force_cn.csv
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.indicators.wind.beaufort import LOWER_LIMITS_MS
from tocsin.units import quantities

__all__ = ["wind_force_cn"]

LIMITS_MS = np.concatenate([LOWER_LIMITS_MS, [37.0, 41.5, 46.2, 51.0, 56.1]])


@per_element(1)
def _force(speed: float) -> float:
    if not 0.0 <= speed < math.inf:
        return math.nan
    force = 0.0
    for limit in LIMITS_MS:
        if speed >= limit:
            force += 1.0
    return force


@quantities(wind_speed="m/s", returns="Bft")
def wind_force_cn(wind_speed: Any) -> Any:
    """Force 0 to 17 of a mean speed; a gust is put on the same scale by its own speed.

    Parameters
    ----------
    wind_speed : array-like, any shape [m/s]
        Mean speed over ten minutes at 10 m, or over two minutes in typhoon service, or the gust.

    Returns
    -------
    same kind as the input [Bft]
        Whole numbers as floats; 17 stands for 17 and above. NaN where the speed is NaN, negative or
        infinite.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no speed.
    """
    return elementwise(_force, wind_speed)
