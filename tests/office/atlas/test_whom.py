"""Who and what is inside, as pages say it: about, at least, none, not known; in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from tocsin.office.atlas.whom import expected_said, facility_words, filled_in, lines_of, people_said


def fact(name: str, value: float | None, unit: str = "", **changed: Any) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "known": 1.0, "source": "Census, table 1",
        "date": "2020-11-01", "grade": "counted", **changed,
    }  # fmt: skip


FACTS = [
    fact("people", 41_499, "person"),
    fact("school", 12),
    fact("hospital", 2),
    fact("shelter", 0),
    fact("roads", 34.6, "km"),
    fact("households", 15_820, "household", title={"en": "households", "zh-Hans": "户数"}),
]


def test_each_number_has_its_words_its_source_and_its_day() -> None:
    lines = lines_of(FACTS)
    assert [line.text for line in lines] == [
        "about 41,000 people", "12 schools", "2 hospitals", "about 35 km of roads",
        "about 16,000 households",
    ]  # fmt: skip
    assert {(line.source, line.day, line.grade, line.known) for line in lines} == {
        ("Census, table 1", "1 Nov 2020", "counted", "")
    }


def test_the_same_in_chinese() -> None:
    with translation.override("zh-hans"):
        lines = lines_of(FACTS)
    assert [line.text for line in lines] == [
        "约4.1万人", "12所学校", "2家医院", "roads约35 km", "户数约1.6万",
    ]  # fmt: skip
    assert (lines[0].day, lines[0].grade) == ("2020年11月1日", "统计")


def test_what_is_known_in_part_is_a_lower_bound_and_none_is_said_only_of_that_part() -> None:
    lines = lines_of(
        [
            fact("people", 41_999, "person", known=0.931),
            fact("school", 0, known=0.931),
            fact("hospital", 0, known=0.931),
            fact("depot", 0),
        ]
    )
    assert [(line.text, line.known) for line in lines] == [
        ("at least 41,000 people", "93.1 %"),
        ("schools, hospitals: none where it is known", "93.1 %"),
    ]


def test_what_is_not_known_is_never_nothing() -> None:
    lines = lines_of([fact("people", None, "person", known=0.0), fact("school", None, known=0.0)])
    assert [(line.text, line.is_unknown) for line in lines] == [
        ("people: not known", True), ("schools: not known", True),
    ]  # fmt: skip
    assert people_said({"people": None}) == "number of people unknown"


@pytest.mark.parametrize(
    ("impact", "said"),
    [
        ({"people": 8_175_133}, "about 8.2 million people"),
        ({"people": 41_999, "people_known": 0.5}, "at least 41,000 people"),
        ({"people": 1_000_000, "people_is_at_most": True}, "at most 1 million people"),
    ],
)
def test_people_in_a_sentence_of_new_messages_and_old(impact: dict[str, Any], said: str) -> None:
    assert people_said(impact) == said


def test_facilities_of_a_card_and_a_blank_in_a_text() -> None:
    assert facility_words(FACTS) == ["12 schools", "2 hospitals"]
    assert filled_in("{people} live here", {"people": 41_499}) == "41,000 live here"
    assert filled_in("{people} live here", {}) == "an unknown number of live here"
    assert filled_in("nothing", {"people": 3}) == "nothing"


def test_expected_impact_with_likelihood_class_and_what_is_left_out() -> None:
    facts = {
        "value": 1_234, "harm": "people in need of help", "members": 50, "forecast": True,
        "left_out": 2, "date": None, "grade": "estimated",
        "likelihood": {"en": "likely", "zh-Hans": "很可能"},
        "class": {"en": "severe", "zh-Hans": "严重"},
        "classes": [
            {"name": {"en": "minor"}, "at_least": 100, "probability": 0.64},
            {"name": {"en": "severe"}, "at_least": 1000, "probability": None},
        ],
    }  # fmt: skip
    said = expected_said(facts)
    assert said.text == "Expected: about 1,200 people in need of help"
    assert said.why == "Likelihood: likely; impact: severe"
    assert said.classes == (("minor", "100", "64 %"), ("severe", "1,000", "not known"))
    assert said.rests_on == "By a forecast of 50 members."
    assert said.left_out == "2 areas are not in the number: it is not known there."
    with translation.override("zh-hans"):
        assert expected_said(facts).why == "可能性：很可能；影响程度：严重"
    assert expected_said({**facts, "value": None}).text == (
        "Expected impact (people in need of help): not known"
    )
