"""The antecedent index by hand, and the return period against Hosking's own fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ShapeError
from tocsin.indicators.rain import (
    antecedent_precipitation_index,
    fit_gev,
    l_moments,
    return_period,
)

NAN = np.nan
SAMPLE = [2.0, 3.0, 4.0, 2.4, 5.5, 1.2, 5.4, 2.2, 7.1, 1.3, 1.5]


def test_the_index_by_hand():
    values, state = antecedent_precipitation_index([10, 0, 4, NAN, 0], recession=0.5)
    np.testing.assert_array_equal(values, [10, 5, 6.5, NAN, 1.625])
    assert state == 1.625


@given(st.integers(1, 19))
def test_the_index_in_two_parts_is_the_same_run(cut):
    rain = np.random.default_rng(1).gamma(0.3, 20, 20)
    whole, end = antecedent_precipitation_index(rain)
    first, state = antecedent_precipitation_index(rain[:cut])
    second, resumed = antecedent_precipitation_index(rain[cut:], initial=state)
    assert np.concatenate([first, second]).tolist() == whole.tolist()
    assert resumed == end


@pytest.mark.parametrize("recession", [0.0, 1.0, -0.5, NAN])
def test_a_senseless_recession_is_refused(recession):
    with pytest.raises(ValueError, match="give 0 < recession < 1"):
        antecedent_precipitation_index([1.0], recession=recession)


def test_l_moments_and_gev_of_hosking(table):
    names = ("l1", "l2", "t3", "location", "scale", "shape")
    expected = [float(table("lmoments3_gev.csv")[name]) for name in names]
    assert list(l_moments(SAMPLE)) == pytest.approx(expected[:3], abs=5e-9)
    fitted = fit_gev(SAMPLE, min_years=10)
    assert [float(part) for part in fitted] == pytest.approx(expected[3:], abs=2e-6)


def test_l_moments_by_hand():
    """Of 1, 2, 4: b1 = 10 / 6, b2 = 8 / 6, so l2 = 1 and l3 = 8 - 10 + 7 / 3 = 1 / 3."""
    assert l_moments([4.0, NAN, 1.0, 2.0]) == pytest.approx((7 / 3, 1.0, 1 / 3))


def test_a_quantile_has_the_period_it_was_made_for():
    record = np.random.default_rng(3).gumbel(40.0, 10.0, 60)
    location, scale, shape = fit_gev(record)
    for years in (2.0, 10.0, 100.0):
        reduced = -np.log(1 - 1 / years)
        amount = location + scale * (1 - reduced**shape) / shape
        assert return_period(amount, annual_maxima=record) == pytest.approx(years)


def test_two_places_and_their_own_records():
    rng = np.random.default_rng(5)
    records = np.stack([rng.gumbel(40, 10, 30), rng.gumbel(80, 10, 30)], axis=1)
    both = return_period([[60.0, 60.0], [90.0, 90.0]], annual_maxima=records)
    assert both.shape == (2, 2)
    assert both[1, 0] == return_period(90.0, annual_maxima=records[:, 0])
    assert (both[:, 0] > both[:, 1]).all()


@pytest.mark.parametrize(
    "record", [np.arange(19.0), np.full(30, 5.0), np.full(30, NAN), [NAN] * 11 + list(range(19))]
)
def test_a_short_or_flat_record_says_nothing(record):
    assert np.isnan(return_period(10.0, annual_maxima=record))


def test_far_beyond_the_record_the_period_is_cut_off():
    record = np.random.default_rng(3).gumbel(40.0, 10.0, 60)
    assert return_period(1e6, annual_maxima=record) == 10_000.0
    assert return_period(0.0, annual_maxima=record) == pytest.approx(1.0)


def test_a_record_without_years_is_refused():
    with pytest.raises(ShapeError, match="annual_maxima is a single number"):
        return_period(10.0, annual_maxima=5.0)
