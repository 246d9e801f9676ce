"""Whom a warning reaches: by area up and down the tree, by place, by hazard and level."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.office.factories import NOW
from tocsin.office.subscribers import matching
from tocsin.office.subscribers.matching import recipients
from tocsin.office.subscribers.models import AreaChoice, Subscription

from .make import make_subscription, make_tree

pytestmark = pytest.mark.django_db
QUEENS = [[40.7, -73.9], [41.0, -73.9], [41.0, -73.6], [40.7, -73.6], [40.7, -73.9]]


@pytest.fixture
def tree(region: Any) -> dict[str, Any]:
    return make_tree()


def reached(region: Any, **changed: Any) -> list[int]:
    asked: dict[str, Any] = {"hazard": "heat", "level": 3, "levels_by_area": {}, "at": NOW}
    return [one.subscription_id for one in recipients(region, **{**asked, **changed})]


@pytest.mark.parametrize(
    ("chosen", "warned", "is_reached"),
    [
        ("queens", "queens", True),
        ("flushing", "queens", True),  # a town hears its county's warning
        ("ny", "queens", True),  # who asked for the state hears of each county
        ("ny", "flushing", True),
        ("queens", "flushing", True),
        ("kings", "queens", False),  # a neighbour does not
        ("kings", "flushing", False),
        ("nj", "ny", False),
        ("queens", "ny", True),
        ("*", "nj", True),
    ],
)
def test_up_and_down_the_tree(
    region: Any, tree: Any, chosen: str, warned: str, is_reached: bool
) -> None:
    row = make_subscription(region, area_codes=(chosen,))
    assert reached(region, levels_by_area={warned: 3}) == ([row.pk] if is_reached else [])


def test_the_level_is_the_one_of_the_area_asked_for(region: Any, tree: Any) -> None:
    queens = make_subscription(region, area_codes=("queens",), min_level=3)
    kings = make_subscription(region, area_codes=("kings",), min_level=3)
    state = make_subscription(region, area_codes=("ny",), min_level=3)
    red = make_subscription(region, area_codes=("ny",), min_level=4)
    levels = {"queens": 3, "kings": 2}
    assert reached(region, levels_by_area=levels) == [queens.pk, state.pk]
    assert kings.pk not in reached(region, levels_by_area=levels)
    assert red.pk in reached(region, level=4, levels_by_area={"kings": 4, "queens": 2})


def test_a_town_takes_the_highest_of_its_own_and_its_countys_level(region: Any, tree: Any) -> None:
    town = make_subscription(region, area_codes=("flushing",), min_level=4)
    assert reached(region, level=4, levels_by_area={"queens": 4, "flushing": 2}) == [town.pk]


def test_hazards_that_were_named_and_none(region: Any, tree: Any) -> None:
    every = make_subscription(region)
    heat = make_subscription(region, hazards=("heat", "fire"))
    make_subscription(region, hazards=("rain", "heatwave"))
    assert reached(region, levels_by_area={"queens": 3}) == [every.pk, heat.pk]


def test_only_who_confirmed_and_whose_term_is_not_over(region: Any, tree: Any) -> None:
    make_subscription(region, confirmed=False)
    make_subscription(region, at=NOW - timedelta(days=365))
    row = make_subscription(region, at=NOW - timedelta(days=364))
    off = make_subscription(region)
    Subscription.objects.filter(pk=off.pk).update(state="disabled")
    assert reached(region, levels_by_area={"queens": 3}) == [row.pk]


def test_a_place_in_a_polygon_at_its_edge_and_away(region: Any, tree: Any) -> None:
    inside = make_subscription(region, area_codes=(), place=(-73.75, 40.85))
    edge = make_subscription(region, area_codes=(), place=(-73.9001, 40.85))
    away = make_subscription(region, area_codes=(), place=(-73.95, 40.85))
    quiet = make_subscription(region, area_codes=(), place=(-73.75, 40.85), min_level=4)
    found = reached(region, polygons=[QUEENS])
    assert found == [inside.pk, edge.pk]
    assert away.pk not in found
    assert quiet.pk not in found


def test_a_place_in_a_circle(region: Any, tree: Any) -> None:
    near = make_subscription(region, area_codes=(), place=(-73.75, 40.85))
    make_subscription(region, area_codes=(), place=(-73.75, 41.05))
    assert reached(region, circles=[[40.85, -73.70, 6]]) == [near.pk]


def test_an_outline_that_repeats_a_named_area_reaches_no_neighbour(region: Any, tree: Any) -> None:
    queens = make_subscription(region, area_codes=("queens",))
    make_subscription(region, area_codes=("kings",))
    loose = [[lat, lon - 0.003] for lat, lon in QUEENS]  # as simplified outlines lie
    assert reached(region, levels_by_area={"queens": 3}, polygons=[loose]) == [queens.pk]


def test_a_drawn_outline_reaches_the_areas_it_touches(region: Any, tree: Any) -> None:
    town = make_subscription(region, area_codes=("flushing",))
    queens = make_subscription(region, area_codes=("queens",))
    state = make_subscription(region, area_codes=("ny",))
    kings = make_subscription(region, area_codes=("kings",))
    far = [[40.9, -73.7], [40.95, -73.7], [40.95, -73.65], [40.9, -73.7]]
    assert reached(region, polygons=[far]) == [town.pk, queens.pk, state.pk]
    both = [[40.8, -74.0], [40.9, -74.0], [40.9, -73.85], [40.8, -74.0]]
    found = reached(region, levels_by_area={"queens": 3}, polygons=[both])
    assert found == [town.pk, queens.pk, state.pk, kings.pk]


def test_once_each_by_rising_id_and_from_where_it_stopped(
    region: Any, tree: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(matching, "BATCH", 3)
    rows = [
        make_subscription(region, area_codes=("queens", "kings", "*"), place=(-73.75, 40.85))
        for _ in range(10)
    ]
    keys = [row.pk for row in rows]
    asked = {"levels_by_area": {"queens": 3, "kings": 2}, "polygons": [QUEENS]}
    assert reached(region, **asked) == keys
    assert reached(region, **asked, after_id=keys[6]) == keys[7:]


def test_more_cells_than_go_into_one_question(region: Any, tree: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(matching, "MOST_CELLS_IN_SQL", 0)
    inside = make_subscription(region, area_codes=(), place=(-73.75, 40.85))
    make_subscription(region, area_codes=(), place=(-73.0, 40.85))
    by_area = make_subscription(region, area_codes=("queens",))
    make_subscription(region, area_codes=("kings",))
    asked = {"levels_by_area": {"queens": 3}, "polygons": [QUEENS]}
    assert reached(region, **asked) == [inside.pk, by_area.pk]


def test_an_area_the_region_no_longer_has(region: Any, tree: Any) -> None:
    gone = make_subscription(region, area_codes=("queens",))
    AreaChoice.objects.filter(subscription=gone).update(area_code="old")
    assert reached(region, levels_by_area={"old": 3}) == [gone.pk]
    assert reached(region, levels_by_area={"ny": 3}) == []


def test_the_answer_says_channel_and_language_and_no_address(region: Any, tree: Any) -> None:
    make_subscription(region, language="zh-Hans")
    (one,) = recipients(region, hazard="heat", level=3, levels_by_area={"queens": 3}, at=NOW)
    assert (one.channel, one.language) == ("email", "zh-Hans")
    assert "example.org" not in repr(one)


def test_queries_do_not_grow_with_the_subscribers(
    region: Any, tree: Any, at_most_queries: Any
) -> None:
    for _ in range(20):
        make_subscription(region, place=(-73.75, 40.85))
    with at_most_queries(8):
        assert len(reached(region, levels_by_area={"queens": 3}, polygons=[QUEENS])) == 20
