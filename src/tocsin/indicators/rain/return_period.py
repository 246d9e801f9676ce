"""Return period of an amount from a station's own record: GEV fitted by L-moments.

Source: Hosking, Wallis and Wood (1985), Technometrics 27: 251-261; Hosking (1990), Journal of the
Royal Statistical Society B 52: 105-124 (unbiased sample L-moments). The shape is solved exactly,
not by the paper's approximation. Checked against: tests/indicators/rain/lmoments3_gev.csv
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["Gev", "fit_gev", "l_moments", "return_period"]

MIN_YEARS = 20
LONGEST_YEARS = 10_000.0  # no record of a station says anything about rarer events


class Gev(NamedTuple):
    """Location, scale and shape in Hosking's sign: a positive shape has an upper bound."""

    location: Any
    scale: Any
    shape: Any


def l_moments(sample: Any) -> tuple[float, float, float]:
    """Return the first two sample L-moments and the L-skewness of a series, NaN left out."""
    x = np.sort(np.asarray(sample, dtype=np.float64))
    x = x[np.isfinite(x)]
    n = x.size
    if n < 3:
        return math.nan, math.nan, math.nan
    rank = np.arange(n)
    b0 = x.mean()
    b1 = (rank * x).sum() / (n * (n - 1))
    b2 = (rank * (rank - 1) * x).sum() / (n * (n - 1) * (n - 2))
    second = 2.0 * b1 - b0
    third = 6.0 * b2 - 6.0 * b1 + b0
    return float(b0), float(second), float(third / second) if second > 0.0 else math.nan


def _skewness(k: float) -> float:
    if abs(k) < 1e-7:
        return 2.0 * math.log(3.0) / math.log(2.0) - 3.0
    ratio: float = (1.0 - 3.0**-k) / (1.0 - 2.0**-k)
    return 2.0 * ratio - 3.0


def _fit(sample: Any, min_years: int) -> tuple[float, float, float]:
    values = np.asarray(sample, dtype=np.float64)
    first, second, skewness = l_moments(values)
    if np.isfinite(values).sum() < min_years or not abs(skewness) < 0.95:
        return math.nan, math.nan, math.nan
    low, high = -0.999, 20.0  # the skewness falls from 1 as the shape rises
    for _ in range(100):
        k = 0.5 * (low + high)
        low, high = (k, high) if _skewness(k) > skewness else (low, k)
    k = 0.5 * (low + high)
    if abs(k) < 1e-7:
        scale = second / math.log(2.0)
        return first - 0.5772156649015329 * scale, scale, 0.0
    gamma = math.gamma(1.0 + k)
    scale = second * k / (gamma * (1.0 - 2.0**-k))
    return first - scale * (1.0 - gamma) / k, scale, k


def fit_gev(annual_maxima: Any, *, min_years: int = MIN_YEARS) -> Gev:
    """Fit the distribution of annual maxima; years first, then places.

    NaN where fewer than ``min_years`` years are there, or all are the same.
    """
    record = np.asarray(annual_maxima, dtype=np.float64)
    if record.ndim == 0:
        raise ShapeError("fit_gev(): annual_maxima is a single number; give years first.")
    places = record.reshape(record.shape[0], -1).T
    fitted = np.array([_fit(place, min_years) for place in places]).T
    return Gev(*fitted.reshape(3, *record.shape[1:]))


@per_element(4)
def _return_period(amount: float, location: float, scale: float, shape: float) -> float:
    if not (amount >= 0.0 and scale > 0.0):
        return math.nan
    reduced = (amount - location) / scale
    if abs(shape) > 1e-7:
        inside = 1.0 - shape * reduced
        if inside <= 0.0:  # beyond the bound of the distribution
            return LONGEST_YEARS if shape > 0.0 else 1.0
        reduced = -math.log(inside) / shape
    rarer = -math.expm1(-math.exp(-reduced))
    return min(1.0 / rarer, LONGEST_YEARS) if rarer > 0.0 else LONGEST_YEARS


@quantities(amount="mm", annual_maxima="mm", returns="year")
def return_period(amount: Any, *, annual_maxima: Any, min_years: int = MIN_YEARS) -> Any:
    """Years between two amounts as large as this one, on average.

    Parameters
    ----------
    amount : array-like, any shape whose last axes are the places [mm]
        Rain over the same window as the maxima.
    annual_maxima : array, years first, then places [mm]
        The station's own record; missing years may be NaN.
    min_years : int
        Years a record needs.

    Returns
    -------
    same kind as ``amount`` [year]
        From 1 to 10000, where it is cut off. NaN where the amount is NaN or negative, or the
        record has fewer than ``min_years`` years or does not vary.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    ShapeError
        The record has no axis of years.
    """
    return elementwise(_return_period, amount, *fit_gev(annual_maxima, min_years=min_years))
