"""Expected crashes of a road section by the empirical Bayes method.

Source: AASHTO, Highway Safety Manual (2010), appendix A.2 to part C, eq. A-4 and A-5; Hauer (1997).
Checked against: hand-worked values in tests/indicators/roads/test_expected_crashes.py
"""

from __future__ import annotations

import math
from typing import Any

from tocsin.indicators.kernels import elementwise, per_element
from tocsin.units import quantities

__all__ = ["crash_excess", "expected_crashes"]


@per_element(3)
def _expected(observed: float, predicted: float, overdispersion: float) -> float:
    if not (0.0 <= observed < math.inf and 0.0 < predicted < math.inf):
        return math.nan
    if not 0.0 <= overdispersion < math.inf:
        return math.nan
    weight = 1.0 / (1.0 + overdispersion * predicted)
    return weight * predicted + (1.0 - weight) * observed


@quantities(observed="1", predicted="1", overdispersion="1", returns="1")
def expected_crashes(observed: Any, predicted: Any, overdispersion: Any) -> Any:
    """Weigh what was counted against what such roads show, so that chance does not rank.

    Parameters
    ----------
    observed : array-like, any shape [1]
        Crashes counted over the period.
    predicted : array-like, broadcastable [1]
        Crashes a safety performance function predicts for the same section and period.
    overdispersion : array-like, broadcastable [1]
        Of that function: 0 trusts it fully.

    Returns
    -------
    same kind as the inputs [1]
        NaN where an input is NaN or negative, or nothing is predicted.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no plain number.
    """
    return elementwise(_expected, observed, predicted, overdispersion)


@quantities(observed="1", predicted="1", overdispersion="1", returns="1")
def crash_excess(observed: Any, predicted: Any, overdispersion: Any) -> Any:
    """Crashes expected beyond those predicted: by this, black spots are ranked.

    Parameters
    ----------
    observed, predicted, overdispersion : array-like, broadcastable [1]
        As in ``expected_crashes``.

    Returns
    -------
    same kind as the inputs [1]
        NaN where ``expected_crashes`` is.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no plain number.
    """
    return elementwise(_expected, observed, predicted, overdispersion) - predicted
