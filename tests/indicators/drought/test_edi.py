"""Effective precipitation by hand, and normals that make their own record normal."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.drought import edi, effective_precipitation, normals_of

NAN = np.nan


def test_the_same_rain_every_day():
    """Every window's mean is that rain, and there are 365 windows."""
    got = effective_precipitation(np.full(366, 2.0))
    assert np.isnan(got[:364]).all()
    assert got[364:] == pytest.approx(730.0)


@pytest.mark.parametrize("age", [0, 1, 99, 364])
def test_one_day_of_rain(age):
    """It is in each window of more than ``age`` days, with a share of one in n."""
    rain = np.zeros(365)
    rain[364 - age] = 10.0
    expected = 10.0 * sum(1 / n for n in range(age + 1, 366))
    assert effective_precipitation(rain)[-1] == pytest.approx(expected)


@pytest.mark.parametrize(("missing", "defined"), [(10, True), (11, False)])
def test_the_gap_policy(missing, defined):
    rain = np.ones(365)
    rain[100 : 100 + missing] = NAN
    assert np.isfinite(effective_precipitation(rain)[-1]) == defined


@pytest.fixture(scope="module")
def record():
    days = np.arange("1980-01-01", "2012-01-01", dtype="datetime64[D]")
    rng = np.random.default_rng(8)
    season = 1.5 + np.cos(2 * np.pi * (days - days[0]).astype(int) / 365.25)
    rain = rng.gamma(0.4, 6.0, days.size) * season * (rng.random(days.size) < 0.5)
    return days, rain


def test_a_record_is_normal_by_its_own_normals(record):
    days, rain = record
    mean, spread = normals_of(rain, days).on(days)
    got = edi(rain, normal_mean=mean, normal_spread=spread)[364:]
    assert abs(got.mean()) < 0.05
    assert got.std() == pytest.approx(1.0, abs=0.02)


def test_a_dry_half_year_is_a_drought(record):
    days, rain = record
    mean, spread = normals_of(rain, days).on(days)
    dry = rain.copy()
    dry[-180:] = 0.0
    assert edi(dry, normal_mean=mean, normal_spread=spread)[-1] < -2.0


def test_a_short_record_has_no_normals(record):
    days, rain = record
    short = normals_of(rain[: 19 * 365], days[: 19 * 365])
    assert np.isnan(short.mean).all()


def test_two_places_have_their_own_normals(record):
    days, rain = record
    pair = normals_of(np.stack([rain, 2 * rain], axis=1), days)
    assert pair.mean.shape == (366, 2)
    assert pair.mean[:, 1] == pytest.approx(2 * pair.mean[:, 0])
    assert pair.spread[:, 1] == pytest.approx(2 * pair.spread[:, 0])


def test_a_broken_axis_is_refused(record):
    days, rain = record
    with pytest.raises(ShapeError, match="time is not daily after 1980-01-03; put NaN into gaps"):
        normals_of(rain[:5], days[[0, 1, 2, 4, 5]])
