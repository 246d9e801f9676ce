"""Wind chill of 2001 (JAG/TI), as used by the US NWS and Environment Canada.

Source: OFCM, FCM-R19-2003, Report on Wind Chill Temperature and Extreme Heat Indices: the metric
form of the JAG/TI equation. The NWS chart is computed from the form in degF and mph, whose rounded
constants differ by up to 0.1 degF. Checked against: tests/indicators/cold/nws_wind_chill.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["wind_chill"]

MIN_TEMPERATURE_C = -100.0  # no air is colder: -9999 stands for missing
MAX_TEMPERATURE_C = 10.0  # defined at or below 50 degF
MIN_WIND_KMH = 4.8  # and above 3 mph


@per_element(2)
def _wind_chill(t: float, v: float) -> float:
    if not (MIN_TEMPERATURE_C <= t <= MAX_TEMPERATURE_C and MIN_WIND_KMH < v < math.inf):
        return math.nan
    power: float = v**0.16
    return 13.12 + 0.6215 * t - 11.37 * power + 0.3965 * t * power


@quantities(temperature="degC", wind_speed="km/h", returns="degC")
def wind_chill(temperature: Any, wind_speed: Any) -> Any:
    """Temperature that would cool bare skin as fast in calm air.

    Parameters
    ----------
    temperature : array-like, any shape [degC]
        Air temperature at 2 m.
    wind_speed : array-like, broadcastable [km/h]
        Mean speed at 10 m.

    Returns
    -------
    same kind as the inputs [degC]
        NaN where an input is NaN or infinite, above 10 or below -100 degC, or at 4.8 km/h or less
        (so also for a negative speed).

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no temperature or no speed.
    """
    return elementwise(_wind_chill, temperature, wind_speed)
