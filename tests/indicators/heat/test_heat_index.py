"""Heat index against the NWS formula, worked edges, properties and kinds of array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnitError
from tocsin.indicators.heat import heat_index


def fahrenheit(celsius):
    return celsius * 1.8 + 32.0


def celsius(degrees_f):
    return (degrees_f - 32.0) / 1.8


def test_nws_calculator(table):
    """Whole degrees, as its page shows them."""
    rows = table("nws_calculator.csv")
    got = fahrenheit(heat_index(celsius(rows["temp_F"]), rows["rh_pct"]))
    assert np.rint(got).tolist() == rows["heat_index_F"].tolist()


def test_nws_table(table):
    """137 cells; the table is written to 4 decimals."""
    rows = table("nws_heat_index.csv")
    got = fahrenheit(heat_index(celsius(rows["temp_F"]), rows["rh_pct"]))
    assert got == pytest.approx(rows["heat_index_F"], abs=1e-4)
    assert (np.rint(got) == rows["heat_index_F_rounded"]).all()


def regression(t, h):
    return (
        -42.379 + 2.04901523 * t + 10.14333127 * h - 0.22475541 * t * h - 0.00683783 * t**2
        - 0.05481717 * h**2 + 0.00122874 * t**2 * h + 0.00085282 * t * h**2
        - 0.00000199 * t**2 * h**2
    )  # fmt: skip


@pytest.mark.parametrize(
    ("temperature_f", "humidity", "expected_f"),
    [
        (40.0, 50.0, 40.0),  # cold air is given as it is
        (-20.0, 99.0, -20.0),
        (70.0, 50.0, 69.525),  # plain: (0.5 * (70 + 61 + 2.4 + 4.7) + 70) / 2
        (95.0, 9.0, regression(95.0, 9.0) - 1.0),  # dry: (13 - 9) / 4 * sqrt(17 / 17)
        (112.0, 9.0, regression(112.0, 9.0)),  # dry: sqrt((17 - 17) / 17) is none
        (82.0, 95.0, regression(82.0, 95.0) + 1.0),  # humid: (95 - 85) / 10 * (87 - 82) / 5
        (88.0, 95.0, regression(88.0, 95.0)),  # too warm for the humid adjustment
    ],
)
def test_edges_worked_by_hand(temperature_f, humidity, expected_f):
    assert fahrenheit(heat_index(celsius(temperature_f), humidity)) == pytest.approx(
        expected_f, abs=1e-9
    )


@pytest.mark.parametrize(
    ("humidity", "defined"), [(-0.1, False), (0, True), (101, True), (102, False)]
)
def test_humidity_has_limits(humidity, defined):
    assert np.isfinite(heat_index(30.0, humidity)) == defined


def test_a_little_over_100_counts_as_100():
    assert heat_index(30.0, 100.6) == heat_index(30.0, 100.0)


@given(st.floats(29, 43), st.floats(40, 80), st.floats(0.1, 5))
def test_it_rises_with_humidity_in_the_heat(temperature, humidity, more):
    assert heat_index(temperature, humidity + more) > heat_index(temperature, humidity)


@given(st.floats(-30, 50), st.floats(0, 100))
def test_nan_in_nan_out(temperature, humidity):
    assert np.isnan(heat_index(np.nan, humidity))
    assert np.isnan(heat_index(temperature, np.nan))


@given(st.permutations(range(6)))
def test_permuting_cells_permutes_results(order):
    t, h = np.linspace(20, 42, 6), np.linspace(95, 5, 6)
    assert heat_index(t[order], h[order]).tolist() == heat_index(t, h)[order].tolist()


def test_any_kind_of_array(as_array):
    got = heat_index(as_array([35.0, 20.0, 28.0], "degC"), as_array([50.0, 40.0, 90.0], "%"))
    assert np.asarray(got) == pytest.approx(
        [heat_index(35.0, 50.0), heat_index(20.0, 40.0), heat_index(28.0, 90.0)]
    )


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    wrong = xarray.DataArray([30.0], attrs={"units": "mm"})
    with pytest.raises(UnitError) as refused:
        heat_index(wrong, 50.0)
    assert str(refused.value) == "heat_index(): temperature is in 'mm', expected 'degC'."


def test_a_number_that_stands_for_missing_is_no_temperature() -> None:
    assert np.isnan(heat_index([-9999.0, 101.0, np.nan], 50.0)).all()
    assert heat_index(-40.0, 50.0) == -40.0
