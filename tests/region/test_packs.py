"""Packs: every one that comes along can be used, and what a region takes is what it says."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.region.folder import make_region_folder
from tocsin.errors import StateError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.standards import standard_on
from tocsin.indicators.visibility import sand_dust_grade
from tocsin.indicators.wind import wind_force_cn
from tocsin.region import check_region, load_region
from tocsin.region.pack_files import load_pack, pack_ids, read_pack

# Criteria of the order as public code quotes them; see the pack's source.
CMA = Path(__file__).parent / "cma_warning_signals_2007.csv"
NWS = Path(__file__).parent / "nws_general_criteria.csv"


@pytest.mark.parametrize("name", pack_ids())
def test_every_pack_is_whole(name, tmp_path):
    pack = load_pack(name)
    assert pack.head.id == name
    assert pack.rules()
    folder = make_region_folder(tmp_path, {"rules.toml": f'[[pack]]\nid = "{name}"\n'})
    assert [str(fault) for fault in check_region(folder)] == []
    assert [rule.id for rule in load_region(folder).rules] == list(pack.tables)


@pytest.mark.validation
def test_the_chinese_signals_have_the_order_s_criteria():
    """Every row that is measurable; those that are not are left out with a reason."""
    wanted = {
        (row["hazard"], row["level"]): row["criterion"]
        for row in csv.DictReader(CMA.read_text().splitlines())
    }
    pack = load_pack("cma-2007")
    rules = {rule.id: rule for rule in pack.rules()}
    said: dict[tuple[str, str], str] = {}
    for condition in rules["rainstorm"].conditions:
        for level, value in condition.levels.items():
            said["rainstorm", level] = f"rain_mm>={value:g}"
    for condition in rules["snowstorm"].conditions:
        for level, value in condition.levels.items():
            said["snowstorm", level] = f"snow_mm>={value:g}"
    mean, gust = rules["gale"].conditions
    for level in mean.levels:
        said["gale", level] = (
            f"mean_wind_bft>={mean.levels[level]:g} or gust_bft>={gust.levels[level]:g}"
        )
    day, lasting = rules["heat"].conditions
    said["heat", "yellow"] = f"tmax>={lasting.levels['yellow']:g} on 3 consecutive days"
    said |= {("heat", level): f"tmax>={value:g}" for level, value in day.levels.items()}
    for name in ("cold-wave-48h", "cold-wave"):
        fall, low, wind = rules[name].conditions
        for level in fall.levels:
            force = int(wind_force_cn([wind.levels[level]])[0])
            assert wind_force_cn([wind.levels[level] - 0.05])[0] == force - 1, "where it begins"
            said["cold_wave", level] = (
                f"tmin_drop_C>={fall.levels[level]:g} and tmin<={low.levels[level]:g} "
                f"and wind_bft>={force}"
            )
    for level, value in rules["frost"].levels.items():
        said["frost", level] = f"ground_tmin<{value:g}"
    for hazard in ("fog", "haze"):
        for level, value in rules[hazard].levels.items():
            said[hazard, level] = f"visibility_m<{1000 * value:g}"
    begins = {3: "visibility_m<1000", 4: "visibility_m<500", 5: "visibility_m<50"}
    for level, grade in rules["sand-dust"].levels.items():
        said["sand_dust", level] = begins[int(grade)]
    left_out = " ".join(part.signal for part in pack.head.left_out).replace(" ", "_")
    assert said == {key: text for key, text in wanted.items() if key[0] not in left_out}
    assert {key[0] for key in wanted} - {key[0] for key in said} == {
        "typhoon", "lightning", "hail", "road_icing", "drought",
    }  # fmt: skip


@pytest.mark.validation
def test_grades_of_sand_and_dust_begin_where_the_order_s_visibilities_are():
    seen = [0.999, 0.499, 0.0499, 1.0]
    assert sand_dust_grade(seen, [8.0] * 4, [1.0] * 4).tolist() == [3, 4, 5, 2]


@pytest.mark.validation
def test_the_rain_and_snow_windows_are_those_of_the_order():
    rules = {rule.id: rule for rule in load_pack("cma-2007").rules()}
    hours = {
        (row["hazard"], row["level"]): row["window_h"]
        for row in csv.DictReader(CMA.read_text().splitlines())
    }
    for name, prefix in (("rainstorm", "rain"), ("snowstorm", "snowfall")):
        for condition in rules[name].conditions:
            for level in condition.levels:
                assert condition.indicator == f"{prefix}_{hours[name, level]}h"


@pytest.mark.validation
def test_the_american_rules_have_the_criteria_that_pages_quote():
    lines = [line for line in NWS.read_text().splitlines() if not line.startswith("#")]
    rules = {rule.id: rule for rule in load_pack("us-nws").rules()}
    for row in csv.DictReader(lines):
        rule = rules[row["rule"]]
        said = " and ".join(
            f"{one.indicator}{'<=' if one.when == 'at-or-below' else '>='}"
            f"{one.levels[row['level']]:g} {one.unit}"
            for one in rule.conditions
        )
        assert said == row["criterion"]
        assert row["page"] in rule.source
    quoted = {row["rule"] for row in csv.DictReader(lines)}
    assert {name for name, rule in rules.items() if "MEMORY" in rule.source} == set(rules) - quoted


@pytest.mark.parametrize(("name", "standard"), [("air-cn", "aqi_cn"), ("air-us", "aqi_us")])
def test_air_warnings_begin_above_the_classes_of_the_index(name, standard):
    (rule,) = load_pack(name).rules()
    rows = standard_on(standard).rows
    tops = {int(row.get("index") or row["index_to"]) for row in rows}
    for condition in rule.conditions:
        substance = condition.indicator.split("_")[-2]
        reached = {"us_aqi_so2_hours": 2}.get(condition.indicator, 3 if substance == "o3" else 4)
        assert list(condition.levels.values()) == [101, 151, 201, 301][:reached]
        assert {value - 1 for value in condition.levels.values()} <= tops
    pollutants = {CATALOGUE[one.indicator].options["pollutant"] for one in rule.conditions}
    assert len(pollutants) == len(rule.conditions) == 6


def test_what_is_our_own_choice_is_called_so():
    pack = load_pack("awareness")
    assert pack.head.grade == "NOT VERIFIED"
    assert all(rule.source.startswith("Our own choice") for rule in pack.rules())
    assert all(rule.level_words == ("yellow", "orange", "red") for rule in pack.rules())


@pytest.mark.parametrize("name", pack_ids())
def test_what_is_left_out_has_its_reason_in_both_languages(name):
    head = load_pack(name).head
    assert head.left_out
    assert head.note
    assert all(part.why.keys() == {"en", "zh-Hans"} for part in head.left_out)


TAKE = """
[[pack]]
id = "cma-2007"
rules = ["gale"]
areas = ["E1"]
[[change]]
rule = "gale"
hold_h = 9
levels = { blue = 7 }
"""


def test_a_region_takes_a_rule_and_changes_lines_of_it(tmp_path):
    (rule,) = load_region(make_region_folder(tmp_path, {"rules.toml": TAKE})).rules
    assert (rule.id, rule.hold_h, rule.areas) == ("gale", 9, ("E1",))
    assert rule.levels == {"blue": 7, "yellow": 8, "orange": 10, "red": 12}
    assert rule.name == {"en": "Gale", "zh-Hans": "大风"}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            TAKE.replace("cma-2007", "cma-2070"),
            "rules.toml:3: pack[1].id = cma-2070: There is no pack",
        ),
        (TAKE.replace('["gale"]', '["gail"]'), "cma-2007 has no such rule. Did you mean gale?"),
        (
            TAKE.replace('rule = "gale"', 'rule = "fog"'),
            "No pack that is taken here has this rule.",
        ),
        (TAKE.replace("blue = 7", "blue = 9"), "rules.toml:9: change[1].levels"),
        (TAKE.replace("areas =", "area ="), "pack[1].area"),
        ("[[rules]]", "This file holds [[rule]] [[pack]] [[change]] tables only."),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, rules, said):
    faults = "\n".join(map(str, check_region(make_region_folder(tmp_path, {"rules.toml": rules}))))
    assert said in faults


def test_a_pack_newer_than_the_program_is_refused():
    text = """
[pack]
id = "future"
version = 1
requires = "99.0.0"
valid_from = 2030-01-01
name = { en = "Future" }
source = "none"
grade = "a grade that is yet to come"
shape = "a key that is yet to come"
[[rule]]
id = "x"
"""
    with pytest.raises(StateError, match=r"needs Tocsin 99\.0\.0 or newer; this is"):
        read_pack(text)
