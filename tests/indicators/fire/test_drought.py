"""KBDI and the drought factor against a peer's cases by hand, worked edges and state."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.fire import KbdiState, drought_factor, kbdi

NAN = np.nan
HERE = Path(__file__).parent


def cases(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def series(text):
    """Read ``3*[0] 5 10`` as 0 0 0 5 10."""
    out = []
    for part in text.replace(",", " ").split():
        times, _, value = part.rpartition("*")
        out += [float(value.strip("[]"))] * int(times or 1)
    return np.array(out)


@pytest.mark.parametrize("case", cases("kbdi_by_hand.csv"))
def test_kbdi_by_hand(case):
    rain, warm = series(case["pr_mm_per_day"]), series(case["tasmax_degC"])
    start = KbdiState(float(case["kbdi0_mm"]))
    values, state = kbdi(
        rain, warm, mean_annual_rain=float(case["mean_annual_pr_mm"]), initial=start
    )
    assert values[-1] == pytest.approx(float(case["kbdi_final_mm"]), abs=5e-6)
    assert state.deficit == values[-1]


@pytest.mark.parametrize("case", cases("drought_factor_by_hand.csv"))
def test_drought_factor_by_hand(case):
    factor = drought_factor(series(case["pr_mm_per_day_20d"]), series(case["smd_mm_20d"]))
    assert factor[-1] == pytest.approx(float(case["drought_factor_final_xlim"]), abs=5e-6)
    assert np.isnan(factor[:-1]).all()


@pytest.mark.parametrize(
    ("deficit", "ceiling"),
    [(24.9, 6), (25, 7), (41.9, 7), (42, 8), (64.9, 8), (65, 9), (99.9, 9), (100, 10)],
)
def test_the_ceiling_by_steps(deficit, ceiling):
    dry = drought_factor(np.zeros(20), np.full(20, deficit), limit="steps")
    free = 10.5 * (1 - np.exp(-(deficit + 30) / 40))
    assert dry[-1] == pytest.approx(min(free, ceiling))


def test_an_unknown_limit_is_refused():
    with pytest.raises(ValueError, match="limit is 'none'; give 'smooth' or 'steps'"):
        drought_factor(np.zeros(20), np.zeros(20), limit="none")


@pytest.mark.parametrize("broken", [np.nan, -1.0])
def test_one_bad_day_blinds_the_factor_for_twenty(broken):
    rain = np.zeros(45)
    rain[22] = broken
    factor = drought_factor(rain, np.full(45, 50.0))
    assert np.isfinite(factor[[19, 20, 21, 42, 43, 44]]).all()
    assert np.isnan(factor[22:42]).all()


@given(st.integers(1, 29))
def test_kbdi_in_two_parts_is_the_same_run(cut):
    rng = np.random.default_rng(7)
    rain, warm = rng.choice([0.0, 0.0, 2.0, 4.0, 20.0], 30), rng.uniform(5, 40, 30)
    whole, end = kbdi(rain, warm, mean_annual_rain=800.0)
    first, state = kbdi(rain[:cut], warm[:cut], mean_annual_rain=800.0)
    second, resumed = kbdi(rain[cut:], warm[cut:], mean_annual_rain=800.0, initial=state)
    assert np.concatenate([first, second]).tolist() == whole.tolist()
    assert resumed == end


@pytest.mark.parametrize(("rain", "warm"), [(np.nan, 30.0), (-1.0, 30.0), (0.0, np.nan)])
def test_a_bad_day_is_nan_and_the_state_stands_still(rain, warm):
    values, state = kbdi([0.0, rain], [30.0, warm], mean_annual_rain=800.0)
    assert np.isnan(values[1])
    assert state.deficit == values[0]


def test_without_a_mean_annual_rain_it_is_undefined():
    for annual in (np.nan, 0.0):
        values, _ = kbdi([0.0], [30.0], mean_annual_rain=annual)
        assert np.isnan(values).all()


@given(st.lists(st.floats(0, 300), min_size=1, max_size=40), st.floats(-30, 55))
def test_kbdi_stays_between_full_and_dry(rain, warm):
    values, _ = kbdi(rain, np.full(len(rain), warm), mean_annual_rain=900.0)
    assert ((values >= 0) & (values <= 203.2)).all()


def test_an_unknown_state_gives_unknown_values():
    values, state = kbdi([0.0, 9.0], [30.0, 30.0], mean_annual_rain=800.0, initial=KbdiState(NAN))
    assert np.isnan(values).all()
    assert np.isnan(state.deficit)


def test_the_worked_example_of_1968(table):
    """Keetch and Byram look whole hundredths of an inch up in a table of 3 degF by 50 points.

    The continuous equation stays within 2.4 of their 374 after thirty days of adding up.
    """
    rows = table("keetch_byram_1968.csv")
    before = KbdiState(deficit=1.64 * 25.4)
    celsius = (rows["max_temperature_f"] - 32.0) / 1.8
    got, _ = kbdi(rows["rain_in"] * 25.4, celsius, mean_annual_rain=50 * 25.4, initial=before)
    np.testing.assert_allclose(got / 0.254, rows["kbdi_hundredths_in"], atol=2.5)
    assert rows["kbdi_hundredths_in"][-1] == 374
