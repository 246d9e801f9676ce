"""Visibility as observed, with its domain checked, so that rules can speak of it.

Source: WMO-No. 8, Guide to Instruments and Methods of Observation, chapter 9: the meteorological
optical range in clean air is bounded by molecular scattering near 277 km; 300 km is the limit here.
Checked against: hand-worked edges in tests/indicators/visibility/test_visibility.py
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["visibility"]

MAX_KM = 300.0


@per_element(1)
def _visibility(distance: float) -> float:
    return distance if 0.0 <= distance <= MAX_KM else math.nan


@quantities(visibility_in_air="km", returns="km")
def visibility(visibility_in_air: Any) -> Any:
    """Horizontal distance at which a dark object can still be seen, as reported.

    Parameters
    ----------
    visibility_in_air : array-like, any shape [km]
        As the station reports it; many report no more than 10 miles, so 16 km may mean "or more".

    Returns
    -------
    same kind as the input [km]
        NaN where the input is NaN, negative or over 300 km.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    """
    return elementwise(_visibility, visibility_in_air)
