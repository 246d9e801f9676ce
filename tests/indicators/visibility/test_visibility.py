"""Visibility passes through, its domain checked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnitError
from tocsin.indicators.visibility import visibility


@pytest.mark.parametrize("distance", [-0.1, 300.1, np.inf, np.nan])
def test_undefined(distance):
    assert np.isnan(visibility(distance))


@given(st.floats(0, 300))
def test_it_passes_through(distance):
    assert visibility(distance) == distance


def test_any_kind_of_array(as_array):
    got = visibility(as_array([0.0, 16.1, -1.0], "km"))
    np.testing.assert_array_equal(np.asarray(got), [0.0, 16.1, np.nan])


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        visibility(xarray.DataArray([1.0], attrs={"units": "s"}))
    assert str(refused.value) == "visibility(): visibility_in_air is in 's', expected 'km'."
