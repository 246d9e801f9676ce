"""Rain intensity and duration against thresholds above which slopes have failed.

Source: Caine (1980), Geografiska Annaler A 62: 23-27 (world); Aleotti (2004), Engineering Geology
73: 247-265 (Piedmont). I = a D^-b, intensity in mm/h, duration in h.
Checked against: hand-worked values in tests/indicators/landslide/test_landslide.py
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["DURATIONS_H", "THRESHOLDS", "landslide_rain_ratio"]

THRESHOLDS = {"caine_1980": (14.82, 0.39), "aleotti_2004": (19.0, 0.50)}
"""a and b by author. Others are known from memory only and left out."""

DURATIONS_H = np.array([1, 2, 3, 6, 12, 24, 48, 72])
TOLERATED_GAP_SHARE = 6


@kernel
def _ratios(amounts: Any, durations: Any, a: float, b: float, out: Any) -> None:
    for place in range(amounts.shape[0]):
        for now in range(amounts.shape[1]):
            worst = math.nan
            total = 0.0
            missing = back = 0
            for duration in durations:
                if duration > now + 1:
                    break
                while back < duration:
                    amount = amounts[place, now - back]
                    if 0.0 <= amount < math.inf:
                        total += amount
                    else:
                        missing += 1
                    back += 1
                if missing <= duration // TOLERATED_GAP_SHARE:
                    length = float(duration)
                    ratio = total / (a * length ** (1.0 - b))
                    worst = ratio if math.isnan(worst) else max(worst, ratio)
            out[place, now] = worst


@quantities(amount="mm", returns="1")
def landslide_rain_ratio(
    amount: Any, *, threshold: Literal["caine_1980", "aleotti_2004"] = "caine_1980"
) -> Any:
    """Rain of the last hours over the threshold's rain, for the worst of eight durations.

    Parameters
    ----------
    amount : array-like, time first (or a dimension ``time``) [mm]
        Fallen in each hour, on an unbroken hourly axis.
    threshold : {"caine_1980", "aleotti_2004"}
        By whose curve; the world's lower bound, or the Piedmont's.

    Returns
    -------
    same kind and shape as the input [1]
        1 at the threshold. Over 1, 2, 3, 6, 12, 24, 48 and 72 h; a duration with more than a sixth
        of its hours missing is left out; NaN where all are.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    ValueError
        The threshold is not one of those above.
    """
    if threshold not in THRESHOLDS:
        raise ValueError(
            f"landslide_rain_ratio(): threshold is {threshold!r}; "
            f"give one of {', '.join(THRESHOLDS)}."
        )
    check_steps("landslide_rain_ratio", amount, "hour")
    a, b = THRESHOLDS[threshold]

    def ratios(amounts: Any) -> Any:
        out = np.empty_like(rows(amounts))
        _ratios(rows(amounts), DURATIONS_H, a, b, out)
        return out.reshape(amounts.shape)

    return along_time(ratios, [amount])
