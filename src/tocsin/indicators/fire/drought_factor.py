"""Griffiths drought factor: how much of the fine fuel is available to burn, 0 to 10.

Source: Griffiths (1999), as Finkele et al. (2006), BMRC Research Report 119, eq. 9 to 14, have it.
Checked against: tests/indicators/fire/drought_factor_by_hand.csv
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["drought_factor"]

WINDOW_DAYS = 20
SIGNIFICANT_MM = 2.0  # a day of more rain belongs to a rain event


@kernel
def _significance(rain: Any) -> float:
    """Return x of the most significant rain event of the window, eq. 9 to 11."""
    least = 1.0
    amount = heaviest = 0.0
    age = 0
    for day in range(rain.size):
        wet = rain[day] > SIGNIFICANT_MM
        if wet:
            amount += rain[day]
            if rain[day] >= heaviest:
                heaviest = rain[day]
                age = rain.size - day
        if amount > 0.0 and (not wet or day == rain.size - 1):
            aged: float = age**1.3
            least = min(least, aged / (aged + amount - SIGNIFICANT_MM))
            amount = heaviest = 0.0
    return least


@kernel
def _ceiling(deficit: float) -> float:
    """Return the highest factor a deficit allows, by steps, eq. 13."""
    if deficit < 25.0:
        return 6.0
    if deficit < 42.0:
        return 7.0
    if deficit < 65.0:
        return 8.0
    return 9.0 if deficit < 100.0 else 10.0


@kernel
def _drought_factors(rain: Any, deficits: Any, by_steps: bool, out: Any) -> None:
    for place in range(rain.shape[0]):
        for day in range(rain.shape[1]):
            out[place, day] = math.nan
            deficit = deficits[place, day]
            if day < WINDOW_DAYS - 1 or not deficit >= 0.0:
                continue
            window = rain[place, day - WINDOW_DAYS + 1 : day + 1]
            if not (window >= 0.0).all():
                continue
            x = _significance(window)
            if not by_steps:  # eq. 14
                if deficit < 20.0:
                    x = min(x, 1.0 / (1.0 + 0.1135 * deficit))
                else:
                    x = min(x, 75.0 / (270.525 - 1.267 * deficit))
            factor = 10.5 * (1.0 - math.exp(-(deficit + 30.0) / 40.0))
            factor *= (41.0 * x * x + x) / (40.0 * x * x + x + 1.0)
            out[place, day] = min(factor, _ceiling(deficit) if by_steps else 10.0)


@quantities(rain="mm", soil_moisture_deficit="mm", returns="1")
def drought_factor(
    rain: Any, soil_moisture_deficit: Any, *, limit: Literal["smooth", "steps"] = "smooth"
) -> Any:
    """Share of the fine fuel that drought and the rain of twenty days leave to burn.

    Parameters
    ----------
    rain : array-like, time first (or a dimension ``time``) [mm]
        Of the last 24 hours, one row a day.
    soil_moisture_deficit : array-like of the same shape [mm]
        Often the Keetch-Byram index of the day.
    limit : {"smooth", "steps"}
        How a small deficit bounds the factor: eq. 14 or eq. 13.

    Returns
    -------
    same kind and shape as the inputs [1]
        From 0 to 10. NaN for the first 19 days, and while a missing or negative rain amount is
        among the last 20 days: none is tolerated, since a single wet day decides.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    ShapeError
        Shapes do not fit together.
    """
    if limit not in ("smooth", "steps"):
        raise ValueError(f"drought_factor(): limit is {limit!r}; give 'smooth' or 'steps'.")
    check_steps("drought_factor", rain, "day")

    def factors(p: Any, deficits: Any) -> Any:
        out = np.empty_like(rows(p))
        _drought_factors(rows(p), rows(deficits), limit == "steps", out)
        return out.reshape(p.shape)

    return along_time(factors, [rain, soil_moisture_deficit])
