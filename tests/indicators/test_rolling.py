"""Rolling on: whatever arrives when, the values are those of one run over everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import ShapeError, StateError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.rolling import start
from tocsin.indicators.state import SavedState, read_state, write_state

from .test_contract import _range

NAN = np.nan
DAY = np.datetime64("2020-05-01")
NEEDS = {"latitude": 45.0, "mean_annual_rain": 800.0}
ROLLED = (
    "fwi", "dc", "kbdi", "fire_season", "antecedent_precipitation_index", "hourly_ffmc", "rain_6h",
    "temperature_drop_24h", "frost_24h", "nowcast_pm25", "landslide_rain_index", "heat_index",
)  # fmt: skip


def needs_of(entry):
    return {name: NEEDS[name] for name in entry.needs if name != "time"}


def axis(entry, rows):
    step = np.timedelta64(1, "D" if entry.cadence.startswith("daily") else "h")
    return DAY.astype("datetime64[D]" if step == np.timedelta64(1, "D") else "datetime64[h]") + (
        np.arange(rows) * step
    )


def weather(entry, rows, seed):
    rng = np.random.default_rng(seed)
    return {a: rng.uniform(*_range(name), (rows, 1)) for a, name in entry.inputs.items()}


def from_scratch(entry, times, inputs):
    needs = needs_of(entry)
    if "time" in entry.needs:
        needs["time"] = times
    return np.asarray(entry.compute(**inputs, **needs))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ROLLED), st.integers(0, 999), st.data())
def test_any_order_of_arrival_equals_one_run(name, seed, data):
    """Observations in batches with gaps, corrections and forecasts between, then one run."""
    entry = CATALOGUE[name]
    rows = 70
    times, truth = axis(entry, rows), weather(entry, rows, seed)
    rng = np.random.default_rng(seed + 1)
    lost = rng.random(rows) < 0.1
    rolling = start(name, keep=30, **needs_of(entry))
    known = {a: np.full((rows, 1), NAN) for a in truth}
    at = 0
    while at < rows:
        size = data.draw(st.integers(1, 20))
        new = np.arange(at, min(at + size, rows))
        ahead = np.arange(new[-1], min(new[-1] + 9, rows))
        guess = {a: series[ahead] * 0.5 for a, series in truth.items()}
        rolling, _ = rolling.advance(times[ahead], guess, observed=False)
        there = new[~lost[new]]
        late = rng.permutation(there)
        for part in (late[: len(late) // 2], late[len(late) // 2 :]):
            if part.size:
                rolling, rolled = rolling.advance(
                    times[part], {a: s[part] for a, s in truth.items()}, observed=True
                )
                for argument, series in truth.items():
                    known[argument][part] = series[part]
        at += size
    if not (~lost).any():
        return
    last = int(np.flatnonzero(~lost)[-1])
    expected = from_scratch(entry, times[: last + 1], {a: s[: last + 1] for a, s in known.items()})
    at_or_before = np.flatnonzero(~rolled.forecast)
    got = rolled.values[at_or_before]
    np.testing.assert_allclose(got, expected[last + 1 - len(got) :], rtol=1e-9, atol=1e-9)
    assert rolling.last_observed == times[last]


def noon(**changed):
    day = {"temperature": 20.0, "relative_humidity": 40.0, "wind_speed": 15.0, "rain": 0.0}
    return {name: [[value]] for name, value in {**day, **changed}.items()}


def test_a_forecast_leaves_no_trace_once_it_was_observed():
    plain, _ = start("fwi", latitude=45.0).advance([DAY], noon(), observed=True)
    misled, ahead = plain.advance([DAY + 1], noon(rain=50.0), observed=False)
    assert ahead.forecast.tolist() == [False, True]
    _, after = misled.advance([DAY + 1], noon(), observed=True)
    _, straight = plain.advance([DAY + 1], noon(), observed=True)
    np.testing.assert_array_equal(after.values, straight.values)


def test_a_forecast_never_overwrites_an_observation():
    rolling, first = start("fwi", latitude=45.0).advance([DAY], noon(), observed=True)
    _, second = rolling.advance([DAY], noon(rain=50.0), observed=False)
    np.testing.assert_array_equal(first.values, second.values)


def test_a_missing_day_is_reported_and_the_state_stands_still():
    rolling, _ = start("fwi", latitude=45.0).advance([DAY], noon(), observed=True)
    _, got = rolling.advance([DAY + 2], noon(), observed=True)
    assert got.missing == (DAY + 1,)
    assert got.bridged == ()
    assert np.isnan(got.values[1]).all()
    assert np.isfinite(got.values[[0, 2]]).all()


def test_a_missing_day_is_bridged_by_the_day_before_without_its_rain():
    rolling, _ = start("fwi", latitude=45.0, policy="bridge").advance(
        [DAY], noon(rain=9.0), observed=True
    )
    _, got = rolling.advance([DAY + 2], noon(), observed=True)
    assert got.missing == got.bridged == (DAY + 1,)
    days = {name: np.full((3, 1), value[0][0]) for name, value in noon().items()}
    days["rain"][0] = 9.0
    expected = CATALOGUE["fwi"].compute(**days, latitude=45.0, time=DAY + np.arange(3))
    np.testing.assert_allclose(got.values, expected)


def test_a_gap_longer_than_the_bridge_stays_missing_beyond_it():
    rolling, _ = start("fwi", latitude=45.0, policy="bridge", longest_bridge=2).advance(
        [DAY], noon(), observed=True
    )
    _, got = rolling.advance([DAY + 4], noon(), observed=True)
    assert got.bridged == (DAY + 1, DAY + 2)
    assert np.isnan(got.values[3]).all()


@pytest.mark.parametrize("cut", [5, 11, 40])
def test_a_bridge_over_the_checkpoint_is_the_same_bridge(cut):
    """Rows fold into the state in the middle of a gap; nothing may change by that."""
    entry = CATALOGUE["kbdi"]
    truth = weather(entry, 60, 3)
    times = axis(entry, 60)
    there = np.delete(np.arange(60), [9, 10, 11, 12, 39, 40])
    options = {"policy": "bridge", "longest_bridge": 3, "mean_annual_rain": 800.0}
    _, whole = start("kbdi", keep=100, **options).advance(
        times[there], {a: s[there] for a, s in truth.items()}, observed=True
    )
    rolling = start("kbdi", keep=cut, **options)
    for row in there:
        rolling, rolled = rolling.advance(
            times[[row]], {a: s[[row]] for a, s in truth.items()}, observed=True
        )
    np.testing.assert_allclose(rolled.values[-1], whole.values[-1], rtol=1e-12)
    assert rolling.times.size <= cut + 1


def test_a_place_that_fell_silent_keeps_its_state():
    both = {"rain": [[5.0, 5.0]]}
    rolling, _ = start("antecedent_precipitation_index", places=2, keep=2).advance(
        [DAY], both, observed=True
    )
    for later in range(1, 4):
        rolling, got = rolling.advance([DAY + later], {"rain": [[0.0, NAN]]}, observed=True)
    assert np.isfinite(got.values[-1, 0])
    assert np.isnan(got.values[-1, 1])


@pytest.mark.parametrize(
    ("times", "inputs", "message"),
    [
        ([DAY + 3], {"rain": [[1.0]]}, "expected temperature, .*; relative_humidity is missing"),
        ([DAY, DAY], noon(), "a time is given twice"),
        ([np.datetime64("2020-05-01T06")], noon(), "is not on its daily-noon step"),
        ([DAY - 9], noon(), "is before 2020-05-03, the oldest row kept"),
        ([DAY + 3], noon(rain=[1.0, 2.0]), r"rain has shape \(1, 1, 2\), expected \(1, 1\)"),
        ([], {}, r"times have shape \(0,\)"),
    ],
)
def test_rows_that_do_not_fit_are_refused(times, inputs, message):
    rolling = start("fwi", latitude=45.0, keep=1)
    for day in (DAY, DAY + 1, DAY + 2):
        rolling, _ = rolling.advance([day], noon(), observed=True)
    with pytest.raises(ShapeError, match=message):
        rolling.advance(times, inputs, observed=True)


@pytest.mark.parametrize("name", ["spi_3", "water_class_do", "farrington", "ears_c2"])
def test_what_needs_its_whole_record_is_refused(name):
    with pytest.raises(ValueError, match="cannot be rolled"):
        start(name)


def test_an_unknown_id_is_refused():
    with pytest.raises(LookupError, match="'hotness' is not an indicator"):
        start("hotness")


@pytest.mark.parametrize("name", sorted(name for name, entry in CATALOGUE.items() if entry.state))
def test_a_saved_state_goes_on_where_the_run_stopped(name):
    entry = CATALOGUE[name]
    times, inputs = axis(entry, 50), weather(entry, 50, 5)
    expected = from_scratch(entry, times, inputs)
    needs = needs_of(entry)
    dated = "time" in entry.needs
    first = {a: s[:23] for a, s in inputs.items()}
    _, state = entry.function(**first, **needs, **({"time": times[:23]} if dated else {}))
    text = write_state(entry, SavedState(str(times[22]), ("here",), state))
    saved = read_state(entry, text, ["here"])
    rest = {a: s[23:] for a, s in inputs.items()}
    if dated:
        needs["time"] = times[23:]
    got = entry.compute(**rest, **needs, initial=saved.state)
    np.testing.assert_allclose(np.asarray(got), expected[23:], rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "This is not a saved state"),
        ("[]", "This is not a saved state"),
        ('{"indicator": "dc"}', "This is not a saved state"),
    ],
)
def test_a_file_that_is_no_state_is_refused(text, message):
    with pytest.raises(StateError, match=message):
        read_state(CATALOGUE["kbdi"], text, ["here"])


def test_the_state_of_another_indicator_or_place_is_refused():
    text = write_state(CATALOGUE["kbdi"], SavedState("2020", ("here",), np.array([1.0])))
    with pytest.raises(StateError, match="of kbdi, expected dc"):
        read_state(CATALOGUE["dc"], text, ["here"])
    with pytest.raises(StateError, match="of the places here; expected there"):
        read_state(CATALOGUE["kbdi"], text, ["there"])
    with pytest.raises(StateError, match="a number for each of 2 place"):
        read_state(CATALOGUE["kbdi"], text.replace('"here"', '"here", "there"'), ["here", "there"])


@pytest.mark.parametrize("wrong", [{"policy": "skip"}, {"keep": 0}, {"longest_bridge": 0}])
def test_a_policy_that_does_not_exist_is_refused(wrong):
    with pytest.raises(ValueError, match=f"start\\(\\): .*{next(iter(wrong))}"):
        start("kbdi", mean_annual_rain=800.0, **wrong)
