"""Kernels of the Farrington detector: a quasi-Poisson line through the same weeks of past years.

Time is counted in weeks from the present one, which is 0.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.kernels import kernel

__all__ = ["upper_bounds"]


@kernel
def fit_line(t: Any, y: Any, weight: Any, trend: bool) -> tuple[float, float, float, float, float]:
    """Return intercept, slope and the sums of weights times 1, t and t squared at the fit."""
    level = 0.0
    for n in range(y.size):
        level += y[n] / y.size
    a, b = math.log(level), 0.0
    s0 = s1 = s2 = 0.0
    for _ in range(100):
        s0 = s1 = s2 = r0 = r1 = 0.0
        for n in range(y.size):
            mean = math.exp(a + b * t[n])
            w = weight[n] * mean
            z = a + b * t[n] + (y[n] - mean) / mean
            s0, s1, s2 = s0 + w, s1 + w * t[n], s2 + w * t[n] * t[n]
            r0, r1 = r0 + w * z, r1 + w * t[n] * z
        slope = (s0 * r1 - s1 * r0) / (s0 * s2 - s1 * s1) if trend else 0.0
        moved = abs(slope - b) * abs(t[0])
        b = slope
        intercept = (r0 - b * s1) / s0
        moved += abs(intercept - a)
        a = intercept
        if not moved > 1e-10:
            break
    return a, b, s0, s1, s2


@kernel
def _dispersion(t: Any, y: Any, weight: Any, a: float, b: float, parameters: int) -> float:
    """Return Pearson's estimate, at least 1: cases never vary less than by chance."""
    total: float = 0.0
    for n in range(y.size):
        mean = math.exp(a + b * t[n])
        total += weight[n] * (y[n] - mean) ** 2 / mean
    estimate: float = total / (y.size - parameters)
    return max(1.0, estimate)


@kernel
def _reweigh(t: Any, y: Any, weight: Any, trend: bool) -> None:
    """Take weight from past outbreaks: Anscombe residuals over 1 count by their inverse square."""
    a, b, s0, s1, s2 = fit_line(t, y, weight, trend)
    phi = _dispersion(t, y, weight, a, b, 2 if trend else 1)
    det = s0 * s2 - s1 * s1
    total = 0.0
    for n in range(y.size):
        mean = math.exp(a + b * t[n])
        spread = (s2 - 2.0 * t[n] * s1 + t[n] * t[n] * s0) / det if trend else 1.0 / s0
        leverage = min(weight[n] * mean * spread, 0.999)
        residual = 1.5 * (y[n] ** (2.0 / 3.0) * mean ** (-1.0 / 6.0) - math.sqrt(mean))
        residual /= math.sqrt(phi * (1.0 - leverage))
        weight[n] = residual**-2.0 if residual > 1.0 else 1.0
        total += weight[n]
    for n in range(y.size):
        weight[n] *= y.size / total


@kernel
def _forecast(t: Any, y: Any, trend: bool, critical: Any) -> tuple[float, float, bool]:
    """Return the expected count now, its tau, and whether the trend may stay."""
    weight = np.ones(y.size)
    _reweigh(t, y, weight, trend)
    a, b, s0, s1, s2 = fit_line(t, y, weight, trend)
    phi = _dispersion(t, y, weight, a, b, 2 if trend else 1)
    expected = math.exp(a)
    if not trend:
        return expected, phi + expected * phi / s0, True
    det = s0 * s2 - s1 * s1
    significant = abs(b) > critical[y.size - 2] * math.sqrt(phi * s0 / det)
    return expected, phi + expected * phi * s2 / det, significant and expected <= y.max()


@kernel
def upper_bounds(
    counts: Any, years: int, half_window: int, z: float, critical: Any, out: Any
) -> None:
    """Fill ``out`` (place, week) with the highest count in line with the past."""
    most = years * (2 * half_window + 1)
    t, y = np.empty(most), np.empty(most)
    for place in range(counts.shape[0]):
        for now in range(counts.shape[1]):
            out[place, now] = math.nan
            if now < 52 * years + half_window:
                continue
            known = 0
            cases = 0.0
            for year in range(years, 0, -1):
                for week in range(-half_window, half_window + 1):
                    past = counts[place, now - 52 * year + week]
                    if not math.isnan(past):
                        t[known], y[known] = week - 52.0 * year, past
                        known += 1
                        cases += past
            if 2 * known < most:
                continue
            if cases == 0.0:
                out[place, now] = 0.0
                continue
            expected, tau, stays = _forecast(t[:known], y[:known], True, critical)
            if not stays:
                expected, tau, stays = _forecast(t[:known], y[:known], False, critical)
            spread = math.sqrt(4.0 / 9.0 * expected ** (1.0 / 3.0) * tau)
            out[place, now] = (expected ** (2.0 / 3.0) + z * spread) ** 1.5
