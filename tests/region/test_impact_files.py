"""Curves and matrices of a region: put into rules, with people; every fault with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.region.folder import AREAS, REGION, RULES, make_region_folder
from tocsin.region import check_region, load_region
from tocsin.region.archive import rules_in
from tocsin.region.doubts import doubts_of
from tocsin.region.rule_text import definition_of, read_rule, rule_as_toml
from tocsin.triggers.rules import Rule

FILES = '\n[files]\ncurves = "curves.toml"\n'
CURVES = """\
[[curve]]
id = "help"
hazard = "heat"
unit = "degC"
harm = "people in need of help"
source = "made for a test"
intensity = [30, 40]
damage = [0, 0.5]

[[matrix]]
id = "committee"
impact_of = "people in need of help"
source = "made for a test"
likelihood = [{ name = { en = "likely", zh-Hans = "很可能" }, at_least = 0.5 }]
impact = [
  { name = { en = "minor", zh-Hans = "轻微" }, at_least = 100 },
  { name = { en = "severe", zh-Hans = "严重" }, at_least = 500 },
]
levels = [["yellow", "red"]]
"""
BY_MATRIX = """
[rule.impact]
layer = "people"
curve = "help"
matrix = "committee"

[rule.name]"""
LEVELS = "levels = { yellow = 95, red = 105 }\n"
RULED = RULES.replace(LEVELS, "").replace("\n[rule.name]", BY_MATRIX, 1)


def folder(tmp_path: Path, **changed: str) -> Path:
    files = {"region.toml": REGION + FILES, "rules.toml": RULED, **changed}
    make_region_folder(tmp_path, files)
    (tmp_path / "curves.toml").write_text(changed.get("curves", CURVES))
    return tmp_path


def rule_of(tmp_path: Path) -> Rule:
    return next(one for one in load_region(tmp_path).rules if one.id == "heat")


def test_a_rule_holds_the_curve_the_matrix_and_the_people_of_its_areas(tmp_path: Path) -> None:
    impact = rule_of(folder(tmp_path)).impact
    assert impact is not None
    assert (impact.amounts, impact.unit) == ({"E1": 1200, "W1": 800}, "person")
    assert (impact.date, impact.grade) == (date(2020, 1, 1), "estimated")
    # 100 of 1,200 is 1/12: 31 2/3 degC, 89 degF; 500 is 5/12: 38 1/3 degC, 101 degF.
    assert impact.limits("at-or-above", "degF", "E1") == pytest.approx(
        {"yellow": 89.0, "red": 101.0}, abs=1e-5
    )
    # 500 of 800 is more than half: the curve ends there, W1 is never red.
    assert impact.limits("at-or-above", "degF", "W1") == pytest.approx({"yellow": 90.5}, abs=1e-5)


def test_what_was_stored_reads_again_as_it_was(tmp_path: Path) -> None:
    rule = rule_of(folder(tmp_path))
    again = Rule.model_validate(rule.model_dump(mode="json", exclude_none=True))
    assert again == rule


def test_an_area_of_unknown_people_is_left_out(tmp_path: Path) -> None:
    folder(tmp_path)
    areas = AREAS.replace('800,2020-01-01,"Census 2020, table 1"', ",,")
    (tmp_path / "areas.csv").write_text(areas)
    impact = rule_of(tmp_path).impact
    assert impact is not None
    assert impact.amounts == {"E1": 1200}


def test_classes_beside_thresholds(tmp_path: Path) -> None:
    named = BY_MATRIX.replace(
        'matrix = "committee"', 'classes = [{ name = { en = "x", zh-Hans = "甲" }, at_least = 10 }]'
    )
    text = RULES.replace("\n[rule.name]", named, 1)
    rule = rule_of(folder(tmp_path, **{"rules.toml": text}))
    assert (rule.by_impact, rule.levels) == (False, {"yellow": 95, "red": 105})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('curve = "help"', 'curve = "helpp"', "impact.curve = helpp: No curve has this id. Did you "
         "mean help?"),
        ('matrix = "committee"', 'matrix = "x"', "impact.matrix = x: No matrix has this id."),
        ('layer = "people"', 'layer = "peeple"', "impact.layer = peeple: No layer has this name. "
         "Did you mean people?"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder(tmp_path, **{"rules.toml": RULED.replace(old, new)})
    (fault,) = check_region(tmp_path)
    assert said in str(fault)
    assert fault.line > 10


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "degC"', 'unit = "m"', "The curve is of another kind than degF."),
        ("damage = [0, 0.5]", "damage = [0.1, 0.5]", "begins with no harm"),
        ("damage = [0, 0.5]", "damage = [0.5, 0]", "begins with no harm"),
        ('source = "made for a test"\nint', "int", "source is missing"),
        ("damage = [0, 0.5]", "damage = [0]", "Damage has 1 values for 2 intensities"),
        ('levels = [["yellow", "red"]]', 'levels = [["red", "yellow"]]', "the level falls"),
        (', zh-Hans = "轻微"', "", "The text in zh-Hans is missing."),
        ('id = "help"\n', "", "It has no id."),
    ],
)
def test_what_is_wrong_with_a_curve_or_matrix(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder(tmp_path, curves=CURVES.replace(old, new))
    faults = [str(fault) for fault in check_region(tmp_path)]
    assert any(said in fault for fault in faults), faults


def test_a_matrix_that_can_never_fire_is_pointed_out(tmp_path: Path) -> None:
    curves = CURVES.replace("at_least = 100 }", "at_least = 1000 }").replace(
        "at_least = 500 }", "at_least = 2000 }"
    )
    doubts = doubts_of(rule_of(folder(tmp_path, curves=curves)), None)
    assert [(one.kind, one.rule) for one in doubts] == [("never", "heat")]
    assert "1,200" in doubts[0].problem


def test_a_matrix_that_only_heat_beyond_belief_reaches_is_pointed_out(tmp_path: Path) -> None:
    curves = CURVES.replace("intensity = [30, 40]", "intensity = [300, 400]")
    doubts = doubts_of(rule_of(folder(tmp_path, curves=curves)), None)
    assert [one.kind for one in doubts] == ["never"]


def test_harm_in_each_language_of_the_region(tmp_path: Path) -> None:
    table = 'harm = { en = "people in need of help", zh-Hans = "需要帮助的人" }'
    plain = 'harm = "people in need of help"'
    assert plain in CURVES
    impact = rule_of(folder(tmp_path, curves=CURVES.replace(plain, table))).impact
    assert impact is not None
    assert impact.curve.harm == {"en": "people in need of help", "zh-Hans": "需要帮助的人"}
    assert impact.limits("at-or-above", "degF", "E1")["red"] == pytest.approx(101, abs=1e-5)
    (tmp_path / "curves.toml").write_text(CURVES.replace(plain, 'harm = { en = "people" }'))
    (fault,) = check_region(tmp_path)
    assert "curve[1].harm" in str(fault)
    assert "The text in zh-Hans is missing." in str(fault)


def test_areas_without_a_number_are_pointed_out(tmp_path: Path) -> None:
    folder(tmp_path)
    areas = AREAS.replace('800,2020-01-01,"Census 2020, table 1"', ",,")
    (tmp_path / "areas.csv").write_text(areas)
    doubts = doubts_of(rule_of(tmp_path), None)
    assert [one.kind for one in doubts] == ["no-value"]
    assert "W1" in doubts[0].problem


def test_a_good_matrix_raises_no_doubt(tmp_path: Path) -> None:
    assert doubts_of(rule_of(folder(tmp_path)), None) == []


def test_another_rule_file_may_name_what_the_region_has(tmp_path: Path) -> None:
    region = load_region(folder(tmp_path))
    other = tmp_path / "other.toml"
    other.write_text(RULED)
    heat = rules_in(region, other)[0]
    assert heat == region.rules[0]


def test_a_rule_with_a_matrix_can_be_written_out_and_read_again(tmp_path: Path) -> None:
    rule = rule_of(folder(tmp_path))
    text = rule_as_toml(definition_of(rule))
    again, faults = read_rule(text, languages=("en", "zh-Hans"), areas=("E1", "W1"))
    assert faults == []
    assert again == rule
