"""Farrington's detector: the fit solves its equations, the bound is what the paper says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from tocsin.errors import ShapeError
from tocsin.indicators.outbreak import farrington
from tocsin.indicators.outbreak._farrington_kernels import fit_line

NAN = np.nan
RNG = np.random.default_rng


def test_the_line_is_the_one_a_general_minimiser_finds():
    """Against scipy's minimiser on the weighted Poisson likelihood: an independent solution."""
    t = np.repeat([-156.0, -104.0, -52.0], 7) + np.tile(np.arange(-3.0, 4.0), 3)
    y = RNG(3).poisson(np.exp(2.0 + 0.004 * t)).astype(float)
    weight = RNG(4).uniform(0.3, 1.5, t.size)

    def loss(line):
        eta = line[0] + line[1] * t / 100
        return (weight * (np.exp(eta) - y * eta)).sum()

    best = optimize.minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-10}).x
    a, b, *_ = fit_line(t, y, weight, True)
    assert (a, b * 100) == pytest.approx(tuple(best), abs=1e-5)
    flat, slope, *_ = fit_line(t, y, weight, False)
    assert np.exp(flat) == pytest.approx((weight * y).sum() / weight.sum())
    assert slope == 0.0


@pytest.mark.slow
def test_a_steady_past_by_hand():
    """All weeks 8: mean 8, dispersion 1, 28 weeks; tau = 1 + 8 / (28 * 8)."""
    got = farrington(np.full(220, 8.0))
    tau = 1 + 1 / 28
    bound = (8 ** (2 / 3) + stats.norm.ppf(0.99) * np.sqrt(4 / 9 * 8 ** (1 / 3) * tau)) ** 1.5
    assert np.flatnonzero(np.isfinite(got.upper))[0] == 4 * 52 + 3
    assert got.upper[-1] == pytest.approx(bound)
    assert got.alarm[-1] == 0.0


def test_an_outbreak_raises_an_alarm_and_a_usual_winter_does_not():
    weeks = np.arange(300)
    season = np.exp(2.5 + 0.8 * np.cos(2 * np.pi * weeks / 52))
    counts = RNG(1).poisson(season).astype(float)
    counts[290] = 3 * season[290] + 20
    got = farrington(counts)
    assert got.alarm[290] == 1.0
    assert np.nanmean(got.alarm[:290]) < 0.05


def test_false_alarms_are_about_as_rare_as_asked_for():
    counts = RNG(2).poisson(20.0, (400, 200)).astype(float)
    alarm = farrington(counts, alpha=0.01).alarm
    assert 0.004 < np.nanmean(alarm) < 0.025


def test_a_past_outbreak_is_weighed_down():
    quiet = RNG(5).poisson(10.0, 260).astype(float)
    loud = quiet.copy()
    loud[259 - 52] = 200.0
    plain = (10 ** (2 / 3) + 2.33 * np.sqrt(4 / 9 * 10 ** (1 / 3))) ** 1.5
    assert farrington(loud).upper[259] < 3 * plain
    assert farrington(quiet).upper[259] < 2 * plain


def test_a_falling_past_lowers_the_bound_and_a_rising_one_is_not_carried_on():
    """The paper lets a trend stay only while it expects no more than the past has seen."""
    weeks = np.arange(260)
    rising = np.round(np.exp(1.5 + 0.006 * weeks))
    falling = rising[::-1].copy()
    level = np.full(260, rising[:-52].mean())
    assert farrington(falling).upper[-1] < 0.7 * farrington(level).upper[-1]
    assert farrington(rising).upper[-1] < 1.3 * farrington(level).upper[-1]


@pytest.mark.parametrize(("last_weeks", "alarm"), [([0, 0, 0, 4], 0.0), ([0, 0, 1, 4], 1.0)])
def test_no_alarm_below_five_cases_in_four_weeks(last_weeks, alarm):
    counts = np.zeros(220)
    counts[-4:] = last_weeks
    got = farrington(counts)
    assert got.upper[-1] == 0.0
    assert got.alarm[-1] == alarm


def test_gaps():
    counts = np.full(260, 8.0)
    counts[[259 - 52, 259 - 104]] = NAN
    assert np.isfinite(farrington(counts).upper[259])
    for year in (1, 2, 3):
        counts[259 - 52 * year - 3 : 259 - 52 * year + 4] = NAN
    assert np.isnan(farrington(counts).upper[259])
    counts[259] = -1.0
    assert np.isnan(farrington(counts).alarm[259])


def test_senseless_options_are_refused():
    with pytest.raises(ShapeError, match="years is 2 and half_window 3; give at least 3 years"):
        farrington(np.ones(300), years=2)
    with pytest.raises(ValueError, match=r"alpha is 0\.7; give 0 < alpha < 0\.5"):
        farrington(np.ones(300), alpha=0.7)
