"""Moving sums of rain: worked by hand, and against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.rain import rain_sum, tolerated_gaps

NAN = np.nan


@pytest.mark.parametrize(
    ("amounts", "window", "expected"),
    [
        ([1, 2, 3, 4], 1, [1, 2, 3, 4]),
        ([1, 2, 3, 4], 3, [NAN, NAN, 6, 9]),
        ([1, NAN, 3, 4, 5], 3, [NAN, NAN, NAN, NAN, 12]),
        ([1, -1, 3, 4, 5], 3, [NAN, NAN, NAN, NAN, 12]),
        ([1, 1, 1, 1, 1, 1, NAN, 1], 6, [NAN, NAN, NAN, NAN, 5, 6, 5, 5]),
        ([1, 1, 1, 1, 1, NAN, NAN, 1], 6, [NAN, NAN, NAN, NAN, 5, 5, NAN, NAN]),
        ([], 3, []),
    ],
)
def test_worked_by_hand(amounts, window, expected):
    np.testing.assert_array_equal(rain_sum(amounts, window_h=window), expected)


@pytest.mark.parametrize(("window", "gaps"), [(1, 0), (3, 0), (6, 1), (12, 2), (24, 4)])
def test_the_gap_policy(window, gaps):
    assert tolerated_gaps(window) == gaps


def test_no_crumbs_are_left_when_the_rain_has_gone():
    got = rain_sum([0.1, 0.2, 0.3, 0.0, 0.0, 0.0], window_h=3, max_missing=0)
    assert got[-1] == 0.0


@given(
    st.lists(st.one_of(st.floats(0, 200), st.just(NAN)), min_size=1, max_size=60),
    st.integers(1, 24),
)
def test_it_equals_a_plain_loop(amounts, window):
    series = np.array(amounts)
    got = rain_sum(series, window_h=window, max_missing=window)
    for end in range(len(series)):
        inside = series[max(0, end - window + 1) : end + 1]
        assert got[end] == pytest.approx(np.nansum(inside))


def test_places_do_not_mix():
    amounts = np.array([[1.0, 10.0], [2.0, NAN], [3.0, 30.0]])
    got = rain_sum(amounts, window_h=2, max_missing=0)
    np.testing.assert_array_equal(got, [[NAN, NAN], [3, NAN], [5, NAN]])


def test_any_kind_of_array(as_array):
    got = rain_sum(as_array([1, 2, 3, 4, 5], "mm"), window_h=2)
    np.testing.assert_array_equal(np.asarray(got), [NAN, 3, 5, 7, 9])


def test_inches_are_converted():
    xarray = pytest.importorskip("xarray")
    amount = xarray.DataArray([1.0, 1.0], dims="time", attrs={"units": "inch"})
    got = rain_sum(amount, window_h=2)
    assert got.values[1] == pytest.approx(50.8)
    assert got.attrs["units"] == "mm"


@pytest.mark.parametrize(
    ("hours", "step"), [([0, 1, 3], "7200 s"), ([0, 1, 1], "0 s"), ([0, 2, 1], "7200 s")]
)
def test_a_broken_axis_is_refused(hours, step):
    xarray = pytest.importorskip("xarray")
    time = np.datetime64("2013-01-01T00", "ns") + np.array(hours) * np.timedelta64(1, "h")
    amount = xarray.DataArray(
        [1.0, 1.0, 1.0], dims="time", coords={"time": time}, attrs={"units": "mm"}
    )
    with pytest.raises(ShapeError, match=f"time is .* after .* the next step is {step}"):
        rain_sum(amount, window_h=1)


def test_a_window_needs_an_hour():
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1 hour"):
        rain_sum([1.0], window_h=0)


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        rain_sum(xarray.DataArray([1.0], dims="time", attrs={"units": "degC"}), window_h=1)
    assert str(refused.value) == "rain_sum(): amount is in 'degC', expected 'mm'."
