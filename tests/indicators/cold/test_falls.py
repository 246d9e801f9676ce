"""The fall over a day and the lowest of a night, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.cold import fall_of_minimum, lowest_temperature, temperature_drop

NAN = np.nan


def test_the_fall_over_two_hours_by_hand():
    got = temperature_drop([10, 8, 3, NAN, 1, 0], hours=2)
    np.testing.assert_array_equal(got, [NAN, NAN, 7, NAN, 2, NAN])


def test_the_daily_course_leaves_no_trace():
    hours = np.arange(96)
    course = 10 + 5 * np.sin(2 * np.pi * hours / 24) - hours / 24
    assert temperature_drop(course, hours=24)[24:] == pytest.approx(1.0)


def test_a_fall_in_fahrenheit_is_one_in_kelvin():
    xarray = pytest.importorskip("xarray")
    t = xarray.DataArray([50.0, 32.0], dims="time", attrs={"units": "degF"})
    got = temperature_drop(t, hours=1)
    assert got.values[1] == pytest.approx(10.0)
    assert got.attrs["units"] == "delta_degC"


def test_a_fall_needs_an_hour():
    with pytest.raises(ShapeError, match="hours is 0; give at least 1"):
        temperature_drop([1.0], hours=0)


@pytest.mark.parametrize(
    ("series", "window", "lows"),
    [
        ([3, 1, 2, 4, 5], 3, [NAN, NAN, 1, 1, 2]),
        ([3, NAN, 2, 4, 5], 3, [NAN, NAN, NAN, NAN, 2]),
        ([1, 2, 3, 4, 5, 6, NAN], 6, [NAN, NAN, NAN, NAN, 1, 1, 2]),
        ([NAN, NAN], 1, [NAN, NAN]),
    ],
)
def test_the_lowest_by_hand(series, window, lows):
    np.testing.assert_array_equal(lowest_temperature(series, window_h=window), lows)


def test_a_window_needs_an_hour():
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1 hour"):
        lowest_temperature([1.0], window_h=0)


def test_the_minimum_falls_against_the_day_before_and_the_two_days_before():
    hours = np.full(72, 15.0)
    hours[[5, 29, 53]] = [8.0, 3.0, -4.0]
    assert fall_of_minimum(hours)[[47, 71]].tolist() == [5.0, 7.0]
    assert fall_of_minimum(hours, days=2)[71] == 12.0
    assert np.isnan(fall_of_minimum(hours, days=2)[66])


def test_a_fall_from_the_warmer_of_the_two_days_counts():
    hours = np.full(72, 15.0)
    hours[[5, 29, 53]] = [3.0, 8.0, -4.0]
    assert fall_of_minimum(hours, days=2)[71] == 12.0


def test_a_fall_of_the_minimum_needs_a_day():
    with pytest.raises(ShapeError, match="days is 0; give at least 1"):
        fall_of_minimum([1.0], days=0)
