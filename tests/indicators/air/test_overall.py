"""The index of a place: which pollutant is responsible, and what a gap does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.air import (
    CN_POLLUTANTS,
    US_POLLUTANTS,
    cn_aqi_overall,
    cn_iaqi,
    us_aqi,
    us_aqi_overall,
)

NAN = np.nan


def test_a_us_day_by_hand():
    """PM2.5 35.9 is 102 (see test_aqi), ozone 0.0709 is 100, the others are low."""
    got = us_aqi_overall(35.9, 20.0, 0.0709, 1.0, 5.0, 10.0)
    assert (got.index, US_POLLUTANTS[int(got.responsible)]) == (102.0, "PM2.5")


def test_a_chinese_day_by_its_date():
    """75 ug/m3 of PM2.5 is 100 until February 2026 and 114 from March on."""
    before = cn_aqi_overall(pm25_24h=75.0, o3_8h=160.1, on="2026-02-28")
    after = cn_aqi_overall(pm25_24h=75.0, o3_8h=160.1, on="2026-03-01")
    assert (before.index, CN_POLLUTANTS[int(before.responsible)]) == (101.0, "O3")
    assert (after.index, CN_POLLUTANTS[int(after.responsible)]) == (114.0, "PM2.5")


def test_ozone_beyond_the_eight_hour_table_is_never_passed_over():
    assert np.isnan(us_aqi_overall(9.0, o3_8h=0.25).index)
    by_the_hour = us_aqi_overall(9.0, o3_8h=0.25, o3_1h=0.45)
    assert by_the_hour.index == us_aqi(0.45, pollutant="O3_1h")
    assert US_POLLUTANTS[int(by_the_hour.responsible)] == "O3"
    assert np.isnan(cn_aqi_overall(35.0, o3_8h=801.0).index)


def test_an_hour_of_ozone_below_its_table_leaves_the_eight_hours_to_rule():
    assert us_aqi_overall(o3_8h=0.06, o3_1h=0.1).index == us_aqi(0.06, pollutant="O3_8h")


def test_sulfur_dioxide_above_the_hourly_table_needs_the_day():
    assert np.isnan(us_aqi_overall(so2_1h=400.0).index)
    assert us_aqi_overall(so2_1h=400.0, so2_24h=350.0).index == us_aqi(350.0, pollutant="SO2_24h")


def test_missing_pollutants_leave_a_lower_bound_and_none_leaves_nothing():
    got = cn_aqi_overall(pm25_24h=[35.0, NAN, NAN], pm10_24h=[NAN, 60.0, NAN])
    expected = [cn_iaqi(35.0, pollutant="PM2.5_24h"), cn_iaqi(60.0, pollutant="PM10_24h"), NAN]
    np.testing.assert_array_equal(got.index, expected)
    np.testing.assert_array_equal(got.responsible, [0.0, 1.0, NAN])


@given(st.floats(0, 400), st.floats(0, 500), st.floats(0, 200))
def test_it_is_the_highest_of_its_parts(fine, coarse, dioxide):
    parts = [
        us_aqi(fine, pollutant="PM2.5_24h"),
        us_aqi(coarse, pollutant="PM10_24h"),
        us_aqi(dioxide, pollutant="NO2_1h"),
    ]
    assert us_aqi_overall(fine, coarse, no2_1h=dioxide).index == max(parts)


def test_nothing_given_and_wrong_units_are_refused():
    with pytest.raises(ShapeError, match="at least one pollutant; none was given"):
        us_aqi_overall()
    xarray = pytest.importorskip("xarray")
    hot = xarray.DataArray([20.0], attrs={"units": "degC"})
    with pytest.raises(UnitError, match="pm25_24h is in 'degC', expected 'ug/m3'"):
        cn_aqi_overall(hot)
