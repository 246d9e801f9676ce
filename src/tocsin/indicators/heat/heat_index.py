"""Heat index of the US National Weather Service.

Source: NWS Weather Prediction Center, "The Heat Index Equation" (Rothfusz 1990, SR 90-23, after
Steadman 1979): the regression, its two adjustments, and the plain Steadman form below 80 degF. Air
of 40 degF or less is given as it is, as the calculator on that page does.
Checked against: tests/indicators/heat/nws_calculator.csv, nws_heat_index.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["heat_index"]

PLAIN_AIR_TO_F = 40.0
REGRESSION_FROM_F = 80.0  # "the full regression equation ... is applied" from 80 degF
POSSIBLE = 100.0  # degC; beyond it a number stands for a missing one, -9999
SATURATED = 101.0  # an interpolated humidity may overshoot 100 % by a little and counts as 100


@per_element(2)
def _heat_index(temperature: float, humidity: float) -> float:
    if not (0.0 <= humidity <= SATURATED and abs(temperature) <= POSSIBLE):
        return math.nan
    t = temperature * 1.8 + 32.0
    if t <= PLAIN_AIR_TO_F:
        return temperature
    h = min(humidity, 100.0)
    plain = 0.5 * (t + 61.0 + (t - 68.0) * 1.2 + h * 0.094)
    index = 0.5 * (plain + t)
    if index >= REGRESSION_FROM_F:
        index = (
            -42.379 + 2.04901523 * t + 10.14333127 * h - 0.22475541 * t * h
            - 6.83783e-3 * t * t - 5.481717e-2 * h * h + 1.22874e-3 * t * t * h
            + 8.5282e-4 * t * h * h - 1.99e-6 * t * t * h * h
        )  # fmt: skip
        if h < 13.0 and 80.0 <= t <= 112.0:
            index -= (13.0 - h) / 4.0 * math.sqrt((17.0 - abs(t - 95.0)) / 17.0)
        elif h > 85.0 and 80.0 <= t <= 87.0:
            index += (h - 85.0) / 10.0 * (87.0 - t) / 5.0
    return (index - 32.0) / 1.8


@quantities(temperature="degC", relative_humidity="%", returns="degC")
def heat_index(temperature: Any, relative_humidity: Any) -> Any:
    """Temperature the air seems to have, in the shade, to a walking adult.

    Parameters
    ----------
    temperature : array-like, any shape [degC]
        Air temperature at 2 m.
    relative_humidity : array-like, broadcastable [%]
        From 0 to 100; up to 101 (interpolation) counts as 100.

    Returns
    -------
    same kind as the inputs [degC]
        NaN where an input is NaN, the humidity is outside 0 to 101 %, or the temperature beyond
        -100 to 100 degC. At 40 degF or less the
        temperature itself; from there to 80 degF the plain form.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no temperature or no fraction.
    """
    return elementwise(_heat_index, temperature, relative_humidity)
