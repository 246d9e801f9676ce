"""Humidex of the Canadian weather service.

Source: Masterton and Richardson (1979), Environment Canada; vapour pressure from the dew point with
the constant 5417.7530. Checked against: tests/indicators/heat/humidex.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["humidex"]


@per_element(2)
def _humidex(t: float, dew: float) -> float:
    if not (dew > -100.0 and dew <= t + 0.5 and t < 100.0):  # half a degree for rounded reports
        return math.nan
    vapour = 6.11 * math.exp(5417.7530 * (1.0 / 273.16 - 1.0 / (273.15 + dew)))
    return t + 0.5555 * (vapour - 10.0)


@quantities(temperature="degC", dew_point="degC", returns="degC")
def humidex(temperature: Any, dew_point: Any) -> Any:
    """Temperature dry air would need to be as oppressive.

    Parameters
    ----------
    temperature, dew_point : array-like, any shape, broadcastable [degC]
        At 2 m.

    Returns
    -------
    same kind as the inputs [degC]
        NaN where an input is NaN, or the dew point is more than 0.5 K above the temperature. The
        service reports it from 20 degC on; it is computed at any temperature.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no temperature.
    """
    return elementwise(_humidex, temperature, dew_point)
