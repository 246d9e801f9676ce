"""Fits of the two distributions behind SPI and SPEI: gamma by maximum likelihood, Pearson III.

Sums over the years are compiled, formulas on what they leave are plain. Arrays are (place, month of
the year); a fit is what turns a value into its probability, see ``Fit``.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from tocsin.indicators.kernels import kernel
from tocsin.indicators.simd import keep, vexp, vlog2

__all__ = ["Fit", "fit_gamma", "fit_pearson3", "sums", "to_normal"]

LIMIT = 3.09
"""Beyond one in a thousand no record says anything; both ends are cut there."""

MIN_YEARS = 20

SERIES_TO, SURE = 100.0, 600.0
"""Shapes to which the series serves, scipy beyond; and where nothing of such a gamma is left."""

LN2 = 0.6931471805599453


class Fit(NamedTuple):
    """The probability of not exceeding v: ``base + weight * P(shape, start + slope * v)``.

    P is the regularised incomplete gamma function, zero below zero. NaN where there is no fit.
    """

    shape: Any
    start: Any
    slope: Any
    base: Any
    weight: Any


@kernel
def sums(monthly: Any, scale: int, out: Any) -> None:
    """Fill ``out`` with sums of the last ``scale`` months; (place, time), no gap is tolerated.

    ``out`` may be longer; what has no full window is NaN.
    """
    for place in range(monthly.shape[0]):
        for row in range(out.shape[1]):
            total = math.nan
            if scale - 1 <= row < monthly.shape[1]:
                total = 0.0
                for back in range(scale - 1, -1, -1):
                    total += monthly[place, row - back]
            out[place, row] = total


@kernel
def _gamma_sums(totals: Any, calibrated: Any, out: Any) -> None:
    """For each place and month: years, years of no rain, sum of rain, sum of its logarithm."""
    for place in range(totals.shape[0]):
        for month in range(12):
            years, dry, rain, log, low, high = 0, 0, 0.0, 0.0, math.inf, -math.inf
            for row in range(month, totals.shape[1], 12):
                value = totals[place, row]
                if not (calibrated[row] and math.isfinite(value)):
                    continue
                years += 1
                low, high = min(low, value), max(high, value)
                if value > 0.0:
                    rain += value
                    log += math.log(value)
                else:
                    dry += 1
            if years < MIN_YEARS or high <= low:
                years = 0
            out[0, place, month], out[1, place, month] = years, dry
            out[2, place, month], out[3, place, month] = rain, log


@kernel
def _l_moments(totals: Any, calibrated: Any, out: Any) -> None:
    """For each place and month: the first two sample L-moments and the L-skewness."""
    record = np.empty(totals.shape[1] // 12 + 1)
    for place in range(totals.shape[0]):
        for month in range(12):
            n = 0
            for row in range(month, totals.shape[1], 12):
                if calibrated[row] and math.isfinite(totals[place, row]):
                    record[n] = totals[place, row]
                    n += 1
            out[:, place, month] = math.nan
            values = np.sort(record[:n])
            if n < MIN_YEARS or values[-1] <= values[0]:
                continue
            b0, b1, b2 = 0.0, 0.0, 0.0
            for rank in range(n):
                b0 += values[rank]
                b1 += rank * values[rank]
                b2 += rank * (rank - 1.0) * values[rank]
            b0, b1, b2 = b0 / n, b1 / (n * (n - 1.0)), b2 / (n * (n - 1.0) * (n - 2.0))
            second = 2.0 * b1 - b0
            out[0, place, month], out[1, place, month] = b0, second
            if second > 0.0:
                out[2, place, month] = (6.0 * b2 - 6.0 * b1 + b0) / second


def fit_gamma(totals: Any, calibrated: Any) -> Fit:
    """Fit a gamma to the positive part of each month; no rain has its own probability.

    Thom (1958), by way of Edwards and McKee (1997): the approximate maximum likelihood estimate.
    """
    years, dry, rain, log = _gamma_sums_of(totals, calibrated)
    wet = years - dry
    mean = rain / wet
    a = np.log(mean) - log / wet
    shape = (1.0 + np.sqrt(1.0 + 4.0 * a / 3.0)) / (4.0 * a)
    shape = np.where((a > 0.0) & (years > 0), shape, np.nan)
    none = dry / years
    return Fit(shape, np.zeros_like(shape), shape / mean, none, 1.0 - none)


def _gamma_sums_of(totals: Any, calibrated: Any) -> Any:
    out = np.empty((4, len(totals), 12))
    _gamma_sums(totals, calibrated, out)
    return out


def fit_pearson3(totals: Any, calibrated: Any) -> Fit:
    """Fit a Pearson III to each month by L-moments.

    Hosking (1990); the shape by the rational approximation of Hosking and Wallis (1997), A.9.
    """
    moments = np.empty((3, len(totals), 12))
    _l_moments(totals, calibrated, moments)
    first, second, skewness = moments
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
    slope = side * np.sqrt(shape) / spread
    return Fit(shape, shape - slope * first, slope, np.where(side > 0.0, 0.0, 1.0), side)


@kernel
def _series_rows(x: Any, inverse: Any, terms: int, shape: float, log_gamma: float) -> None:
    """Turn values into the incomplete gamma function by its series, all years side by side."""
    term, total = np.ones(x.size), np.ones(x.size)
    for n in range(terms):
        for year in range(x.size):
            term[year] *= x[year] * inverse[n]
            total[year] += term[year]
    for year in range(x.size):
        front = vexp(shape * LN2 * vlog2(keep(x[year] > 0.0, x[year], 1.0)) - x[year] - log_gamma)
        below = front * total[year]
        below = keep(below > 1.0, 1.0, below)
        x[year] = keep(x[year] <= 0.0, 0.0, below)


@kernel
def _incomplete_gamma(shape: Any, values: Any) -> None:
    """Turn values (place, year, month) into P(shape, value), within 1e-12 from 1e-300 upwards.

    The series (DLMF 8.11.4) has only positive terms, and its divisors are those of a whole row.
    """
    inverse, x = np.empty(4096), np.empty(values.shape[1])
    for place in range(values.shape[0]):
        for month in range(12):
            a = shape[place, month]
            if not a <= SERIES_TO:
                continue
            largest = 0.0
            for year in range(x.size):
                x[year] = min(values[place, year, month], SURE)  # NaN stays
                if x[year] > largest:
                    largest = x[year]
            terms, term, total = 0, 1.0, 1.0
            while term > 1e-17 * total and terms < inverse.size:
                inverse[terms] = 1.0 / (a + terms + 1.0)
                term *= largest * inverse[terms]
                total += term
                terms += 1
            _series_rows(x, inverse, terms, a, math.lgamma(a + 1.0))
            for year in range(x.size):
                values[place, year, month] = x[year]


def to_normal(totals: Any, fit: Fit) -> Any:
    """Return the normal deviate of each value, cut off at both ends; (place, time) in whole years.

    Written over itself step by step: a block stays in the processor's cache.
    """
    start, slope, base, weight = (part[:, None, :] for part in fit[1:])
    values = totals.reshape(len(totals), -1, 12) * slope
    values += start
    np.maximum(values, 0.0, out=values)
    _incomplete_gamma(fit.shape, values)
    for place, month in np.argwhere(~(fit.shape <= SERIES_TO)):  # large, or no fit at all
        values[place, :, month] = special.gammainc(fit.shape[place, month], values[place, :, month])
    values *= weight
    values += base
    special.ndtri(values, out=values)
    np.clip(values, -LIMIT, LIMIT, out=values)
    return values.reshape(totals.shape)
