"""Humidex, apparent temperature, WBGT and UTCI against two peers, and their domains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.heat import apparent_temperature, humidex, utci, wbgt


def test_humidex_published_values(table):
    for row in table("humidex.csv"):
        assert humidex(row["t_c"], row["dew_c"]) == pytest.approx(
            row["humidex"], abs=row["tolerance"]
        )


@pytest.mark.parametrize(("t", "dew"), [(20.0, 20.6), (np.nan, 10.0), (20.0, np.nan)])
def test_humidex_undefined(t, dew):
    assert np.isnan(humidex(t, dew))


@given(st.floats(0, 45), st.floats(-10, 0), st.floats(0.1, 5))
def test_humidex_rises_with_the_dew_point(t, below, more):
    assert humidex(t, below + more if below + more <= t else t) >= humidex(t, below)


@pytest.fixture
def peers(table):
    return table("thermal_peers.csv")


def weather(rows):
    return rows["t_c"], rows["rh_pct"], rows["wind_ms"], rows["mrt_c"]


def test_utci_equals_two_peers(peers):
    """Written to six significant figures."""
    got = utci(*weather(peers))
    assert got == pytest.approx(peers["utci_thermofeel"], abs=2e-4)
    assert got == pytest.approx(peers["utci_pythermalcomfort"], abs=2e-4)


def test_utci_of_2022(table):
    """That version had a wrong power in one term, worth up to 0.06 K."""
    rows = table("thermofeel_2022.csv")
    t, dew = rows["t2m"] - 273.15, rows["td"] - 273.15
    humidity = 100 * 10 ** (7.5 * dew / (237.3 + dew) - 7.5 * t / (237.3 + t))
    inside = rows["va"] >= 0.5
    got = utci(t, humidity, rows["va"], rows["mrt"] - 273.15)
    assert got[inside] == pytest.approx(rows["utci"][inside], abs=0.07)
    assert inside.sum() > 40


def test_utci_beyond_its_vapour_pressure_is_undefined(table):
    rows = table("utci_out_of_domain.csv")
    assert np.isnan(utci(rows["tdb_C"], rows["rh_pct"], rows["v_ms"], rows["tr_C"])).all()


@pytest.mark.parametrize(
    ("weather", "defined"),
    [
        ((50, 10, 1, 50), True), ((50.1, 10, 1, 50), False), ((-50, 10, 1, -50), True),
        ((-50.1, 10, 1, -50), False), ((20, 50, 17, 20), True), ((20, 50, 17.1, 20), False),
        ((20, 50, -0.1, 20), False), ((20, 50, 1, -10), True), ((20, 50, 1, -10.1), False),
        ((20, 50, 1, 90), True), ((20, 50, 1, 90.1), False), ((20, 101.1, 1, 20), False),
        ((20, -1, 1, 20), False), ((40, 67.7, 1, 40), True), ((40, 67.8, 1, 40), False),
    ],
)  # fmt: skip
def test_utci_domain(weather, defined):
    assert np.isfinite(utci(*map(float, weather))) == defined


def test_calm_air_counts_as_half_a_metre_per_second():
    assert utci(20.0, 50.0, 0.0, 20.0) == utci(20.0, 50.0, 0.5, 20.0)


def test_wbgt_equals_a_peer(peers):
    assert wbgt(*weather(peers)) == pytest.approx(peers["wbgt_thermofeel"], abs=2e-4)


def test_stulls_own_example():
    """Stull (2011): 20 degC and 50 % give a wet bulb of 13.7 degC; without sun the globe is air."""
    assert wbgt(20.0, 50.0, 3.0, 20.0) == pytest.approx(0.7 * 13.7 + 0.3 * 20.0, abs=0.01)


@pytest.mark.parametrize(
    "bad", [(20, 4.9, 1, 20), (20, 99.1, 1, 20), (51, 50, 1, 51), (20, 50, -1, 20), (20, 50, 1, 91)]
)
def test_wbgt_undefined(bad):
    assert np.isnan(wbgt(*map(float, bad)))


def test_in_calm_air_the_globe_is_as_warm_as_what_it_sees():
    assert wbgt(20.0, 50.0, 0.0, 60.0) - wbgt(20.0, 50.0, 0.0, 20.0) == pytest.approx(8.0)


@given(st.floats(0, 45), st.floats(10, 95), st.floats(0, 15), st.floats(-20, 60))
def test_more_sun_is_never_cooler(t, h, w, excess):
    assert wbgt(t, h, w, t + excess + 1) >= wbgt(t, h, w, t + excess)


def test_apparent_temperature_equals_two_peers(peers):
    """The peers take other vapour pressures; 0.33 K a hPa leaves 0.15 K."""
    got = apparent_temperature(*weather(peers)[:3])
    assert got == pytest.approx(peers["at_thermofeel"], abs=0.15)
    assert got == pytest.approx(peers["at_pythermalcomfort"], abs=0.15)


def test_apparent_temperature_by_hand():
    """At 0 degC the vapour pressure is 6.105 hPa times the humidity."""
    assert apparent_temperature(0.0, 100.0, 10.0) == pytest.approx(0.33 * 6.105 - 7.0 - 4.0)


@pytest.mark.parametrize("bad", [(20, 102, 1), (20, -1, 1), (20, 50, -1), (np.inf, 50, 1)])
def test_apparent_temperature_undefined(bad):
    assert np.isnan(apparent_temperature(*map(float, bad)))


def test_utci_of_one_place_is_that_of_many():
    """The vectorised loop and what it leaves over round alike, to the last but a few bits."""
    rng = np.random.default_rng(0)
    air = rng.uniform(-10, 40, 101)
    inputs = [
        air,
        rng.uniform(5, 100, 101),
        rng.uniform(0, 15, 101),
        air + rng.uniform(-5, 40, 101),
    ]
    alone = [utci(*one) for one in zip(*inputs, strict=True)]
    np.testing.assert_allclose(utci(*inputs), alone, rtol=0, atol=1e-12)


def test_utci_takes_what_can_be_broadcast():
    grid = utci(np.full((2, 1), 25.0), np.array([30.0, 50.0, 70.0]), 1, 25.0)
    assert grid.shape == (2, 3)
    assert grid[0, 1] == utci(25.0, 50.0, 1.0, 25.0)
    assert utci(*(np.float32(value) for value in (25, 50, 1, 25))).dtype == np.float32
