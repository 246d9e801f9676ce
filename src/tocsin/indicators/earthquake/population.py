"""People inside each whole degree of intensity.

Source: a plain count by degree, as PAGER's exposure tables show it (Wald et al. 2010).
Checked against: hand-worked counts in tests/indicators/earthquake/test_population.py
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.units import expect_unit

__all__ = ["population_by_intensity"]

DEGREES = tuple(range(1, 13))


def population_by_intensity(intensity: Any, population: Any) -> dict[int, float]:
    """Sum the people at each degree from 1 to 12.

    Parameters
    ----------
    intensity : array-like [1]
        Of settlements or grid cells, with decimals; 6.5 counts as degree 7, 6.4 as 6.
    population : array-like of the same shape [1]
        People there.

    Returns
    -------
    dict of degree to people
        Every degree is there. Places whose intensity or population is NaN, masked, negative or
        outside 1 to 12 are left out.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no plain number.
    ShapeError
        The two differ in shape.
    """
    strength, people = (
        np.asarray(expect_unit("population_by_intensity", name, values, "1"), dtype=np.float64)
        for name, values in (("intensity", intensity), ("population", population))
    )
    if strength.shape != people.shape:
        raise ShapeError(
            f"population_by_intensity(): population has shape {people.shape}, "
            f"expected {strength.shape}."
        )
    degree = np.floor(strength + 0.5)
    counted = (people >= 0.0) & np.isfinite(people)
    return {one: float(people[counted & (degree == one)].sum()) for one in DEGREES}
