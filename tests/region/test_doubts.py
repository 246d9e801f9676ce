"""Rules that can never fire, or always do, are pointed out and still allowed."""

from __future__ import annotations

import dataclasses

import pytest
from typer.testing import CliRunner

from tests.region.folder import FILES, make_region_folder, replaced
from tocsin.cli import app
from tocsin.region import load_region
from tocsin.region.archive import archive_of, policy_of
from tocsin.region.doubts import brought_by, doubts_in_archive, doubts_of
from tocsin.region.pack_files import load_pack, pack_ids
from tocsin.triggers.report import rows_of

WIND = frozenset({"wind_speed", "wind_speed_of_gust"})


@pytest.fixture
def gale():
    return next(rule for rule in load_pack("cma-2007").rules() if rule.id == "gale")


@pytest.fixture
def heat():
    rules = load_pack("awareness").rules()
    return next(rule for rule in rules if rule.id == "heat")


def kinds(doubts):
    return [doubt.kind for doubt in doubts]


def test_a_quantity_that_no_feed_brings(gale):
    assert doubts_of(gale, WIND) == []
    (doubt,) = doubts_of(gale, frozenset({"wind_speed"}))
    assert doubt.kind == "no-feed"
    assert str(doubt) == (
        "gale: gust_force_cn needs wind_speed_of_gust, which no feed brings; the others still "
        "count. Add a feed or a column, or take the rule out."
    )


def test_feeds_that_do_not_name_their_quantities_raise_no_doubt(gale, tmp_path):
    (feed,) = load_region(make_region_folder(tmp_path)).feeds
    assert brought_by([feed]) == {"air_temperature", "lwe_thickness_of_precipitation_amount"}
    silent = feed.model_copy(update={"options": {}})
    assert brought_by([feed, silent]) is None
    assert doubts_of(gale, None) == []


@pytest.mark.parametrize(
    ("levels", "unit", "wanted"),
    [
        ({"yellow": 95.0}, "degC", ["never"]),  # meant in Fahrenheit
        ({"yellow": 95.0}, "degF", []),
        ({"yellow": -60.0}, "degC", ["always"]),
        ({"yellow": 54.0}, "degC", []),
    ],
)
def test_a_threshold_beyond_what_is_believed(heat, levels, unit, wanted):
    rule = heat.model_copy(update={"levels": levels, "unit": unit})
    assert kinds(doubts_of(rule, None)) == wanted


def test_a_heat_index_in_the_wrong_unit_is_beyond_belief():
    """Warmth and humidity may be high, both at once no more than at Dhahran: 42 degC, 67 %."""
    heat = next(one for one in load_pack("us-nws").rules() if one.indicator == "heat_index")
    levels = {"yellow": 95.0, "orange": 100.0, "red": 105.0}
    right = heat.model_copy(update={"levels": levels, "unit": "degF"})
    assert doubts_of(right, None) == []
    wrong = heat.model_copy(update={"levels": levels, "unit": "degC"})
    assert kinds(doubts_of(wrong, None)) == ["never"] * 3
    dhahran = heat.model_copy(update={"levels": {"red": 81.0}, "unit": "degC"})
    assert doubts_of(dhahran, None) == []


def test_a_beaufort_of_13_is_never_reached(gale):
    """The classic mistake: Beaufort ends at 12, gusts are asked for 13."""
    classic = gale.conditions[1].model_copy(update={"indicator": "gust_beaufort"})
    rule = gale.model_copy(update={"also": (classic,)})
    (doubt,) = doubts_of(rule, None)
    assert doubt.kind == "never"
    assert "red from 13 Bft is beyond every gust_beaufort" in str(doubt)


def test_low_thresholds_look_the_other_way(heat):
    fog = next(rule for rule in load_pack("cma-2007").rules() if rule.id == "fog")
    assert kinds(doubts_of(fog.model_copy(update={"levels": {"red": -10.0}}), None)) == ["never"]
    assert kinds(doubts_of(fog.model_copy(update={"levels": {"red": 500.0}}), None)) == ["always"]


@pytest.mark.parametrize("name", pack_ids())
def test_no_pack_has_a_threshold_that_is_never_or_always_met(name):
    assert [doubt for rule in load_pack(name).rules() for doubt in doubts_of(rule, None)] == []


@pytest.fixture
def evaluation(tmp_path):
    lines = [f"EST,2020-01-0{d}T{h:02d}:00Z,{d + h / 24:.2f},0" for d in (1, 2) for h in range(24)]
    values = "\n".join(["place,at,t,rain", *lines]) + "\n"
    rules = '[[pack]]\nid = "awareness"\nrules = ["heat", "wind"]\n'
    region = load_region(make_region_folder(tmp_path, {"values.csv": values, "rules.toml": rules}))
    archive = archive_of(region)

    def of(name, **changes):
        rule = next(one for one in region.rules if one.id == name)
        return archive.evaluation(rule.model_copy(update=changes))

    return of


def test_a_rule_without_a_value_in_the_archive(evaluation):
    (doubt,) = doubts_in_archive(evaluation("wind"))
    assert doubt.kind == "no-value"
    assert "wind_gust has no value in 8,761 hours: the rule can never fire." in str(doubt)


def test_a_rule_that_never_rose_tells_how_near_it_came(evaluation):
    (doubt,) = doubts_in_archive(evaluation("heat"))
    assert doubt.kind == "never-yet"
    assert "temperature came to 2.96 degC, yellow begins at 33" in str(doubt)


def test_a_rule_that_always_stood(evaluation):
    always = evaluation("heat", levels={"yellow": 0.0}, persistence_h=1)
    assert kinds(doubts_in_archive(always)) == ["always-yet"]
    sometimes = evaluation("heat", levels={"yellow": 2.0}, persistence_h=1)
    assert doubts_in_archive(sometimes) == []


def test_no_area_is_no_doubt(evaluation):
    found = evaluation("heat")
    nowhere = dataclasses.replace(
        found, areas=(), levels=found.levels[:, :0], also=(),
        own=dataclasses.replace(found.own, values=found.values[:, :0]),
    )  # fmt: skip
    assert doubts_in_archive(nowhere) == []


def test_the_check_prints_notes_and_still_succeeds(tmp_path):
    folder = make_region_folder(tmp_path, replaced("rules.toml", 'unit = "degC"', 'unit = "degF"'))
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 0, done.output
    assert (
        "Note: rule heat: heat_index needs relative_humidity, which no feed brings" in done.output
    )
    assert done.output.endswith("no faults.\n")


def test_a_station_that_is_there_twice_is_noted(tmp_path):
    twice = FILES["stations.csv"] + "EAS,East again,东站,46.50001,8.55,900,Another list\n"
    done = CliRunner().invoke(
        app, ["check", str(make_region_folder(tmp_path, {"stations.csv": twice}))]
    )
    assert done.exit_code == 0, done.output
    assert "Note: stations EST, EAS stand at one place, 46.5, 8.55." in done.output
    assert "WST" not in done.output


def test_the_backtest_prints_notes(tmp_path):
    folder = make_region_folder(tmp_path)
    done = CliRunner().invoke(app, ["backtest", str(folder)])
    assert done.exit_code == 0, done.output
    assert "Note: rule cold (now): wind_chill has no value in 8,761 hours" in done.output


def test_the_backtest_doubts_rules_that_no_check_has_seen(tmp_path):
    folder, other = make_region_folder(tmp_path / "region"), tmp_path / "other.toml"
    other.write_text((folder / "rules.toml").read_text().replace('unit = "degF"', 'unit = "degC"'))
    done = CliRunner().invoke(app, ["backtest", str(folder), "--rules", str(other)])
    assert done.exit_code == 0, done.output
    assert "Note: rule heat (other): red from 105 degC is beyond every heat_index" in done.output
    assert "(now): red from" not in done.output


def test_the_report_names_the_threshold_of_the_condition_that_has_the_level(tmp_path):
    """The heat signal's yellow stands in a joined condition, its orange in the rule's own."""
    rules = '[[pack]]\nid = "cma-2007"\nrules = ["heat"]\n'
    region = load_region(make_region_folder(tmp_path, {"rules.toml": rules}))
    (rule,) = region.rules
    rows = rows_of("now", archive_of(region).outcome(rule, policy_of(region, rule)), None)
    assert [(row.level, row.threshold, row.unit) for row in rows] == [
        ("yellow", 35.0, "degC"), ("orange", 37.0, "degC"), ("red", 40.0, "degC"),
    ]  # fmt: skip


def test_a_table_that_ends_below_a_level_is_noticed():
    """The US table of ozone over 8 hours ends at an index of 300."""
    (rule,) = load_pack("air-us").rules()
    ozone = next(one for one in rule.conditions if one.indicator == "us_aqi_o3_hours")
    over = ozone.model_copy(update={"levels": {"orange": 201.0, "red": 301.0}})
    kept = tuple(one for one in rule.also or () if one is not ozone)
    (doubt,) = doubts_of(rule.model_copy(update={"also": (*kept, over)}), None)
    assert doubt.kind == "never"
    assert "red from 301" in str(doubt)
