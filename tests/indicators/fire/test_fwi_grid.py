"""The float32 grid against the float64 stations: same equations, same answers to bad values."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.fire import FireWeatherState, fwi, fwi_grid
from tocsin.indicators.fire._fwi_blocks import BLOCK
from tocsin.indicators.fire.fwi_grid import CODES

DAYS = np.datetime64("2020-05-20") + np.arange(40)


def weather(*cells, seed=0, wind=40.0):
    rng = np.random.default_rng(seed)
    shape = (DAYS.size, *cells)
    wet = rng.random(shape) < 0.3
    series = (
        rng.uniform(-10, 40, shape),
        rng.uniform(0, 101, shape),
        rng.uniform(0, wind, shape),
        rng.gamma(0.4, 15.0, shape) * wet,
    )
    return [values.astype(np.float32) for values in series]


def compare(codes, expected):
    for row, name in zip(codes, CODES, strict=True):
        exact = getattr(expected, name)
        np.testing.assert_array_equal(np.isnan(row), np.isnan(exact), err_msg=name)
    difference = np.abs(codes[5] - expected.fwi)
    allowed = np.maximum(5e-4, 1e-5 * expected.fwi)
    assert (difference <= allowed)[~np.isnan(difference)].all(), np.nanmax(difference)


def test_it_equals_the_stations_within_single_precision():
    series = weather(3000)
    latitude = np.linspace(-60, 70, 3000)
    codes, state = fwi_grid(*series, time=DAYS, latitude=latitude)
    expected, end = fwi(*series, time=DAYS, latitude=latitude)
    compare(codes, expected)
    for got, exact in zip(state, end, strict=True):
        np.testing.assert_allclose(got, exact, rtol=2e-5, atol=2e-3)


def test_storms_and_droughts_stay_within_the_bound():
    series = weather(1000, seed=1, wind=120.0)
    start = FireWeatherState(99.0, 300.0, 1200.0)
    codes, _ = fwi_grid(*series, time=DAYS, latitude=45.0, initial=start)
    compare(codes, fwi(*series, time=DAYS, latitude=45.0, initial=start)[0])


def test_the_cffdrs_table(table):
    rows = table("cffdrs_48days.csv")
    series = [rows[name].astype(float)[:, None] for name in ("TEMP", "RH", "WS", "PREC")]
    days = np.arange("1985-04-13", "1985-05-31", dtype="datetime64[D]")
    codes, _ = fwi_grid(*series, time=days, latitude=40.0)
    for row, name in zip(codes, CODES, strict=True):
        np.testing.assert_allclose(row[:, 0], rows[name.upper()], rtol=5.2e-4)


@pytest.mark.parametrize(
    ("series", "value"),
    [(0, np.nan), (0, np.inf), (1, -1.0), (1, 102.0), (2, -1.0), (3, -0.1), (3, np.nan)],
)
def test_bad_values_are_nan_and_the_state_stands_still(series, value):
    broken = weather(40)
    broken[series][7, ::3] = value
    codes, _ = fwi_grid(*broken, time=DAYS, latitude=45.0)
    assert np.isnan(codes[:, 7, ::3]).all()
    compare(codes, fwi(*broken, time=DAYS, latitude=45.0)[0])


def test_a_missing_latitude_and_an_unknown_state():
    series = weather(6)
    latitude = np.array([45.0, np.nan, 45.0, 45.0, 45.0, 45.0])
    start = FireWeatherState(
        np.array([85, 85, np.nan, 85, 85, 85.0]), np.array([6, 6, 6, np.nan, 6, 6.0]), 15.0
    )
    codes, _ = fwi_grid(*series, time=DAYS, latitude=latitude, initial=start)
    compare(codes, fwi(*series, time=DAYS, latitude=latitude, initial=start)[0])


def test_a_run_in_two_parts_is_the_same_run():
    series = weather(100)
    whole, end = fwi_grid(*series, time=DAYS, latitude=45.0)
    first, state = fwi_grid(*(s[:15] for s in series), time=DAYS[:15], latitude=45.0)
    second, resumed = fwi_grid(
        *(s[15:] for s in series), time=DAYS[15:], latitude=45.0, initial=state
    )
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)
    np.testing.assert_array_equal(resumed, end)


def test_threads_and_blocks_change_nothing():
    few = weather(50)
    many = [np.tile(s, (1, BLOCK // 50 + 100))[:5] for s in few]
    one, _ = fwi_grid(*many, time=DAYS[:5], latitude=45.0, threads=1)
    two, _ = fwi_grid(*many, time=DAYS[:5], latitude=45.0, threads=2)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[:, :, :50], one[:, :, -50:])


def test_cells_may_have_two_axes_and_out_may_be_given():
    series = weather(4, 6)
    latitude = np.linspace(30, 60, 4)[:, None]
    out = np.zeros((6, DAYS.size, 4, 6), dtype=np.float32)
    codes, state = fwi_grid(*series, time=DAYS, latitude=latitude, out=out)
    assert codes is out
    assert state.dc.shape == (4, 6)
    flat = [s.reshape(DAYS.size, 24) for s in series]
    alone, _ = fwi_grid(*flat, time=DAYS, latitude=np.repeat(latitude[:, 0], 6))
    np.testing.assert_array_equal(codes.reshape(alone.shape), alone)


def test_what_does_not_fit_is_refused():
    xarray = pytest.importorskip("xarray")
    series = weather(4)
    with pytest.raises(ShapeError, match=r"rain has shape \(40, 3\); all four need one shape"):
        fwi_grid(*series[:3], series[3][:, :3], time=DAYS, latitude=45.0)
    with pytest.raises(ShapeError, match=r"out is float64 \(6, 40, 4\), expected float32"):
        fwi_grid(*series, time=DAYS, latitude=45.0, out=np.empty((6, 40, 4)))
    with pytest.raises(ShapeError, match="out is not contiguous"):
        fwi_grid(*series, time=DAYS, latitude=45.0, out=np.empty((6, 40, 8), np.float32)[:, :, ::2])
    with pytest.raises(ShapeError, match=r"fwi_grid\(\): time must rise by days"):
        fwi_grid(*series, time=DAYS[::-1], latitude=45.0)
    with pytest.raises(UnitError, match="temperature is a DataArray; give bare numpy arrays"):
        fwi_grid(xarray.DataArray(series[0]), *series[1:], time=DAYS, latitude=45.0)
    with pytest.raises(ValueError, match="variant is 'old'"):
        fwi_grid(*series, time=DAYS, latitude=45.0, variant="old")


def test_what_lies_beneath_a_mask_is_not_computed():
    rng = np.random.default_rng(1)
    weather = [rng.uniform(10, 30, (3, 4)) for _ in range(4)]
    hidden = np.ma.MaskedArray(np.full((3, 4), 1e6), mask=True)
    hidden[:] = weather[0]
    hidden[1, 2] = np.ma.masked
    given = {"time": np.array(["2013-05-01", "2013-05-02", "2013-05-03"], "datetime64[D]")}
    plain, _ = fwi_grid(*weather, **given, latitude=45.0)
    codes, _ = fwi_grid(hidden, *weather[1:], **given, latitude=45.0)
    assert np.isnan(codes[:, 1, 2]).all()
    np.testing.assert_array_equal(codes[:, 0], plain[:, 0])
