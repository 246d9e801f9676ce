"""Grades of sand and dust weather at their limits, and by their edition."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.indicators.standards import standard_on
from tocsin.indicators.visibility import sand_dust_grade

NAN = np.nan


@pytest.mark.parametrize(
    ("visibility_km", "wind_ms", "dust", "grade"),
    [
        (10.0, 8.0, 1, 0), (9.99, 8.0, 1, 2), (1.0, 8.0, 1, 2), (0.99, 8.0, 1, 3), (0.5, 8.0, 1, 3),
        (0.49, 8.0, 1, 4), (0.05, 8.0, 1, 4), (0.049, 8.0, 1, 5), (0.0, 8.0, 1, 5),
        (9.99, 5.4, 1, 1), (0.3, 5.4, 1, 1), (0.3, 5.5, 1, 4), (10.0, 1.0, 1, 0),
        (0.03, 9.0, 0, 0),  # fog is no dust
        (NAN, 8.0, 1, NAN), (1.0, NAN, 1, NAN), (1.0, 8.0, NAN, NAN), (-1.0, 8.0, 1, NAN),
        (1.0, -8.0, 1, NAN), (1.0, np.inf, 1, NAN),
    ],
)  # fmt: skip
def test_by_hand(visibility_km, wind_ms, dust, grade):
    got = sand_dust_grade(visibility_km, wind_ms, float(dust), on="2020-04-01")
    np.testing.assert_equal(got, grade)


def test_the_edition_in_force_says_that_it_is_not_verified():
    assert standard_on("gbt20480", "2025-11-30").name.startswith("GB/T 20480-2017")
    assert "not verified" in standard_on("gbt20480", "2025-12-01").grade
    with pytest.raises(LookupError, match="the oldest here is from 2017-12-01"):
        sand_dust_grade(1.0, 8.0, 1.0, on="2010-01-01")
