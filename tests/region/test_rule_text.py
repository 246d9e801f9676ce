"""A rule as text and back: nothing is lost, and a text is judged as a rule file would be."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.region.pack_files import load_pack, pack_ids
from tocsin.region.rule_text import definition_of, read_rule, rule_as_toml

BOTH = ("en", "zh-Hans")
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=6)
SCALARS = (
    st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.dictionaries(KEYS, inner, max_size=3)
        | st.lists(SCALARS, max_size=3)
        | st.lists(st.dictionaries(KEYS, inner, max_size=2), min_size=1, max_size=2)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_whatever_a_definition_holds_comes_back(definition: dict[str, Any]) -> None:
    """Fields that no part of the program knows yet included."""
    assert tomllib.loads(rule_as_toml(definition)) == {"rule": [definition]}


@pytest.mark.parametrize("pack", pack_ids())
def test_every_rule_of_every_pack_survives_its_text(pack: str) -> None:
    for rule in load_pack(pack).rules():
        text = rule_as_toml(definition_of(rule))
        read, faults = read_rule(text, languages=BOTH, areas=())
        assert not faults, text
        assert read == rule


def as_kept(value: Any) -> Any:
    """Return a value as PostgreSQL gives it back: the keys of each object by length."""
    if isinstance(value, list):
        return [as_kept(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: as_kept(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}


@pytest.mark.parametrize("pack", pack_ids())
def test_the_text_is_the_same_in_whatever_order_keys_are_kept(pack: str) -> None:
    for rule in load_pack(pack).rules():
        definition = definition_of(rule)
        assert rule_as_toml(as_kept(definition)) == rule_as_toml(definition)


def test_fields_stand_in_the_order_of_the_model() -> None:
    levels = {"red": 110.0, "orange": 105.0, "blue": 90.0, "yellow": 95.0}
    rising = "{ blue = 90.0, yellow = 95.0, orange = 105.0, red = 110.0 }"
    words = {"zh-Hans": "高温", "en": "Heat"}
    said = {"instruction": words, "headline": words}
    rule = heat(
        levels=levels,
        levels_by_area={"west": levels, "east": levels},
        levels_by_season=[{"levels": levels, "last": "09-30", "first": "05-01"}],
        also=[{"levels": levels, "unit": "degC", "indicator": "air_temperature"}],
        record={"AAA": {"gev": [1.0, 2.0, 0.1], "last": 2020, "first": 1991, "years": 30}},
        cap={"response": ["Avoid"], "urgency": "Future", "category": ["Met"]},
        text={"red": said, "orange": said, "yellow": said, "blue": said},
        a_field_of_tomorrow=1,
    )
    shown = rule_as_toml(dict(reversed(rule.items())))
    assert shown == rule_as_toml(as_kept(rule))
    headings = re.findall(r"(?m)^\[+([^]]+)\]+$", shown)
    assert headings == [
        "rule", "rule.record.AAA", "rule.levels_by_area", "rule.levels_by_season", "rule.also",
        "rule.cap", "rule.text.blue", "rule.text.yellow", "rule.text.orange", "rule.text.red",
    ]  # fmt: skip
    fields = re.findall(r"(?m)^([a-z_]+) =", shown.split("[rule.")[0])
    assert fields == [
        "id", "version", "name", "hazard", "indicator", "unit", "levels", "source",
        "a_field_of_tomorrow",
    ]  # fmt: skip
    for line in (
        f"levels = {rising}",
        f"east = {rising}\nwest = {rising}",
        f'first = "05-01"\nlast = "09-30"\nlevels = {rising}',
        f'indicator = "air_temperature"\nunit = "degC"\nlevels = {rising}',
        'category = ["Met"]\nurgency = "Future"\nresponse = ["Avoid"]',
        'headline = { en = "Heat", zh-Hans = "高温" }\ninstruction = ',
    ):
        assert line in shown


def heat(**changed: Any) -> dict[str, Any]:
    words = {"en": "Heat {value}", "zh-Hans": "高温{value}"}
    rule = {
        "id": "heat", "version": 3, "name": {"en": "Heat", "zh-Hans": "高温"}, "hazard": "heat",
        "indicator": "heat_index", "unit": "degF", "levels": {"yellow": 95.0}, "source": "a test",
        "text": {"yellow": {"headline": words, "instruction": words}},
    }  # fmt: skip
    return {**rule, **changed}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[rule]\nid = 1", 1, "This is not TOML"),
        ("", 0, "The file holds no [[rule]]."),
        (rule_as_toml(heat(levels={"yellow": "hot"})), 8, "This is not a number."),
        (rule_as_toml(heat(areas=["atlantis"])), 9, "No area has this code."),
        (rule_as_toml(heat(colour="green")), 10, "This key is not known here."),
        (rule_as_toml(heat()) + rule_as_toml(heat(id="two")), 14, "more than one rule"),
        ('[[pack]]\nid = "us-nws"\n', 1, "Here stands one whole rule."),
    ],
)
def test_each_fault_has_its_line(text: str, line: int, said: str) -> None:
    rule, faults = read_rule(text, languages=BOTH, areas=("west",))
    assert rule is None
    assert [fault.line for fault in faults] == [line]
    assert said in faults[0].problem


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": {"en": "Heat\x00", "zh-Hans": "高温"}}, "control character"),
        ({"source": "a\x07test"}, "control character"),
        ({"source": "a\ufffftest"}, "control character"),
        ({"hazard": "h" * 41}, "more than 40 letters"),
    ],
)
def test_what_no_message_can_hold_is_told_before_it_is_kept(
    changed: dict[str, Any], said: str
) -> None:
    rule, faults = read_rule(rule_as_toml(heat(**changed)), languages=BOTH, areas=())
    assert rule is None
    assert [said in one.problem for one in faults] == [True]


@pytest.mark.parametrize(
    "words",
    [
        "{value!r:{place}}",
        "{value!r}",
        "{value:>99999999}",
        "{value.__class__:{place}}",
        "{0}",
        "{}",
    ],
)
def test_a_blank_is_a_name_and_nothing_that_computes(words: str) -> None:
    """Such a text would fail, or fill the memory, at the hour in which the rule has to warn."""
    text = {"yellow": {"headline": {"en": words, "zh-Hans": "高温"},
                       "instruction": {"en": "Drink.", "zh-Hans": "喝水。"}}}  # fmt: skip
    rule, faults = read_rule(rule_as_toml(heat(text=text)), languages=BOTH, areas=())
    assert rule is None
    assert {one.problem for one in faults} == {"Nothing can be filled in here."}
