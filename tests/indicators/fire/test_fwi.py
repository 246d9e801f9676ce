"""The fire weather codes against cffdrs, worked edges, state, properties and kinds of array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.fire import FireWeatherState, fwi

CODES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi", "dsr")
DAYS = np.arange("1985-04-13", "1985-05-31", dtype="datetime64[D]")


@pytest.fixture
def spring(table):
    return table("cffdrs_48days.csv")


def weather(rows, part=slice(None)):
    return [rows[name][part].astype(float) for name in ("TEMP", "RH", "WS", "PREC")]


def test_cffdrs_48_days(spring):
    """Written to 4 significant figures, so half a unit of the fourth."""
    codes, _ = fwi(*weather(spring), latitude=40.0, time=DAYS)
    for name in CODES:
        assert getattr(codes, name) == pytest.approx(spring[name.upper()], rel=5e-4), name


def test_the_older_constant_differs_but_little(spring):
    exact, _ = fwi(*weather(spring), latitude=40.0, time=DAYS)
    older, _ = fwi(*weather(spring), latitude=40.0, time=DAYS, variant="147.2")
    assert 0.0 < np.abs(exact.fwi - older.fwi).max() < 1.0


@given(st.integers(1, 47))
def test_a_run_in_two_parts_is_the_same_run(cut):
    rng = np.random.default_rng(2)
    series = [rng.uniform(5, 30, 48), rng.uniform(20, 90, 48), rng.uniform(0, 40, 48)]
    series.append(rng.choice([0.0, 0.4, 2.0, 12.0], 48))
    whole, end = fwi(*series, latitude=40.0, time=DAYS)
    first, state = fwi(*(s[:cut] for s in series), latitude=40.0, time=DAYS[:cut])
    second, resumed = fwi(*(s[cut:] for s in series), latitude=40.0, time=DAYS[cut:], initial=state)
    assert resumed == end
    assert np.concatenate([first.fwi, second.fwi]).tolist() == whole.fwi.tolist()


@pytest.mark.parametrize(
    ("series", "value"), [(0, np.nan), (1, -1.0), (1, 130.0), (2, -1.0), (3, -0.1), (3, np.nan)]
)
def test_a_missing_day_is_nan_and_the_state_stands_still(spring, series, value):
    broken = weather(spring)
    broken[series][10] = value
    codes, end = fwi(*broken, latitude=40.0, time=DAYS)
    keep = np.arange(48) != 10
    without, end_without = fwi(*(s[keep] for s in broken), latitude=40.0, time=DAYS[keep])
    assert all(np.isnan(getattr(codes, name)[10]) for name in CODES)
    assert codes.fwi[keep].tolist() == without.fwi.tolist()
    assert end == end_without


def test_humidity_a_little_over_100_counts_as_100(spring):
    wet, full = weather(spring), weather(spring)
    wet[1][5], full[1][5] = 100.7, 100.0
    one, other = (fwi(*w, latitude=40.0, time=DAYS)[0].fwi for w in (wet, full))
    assert one.tolist() == other.tolist()


@pytest.mark.parametrize(
    ("latitude", "month", "dmc_day", "dc_day"),
    [
        (46.0, 7, 12.4, 6.4), (20.0, 7, 10.1, 1.4), (0.0, 7, 9.0, 1.4),
        (-20.0, 7, 7.9, -1.6), (-40.0, 1, 11.5, 6.4), (30.0, 1, 7.9, -1.6), (-10.0, 1, 10.1, 1.4),
    ],
)  # fmt: skip
def test_day_length_by_latitude(latitude, month, dmc_day, dc_day):
    """One dry day at 20 degC and 50 %: eq. 16-17 and 22-23 worked by hand from 6 and 15."""
    day = np.array([f"2020-{month:02d}-01"], dtype="datetime64[D]")
    codes, _ = fwi([20.0], [50.0], [10.0], [0.0], latitude=latitude, time=day)
    assert codes.dmc[0] == pytest.approx(6 + 1.894e-4 * 21.1 * 50 * dmc_day)
    assert codes.dc[0] == pytest.approx(15 + max(0.0, (0.36 * 22.8 + dc_day) / 2))


def test_no_buildup_without_dry_duff():
    day = np.array(["2020-01-01"], dtype="datetime64[D]")
    start = FireWeatherState(85.0, 0.0, 0.0)
    codes, _ = fwi([-20.0], [90.0], [0.0], [0.0], latitude=60.0, time=day, initial=start)
    assert codes.dmc[0] == codes.bui[0] == codes.dc[0] == 0.0
    assert np.isfinite(codes.fwi[0])


@given(
    st.floats(-40, 50), st.floats(0, 100), st.floats(0, 150), st.floats(0, 500),
    st.floats(0, 101), st.floats(0, 500), st.floats(0, 1500),
)  # fmt: skip
def test_codes_stay_in_their_range(t, h, w, p, ffmc, dmc, dc):
    start = FireWeatherState(ffmc, dmc, dc)
    codes, state = fwi([t], [h], [w], [p], latitude=50.0, time=DAYS[:1], initial=start)
    assert 0 <= codes.ffmc[0] <= 101
    assert all(getattr(codes, name)[0] >= 0 for name in CODES)
    assert state.dmc == codes.dmc[0]


def test_places_do_not_mix(spring):
    one = weather(spring)
    two = [np.stack([series, series[::-1]], axis=1) for series in one]
    codes, state = fwi(*two, latitude=[40.0, -35.0], time=DAYS)
    alone, _ = fwi(*one, latitude=40.0, time=DAYS)
    assert codes.fwi.shape == (48, 2)
    assert state.dc.shape == (2,)
    assert codes.fwi[:, 0].tolist() == alone.fwi.tolist()


def test_a_missing_latitude_is_nan_where_day_length_counts(spring):
    codes, _ = fwi(*weather(spring), latitude=np.nan, time=DAYS)
    assert np.isnan(codes.dmc).all()
    assert np.isnan(codes.fwi).all()
    assert np.isfinite(codes.ffmc).all()


@pytest.mark.parametrize("rain", [0.0, 5.0])
@pytest.mark.parametrize("unknown", ["ffmc", "dmc", "dc"])
def test_an_unknown_state_gives_an_unknown_index(unknown, rain):
    start = FireWeatherState(85.0, 6.0, 15.0)._replace(**{unknown: np.nan})
    codes, state = fwi([20.0], [40.0], [10.0], [rain], latitude=40.0, time=DAYS[:1], initial=start)
    assert np.isnan(getattr(codes, unknown)).all()
    assert np.isnan(codes.fwi).all()
    assert np.isnan(getattr(state, unknown))


def test_any_kind_of_array(as_array, spring):
    units = ("degC", "%", "km/h", "mm")
    inputs = [as_array(s, u, time=DAYS) for s, u in zip(weather(spring), units, strict=True)]
    codes, state = fwi(*inputs, latitude=40.0, time=DAYS)
    alone, end = fwi(*weather(spring), latitude=40.0, time=DAYS)
    np.testing.assert_allclose(np.asarray(codes.fwi), alone.fwi, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(state.dc), end.dc, rtol=1e-12)


def test_time_may_come_from_the_array(spring):
    xarray = pytest.importorskip("xarray")
    units = ("degC", "%", "km/h", "mm")
    inputs = [
        xarray.DataArray(
            s, dims="time", coords={"time": DAYS.astype("datetime64[ns]")}, attrs={"units": u}
        )
        for s, u in zip(weather(spring), units, strict=True)
    ]
    codes, _ = fwi(*inputs, latitude=40.0)
    assert codes.fwi.attrs["units"] == "1"
    assert codes.fwi.values == pytest.approx(spring["FWI"], rel=5e-4)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (["2020-01-01", "2020-01-01"], "time must rise by days; 2020-01-01 follows 2020-01-01"),
        (["2020-01-02", "2020-01-01"], "time must rise by days; 2020-01-01 follows 2020-01-02"),
        (["2020-01-01"], r"time has shape \(1,\), expected \(2,\)"),
    ],
)
def test_days_out_of_order_are_refused(days, message):
    pair = [1.0, 1.0]
    with pytest.raises(ShapeError, match=message):
        fwi(pair, pair, pair, pair, latitude=40.0, time=np.array(days, dtype="datetime64[D]"))


def test_no_time_is_refused():
    with pytest.raises(ShapeError, match="time is missing"):
        fwi([1.0], [1.0], [1.0], [1.0], latitude=40.0)


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match=r"variant is 'new'; give 'exact' or '147\.2'"):
        fwi([1.0], [1.0], [1.0], [1.0], latitude=40.0, time=DAYS[:1], variant="new")


def test_a_wrong_unit_is_refused():
    xarray = pytest.importorskip("xarray")
    wind = xarray.DataArray([1.0], dims="time", attrs={"units": "degC"})
    with pytest.raises(UnitError) as refused:
        fwi([1.0], [1.0], wind, [1.0], latitude=40.0, time=DAYS[:1])
    assert str(refused.value) == "fwi(): wind_speed is in 'degC', expected 'km/h'."


def test_one_number_with_a_day_is_refused_by_name():
    with pytest.raises(ShapeError, match="temperature is one number"):
        fwi(20.0, 40.0, 10.0, 0.0, time=["2013-05-01"], latitude=45.0)
