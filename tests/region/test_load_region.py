from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.region.folder import FILES, make_region_folder, replaced
from tocsin.region import load_region


def test_region_holds_what_the_folder_says(tmp_path: Path) -> None:
    region = load_region(make_region_folder(tmp_path))

    assert region.id == "two-valleys"
    assert region.name == {"en": "Two Valleys", "zh-Hans": "双谷"}
    assert region.languages == ("en", "zh-Hans")
    assert region.zone.key == "Europe/Zurich"
    assert region.units["speed"] == "km/h"
    assert region.units["rain"] == "mm", "what region.toml leaves out is shown in SI"
    assert [area.code for area in region.areas] == ["TV", "E1", "W1"]
    assert [station.id for station in region.stations] == ["EST", "WST"]
    assert [rule.id for rule in region.rules] == ["heat", "cold"]
    assert region.settlements == ()
    assert region.facilities[0].example


def test_area_has_tree_people_and_outline(tmp_path: Path) -> None:
    top, east, _ = load_region(make_region_folder(tmp_path)).areas

    assert (top.parent, top.population, top.geometry) == (None, None, None)
    assert (east.parent, east.population) == ("TV", 1200)
    assert (east.population_source, east.population_date) == (
        "Census 2020, table 1",
        date(2020, 1, 1),
    )
    assert east.geometry.bounds == (8.4, 46.4, 8.8, 46.6)


def test_replay_is_kept_in_utc(tmp_path: Path) -> None:
    change = replaced("region.toml", "2020-07-01T12:00:00Z", "2020-07-01T12:00:00+02:00")
    replay = load_region(make_region_folder(tmp_path, change)).replay

    assert replay is not None
    assert replay.stand_at == datetime(2020, 7, 1, 10, tzinfo=UTC)
    assert replay.stand_at.tzinfo is UTC


def test_feed_knows_its_file(tmp_path: Path) -> None:
    (feed,) = load_region(make_region_folder(tmp_path)).feeds

    assert feed.path == "values.csv"
    assert feed.file == tmp_path / "values.csv"


def test_region_cannot_be_changed(tmp_path: Path) -> None:
    region = load_region(make_region_folder(tmp_path))

    with pytest.raises(ValidationError):
        region.id = "other"  # type: ignore[misc]


def test_digest_follows_the_files(tmp_path: Path) -> None:
    first = load_region(make_region_folder(tmp_path / "a")).digest
    same = load_region(make_region_folder(tmp_path / "b")).digest
    other = load_region(
        make_region_folder(tmp_path / "c", replaced("rules.toml", "yellow = 95", "yellow = 96"))
    ).digest

    assert first == same != other


def test_rules_may_be_a_folder_of_files(tmp_path: Path) -> None:
    heat, cold = FILES["rules.toml"].split('[[rule]]\nid = "cold"')
    changes = {
        "region.toml": FILES["region.toml"] + '[files]\nrules = "rules"\n',
        "rules.toml": None,
        "rules/10-heat.toml": heat,
        "rules/20-cold.toml": f'[[rule]]\nid = "cold"{cold}',
    }
    region = load_region(make_region_folder(tmp_path, changes))

    assert [rule.id for rule in region.rules] == ["heat", "cold"]


def test_outline_is_the_same_whichever_corner_it_begins_with(tmp_path: Path) -> None:
    turned = replaced(
        "outlines.geojson",
        "[[8.4, 46.4], [8.8, 46.4], [8.8, 46.6], [8.4, 46.6], [8.4, 46.4]]",
        "[[8.8, 46.6], [8.4, 46.6], [8.4, 46.4], [8.8, 46.4], [8.8, 46.6]]",
    )
    first = load_region(make_region_folder(tmp_path / "a")).areas[1].geometry
    second = load_region(make_region_folder(tmp_path / "b", turned)).areas[1].geometry

    assert first.wkb == second.wkb


def test_without_a_word_red_needs_two_and_a_replay_needs_nobody(tmp_path: Path) -> None:
    folder = make_region_folder(tmp_path)
    replayed = load_region(folder).approvals
    assert {replayed.red, replayed.blue, replayed.cancel} == {"auto"}
    head = folder / "region.toml"
    text = re.sub(r"\[replay\].*?(?=\[cap\])", "", head.read_text(encoding="utf-8"), flags=re.S)
    head.write_text(text, encoding="utf-8")
    live = load_region(folder).approvals
    assert (live.red, live.orange, live.cancel) == ("two", "one", "one")


def test_what_region_toml_says_about_approval_holds_in_a_replay_too(tmp_path: Path) -> None:
    folder = make_region_folder(tmp_path)
    head = folder / "region.toml"
    text = head.read_text(encoding="utf-8")
    head.write_text(text + '\n[approval]\nblue = "auto"\n', encoding="utf-8")
    policy = load_region(folder).approvals
    assert (policy.blue, policy.red) == ("auto", "two")
