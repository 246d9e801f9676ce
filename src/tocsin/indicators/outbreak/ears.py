"""EARS C1, C2 and C3: a count of cases out of line with the weeks before.

Source: Hutwagner et al. (2003), Journal of Urban Health 80 (supplement 1): i89-i96; bounds as the R
package surveillance has them (baseline 7, alpha 0.001, 0.001 and 0.025).
Checked against: tests/indicators/outbreak/ears_c123.csv
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import is_labelled, quantities

__all__ = ["EarsResult", "ears"]

BASELINE = 7
LAG = {"C1": 0, "C2": 2, "C3": 2}
Z_C1_C2 = 3.090232306167813  # the normal quantile at 1 - 0.001
Z_C3 = 1.959963984540054  # the normal quantile at 1 - 0.025


class EarsResult(NamedTuple):
    """The highest count that is still in line, and whether the count was above it (1) or not."""

    upper: Any
    alarm: Any


@kernel
def _baseline(counts: Any, now: int, lag: int) -> tuple[float, float]:
    """Return mean and standard deviation of the seven periods before ``lag`` periods ago."""
    total = 0.0
    for back in range(lag + 1, lag + BASELINE + 1):
        total += counts[now - back]
    mean = total / BASELINE  # of equal counts exactly that count
    square = 0.0
    for back in range(lag + 1, lag + BASELINE + 1):
        square += (counts[now - back] - mean) ** 2
    return mean, math.sqrt(square / (BASELINE - 1))


@kernel
def _before(series: Any, now: int, lag: int) -> float:
    """Return by how many spreads beyond one the two counts before exceeded their own baselines."""
    total = 0.0
    for back in (1, 2):
        mean, spread = _baseline(series, now - back, lag)
        if spread == 0.0:
            continue
        excess = (series[now - back] - mean) / spread - 1.0
        if not excess <= 0.0:  # NaN counts, too
            total += excess
    return total


@kernel
def _uppers(counts: Any, lag: int, summed: bool, out: Any) -> None:
    first = BASELINE + lag + (2 if summed else 0)
    for place in range(counts.shape[0]):
        series = counts[place]
        for now in range(series.size):
            out[place, now] = math.nan
            if now < first:
                continue
            mean, spread = _baseline(series, now, lag)
            z = Z_C3 if summed else Z_C1_C2
            if summed:
                z -= _before(series, now, lag)
            bound = mean if spread == 0.0 else mean + z * spread
            out[place, now] = 0.0 if bound < 0.0 else bound  # NaN stays NaN


@quantities(counts="1")
def ears(counts: Any, *, method: Literal["C1", "C2", "C3"] = "C2") -> EarsResult:
    """Compare each count with the mean and spread of a sliding week.

    Parameters
    ----------
    counts : array-like, time first (or a dimension ``time``) [1]
        Cases by day (or week) and area; counts only, nothing about anybody.
    method : {"C1", "C2", "C3"}
        C1 compares with the seven periods before, C2 leaves a gap of two so that an outbreak does
        not hide itself, C3 adds up three periods of C2.

    Returns
    -------
    upper, alarm : same kind and shape as the input [1]
        NaN until the baseline is full (7, 9, 11 periods), and while a missing count is in it; the
        alarm is NaN too where the count itself is missing or negative. A baseline without any
        spread has its mean as upper bound.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no plain number.
    ValueError
        The method is not one of those above.
    """
    if method not in LAG:
        raise ValueError(f"ears(): method is {method!r}; give C1, C2 or C3.")
    check_steps("ears", counts, "rising")

    def bounds(cases: Any) -> tuple[Any, Any]:
        known = np.where((cases >= 0.0) & np.isfinite(cases), cases, np.nan)
        upper = np.empty_like(rows(known))
        _uppers(rows(known), LAG[method], method == "C3", upper)
        upper = upper.reshape(cases.shape)
        alarm = np.where(np.isnan(known) | np.isnan(upper), np.nan, known > upper)
        return upper, alarm

    result = EarsResult(*along_time(bounds, [counts], outputs=[True, True]))
    for part in result:
        if is_labelled(part):
            part.attrs["units"] = "1"
    return result
