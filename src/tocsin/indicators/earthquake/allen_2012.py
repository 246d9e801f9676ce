"""Macroseismic intensity from magnitude and distance, for active crust.

Source: Allen, Wald and Worden (2012), Intensity attenuation for active crustal regions, Journal of
Seismology 16: 409-433, the relation with hypocentral distance.
Checked against: tests/indicators/earthquake/allen_2012_rhypo.csv
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["earthquake_intensity"]

C0, C1, C2, C4 = 2.085, 1.428, -1.402, 0.078
M1, M2 = -0.209, 2.042
MIN_MAGNITUDE, MAX_MAGNITUDE = 5.0, 7.9
MAX_DISTANCE_KM = 300.0
FAR_KM = 50.0


@per_element(2)
def _intensity(magnitude: float, distance: float) -> float:
    if not (MIN_MAGNITUDE <= magnitude <= MAX_MAGNITUDE and 0.0 < distance <= MAX_DISTANCE_KM):
        return math.nan
    near = M1 + M2 * math.exp(magnitude - 5.0)
    value = C0 + C1 * magnitude + C2 * math.log(math.sqrt(distance**2 + near**2))
    if distance > FAR_KM:
        value += C4 * math.log(distance / FAR_KM)
    return min(max(value, 1.0), 12.0)


@quantities(magnitude="1", hypocentral_distance="km", returns="1")
def earthquake_intensity(magnitude: Any, hypocentral_distance: Any) -> Any:
    """Mean Modified Mercalli intensity at a distance; its scatter is about 0.8 of a degree.

    Parameters
    ----------
    magnitude : array-like, any shape [1]
        Moment magnitude.
    hypocentral_distance : array-like, broadcastable [km]
        From the focus, depth included.

    Returns
    -------
    same kind as the inputs [1]
        From 1 to 12, with decimals. NaN outside the data behind the relation: magnitude 5.0 to
        7.9, distance over 0 and up to 300 km; and where an input is NaN.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_intensity, magnitude, hypocentral_distance)
