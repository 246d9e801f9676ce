"""Intensity against an independent implementation of the same paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.earthquake import earthquake_intensity


def test_independent_matlab_values(table):
    rows = table("allen_2012_rhypo.csv")
    got = earthquake_intensity(rows["magnitude"], rows["distance_km"])
    assert got == pytest.approx(rows["mmi"], abs=5e-7)


@pytest.mark.parametrize(
    ("magnitude", "distance"), [(4.9, 10), (8.0, 10), (6, 0), (6, 301), (np.nan, 10), (6, np.nan)]
)
def test_outside_the_data_it_is_undefined(magnitude, distance):
    assert np.isnan(earthquake_intensity(float(magnitude), float(distance)))


@given(st.floats(5, 7.8), st.floats(1, 290), st.floats(0.1, 10))
def test_it_falls_with_distance_and_rises_with_magnitude(magnitude, distance, more):
    here = earthquake_intensity(magnitude, distance)
    assert earthquake_intensity(magnitude, distance + more) <= here
    assert earthquake_intensity(min(magnitude + 0.1, 7.9), distance) >= here - 0.05
