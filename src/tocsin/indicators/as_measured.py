"""Quantities that a rule may look at just as they were measured.

Source: as observed. The limits are those of the quantity itself: no speed below 0, a humidity from
0 to 101 %, no temperature beyond 100 degC to either side.
Checked against: hand-worked edges in tests/indicators/test_as_measured.py
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["humidity", "speed", "temperature"]

MAX_HUMIDITY = 101.0  # an interpolated humidity may overshoot 100 % by a little
MAX_TEMPERATURE_C = 100.0  # to either side; -9999 stands for missing


@per_element(1)
def _temperature(value: float) -> float:
    return value if abs(value) <= MAX_TEMPERATURE_C else math.nan


@per_element(1)
def _speed(value: float) -> float:
    return value if 0.0 <= value < math.inf else math.nan


@per_element(1)
def _humidity(value: float) -> float:
    return min(value, 100.0) if 0.0 <= value <= MAX_HUMIDITY else math.nan


@quantities(temperature="degC", returns="degC")
def temperature(temperature: Any) -> Any:
    """Temperature as measured.

    Parameters
    ----------
    temperature : array-like, any shape [degC]
        Of the air at 2 m.

    Returns
    -------
    same kind as the input [degC]
        NaN where the input is NaN or beyond 100 degC to either side.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    """
    return elementwise(_temperature, temperature)


@quantities(wind_speed="m/s", returns="m/s")
def speed(wind_speed: Any) -> Any:
    """Speed of the wind or of its gusts as measured.

    Parameters
    ----------
    wind_speed : array-like, any shape [m/s]
        At 10 m.

    Returns
    -------
    same kind as the input [m/s]
        NaN where the input is negative or no finite number.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no speed.
    """
    return elementwise(_speed, wind_speed)


@quantities(relative_humidity="%", returns="%")
def humidity(relative_humidity: Any) -> Any:
    """Relative humidity as measured.

    Parameters
    ----------
    relative_humidity : array-like, any shape [%]
        At 2 m.

    Returns
    -------
    same kind as the input [%]
        Up to 101 (interpolation) counts as 100. NaN where the input is below 0 or above 101 %.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no share.
    """
    return elementwise(_humidity, relative_humidity)
