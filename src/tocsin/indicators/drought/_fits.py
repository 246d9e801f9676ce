"""Fits of the two distributions behind SPI and SPEI: gamma by maximum likelihood, Pearson III.

Arrays are (year, place); NaN is left out. Returned parameters are (place).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

__all__ = ["gamma_probability", "pearson3_probability", "to_normal"]

LIMIT = 3.09
"""Beyond one in a thousand no record says anything; both ends are cut there."""


def gamma_probability(values: Any, record: Any) -> Any:
    """Probability of not exceeding ``values`` by a gamma fitted to the record's positive part.

    Thom (1958), by way of Edwards and McKee (1997): the approximate maximum likelihood estimate;
    zeros have their own probability.
    """
    positive = np.where(record > 0.0, record, np.nan)
    known = np.isfinite(record).sum(axis=0)
    zero = (record == 0.0).sum(axis=0) / np.maximum(known, 1)
    mean = _mean(positive)
    a = np.log(mean) - _mean(np.log(positive))
    shape = (1.0 + np.sqrt(1.0 + 4.0 * a / 3.0)) / (4.0 * a)
    shape = np.where(a > 0.0, shape, np.nan)
    below = special.gammainc(shape, np.maximum(values, 0.0) * shape / mean)
    return np.where(np.isnan(values), np.nan, zero + (1.0 - zero) * below)


def pearson3_probability(values: Any, record: Any) -> Any:
    """Probability of not exceeding ``values`` by a Pearson III fitted by L-moments.

    Hosking (1990); the shape by the rational approximation of Hosking and Wallis (1997), A.9.
    """
    first, second, skewness = _l_moments(record)
    t = np.abs(skewness)
    z = np.where(t < 1.0 / 3.0, 3.0 * math.pi * t * t, 1.0 - t)
    shape = np.where(
        t < 1.0 / 3.0,
        (1.0 + 0.2906 * z) / (z + 0.1882 * z**2 + 0.0442 * z**3),
        (0.36067 * z - 0.59567 * z**2 + 0.25361 * z**3)
        / (1.0 - 2.78861 * z + 2.56096 * z**2 - 0.77045 * z**3),
    )
    shape = np.minimum(shape, 1e8)  # no skewness at all: as good as normal
    ratio = np.exp(special.gammaln(shape) - special.gammaln(shape + 0.5))
    spread = second * math.sqrt(math.pi) * np.sqrt(shape) * ratio
    side = np.where(skewness < 0.0, -1.0, 1.0)
    reduced = shape + side * np.sqrt(shape) * (values - first) / spread
    below = special.gammainc(shape, np.maximum(reduced, 0.0))
    return np.where(np.isnan(values), np.nan, np.where(side > 0.0, below, 1.0 - below))


def to_normal(probability: Any) -> Any:
    """Return the normal deviate of a probability, cut off at both ends."""
    return np.clip(special.ndtri(probability), -LIMIT, LIMIT)


def _mean(values: Any) -> Any:
    """Mean over years without numpy's warning where all are NaN."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    return np.where(known, values, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan)


def _l_moments(record: Any) -> tuple[Any, Any, Any]:
    """First two sample L-moments and the L-skewness over years; NaN sorts last and is left out."""
    x = np.sort(record, axis=0)
    known = np.isfinite(x)
    n = known.sum(axis=0)
    x = np.where(known, x, 0.0)
    rank = np.arange(len(x), dtype=np.float64).reshape(-1, *([1] * (x.ndim - 1)))
    size = np.where(n >= 4, n, np.nan)
    b0 = x.sum(axis=0) / size
    b1 = (rank * x).sum(axis=0) / (size * (size - 1.0))
    b2 = (rank * (rank - 1.0) * x).sum(axis=0) / (size * (size - 1.0) * (size - 2.0))
    second = 2.0 * b1 - b0
    return b0, second, np.where(second > 0.0, 6.0 * b2 - 6.0 * b1 + b0, np.nan) / second
