"""Vapour pressure of moist air, two published forms, each for the index that was made with it.

Source: Hardy (1998), ITS-90 formulations, for UTCI; the Magnus form of the Bureau of Meteorology
for the apparent temperature. Checked against: the tests of the indices that use them.
"""

from __future__ import annotations

import math

from tocsin.indicators.kernels import kernel
from tocsin.indicators.simd import inlined, vexp, vlog2

__all__ = ["magnus_bom", "saturation_hardy"]


@inlined
def saturation_hardy(t: float) -> float:
    """Return saturation over water in hPa at t degC; no NaN, vectorised, 1e-14 of the value."""
    k = t + 273.15
    log = (
        -2.8365744e3 / (k * k) - 6.028076559e3 / k + 19.54263612 - 2.737830188e-2 * k
        + 1.6261698e-5 * k * k + 7.0229056e-10 * k * k * k - 1.8680009e-13 * k * k * k * k
        + 2.7150305 * 0.6931471805599453 * vlog2(k)
    )  # fmt: skip
    return vexp(log) * 0.01  # type: ignore[no-any-return]


@kernel
def magnus_bom(t: float) -> float:
    """Return saturation over water in hPa at t degC."""
    return 6.105 * math.exp(17.27 * t / (237.7 + t))
