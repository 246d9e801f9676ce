"""The colour of an area on the desk's map: what its value alone would reach, by the area's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.office import matrix_region, rare_region
from tocsin.office.atlas.desk_queries import Reading
from tocsin.office.atlas.map_levels import levels_reached
from tocsin.office.watch.labels import Shown
from tocsin.office.watch.models import RuleVersion
from tocsin.region import load_region
from tocsin.region.rule_text import definition_of
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import WORDS, Rule

SUMMER = datetime(2013, 7, 16, 19, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def reached(rule: Rule, degf: dict[str, float | None], at: datetime = SUMMER) -> dict[str, int]:
    """Levels of values in degF, kept in degC, each at the station that is named as its area."""
    values = {
        area: Reading(
            "heat_index", area, "indicator", None if value is None else (value - 32) / 1.8,
            Shown("degC", "degF", 1), at, 0, 0.0,
        )
        for area, value in degf.items()
    }  # fmt: skip
    return levels_reached(values, [RuleVersion(definition=definition_of(rule))], at, ZONE)


@pytest.fixture
def matrix(tmp_path: Path) -> Rule:
    (rule,) = load_region(matrix_region.write_region(tmp_path / "small")).rules
    return rule


def changed(rule: Rule, **fields: Any) -> Rule:
    return Rule.model_validate(definition_of(rule) | fields)


def test_by_impact_a_value_is_a_certain_one(matrix: Rule) -> None:
    """103.5 degF harms 97 people in the west, severe; 97.3 harms 31 in the east, minor."""
    assert reached(matrix, {"west": 103.5, "east": 97.3}) == {"west": 3, "east": 2}
    assert reached(matrix, {"west": 80.0, "east": None}) == {"west": 0, "east": 0}


@pytest.mark.parametrize("area", ["west", "east"])
def test_forwards_it_is_what_the_watch_looks_for_backwards(matrix: Rule, area: str) -> None:
    assert matrix.impact is not None
    limits = matrix.impact.limits(matrix.when, matrix.unit, area)
    assert limits
    for tenth in range(850, 1150, 7):
        value = tenth / 10
        passed = [WORDS.index(word) + 1 for word, limit in limits.items() if value >= limit]
        assert reached(matrix, {area: value}) == {area: max(passed, default=0)}


def test_where_nobody_knows_the_people_there_is_no_colour(matrix: Rule) -> None:
    definition = definition_of(matrix)
    del definition["impact"]["amounts"]["east"]
    rule = Rule.model_validate(definition)
    assert reached(rule, {"west": 103.5, "east": 103.5}) == {"west": 3, "east": 0}


@pytest.fixture
def wide(tmp_path: Path) -> Rule:
    (rule, _) = load_region(rare_region.made(tmp_path / "small", live=False)).rules
    return rule


def test_an_area_and_a_part_of_the_year_have_thresholds_of_their_own(wide: Rule) -> None:
    hot = {"west": 101.0, "east": 101.0}
    assert reached(wide, hot) == {"west": 3, "east": 3}
    own = changed(wide, levels_by_area={"west": {"orange": 105.0}})
    assert reached(own, hot) == {"west": 2, "east": 3}
    july = [{"first": "07-01", "last": "07-31", "levels": {"yellow": 102.0, "orange": 104.0}}]
    part = changed(wide, levels_by_season=july)
    assert reached(part, hot) == {"west": 0, "east": 0}
    assert reached(part, hot, datetime(2013, 8, 1, 4, tzinfo=UTC)) == {"west": 3, "east": 3}


def test_a_rule_colours_where_and_when_it_looks(wide: Rule) -> None:
    hot = {"west": 101.0, "east": 101.0}
    assert reached(changed(wide, areas=["east"]), hot) == {"west": 0, "east": 3}
    winter = changed(wide, season={"first": "11-01", "last": "03-31"})
    assert reached(winter, hot) == {"west": 0, "east": 0}
    low = changed(wide, when="at-or-below", levels={"yellow": 110.0, "orange": 101.5})
    assert reached(low, {"west": 105.0, "east": 101.0}) == {"west": 2, "east": 3}


def test_a_return_period_is_that_of_the_station(tmp_path: Path) -> None:
    (_, rare) = load_region(rare_region.made(tmp_path / "small", live=False)).rules
    once = {station: limit_at(rare, 10, station) + 0.01 for station in ("AAA", "BBB")}
    assert reached(rare, once | {"CCC": 120.0}) == {"AAA": 3, "BBB": 3, "CCC": 0}
    assert reached(rare, {"AAA": once["BBB"]})["AAA"] < 3
