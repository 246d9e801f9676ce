"""SPI against another library's fixture, worked edges and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import ShapeError
from tocsin.indicators.drought import spei, spi

NAN = np.nan
YEARS_1981_TO_2010 = (86 * 12, 116 * 12)


@pytest.fixture
def fixture(table):
    return table("spi_monthly.csv")


@pytest.mark.parametrize(
    ("column", "scale", "distribution", "calibration"),
    [
        ("spi1_gamma", 1, "gamma", None),
        ("spi6_gamma", 6, "gamma", None),
        ("spi6_pearson3", 6, "pearson3", YEARS_1981_TO_2010),
    ],
)
def test_climate_indices_fixture(fixture, column, scale, distribution, calibration):
    """The fixture is written to 12 significant figures."""
    got = spi(
        fixture["precip_mm"],
        scale_months=scale,
        first_month=1,
        distribution=distribution,
        calibration_rows=calibration,
    )
    np.testing.assert_allclose(got, fixture[column], atol=2e-11)


def test_spei_without_evaporation_is_spi_by_pearson(fixture):
    rain = fixture["precip_mm"]
    one = spi(rain, scale_months=3, first_month=1, distribution="pearson3")
    other = spei(rain, np.zeros_like(rain), scale_months=3, first_month=1)
    np.testing.assert_array_equal(one, other)


def test_a_constant_shift_of_the_balance_changes_nothing(fixture):
    rain = fixture["precip_mm"]
    one = spei(rain, np.zeros_like(rain), scale_months=3, first_month=1)
    other = spei(rain, np.full_like(rain, 80.0), scale_months=3, first_month=1)
    np.testing.assert_allclose(one, other, atol=1e-9)


def made_up(years=30, seed=2):
    return np.random.default_rng(seed).gamma(2.0, 40.0, years * 12)


def test_a_missing_month_blinds_the_sums_it_is_in():
    rain = made_up()
    rain[100] = NAN
    rain[200] = -1.0
    got = spi(rain, scale_months=3, first_month=1)
    assert np.flatnonzero(np.isnan(got)).tolist() == [0, 1, 100, 101, 102, 200, 201, 202]


def test_too_few_years_say_nothing():
    assert np.isnan(spi(made_up(19), scale_months=1, first_month=1)).all()
    assert np.isfinite(spi(made_up(20), scale_months=1, first_month=1)).all()


@pytest.mark.parametrize("distribution", ["gamma", "pearson3"])
def test_a_month_that_never_varies_says_nothing(distribution):
    flat = np.tile(np.arange(12.0), 30)
    got = spi(flat, scale_months=1, first_month=1, distribution=distribution)
    assert np.isnan(got).all()


def test_a_dry_month_in_a_dry_climate_is_not_extreme():
    """Half of all months without rain: none of them can be rarer than that half."""
    rain = made_up()
    rain[np.random.default_rng(1).random(rain.size) < 0.5] = 0.0
    got = spi(rain, scale_months=1, first_month=1)
    assert got[rain == 0.0].min() > -1.5


def test_extremes_are_cut_off():
    rain = made_up()
    rain[5] = 1e5
    assert spi(rain, scale_months=1, first_month=1, calibration_rows=(12, 360))[5] == 3.09


@settings(max_examples=20, deadline=None)
@given(st.integers(300, 359), st.floats(1, 50))
def test_more_rain_is_never_drier(row, more):
    rain = made_up()
    wetter = rain.copy()
    wetter[row] += more
    one, other = (
        spi(series, scale_months=1, first_month=1, calibration_rows=(0, 300))
        for series in (rain, wetter)
    )
    assert other[row] >= one[row]


def test_many_places_are_fitted_in_blocks():
    rain = np.random.default_rng(4).gamma(2.0, 40.0, (252, 2100))
    got = spi(rain, scale_months=2, first_month=4)
    for place in (0, 2047, 2048, 2099):
        alone = spi(rain[:, place], scale_months=2, first_month=4)
        np.testing.assert_allclose(got[:, place], alone, rtol=1e-9, atol=1e-10)


def test_the_month_may_come_from_the_array():
    xarray = pytest.importorskip("xarray")
    rain = made_up()
    time = np.arange("1990-04", "2020-04", dtype="datetime64[M]").astype("datetime64[ns]")
    labelled = xarray.DataArray(rain, dims="time", coords={"time": time}, attrs={"units": "mm"})
    np.testing.assert_array_equal(
        spi(labelled, scale_months=1), spi(rain, scale_months=1, first_month=4)
    )
    with pytest.raises(ShapeError, match="time is not monthly after 1990-08"):
        spi(labelled[[0, 1, 2, 3, 4, 6]], scale_months=1)


@pytest.mark.parametrize("month", [None, 0, 13])
def test_an_unknown_month_is_refused(month):
    with pytest.raises(ShapeError, match=f"first_month is {month}; give the month of row 1"):
        spi(made_up(), scale_months=1, first_month=month)


def test_senseless_options_are_refused():
    with pytest.raises(ShapeError, match="scale_months is 0; give at least 1"):
        spi(made_up(), scale_months=0, first_month=1)
    with pytest.raises(ShapeError, match="scale_months is 0; give at least 1"):
        spei(made_up(), made_up(), scale_months=0, first_month=1)
    with pytest.raises(ValueError, match="distribution is 'normal'"):
        spi(made_up(), scale_months=1, first_month=1, distribution="normal")
