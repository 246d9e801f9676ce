"""Ranking of road sections by the crashes they bring beyond what such roads bring.

Source: Highway Safety Manual (2010), part B, section 4.4.2.13, excess expected average crash
frequency with empirical-Bayes adjustment: the larger the excess, the higher the rank.
Checked against: hand-worked sections in tests/indicators/roads/test_black_spots.py
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.roads.expected_crashes import crash_excess

__all__ = ["BlackSpot", "black_spots"]


class BlackSpot(NamedTuple):
    """One section: rank from 1, its position in the input, its excess for a kilometre."""

    rank: int
    section: int
    excess_per_km: float


def black_spots(
    observed: Any, predicted: Any, overdispersion: Any, *, length_km: Any = 1.0
) -> list[BlackSpot]:
    """Rank sections, the worst first.

    Parameters
    ----------
    observed, predicted, overdispersion : array-like, one a section [1]
        As in ``crash_excess``.
    length_km : number or array of the sections [km]
        Long sections must not lead by their length alone.

    Returns
    -------
    list of BlackSpot
        Equal excess has equal rank and keeps the order of the input. Sections without a value (NaN
        or impossible input, length not above 0) are left out.

    Raises
    ------
    ShapeError
        The inputs are not one number a section.
    """
    excess = np.asarray(crash_excess(observed, predicted, overdispersion), dtype=np.float64)
    length = np.asarray(length_km, dtype=np.float64)
    if excess.ndim != 1 or length.shape not in ((), excess.shape):
        raise ShapeError(
            f"black_spots(): the excess has shape {excess.shape} and length_km {length.shape}; "
            "give one number a section."
        )
    with np.errstate(divide="ignore", invalid="ignore"):  # sections without length drop out below
        per_km = np.where(length > 0.0, excess / length, np.nan)
    order = [int(i) for i in np.argsort(-per_km, kind="stable") if np.isfinite(per_km[i])]
    values = [float(per_km[i]) for i in order]
    return [
        BlackSpot(values.index(value) + 1, section, value)
        for section, value in zip(order, values, strict=True)
    ]
