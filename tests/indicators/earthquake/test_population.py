"""People inside each degree of intensity."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.earthquake import population_by_intensity


def test_by_hand():
    got = population_by_intensity(
        [6.4, 6.5, 7.2, np.nan, 12.4, 0.4, 6.0], [10, 20, 30, 40, 5, 6, np.nan]
    )
    assert {degree: people for degree, people in got.items() if people} == {6: 10, 7: 50, 12: 5}
    assert list(got) == list(range(1, 13))


def test_shapes_that_differ_are_refused():
    with pytest.raises(ShapeError, match=r"population has shape \(1,\), expected \(2,\)"):
        population_by_intensity([6.0, 7.0], [1.0])


def test_a_masked_place_is_left_out():
    masked = np.ma.array([6.5, 7.2], mask=[False, True])
    assert population_by_intensity(masked, [10.0, 20.0])[7] == 10.0
