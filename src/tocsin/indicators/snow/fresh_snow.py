"""Depth of fresh snow from its water and the air's temperature.

Source: Hedstrom and Pomeroy (1998), Hydrological Processes 12: 1611-1625, density of fresh snow, as
public models (Noah-MP, the Cold Regions Hydrological Model) have it; Noah-MP's cap of 120 kg/m3.
Checked against: hand-worked values in tests/indicators/snow/test_snow.py
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, kernel, per_element
from tocsin.units import quantities

__all__ = ["fresh_snow_density", "fresh_snow_depth"]

LEAST_DENSITY = 67.92  # kg/m3
WARM_GAIN = 51.25  # kg/m3 at 0 degC
SCALE_C = 2.59
DENSEST = 120.0  # kg/m3, Noah-MP
COLDEST_C, WARMEST_C = -60.0, 5.0  # what falls above is not snow
WATER_KG_M3 = 1000.0


@kernel
def _fresh(t: float) -> float:
    if not COLDEST_C <= t <= WARMEST_C:
        return math.nan
    density: float = min(LEAST_DENSITY + WARM_GAIN * math.exp(t / SCALE_C), DENSEST)
    return density


@per_element(1)
def _density(t: float) -> float:
    return _fresh(t)


@per_element(2)
def _depth_cm(water_mm: float, t: float) -> float:
    if not 0.0 <= water_mm < math.inf:
        return math.nan
    return 0.1 * water_mm * WATER_KG_M3 / _fresh(t)


@quantities(temperature="degC", returns="kg/m^3")
def fresh_snow_density(temperature: Any) -> Any:
    """Density of snow as it falls.

    Parameters
    ----------
    temperature : array-like, any shape [degC]
        Of the air at 2 m.

    Returns
    -------
    same kind as the input [kg/m^3]
        From 68 in great cold to 120 at and above freezing. NaN where the input is NaN, below -60 or
        above 5 degC.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    """
    return elementwise(_density, temperature)


@quantities(water_equivalent="mm", temperature="degC", returns="cm")
def fresh_snow_depth(water_equivalent: Any, temperature: Any) -> Any:
    """Depth of the snow that fell, before it settles.

    Parameters
    ----------
    water_equivalent : array-like, any shape [mm]
        Of what fell as snow; telling snow from rain is the observer's.
    temperature : array-like, broadcastable [degC]
        Of the air while it fell.

    Returns
    -------
    same kind as the inputs [cm]
        1 mm of water makes 0.8 to 1.5 cm. NaN where an input is NaN, the amount negative, or the
        air below -60 or above 5 degC.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_depth_cm, water_equivalent, temperature)
