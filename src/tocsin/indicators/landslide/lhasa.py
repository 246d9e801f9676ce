"""Landslide nowcast from the rain of a week and a map of susceptibility: LHASA, version 1.

Source: Kirschbaum and Stanley (2018), Earth's Future 6: 505-523, as the public code of version
1.1.1 has the weights and the tree.
Checked against: hand-worked values in tests/indicators/landslide/test_landslide.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, elementwise, kernel, per_element, rows
from tocsin.units import quantities

__all__ = ["antecedent_rain_index", "landslide_nowcast"]

DAYS = 7
MODERATE_ABOVE, HIGH_ABOVE = 2.0, 4.0  # classes of susceptibility, 1 to 5


@kernel
def _weekly(rain: Any, out: Any) -> None:
    for place in range(rain.shape[0]):
        for today in range(rain.shape[1]):
            out[place, today] = math.nan
            if today < DAYS - 1:
                continue
            total = weights = 0.0
            for age in range(DAYS):
                amount = rain[place, today - age]
                if not 0.0 <= amount < math.inf:
                    total = math.nan
                weight = 1.0 / (age + 1.0) ** 2
                total += weight * amount
                weights += weight
            out[place, today] = total / weights


@quantities(rain="mm", returns="mm")
def antecedent_rain_index(rain: Any) -> Any:
    """Weighted mean of the rain of seven days; a day n days ago weighs 1 / (n + 1) squared.

    Parameters
    ----------
    rain : array-like, time first (or a dimension ``time``) [mm]
        One row a day.

    Returns
    -------
    same kind and shape as the input [mm]
        NaN for the first six days, and while a missing or negative amount is among the seven.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    """
    check_steps("antecedent_rain_index", rain, "day")

    def weekly(amounts: Any) -> Any:
        out = np.empty_like(rows(amounts))
        _weekly(rows(amounts), out)
        return out.reshape(amounts.shape)

    return along_time(weekly, [rain])


@per_element(3)
def _tree(index: float, local_95: float, susceptibility: float) -> float:
    if not (index >= 0.0 and local_95 >= 0.0 and 1.0 <= susceptibility <= 5.0):
        return math.nan
    if index <= local_95 or susceptibility <= MODERATE_ABOVE:
        return 0.0
    return 2.0 if susceptibility > HIGH_ABOVE else 1.0


@quantities(rain_index="mm", local_95th_percentile="mm", susceptibility="1", returns="1")
def landslide_nowcast(rain_index: Any, local_95th_percentile: Any, susceptibility: Any) -> Any:
    """Decide between none, moderate and high chance of rain-triggered landslides.

    Parameters
    ----------
    rain_index : array-like, any shape [mm]
        See ``antecedent_rain_index``.
    local_95th_percentile : array-like, broadcastable [mm]
        Of that index, over years, at the same place.
    susceptibility : array-like, broadcastable [1]
        Class 1 (very low) to 5 (very high).

    Returns
    -------
    same kind as the inputs [1]
        0 none, 1 moderate, 2 high. NaN where an input is NaN or negative, or the class is outside
        1 to 5.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_tree, rain_index, local_95th_percentile, susceptibility)
