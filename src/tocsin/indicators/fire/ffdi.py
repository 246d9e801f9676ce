"""McArthur forest fire danger index, mark 5.

Source: Noble, Bary and Gill (1980), Australian Journal of Ecology 5: 201-203, from McArthur's meter
(1967). Checked against: tests/indicators/fire/ffdi_mark5.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["ffdi"]


@per_element(4)
def _ffdi(drought: float, t: float, h: float, w: float) -> float:
    if not (0.0 <= drought <= 10.0 and abs(t) <= 100.0 and 0.0 <= h <= 101.0 and w >= 0.0):
        return math.nan
    scale: float = 2.0 * drought**0.987
    return scale * math.exp(0.0338 * t - 0.0345 * min(h, 100.0) + 0.0234 * w - 0.45)


@quantities(
    drought_factor="1", temperature="degC", relative_humidity="%", wind_speed="km/h", returns="1"
)
def ffdi(drought_factor: Any, temperature: Any, relative_humidity: Any, wind_speed: Any) -> Any:
    """Chance of a fire starting, its spread and the difficulty of suppressing it, in forest.

    Parameters
    ----------
    drought_factor : array-like, any shape [1]
        From 0 to 10, see ``drought_factor``.
    temperature, relative_humidity, wind_speed : array-like, broadcastable [degC, %, km/h]
        At the hottest hour; wind as the mean at 10 m.

    Returns
    -------
    same kind as the inputs [1]
        NaN where an input is NaN, the factor is outside 0 to 10, the temperature outside -100 to
        100 degC, the humidity outside 0 to 101 %, or the wind negative.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_ffdi, drought_factor, temperature, relative_humidity, wind_speed)
