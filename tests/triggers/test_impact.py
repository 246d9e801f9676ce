"""A rule's impact: limits, expected impact and levels, every number worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from tocsin.exposure import Curve, Sigmoid
from tocsin.triggers.ahead import by_matrix
from tocsin.triggers.evaluate import Calendar, evaluate
from tocsin.triggers.evidence import evidence
from tocsin.triggers.expected import expected
from tocsin.triggers.impact import RuleImpact, expected_impact, limit_of
from tocsin.triggers.rules import Level, Rule

from .make_ahead import ahead_of, run_of, seen_of

CURVE: dict[str, Any] = {
    "hazard": "heat", "unit": "degC", "harm": "people in need of help", "source": "made for a test",
    "intensity": [30, 40], "damage": [0, 0.1],
}  # fmt: skip
MATRIX: dict[str, Any] = {
    "impact_of": "people in need of help",
    "source": "made for a test",
    "likelihood": [
        {"name": {"en": "possible"}, "at_least": 0.2},
        {"name": {"en": "likely"}, "at_least": 0.6},
    ],
    "impact": [
        {"name": {"en": "minor"}, "at_least": 100},
        {"name": {"en": "severe"}, "at_least": 5000},
    ],
    "levels": [["blue", "orange"], ["yellow", "red"]],
}
TEXT = {"headline": {"en": "Heat"}, "instruction": {"en": "Drink."}}
CLASSES = [{"name": {"en": "minor"}, "at_least": 100}, {"name": {"en": "severe"}, "at_least": 1500}]


def impact(**changed: Any) -> RuleImpact:
    given = {"layer": "people", "curve": CURVE, "classes": CLASSES, **changed}
    return RuleImpact.model_validate({k: v for k, v in given.items() if v is not None})


def rule(**changed: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": "heat", "version": 1, "name": {"en": "Heat"}, "hazard": "heat",
        "indicator": "heat_index", "unit": "degF", "source": "made for a test", "hold_h": 0,
        "text": dict.fromkeys(("blue", "yellow", "orange", "red"), TEXT),
        "impact": {
            "layer": "people", "curve": CURVE, "matrix": MATRIX,
            "amounts": {"town": 100_000, "village": 2_000},
        },
    }  # fmt: skip
    return Rule.model_validate({**fields, **changed})


class TestLimit:
    def test_a_straight_curve_is_turned_round(self) -> None:
        curve = Curve.model_validate(CURVE)
        assert limit_of(curve, 0.05, falls=False) == 35
        assert limit_of(curve, 0.1, falls=False) == 40
        assert limit_of(curve, 0.11, falls=False) is None

    def test_a_step_is_reached_at_its_upper_side(self) -> None:
        step = Curve.model_validate({**CURVE, "intensity": [30, 33, 33], "damage": [0, 0, 0.1]})
        assert limit_of(step, 0.02, falls=False) == 33

    def test_cold_falls(self) -> None:
        cold = Curve.model_validate({**CURVE, "intensity": [-30, -10], "damage": [0.2, 0]})
        assert limit_of(cold, 0.1, falls=True) == -20

    def test_a_sigmoid(self) -> None:
        storm = Sigmoid(
            hazard="wind", unit="m s-1", harm="value lost", source="t", threshold=25, half=75
        )
        assert limit_of(storm, 0.5, falls=False) == pytest.approx(75)


class TestExpected:
    def test_by_hand(self) -> None:
        # Ratios of 35 and 40 degC are 0.05 and 0.1: members harm 5,000 and 10,000 of 100,000.
        found = expected_impact(impact(), {"town": [95.0, 104.0]}, {"town": 100_000.0}, "degF")
        assert found.value == pytest.approx(7500)
        assert (found.members, found.areas, found.left_out) == (2, 1, 0)
        assert [one.probability for one in found.classes] == [1, 1]

    def test_probabilities_of_the_classes(self) -> None:
        # 2,000 people: 0, 20, 100, 200 in need of help.
        values = {"village": [30.0, 31.0, 35.0, 40.0]}
        found = expected_impact(impact(), values, {"village": 2000.0}, "degC")
        assert found.value == pytest.approx((0 + 20 + 100 + 200) / 4)
        assert [one.probability for one in found.classes] == [0.5, 0]

    def test_what_is_not_known_is_left_out_and_told(self) -> None:
        values = {"town": [35.0], "mute": [np.nan]}
        amounts = {"town": 1000.0, "mute": 500.0, "unseen": 300.0, "uncounted": None}
        found = expected_impact(impact(), values, amounts, "degC")
        assert (found.value, found.areas, found.left_out) == (pytest.approx(50), 1, 3)

    def test_nothing_known_is_not_zero(self) -> None:
        found = expected_impact(impact(), {}, {"town": 1000.0}, "degC")
        assert (found.value, found.left_out) == (None, 1)
        assert [one.probability for one in found.classes] == [None, None]

    def test_a_member_that_says_nothing_of_one_area_does_not_count(self) -> None:
        values = {"a": [35.0, 40.0], "b": [35.0, np.nan]}
        found = expected_impact(impact(), values, {"a": 1000.0, "b": 1000.0}, "degC")
        assert (found.value, found.members) == (pytest.approx(100), 1)


class TestLevels:
    def test_limits_of_a_certain_impact_in_the_unit_of_the_rule(self) -> None:
        one = rule().impact
        assert one is not None
        # 100 of 100,000 is 0.001: 30.1 degC; 5,000 is 0.05: 35 degC. Certain means the last row.
        limits = one.limits("at-or-above", "degF", "town")
        assert limits == {"blue": 86.18, "yellow": 86.18, "orange": 95, "red": 95}
        # 100 of 2,000 is 0.05; 5,000 of 2,000 cannot be.
        assert one.limits("at-or-above", "degF", "village") == {"blue": 95, "yellow": 95}
        assert one.limits("at-or-above", "degF", "elsewhere") == {}

    def test_the_same_path_as_thresholds(self) -> None:
        times = np.datetime64("2020-07-01T00", "h") + np.arange(4)
        hours = Calendar(times.astype("datetime64[D]"), np.arange(4))
        at_station = np.array([[30.0], [30.2], [35.0], [29.0]])  # degC, as the catalogue has it
        order = {"town": [0], "village": [0], "elsewhere": [0]}
        found = evaluate(rule(), {"heat_index": at_station}, order, hours)
        assert found.levels.T.tolist() == [[0, 2, 4, 0], [0, 0, 2, 0], [0, 0, 0, 0]]

    def test_the_matrix_says_the_same_of_one_member(self) -> None:
        one = rule().impact
        assert one is not None
        assert one.matrix is not None
        for celsius in (29.0, 30.05, 30.2, 34.9, 35.0, 41.0):
            impact_there = 100_000 * float(one.curve.ratio(celsius))
            limits = one.limits("at-or-above", "degC", "town")
            reached = [Level.of(word) for word, limit in limits.items() if celsius >= limit]
            assert one.matrix.level_of([impact_there]) == max(reached, default=Level.NONE)


def test_evidence_of_another_indicator_has_the_value_of_the_rule_s_own() -> None:
    humid = {
        "indicator": "temperature", "unit": "degC", "levels": {"yellow": 28.0},
    }  # fmt: skip
    both = rule(
        levels={"yellow": 95.0}, text={"yellow": TEXT}, join="any", also=[humid],
        impact={"layer": "people", "curve": CURVE, "classes": CLASSES},
    )  # fmt: skip
    hours = Calendar(np.array(["2020-07-01"], "datetime64[D]"), np.arange(1))
    values = {"heat_index": np.array([[33.0]]), "temperature": np.array([[29.0]])}
    found = evidence(evaluate(both, values, {"town": [0]}, hours), 0, "town")
    assert (found.indicator, found.value, found.own) == (
        "temperature", 29.0, pytest.approx(91.4),
    )  # fmt: skip
    values["heat_index"] = np.array([[36.0]])
    assert evidence(evaluate(both, values, {"town": [0]}, hours), 0, "town").own is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"levels": {"yellow": 95}}, "levels and a matrix of impact cannot go together"),
        ({"impact": None}, "levels is missing"),
        ({"text": {"red": TEXT}}, "no text for level blue"),
        ({"impact": {"layer": "people", "curve": CURVE}}, "classes of impact or a matrix"),
        (
            {"impact": {"layer": "people", "curve": CURVE, "classes": CLASSES[::-1]}},
            "each above the one before",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule(**changed)


def test_a_rule_with_thresholds_may_name_a_curve_and_classes() -> None:
    made = rule(levels={"yellow": 95}, text={"yellow": TEXT}, impact=impact().model_dump())
    assert (made.by_impact, made.level_words) == (False, ("yellow",))


def test_members_are_judged_class_by_class_and_the_matrix_asked_with_their_share() -> None:
    # Classes of 100 and 5,000 of 100,000 people begin at 30.1 and 35 degC.
    shares = np.array([[[0.2], [0.7]], [[0.0], [0.25]]])  # (class, hour, area)
    one = rule().impact
    assert one is not None
    assert one.matrix is not None
    level, first, bars = by_matrix(shares, one.matrix)
    # Minor: possible at once (blue), likely an hour later (yellow). Severe: possible then: orange.
    assert (level.tolist(), first.tolist()) == ([Level.ORANGE], [1])
    assert bars == {(0, 1): (1, 0.2), (0, 2): (1, 0.6), (0, 3): (2, 0.2)}


def test_a_forecast_of_four_members_by_the_matrix() -> None:
    seen = seen_of(25.0)
    run = run_of([[31.0], [31.0], [31.0], [36.0]], first=1)
    warm = rule(
        indicator="temperature", unit="degC", lead_h=2,
        impact={"layer": "people", "curve": CURVE, "matrix": MATRIX, "amounts": {"X": 100_000}},
    )  # fmt: skip
    ahead = ahead_of(warm, seen, [run])
    assert ahead is not None
    # 1,000 or more in need of help in all four: likely and minor, yellow; 6,000 in one: possible
    # and severe, orange.
    assert ahead.level.tolist() == [Level.ORANGE]
    found = expected(ahead, ahead.areas[0])
    assert found is not None
    assert (found.level, found.share, found.present) == (Level.ORANGE, 0.25, 4)
    assert (found.evidence.peak, found.evidence.threshold) == (36.0, 35.0)
    milder = expected(ahead, ahead.areas[0], Level.YELLOW)
    assert milder is not None
    assert (milder.share, milder.evidence.threshold) == (1.0, 30.1)
