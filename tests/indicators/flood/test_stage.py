"""Stages and their rise, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.flood import flood_category, stage_rise

NAN = np.nan
GAUGE = {"action": 2.0, "minor": 3.0, "moderate": 4.0, "major": 5.5}


@pytest.mark.parametrize(
    ("stage", "category"),
    [
        (1.99, 0), (2.0, 1), (2.99, 1), (3.0, 2), (4.0, 3), (5.49, 3), (5.5, 4), (-1.0, 0),
        (NAN, NAN), (np.inf, NAN),
    ],
)  # fmt: skip
def test_categories(stage, category):
    np.testing.assert_equal(flood_category(stage, **GAUGE), category)


@pytest.mark.parametrize("wrong", [{"minor": 1.0}, {"major": 3.9}, {"action": NAN}])
def test_stages_out_of_order_say_nothing(wrong):
    assert np.isnan(flood_category(3.5, **{**GAUGE, **wrong}))


def test_feet_are_converted():
    xarray = pytest.importorskip("xarray")
    stage = xarray.DataArray([9.0, 10.0], attrs={"units": "ft"})
    assert flood_category(stage, **GAUGE).values.tolist() == [1.0, 2.0]


def test_the_rise_by_hand():
    got = stage_rise([1.0, 1.5, 3.0, NAN, 2.0], hours=2)
    np.testing.assert_array_equal(got, [NAN, NAN, 1.0, NAN, -0.5])


def test_a_rise_needs_an_hour():
    with pytest.raises(ShapeError, match="hours is 0; give at least 1"):
        stage_rise([1.0], hours=0)
