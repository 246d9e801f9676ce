"""SPI against another library's fixture, worked edges and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from tocsin.errors import ShapeError
from tocsin.indicators.drought import spei, spi
from tocsin.indicators.drought._fits import _incomplete_gamma

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


@pytest.mark.parametrize(
    ("column", "scale", "calibration"),
    [
        ("spi1_gamma", 1, None),
        ("spi3_gamma", 3, None),
        ("spi3_gamma_years_6_to_30", 3, (60, 360)),
    ],
)
def test_a_dry_climate_as_climate_indices_has_it(table, column, scale, calibration):
    rows = table("spi_dry_climate.csv")
    got = spi(rows["precip_mm"], scale_months=scale, first_month=1, calibration_rows=calibration)
    np.testing.assert_allclose(got, rows[column], atol=2e-11)


@pytest.mark.parametrize("distribution", ["gamma", "pearson3"])
def test_a_calendar_month_without_a_value_is_the_only_one_to_say_nothing(distribution):
    rain = made_up()
    rain[3::12] = NAN
    got = spi(rain, scale_months=1, first_month=1, distribution=distribution)
    assert np.isnan(got[3::12]).all()
    assert np.isfinite(np.delete(got.reshape(30, 12), 3, axis=1)).all()


@pytest.mark.parametrize("distribution", ["gamma", "pearson3"])
def test_no_rain_ever_and_no_value_ever_say_nothing(distribution):
    places = np.stack([np.zeros(360), np.full(360, NAN), made_up()], axis=1)
    got = spi(places, scale_months=3, first_month=1, distribution=distribution)
    assert np.isnan(got[:, :2]).all()
    assert np.isfinite(got[2:, 2]).all()


@pytest.mark.parametrize("months", [1, 5, 251, 263])
def test_a_record_need_not_end_with_a_year(months):
    rain = made_up()
    got = spi(rain[:months], scale_months=2, first_month=6)
    assert got.shape == (months,)
    if months > 250:
        whole = spi(rain, scale_months=2, first_month=6, calibration_rows=(0, months))
        np.testing.assert_array_equal(got, whole[:months])
    else:
        assert np.isnan(got).all()


def test_the_incomplete_gamma_function_is_that_of_scipy():
    """Over shapes from next to nothing to where scipy takes over; zero, endless and missing."""
    rng = np.random.default_rng(0)
    shape = np.exp(rng.uniform(np.log(0.01), np.log(100.0), (200, 12)))
    values = rng.gamma(np.maximum(shape, 0.05)[:, None, :], 1.5, (200, 30, 12))
    values[values < 1e-300] = 0.0
    values[0, 0], values[1, 1], values[2, 2], values[3, 3] = 0.0, NAN, np.inf, 1e5
    expected = special.gammainc(shape[:, None, :], values)
    _incomplete_gamma(shape, values)
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
