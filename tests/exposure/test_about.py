"""The rounding of what is said: each number worked out by hand."""

from __future__ import annotations

import math

import pytest

from tocsin.exposure import about


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, 0), (0.2, 1), (1, 1), (7.4, 7), (99.4, 99), (99.6, 100), (100, 100), (104, 100),
        (105, 110), (995, 1000), (41_499, 41_000), (41_500, 42_000), (8_175_133, 8_200_000),
    ],
)  # fmt: skip
def test_two_digits_half_away_from_zero(value: float, said: int) -> None:
    assert about(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(41_999, 41_000), (99.9, 99), (0.2, 1), (0, 0), (120, 120)]
)
def test_a_lower_bound_stays_one(value: float, said: int) -> None:
    assert about(value, down=True) == said


@pytest.mark.parametrize("value", [math.nan, -1.0, math.inf])
def test_what_is_no_number_is_not_rounded(value: float) -> None:
    with pytest.raises(ValueError, match="unknown"):
        about(value)
