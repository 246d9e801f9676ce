"""Universal Thermal Climate Index, by the operational polynomial.

Source: Broede et al. (2012), Deriving the operational procedure for the Universal Thermal Climate
Index, International Journal of Biometeorology 56: 481-494; vapour pressure after Hardy (1998).
Checked against: thermal_peers.csv, thermofeel_2022.csv, utci_out_of_domain.csv in
tests/indicators/heat
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.heat._utci_polynomial import COEFFICIENTS
from tocsin.indicators.heat.vapour import saturation_hardy
from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["utci"]

MAX_VAPOUR_HPA = 50.0
MIN_WIND_MS = 0.5  # the polynomial begins here; calmer air counts as this
MAX_WIND_MS = 17.0
SATURATED = 101.0


@per_element(4)
def _utci(t: float, h: float, w: float, radiant: float) -> float:
    excess = radiant - t
    if not (abs(t) <= 50.0 and 0.0 <= w <= MAX_WIND_MS and -30.0 <= excess <= 70.0):
        return math.nan
    if not 0.0 <= h <= SATURATED:
        return math.nan
    vapour = saturation_hardy(t) * min(h, 100.0) / 100.0
    if vapour > MAX_VAPOUR_HPA:
        return math.nan
    p = vapour / 10.0
    v = max(w, MIN_WIND_MS)
    at = 0
    by_vapour = 0.0
    for k in range(6, -1, -1):
        by_excess = 0.0
        for j in range(6 - k, -1, -1):
            by_wind = 0.0
            for i in range(6 - k - j, -1, -1):
                by_air = 0.0
                for _ in range(7 - k - j - i):
                    by_air = by_air * t + COEFFICIENTS[at]
                    at += 1
                by_wind = by_wind * v + by_air
            by_excess = by_excess * excess + by_wind
        by_vapour = by_vapour * p + by_excess
    return t + by_vapour


@quantities(
    temperature="degC",
    relative_humidity="%",
    wind_speed="m/s",
    mean_radiant_temperature="degC",
    returns="degC",
)
def utci(
    temperature: Any, relative_humidity: Any, wind_speed: Any, mean_radiant_temperature: Any
) -> Any:
    """Air temperature of a calm, shaded reference place that strains the body as much.

    Parameters
    ----------
    temperature, relative_humidity : array-like, broadcastable [degC, %]
        At 2 m; humidity up to 101 counts as 100.
    wind_speed : array-like, broadcastable [m/s]
        At 10 m. Below 0.5 m/s counts as 0.5.
    mean_radiant_temperature : array-like, broadcastable [degC]
        Temperature of a black enclosure that would exchange as much radiation.

    Returns
    -------
    same kind as the inputs [degC]
        NaN outside the polynomial's domain, where it gives nonsense: air outside -50 to 50 degC,
        wind over 17 m/s, radiant excess outside -30 to 70 K, vapour pressure over 50 hPa; and
        where an input is NaN, the wind negative or the humidity outside 0 to 101 %.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_utci, temperature, relative_humidity, wind_speed, mean_radiant_temperature)
