"""The page of all fields of a rule: nothing left out, and every example is taken as it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.rules import CapFields, Condition, Rule

PAGE = (Path(__file__).parents[2] / "docs" / "guide" / "rules.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \|(.*?)\| `(.*?)` \| (.+) \|$", PAGE, re.MULTILINE)
NEED_A_REGION = frozenset({"impact"})  # its curve is a file: tests/region/test_impact_files.py
EXAMPLES = [(name, example) for name, _, example, _ in ROWS if name not in NEED_A_REGION]
TOGETHER: dict[str, dict[str, Any]] = {
    "unit": {"indicator": "heat_index"},
    "join": {"also": [{"indicator": "wind_mean", "unit": "m/s", "levels": {"blue": 8, "red": 8}}]},
    "also": {"join": "all"},
    "min_known": {"min_share": 0.2},
}
"""What a field needs beside it to be of use."""


def base() -> dict[str, Any]:
    words = {"headline": {"en": "{value}"}, "instruction": {"en": "do"}}
    return {
        "id": "heat", "version": 1, "name": {"en": "Heat"}, "hazard": "heat", "unit": "degF",
        "indicator": "heat_index", "levels": {"blue": 90, "red": 105}, "source": "a test",
        "text": {"blue": words, "red": words},
    }  # fmt: skip


def test_every_field_of_a_rule_has_its_row() -> None:
    assert sorted(name for name, *_ in ROWS) == sorted(Rule.model_fields)
    assert set(Condition.model_fields) < set(Rule.model_fields)


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_is_a_good_line(name: str, example: str) -> None:
    given = tomllib.loads(example)
    assert list(given) == [name]
    data = base() | TOGETHER.get(name, {}) | given
    if name == "text":
        data["levels"] = {"red": 105}
    rule = Rule.model_validate(data)
    assert set(rule.indicators) <= CATALOGUE.keys()


@pytest.mark.parametrize("name", list(CapFields.model_fields))
def test_what_cap_has_by_itself_is_true(name: str) -> None:
    (said,) = re.findall(rf"^\| `{name}` \| `(.+)` \|$", PAGE, re.MULTILINE)
    default = CapFields.model_fields[name].default
    assert said == (str(list(default)).replace("'", '"') if isinstance(default, tuple) else default)


@pytest.mark.parametrize(
    "name", ["hysteresis", "persistence_h", "hold_h", "max_gap_h", "valid_h", "probability"]
)
def test_what_holds_where_nothing_is_said_is_true(name: str) -> None:
    (said,) = [what for field, *_, what in ROWS if field == name]
    assert said.split(";")[-1].strip() == f"{Rule.model_fields[name].default:g}"


def test_the_whole_rule_of_the_page_is_one() -> None:
    block = re.search(r"\n((?:    .*\n|\n)+?)## Who", PAGE)
    assert block is not None
    (table,) = tomllib.loads(re.sub(r"^    ", "", block[1], flags=re.MULTILINE))["rule"]
    rule = Rule.model_validate(table)
    assert rule.indicator in CATALOGUE
