"""Apparent temperature in the shade, without radiation.

Source: Steadman (1994), Australian Meteorological Magazine 43: 1-16, as the Bureau of Meteorology
publishes it. Checked against: tests/indicators/heat/thermal_peers.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.heat.vapour import magnus_bom
from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["apparent_temperature"]

SATURATED = 101.0  # an interpolated humidity may overshoot 100 % by a little and counts as 100


@per_element(3)
def _apparent(t: float, h: float, w: float) -> float:
    if not (abs(t) < 100.0 and 0.0 <= h <= SATURATED and 0.0 <= w < 150.0):
        return math.nan
    return t + 0.33 * min(h, 100.0) / 100.0 * magnus_bom(t) - 0.7 * w - 4.0


@quantities(temperature="degC", relative_humidity="%", wind_speed="m/s", returns="degC")
def apparent_temperature(temperature: Any, relative_humidity: Any, wind_speed: Any) -> Any:
    """Temperature at a reference humidity that feels the same to an adult walking in the shade.

    Parameters
    ----------
    temperature, relative_humidity, wind_speed : array-like, broadcastable [degC, %, m/s]
        Air at 2 m, the mean wind at 10 m. Humidity up to 101 counts as 100.

    Returns
    -------
    same kind as the inputs [degC]
        NaN where an input is NaN, the humidity outside 0 to 101 %, or the wind negative.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_apparent, temperature, relative_humidity, wind_speed)
