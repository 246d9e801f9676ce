"""Likelihood times impact: cells by hand, what is refused, members of a forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tocsin.errors import ShapeError
from tocsin.triggers.matrix import Matrix
from tocsin.triggers.rules import Level


def classes(*limits: float) -> list[dict[str, Any]]:
    return [{"name": {"en": f"from {limit}"}, "at_least": limit} for limit in limits]


DATA: dict[str, Any] = {
    "impact_of": "people in need of help",
    "source": "made for this test",
    "likelihood": classes(0.1, 0.3, 0.6),
    "impact": classes(100, 1000, 10_000),
    "levels": [
        ["none", "blue", "yellow"],
        ["blue", "yellow", "orange"],
        ["blue", "orange", "red"],
    ],
}
MATRIX = Matrix.model_validate(DATA)


@pytest.mark.parametrize(
    ("likelihood", "impact", "level"),
    [
        (0.09, 1e6, Level.NONE),
        (1, 99, Level.NONE),
        (0, 0, Level.NONE),
        (0.1, 100, Level.NONE),
        (0.1, 1000, Level.BLUE),
        (0.1, 10_000, Level.YELLOW),
        (0.3, 999, Level.BLUE),
        (0.3, 1000, Level.YELLOW),
        (0.59, 10_000, Level.ORANGE),
        (0.6, 1000, Level.ORANGE),
        (1, 1e9, Level.RED),
        (0.1 + 0.1 + 0.1 - 1e-16, 1000, Level.YELLOW),
        (1, np.inf, Level.RED),
    ],
)
def test_each_cell(likelihood: float, impact: float, level: Level) -> None:
    assert MATRIX.level(likelihood, impact) == level


def test_not_known_is_not_no_level() -> None:
    assert MATRIX.level(np.nan, 1000) is None
    assert MATRIX.level(0.5, np.nan) is None
    levels, known = MATRIX.levels_at([0.7, np.nan], [[50], [20_000]])
    assert levels.tolist() == [[0, 0], [4, 0]]
    assert known.tolist() == [[True, False], [True, False]]


def test_a_small_chance_of_a_disaster_counts_although_the_mean_is_slight() -> None:
    slight = [150] * 9
    assert MATRIX.level_of([*slight, 150]) == Level.BLUE
    assert MATRIX.level_of([*slight, 20_000]) == Level.YELLOW
    assert MATRIX.level_of([*slight, 20_000], [0.105] * 9 + [0.05]) == Level.BLUE


def test_members_by_hand() -> None:
    # 4 of 10 reach 10,000 (orange), 7 of 10 reach 1,000 (orange), all reach 100 (blue)
    assert MATRIX.level_of([10_000] * 4 + [1000] * 3 + [100] * 3) == Level.ORANGE
    assert MATRIX.level_of([10_000] * 6 + [0] * 4) == Level.RED
    assert MATRIX.level_of([0] * 10) == Level.NONE
    assert MATRIX.level_of([]) is None
    assert MATRIX.level_of([1e6, np.nan]) is None


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=20), st.floats(1, 10))
def test_more_impact_never_lowers_the_level(impacts: list[float], times: float) -> None:
    before, after = MATRIX.level_of(impacts), MATRIX.level_of([v * times for v in impacts])
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"likelihood": classes(0.3, 0.3, 0.6)}, "each above the one before"),
        ({"likelihood": classes(10, 30, 60)}, "60 is more than certain; write shares"),
        ({"impact": classes(0, 1, 2)}, "greater than 0"),
        ({"levels": DATA["levels"][:2]}, "expected 3 rows of 3"),
        ({"levels": [["none"] * 3] * 3}, "never warns"),
        ({"levels": [["purple"] * 3] * 3}, "'purple' is no level; write none, blue"),
        (
            {"levels": [["blue"] * 3, ["none", "blue", "red"], ["red"] * 3]},
            "with more likelihood the level falls after row 1, column 1",
        ),
        (
            {"levels": [["blue"] * 3, ["blue", "red", "blue"], ["red"] * 3]},
            "with more impact the level falls after row 2, column 2",
        ),
        ({"source": ""}, "at least 1 character"),
    ],
)
def test_a_matrix_that_cannot_be_meant_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Matrix.model_validate({**DATA, **wrong})


def test_percent_and_wrong_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="likelihood 60 lies outside 0 to 1"):
        MATRIX.level(60, 100)
    with pytest.raises(ShapeError, match="expected as many"):
        MATRIX.level_of([1, 2], [1])
