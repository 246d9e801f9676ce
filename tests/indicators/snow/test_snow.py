"""Fresh snow and the weight of snow, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError
from tocsin.indicators.snow import (
    SNOW_CLASSES,
    fresh_snow_density,
    fresh_snow_depth,
    snow_load,
    snow_load_by_depth,
)

NAN = np.nan
WINTER = np.array(["2019-12-31", "2020-01-01", "2020-06-30", "2020-07-01", "2019-10-01"])


@pytest.mark.parametrize(
    ("t", "density"),
    [
        (-2.59, 67.92 + 51.25 / math.e), (0.0, 119.17), (2.0, 120.0), (-60.0, 67.92),
        (5.0, 120.0), (5.1, NAN), (-60.1, NAN), (NAN, NAN),
    ],
)  # fmt: skip
def test_density_by_hand(t, density):
    np.testing.assert_allclose(fresh_snow_density(t), density, rtol=1e-6)


def test_ten_millimetres_of_water_at_freezing_are_eight_centimetres():
    assert fresh_snow_depth(10.0, 0.0) == pytest.approx(10 * 1000 / 119.17 / 10)


@given(st.floats(-59, 4), st.floats(0.1, 5))
def test_colder_snow_lies_deeper(t, colder):
    assert fresh_snow_depth(1.0, max(t - colder, -60.0)) >= fresh_snow_depth(1.0, t)


@pytest.mark.parametrize(
    ("depth", "density", "load"),
    [
        (1.0, 100.0, 0.980665), (0.0, 100.0, 0.0), (20.1, 100.0, NAN), (-0.1, 100.0, NAN),
        (1.0, 0.0, NAN), (1.0, 918.0, NAN), (NAN, 100.0, NAN),
    ],
)  # fmt: skip
def test_load_by_hand(depth, density, load):
    np.testing.assert_allclose(snow_load(depth, density), load)


def test_load_by_depth_by_hand():
    """Alpine, 1 m: 223.7 + (597.5 - 223.7) (1 - exp(-0.0012 100 - 0.0038 day)) kg/m3."""
    got = snow_load_by_depth(np.ones(5), snow_class="alpine", time=WINTER)
    expected = []
    for day in (-1, 1, 182, NAN, -92):
        density = 223.7 + 373.8 * (1 - math.exp(-0.12 - 0.0038 * day))
        expected.append(density * 9.80665 / 1000)
    expected[2] = NAN  # 30 June of a leap year is day 182, one beyond the last
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_taiga_snow_does_not_settle():
    got = snow_load_by_depth([0.5, 2.0], snow_class="taiga", time=WINTER[:2])
    np.testing.assert_allclose(got, [0.5 * 217 * 0.00980665, 2.0 * 217 * 0.00980665])


@given(st.sampled_from(sorted(SNOW_CLASSES)), st.floats(0, 10), st.floats(0.01, 5))
def test_deeper_snow_is_heavier(kind, depth, more):
    loads = snow_load_by_depth(
        [depth, depth + more], snow_class=kind, time=["2020-01-10", "2020-01-10"]
    )
    assert loads[1] > loads[0]


@pytest.mark.parametrize(
    ("time", "message"),
    [(None, "time is missing"), (["2020-01-01"], r"time has shape \(1,\), expected \(2,\)")],
)
def test_days_that_do_not_fit_are_refused(time, message):
    with pytest.raises(ShapeError, match=message):
        snow_load_by_depth([1.0, 1.0], snow_class="alpine", time=time)


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match="snow_class is 'wet'; give one of alpine, maritime"):
        snow_load_by_depth([1.0], snow_class="wet", time=["2020-01-01"])
