"""McArthur's index, the hourly code and the winter between two seasons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.fire import (
    SeasonState,
    drought_code_after_winter,
    ffdi,
    fire_season,
    hourly_ffmc,
)

NAN = np.nan


def test_ffdi_table(table):
    rows = table("ffdi_mark5.csv")
    got = ffdi(rows["drought_factor"], rows["temp_degC"], rows["rh_pct"], rows["wind_kmh"])
    assert got == pytest.approx(rows["ffdi"], abs=5.01e-7)


@pytest.mark.parametrize("bad", [(11, 30, 20, 10), (5, 30, 102, 10), (5, 30, 20, -1)])
def test_ffdi_undefined(bad):
    assert np.isnan(ffdi(*bad))


@given(st.floats(0.1, 10), st.floats(0, 45), st.floats(0, 99), st.floats(0, 100))
def test_ffdi_rises_with_wind_and_dryness(factor, t, h, w):
    assert ffdi(factor, t, h, w + 1) > ffdi(factor, t, h, w) > ffdi(factor, t, h + 1, w)


@pytest.mark.slow
def test_cffdrs_hourly_table(table):
    """Written to 2 decimals."""
    rows = table("cffdrs_hourly_ffmc.csv")
    for row in rows:
        weather = [[float(row[name])] for name in ("temp", "rh", "ws", "prec")]
        _, state = hourly_ffmc(*weather, initial=row["before"], step_h=row["step_h"])
        assert float(state) == pytest.approx(row["ffmc"], abs=0.00501)


def test_the_hourly_code_resumes():
    rng = np.random.default_rng(3)
    weather = [rng.uniform(5, 30, 48), rng.uniform(20, 100, 48), rng.uniform(0, 40, 48)]
    weather.append(rng.choice([0.0, 0.0, 1.5], 48))
    whole, end = hourly_ffmc(*weather)
    first, state = hourly_ffmc(*(w[:20] for w in weather))
    second, resumed = hourly_ffmc(*(w[20:] for w in weather), initial=state)
    assert np.concatenate([first, second]).tolist() == whole.tolist()
    assert resumed == end


def test_an_hour_without_wind_is_nan_and_the_state_stands_still():
    values, state = hourly_ffmc([20.0, 20.0], [40.0, 40.0], [10.0, NAN], [0.0, 0.0])
    assert np.isnan(values[1])
    assert state == values[0]


@pytest.mark.parametrize("rain", [0.0, 2.0])
def test_an_unknown_state_gives_unknown_hours(rain):
    values, state = hourly_ffmc([20.0], [40.0], [10.0], [rain], initial=NAN)
    assert np.isnan(values).all()
    assert np.isnan(state)


def test_cffdrs_overwintering(table):
    rows = table("cffdrs_overwintering.csv")
    got = drought_code_after_winter(
        rows["autumn"], rows["rain"],
        carry_over=rows["carry_over"], effectiveness=rows["effectiveness"],
    )  # fmt: skip
    assert got == pytest.approx(rows["spring"], abs=0.00501)


@pytest.mark.parametrize("bad", [(-1, 100, 0.75, 0.75), (300, -1, 0.75, 0.75), (300, 1, 0, 0.75)])
def test_overwintering_undefined(bad):
    autumn, rain, carry, share = bad
    assert np.isnan(drought_code_after_winter(autumn, rain, carry_over=carry, effectiveness=share))


@pytest.mark.parametrize(
    ("noon", "before", "season"),
    [
        ([13, 13, 13, 8, 8], 0, [0, 0, 1, 1, 1]),
        ([13, 13, 11, 13, 13, 13], 0, [0, 0, 0, 0, 0, 1]),
        ([12, 12, 12], 0, [0, 0, 0]),
        ([4, 4, 4, 8], 1, [1, 1, 0, 0]),
        ([4, 4, NAN, 4, 4], 1, [1, 1, NAN, 1, 1]),
        ([5, 5, 5], 1, [1, 1, 1]),
    ],
)
def test_the_season_by_temperature(noon, before, season):
    got, state = fire_season(noon, initial=SeasonState(before))
    np.testing.assert_array_equal(got, season)
    assert state.burning == season[-1]
