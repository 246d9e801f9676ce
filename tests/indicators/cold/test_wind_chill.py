"""Wind chill against the NWS chart, worked edges, properties and kinds of array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnitError
from tocsin.indicators.cold import wind_chill

KMH_PER_MPH = 1.609344


def test_nws_chart(table):
    """The chart is rounded to 1 degF; the metric form differs from the other by under 0.15 degF."""
    rows = table("nws_wind_chill.csv")
    got = wind_chill((rows["temp_F"] - 32) / 1.8, rows["wind_mph"] * KMH_PER_MPH) * 1.8 + 32
    assert len(rows) == 120
    assert got == pytest.approx(rows["chart_F"], abs=0.65)
    assert got == pytest.approx(rows["formula_F"], abs=0.15)


@pytest.mark.parametrize(
    ("temperature", "wind", "defined"),
    [(10.0, 20, True), (10.01, 20, False), (0, 4.8, False), (0, 4.81, True), (0, -5, False)],
)
def test_its_domain(temperature, wind, defined):
    assert np.isfinite(wind_chill(temperature, wind)) == defined


def test_worked_by_hand():
    """At 0 degC and 1024 km/h the power 0.16 is 2 ** 1.6."""
    assert wind_chill(0.0, 1024.0) == pytest.approx(13.12 - 11.37 * 2**1.6, abs=1e-12)


@given(st.floats(-50, 0), st.floats(5, 100), st.floats(0.1, 20))
def test_colder_with_wind(temperature, wind, more):
    assert wind_chill(temperature, wind + more) < wind_chill(temperature, wind)


def test_nan_in_nan_out():
    assert np.isnan(wind_chill([np.nan, 0.0], [10.0, np.nan])).all()


def test_any_kind_of_array(as_array):
    got = wind_chill(as_array([0.0, -10.0, 20.0], "degC"), as_array([30.0, 40.0, 30.0], "km/h"))
    expected = [wind_chill(0.0, 30.0), wind_chill(-10.0, 40.0), np.nan]
    np.testing.assert_allclose(np.asarray(got), expected)


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    with pytest.raises(UnitError) as refused:
        wind_chill(0.0, xarray.DataArray([1.0], attrs={"units": "degC"}))
    assert str(refused.value) == "wind_chill(): wind_speed is in 'degC', expected 'km/h'."
