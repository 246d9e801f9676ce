"""Universal Thermal Climate Index, by the operational polynomial.

Source: Broede et al. (2012), Deriving the operational procedure for the Universal Thermal Climate
Index, International Journal of Biometeorology 56: 481-494; vapour pressure after Hardy (1998).
Checked against: thermal_peers.csv, thermofeel_2022.csv, utci_out_of_domain.csv in
tests/indicators/heat
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.heat._utci_polynomial import offset
from tocsin.indicators.heat.vapour import saturation_hardy
from tocsin.indicators.kernels import elementwise, kernel, over_arrays
from tocsin.indicators.simd import inlined, keep
from tocsin.units import quantities

__all__ = ["utci"]

MAX_VAPOUR_HPA = 50.0
MIN_WIND_MS = 0.5  # the polynomial begins here; calmer air counts as this
MAX_WIND_MS = 17.0
SATURATED = 101.0


@inlined
def _utci_of(t: float, h: float, w: float, radiant: float) -> Any:
    """Both arms of each branch computed and one kept, so that LLVM can use vector units."""
    excess = radiant - t
    known = (abs(t) <= 50.0) & (w >= 0.0) & (w <= MAX_WIND_MS) & (h >= 0.0) & (h <= SATURATED)
    known &= (excess >= -30.0) & (excess <= 70.0)
    t = keep(known, t, 20.0)
    vapour = saturation_hardy(t) * keep(h > 100.0, 1.0, h * 0.01)
    known &= vapour <= MAX_VAPOUR_HPA
    v = keep(w < MIN_WIND_MS, MIN_WIND_MS, w)
    return keep(known, t + offset(vapour * 0.1, excess, v, t), math.nan)


@over_arrays
@kernel
def _utci(t: Any, h: Any, w: Any, radiant: Any, out: Any) -> None:
    for n in range(out.size):
        out[n] = _utci_of(float(t[n]), float(h[n]), float(w[n]), float(radiant[n]))


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
