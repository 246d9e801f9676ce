"""The Chinese wind scale at both ends of each force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.wind import beaufort, wind_force_cn


def test_both_ends_of_each_force(table):
    for row in table("force_cn.csv"):
        ends = [row["lowest_ms"], row["highest_ms"]]
        assert wind_force_cn(ends).tolist() == [row["force"]] * 2


@pytest.mark.parametrize("bad", [np.nan, -0.1, np.inf])
def test_undefined(bad):
    assert np.isnan(wind_force_cn(bad))


@given(st.floats(0, 36.99))
def test_it_is_the_beaufort_scale_up_to_twelve(speed):
    assert wind_force_cn(speed) == beaufort(speed)


def test_seventeen_has_no_end():
    assert wind_force_cn(80.0) == 17.0
