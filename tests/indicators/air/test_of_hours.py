"""The index of hourly concentrations: the mean by hand, then the table of the mean."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.air import cn_iaqi, cn_iaqi_of_hours, us_aqi, us_aqi_of_hours
from tocsin.indicators.catalogue import CATALOGUE

NAN = np.nan


def test_a_day_of_two_concentrations_has_the_index_of_their_mean():
    hours = np.array([20.0] * 12 + [130.0] * 12)
    for name, table in (("cn_iaqi_pm25_hours", cn_iaqi), ("us_aqi_pm25_hours", us_aqi)):
        got = CATALOGUE[name].compute(concentration=hours)
        assert got[-1] == table([75.0], pollutant="PM2.5_24h")[0]


def test_hours_that_are_missing_are_left_out_up_to_a_limit():
    hours = np.full(24, 60.0)
    hours[[3, 4, 5, 6]] = [NAN, -1.0, np.inf, NAN]
    whole = cn_iaqi([60.0], pollutant="PM2.5_24h")[0]
    given = {"pollutant": "PM2.5_24h", "window_h": 24, "max_missing": 4}
    assert cn_iaqi_of_hours(hours, **given)[-1] == whole
    hours[7] = NAN
    assert np.isnan(cn_iaqi_of_hours(hours, **given)[-1])


def test_ozone_over_8_hours_in_the_unit_of_its_table():
    xarray = pytest.importorskip("xarray")
    ppb = xarray.DataArray(np.full(8, 80.0), dims="time", attrs={"units": "ppb"})
    got = us_aqi_of_hours(ppb, pollutant="O3_8h", window_h=8, max_missing=2)
    assert float(got[-1]) == us_aqi([0.080], pollutant="O3_8h")[0]
    assert got.attrs["units"] == "1"


@pytest.mark.parametrize("call", [cn_iaqi_of_hours, us_aqi_of_hours])
def test_nothing_is_no_stretch_of_time(call):
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1 hour"):
        call([1.0], pollutant="PM2.5_24h", window_h=0, max_missing=0)
