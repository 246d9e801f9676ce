"""Beaufort force against the table's own limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnitError
from tocsin.indicators.wind import beaufort


def test_wmo_table(table):
    """First and last speed of each force, as printed."""
    rows = table("beaufort.csv")
    assert beaufort(rows["first_ms"]).tolist() == rows["force"].tolist()
    assert beaufort(rows["last_ms"]).tolist() == rows["force"].tolist()


@pytest.mark.parametrize(
    ("knots", "force"),
    [(3, 1), (4, 2), (10, 3), (11, 4), (22, 6), (27, 6), (28, 7), (34, 8), (64, 12)],
)
def test_limits_in_knots(knots, force):
    assert beaufort(knots * 1852 / 3600) == force


@pytest.mark.parametrize(("knots", "force"), [(16, 5), (21, 6)])
def test_the_two_known_disagreements_with_knots(knots, force):
    """The scale in knots says 4 and 5: see the known gap in docs/validation.md."""
    assert beaufort(knots * 1852 / 3600) == force


@pytest.mark.parametrize("speed", [np.nan, -0.1, np.inf])
def test_undefined(speed):
    assert np.isnan(beaufort(speed))


@given(st.floats(0, 100), st.floats(0, 50))
def test_it_never_falls_with_speed(speed, more):
    assert beaufort(speed + more) >= beaufort(speed)


def test_any_kind_of_array(as_array):
    assert np.asarray(beaufort(as_array([0.0, 12.0, 40.0], "m s-1"))).tolist() == [0, 6, 12]


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        beaufort(xarray.DataArray([1.0], attrs={"units": "mm"}))
    assert str(refused.value) == "beaufort(): wind_speed is in 'mm', expected 'm/s'."
