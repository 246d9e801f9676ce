"""Farrington's detector: this week's count against the same weeks of the years before.

Source: Farrington, Andrews, Beale and Catchpole (1996), Journal of the Royal Statistical Society A
159: 547-563: quasi-Poisson regression with a trend where it is significant, past outbreaks weighed
down, the bound on the 2/3 power. Checked against: properties and worked edges in
tests/indicators/outbreak/test_farrington.py
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, rows
from tocsin.indicators.outbreak._farrington_kernels import upper_bounds
from tocsin.units import is_labelled, quantities

__all__ = ["FarringtonResult", "farrington"]

FEWEST_CASES, OVER_WEEKS = 5.0, 4
"""No alarm unless as many cases came in as many weeks, this one included."""


class FarringtonResult(NamedTuple):
    """The highest count that is still in line, and whether the count was above it (1) or not."""

    upper: Any
    alarm: Any


def _enough_cases(counts: Any) -> Any:
    """Whether the last weeks brought the fewest cases an alarm needs; a missing week counts 0."""
    known = np.nan_to_num(counts, nan=0.0)
    total = np.cumsum(known, axis=-1)
    before = np.zeros_like(total)
    before[..., OVER_WEEKS:] = total[..., :-OVER_WEEKS]
    return total - before >= FEWEST_CASES - 1e-9


@quantities(counts="1")
def farrington(
    counts: Any, *, years: int = 4, half_window: int = 3, alpha: float = 0.01
) -> FarringtonResult:
    """Compare each week with the weeks around it in the years before.

    Parameters
    ----------
    counts : array-like, time first (or a dimension ``time``) [1]
        Cases by week and area; counts only, nothing about anybody. A year is taken as 52 weeks.
    years, half_window : int
        How many years back, and how many weeks to each side of this week in each of them.
    alpha : float
        Chance that a week in line is above the bound.

    Returns
    -------
    upper, alarm : same kind and shape as the input [1]
        NaN until the past is full, while half of its weeks are missing, and the alarm where the
        count itself is missing or negative. No alarm below 5 cases in 4 weeks. A past without any
        case has 0 as its bound.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no plain number.
    ShapeError
        Fewer than 3 years or no week to the side: too little to fit.
    ValueError
        ``alpha`` is not between 0 and 0.5.
    """
    from scipy import special  # loading scipy costs more than the rest of the family

    if years < 3 or half_window < 1:
        raise ShapeError(
            f"farrington(): years is {years} and half_window {half_window}; "
            "give at least 3 years and 1 week."
        )
    if not 0.0 < alpha < 0.5:
        raise ValueError(f"farrington(): alpha is {alpha}; give 0 < alpha < 0.5.")
    check_steps("farrington", counts, "week")
    z = float(special.ndtri(1.0 - alpha))
    critical = special.stdtrit(np.maximum(np.arange(years * (2 * half_window + 1)), 1), 0.975)

    def bounds(cases: Any) -> tuple[Any, Any]:
        known = np.where((cases >= 0.0) & np.isfinite(cases), cases, np.nan)
        upper = np.empty_like(rows(known))
        upper_bounds(rows(known), years, half_window, z, critical, upper)
        upper = upper.reshape(cases.shape)
        alarm = (known > upper) & _enough_cases(known)
        return upper, np.where(np.isnan(known) | np.isnan(upper), np.nan, alarm)

    result = FarringtonResult(*along_time(bounds, [counts], outputs=[True, True]))
    for part in result:
        if is_labelled(part):
            part.attrs["units"] = "1"
    return result
