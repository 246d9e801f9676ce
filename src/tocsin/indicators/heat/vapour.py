"""Vapour pressure of moist air, two published forms, each for the index that was made with it.

Source: Hardy (1998), ITS-90 formulations, for UTCI; the Magnus form of the Bureau of Meteorology
for the apparent temperature. Checked against: the tests of the indices that use them.
"""

from __future__ import annotations

import math

from tocsin.indicators.kernels import kernel

__all__ = ["magnus_bom", "saturation_hardy"]


@kernel
def saturation_hardy(t: float) -> float:
    """Return saturation over water in hPa at t degC."""
    k = t + 273.15
    log = (
        -2.8365744e3 / (k * k) - 6.028076559e3 / k + 19.54263612 - 2.737830188e-2 * k
        + 1.6261698e-5 * k * k + 7.0229056e-10 * k**3 - 1.8680009e-13 * k**4
        + 2.7150305 * math.log(k)
    )  # fmt: skip
    return math.exp(log) * 0.01


@kernel
def magnus_bom(t: float) -> float:
    """Return saturation over water in hPa at t degC."""
    return 6.105 * math.exp(17.27 * t / (237.7 + t))
