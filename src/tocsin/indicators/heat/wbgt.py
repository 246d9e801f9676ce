"""Wet bulb globe temperature from weather values and the mean radiant temperature.

Source: 0.7 wet bulb + 0.2 globe + 0.1 air (ISO 7243, outdoors); wet bulb by the regression of Stull
(2011), Journal of Applied Meteorology and Climatology 50: 2267-2269, eq. 1; globe by the energy
balance of a 0.15 m black globe, as in Guo et al. (2018). The thermodynamic wet bulb stands in for
the natural one, which the sun warms. Checked against: tests/indicators/heat/thermal_peers.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, kernel, per_element
from tocsin.units import quantities

__all__ = ["wbgt"]

KELVIN = 273.15
GLOBE_EMISSIVITY = 0.95
GLOBE_DIAMETER_M = 0.15
LOG_WIND_FACTOR = math.log10(1.1 / 0.01) / math.log10(10.0 / 0.01)  # 10 m to the globe's 1.1 m


@kernel
def wet_bulb(t: float, h: float) -> float:
    """Return the wet bulb in degC; fitted for 5 to 99 % and -20 to 50 degC."""
    return (
        t * math.atan(0.151977 * math.sqrt(h + 8.313659))
        + math.atan(t + h) - math.atan(h - 1.676331)
        + 0.00391838 * h * math.sqrt(h) * math.atan(0.023101 * h) - 4.686035
    )  # fmt: skip


@kernel
def globe(t: float, w: float, radiant: float) -> float:
    """Return the globe temperature in degC: the root of a quartic, by Newton's method."""
    air, mrt = t + KELVIN, radiant + KELVIN
    convection: float = 1.1e8 * (w * LOG_WIND_FACTOR) ** 0.6
    convection /= GLOBE_EMISSIVITY * GLOBE_DIAMETER_M**0.4
    root = max(air, mrt)  # convex and rising above the root, so Newton cannot miss it
    for _ in range(50):
        step = (root**4 + convection * (root - air) - mrt**4) / (4.0 * root**3 + convection)
        root -= step
        if abs(step) < 1e-10:
            break
    return root - KELVIN


@per_element(4)
def _wbgt(t: float, h: float, w: float, radiant: float) -> float:
    if not (-20.0 <= t <= 50.0 and 5.0 <= h <= 99.0 and 0.0 <= w < 100.0):
        return math.nan
    if not -30.0 <= radiant - t <= 70.0:
        return math.nan
    return 0.7 * wet_bulb(t, h) + 0.2 * globe(t, w, radiant) + 0.1 * t


@quantities(
    temperature="degC",
    relative_humidity="%",
    wind_speed="m/s",
    mean_radiant_temperature="degC",
    returns="degC",
)
def wbgt(
    temperature: Any, relative_humidity: Any, wind_speed: Any, mean_radiant_temperature: Any
) -> Any:
    """Heat stress at work, in sports and in drill, in the sun.

    Parameters
    ----------
    temperature, relative_humidity, wind_speed : array-like, broadcastable [degC, %, m/s]
        Air at 2 m, the mean wind at 10 m.
    mean_radiant_temperature : array-like, broadcastable [degC]
        Temperature of a black enclosure that would exchange as much radiation.

    Returns
    -------
    same kind as the inputs [degC]
        NaN where an input is NaN or outside the wet bulb's fit (5 to 99 %, -20 to 50 degC), where
        the wind is negative, or the radiant excess outside -30 to 70 K.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_wbgt, temperature, relative_humidity, wind_speed, mean_radiant_temperature)
