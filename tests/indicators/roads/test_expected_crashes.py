"""Empirical Bayes by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.indicators.roads import crash_excess, expected_crashes


@pytest.mark.parametrize(
    ("observed", "predicted", "overdispersion", "expected"),
    [
        (10.0, 5.0, 0.2, 7.5),  # the weight is 1 / (1 + 0.2 * 5) = 0.5
        (0.0, 4.0, 0.25, 2.0),
        (12.0, 6.0, 0.0, 6.0),  # the function is trusted fully
        (10.0, 0.0, 0.2, np.nan),
        (-1.0, 5.0, 0.2, np.nan),
        (10.0, 5.0, -0.1, np.nan),
    ],
)
def test_by_hand(observed, predicted, overdispersion, expected):
    np.testing.assert_equal(expected_crashes(observed, predicted, overdispersion), expected)
    np.testing.assert_equal(crash_excess(observed, predicted, overdispersion), expected - predicted)


@given(st.floats(0, 100), st.floats(0.1, 50), st.floats(0, 5))
def test_between_what_was_counted_and_what_was_predicted(observed, predicted, overdispersion):
    got = expected_crashes(observed, predicted, overdispersion)
    low, high = sorted((observed, predicted))
    assert low - 1e-9 <= got <= high + 1e-9


def test_more_years_of_counts_weigh_more():
    one, five = expected_crashes([4.0, 20.0], [2.0, 10.0], 0.5)
    assert five / 5 > one
    assert five / 5 == pytest.approx((10 / 6 + 20 * 5 / 6) / 5)
