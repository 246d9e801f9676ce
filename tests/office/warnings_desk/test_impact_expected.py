"""Expected impact of a warning: observed, forecast and drawn, each number worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.office import drafting, factories
from tests.office.drafting import NOW, content
from tocsin import cap
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.impact_expected import (
    expected_facts,
    expected_parameters,
    expected_words,
    row_impact,
)
from tocsin.triggers.rules import Rule

CURVE = {
    "hazard": "heat", "unit": "degC", "harm": "people in need of help",
    "source": "made for a test; table 2", "intensity": [30, 40], "damage": [0, 0.1],
}  # fmt: skip
CLASSES = [
    {"name": {"en": "minor", "zh-Hans": "轻微"}, "at_least": 40},
    {"name": {"en": "severe", "zh-Hans": "严重"}, "at_least": 100},
]
MATRIX = {
    "impact_of": "people in need of help",
    "source": "a committee",
    "likelihood": [
        {"name": {"en": "possible", "zh-Hans": "可能"}, "at_least": 0.2},
        {"name": {"en": "likely", "zh-Hans": "很可能"}, "at_least": 0.6},
    ],
    "impact": CLASSES,
    "levels": [["blue", "orange"], ["yellow", "red"]],
}


def impact(**changed: Any) -> dict[str, Any]:
    return {
        "layer": "people", "curve": CURVE, "classes": CLASSES, "unit": "person",
        "amounts": {"west": 1000, "east": 1000}, "source": "a census", **changed,
    }  # fmt: skip


def rule(**changed: Any) -> Rule:
    return Rule.model_validate(factories.rule_definition(impact=impact(), **changed))


def by_matrix() -> Rule:
    made = impact(matrix=MATRIX)
    made.pop("classes")
    definition = factories.rule_definition(impact=made)
    text = definition["text"]
    return Rule.model_validate(
        definition | {"levels": {}, "text": {**text, "blue": text["yellow"]}}
    )


def row(area: str = "west", value: float = 95.0, **changed: Any) -> dict[str, Any]:
    return {
        "area": area, "level": 3, "station": "JFK", "indicator": "heat_index", "value": value,
        "unit": "degF", "threshold": 95.0, **changed,
    }  # fmt: skip


def test_an_observation_is_one_certain_member() -> None:
    # 95 degF is 35 degC: 0.05 of 1,000 people.
    facts = expected_facts(rule(), [row()], {"west": 1000.0})
    assert facts is not None
    assert (facts["value"], facts["members"], facts["forecast"]) == (50, 1, False)
    assert [one["probability"] for one in facts["classes"]] == [1, 0]
    assert expected_words(facts, "en") == "Expected: about 50 people in need of help."


def test_a_forecast_by_its_members_and_an_observation_in_each_of_them() -> None:
    ahead = row("east", 104.0, forecast={"values": [86.0, 95.0, 104.0, 104.0]})
    facts = expected_facts(rule(), [row(), ahead], {"west": 1000.0, "east": 1000.0})
    assert facts is not None
    # West 50 in each; east 0, 50, 100, 100: sums of 50, 100, 150, 150.
    assert (facts["value"], facts["members"], facts["forecast"]) == (112, 4, True)
    assert [one["probability"] for one in facts["classes"]] == [1, 0.75]


def test_an_area_without_value_or_people_is_left_out_and_told() -> None:
    facts = expected_facts(rule(), [row()], {"west": 1000.0, "east": 1000.0, "far": None})
    assert facts is not None
    assert (facts["value"], facts["areas"], facts["left_out"]) == (50, 1, 2)
    said = expected_words(facts, "en")
    assert said.endswith("Areas of which it is not known: 2; they are not in the number.")


def test_where_nothing_is_known_it_says_so() -> None:
    facts = expected_facts(rule(), [], {"west": 1000.0})
    assert facts is not None
    assert facts["value"] is None
    assert expected_words(facts, "en") == (
        "How many people in need of help are to be expected is not known."
    )
    assert [one.value for one in expected_parameters(facts, "en")][1:] == ["unknown", "unknown"]


def test_a_value_of_another_indicator_says_nothing() -> None:
    facts = expected_facts(rule(), [row(indicator="wind_chill")], {"west": 1000.0})
    assert facts is not None
    assert facts["value"] is None


def test_where_another_indicator_is_quoted_the_impact_is_of_the_rule_s_own() -> None:
    quoted = row(value=31.0, indicator="wet_bulb_temperature", unit="degC", own_value=95.0)
    facts = expected_facts(rule(), [quoted], {"west": 1000.0})
    assert facts is not None
    assert facts["value"] == 50  # 95 degF is 35 degC: 0.05 of 1,000 people
    ahead = {**quoted, "forecast": {"values": [86.0, 104.0]}}  # always of the rule's own
    facts = expected_facts(rule(), [ahead], {"west": 1000.0})
    assert facts is not None
    assert (facts["value"], facts["members"]) == (50, 2)


def test_evidence_quotes_likelihood_and_class_in_words() -> None:
    # 0, 50, 50 and 100: 40 or more in 3 of 4, likely, yellow; 100 in 1, possible, orange.
    ahead = row(value=104.0, forecast={"values": [86.0, 95.0, 95.0, 104.0]})
    told = row_impact(by_matrix(), ahead)["impact"]
    assert (told["value"], told["probability"]) == (50, 0.25)
    assert (told["likelihood"]["en"], told["class"]["en"]) == ("possible", "severe")
    told = row_impact(by_matrix(), row())["impact"]
    assert (told["likelihood"]["en"], told["class"]["zh-Hans"]) == ("likely", "轻微")


def test_parameters_have_documented_names() -> None:
    facts = expected_facts(rule(), [row()], {"west": 1000.0})
    assert [(one.value_name, one.value) for one in expected_parameters(facts, "en")] == [
        (
            "tocsin:expected-impact",
            "50 people in need of help; members 1; areas 1, left out 0; made for a test, table 2",
        ),
        ("tocsin:impact-at-least:40", "1"),
        ("tocsin:impact-at-least:100", "0"),
    ]


@pytest.mark.django_db
def test_a_drawn_half_of_a_county_has_half_of_the_impact() -> None:
    office = drafting.make_office()
    half = [(40.0, -75.0), (40.0, -74.5), (41.0, -74.5), (41.0, -75.0)]
    said = content(blocks=[{"level": "orange", "polygons": [half]}])
    one = drafting.approved(office, said)
    version = factories.make_rule(impact=impact())
    one.rule_version, one.trigger_evidence = version, [row()]
    one.save()
    message = drafts.issue_draft(one, by=office.approver, at=NOW)
    assert message.impact["expected"]["value"] == 25
    info = cap.parse(bytes(message.raw)).alert.info[0]
    told = {one.value_name: one.value for one in info.parameter}
    assert told["tocsin:expected-impact"].startswith("25 people in need of help; members 1;")
    assert told["tocsin:impact-at-least:40"] == "0"
