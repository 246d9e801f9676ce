"""Rounding a place to about a kilometre, and growing an outline so that rounding misses nobody."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from tocsin.errors import ShapeError
from tocsin.exposure import REACH_KM, Places, cell_of, from_circle, from_pairs, grown, middle_of


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lon, lat), (east, north) = ((math.radians(v) for v in pair) for pair in (a, b))
    up, along = math.sin((north - lat) / 2), math.sin((east - lon) / 2)
    return 2 * 6371.0088 * math.asin(math.sqrt(up**2 + math.cos(lat) * math.cos(north) * along**2))


@settings(max_examples=300)
@given(st.floats(-180, 180), st.floats(-90, 90))
def test_the_middle_is_near_and_is_its_own_cell(lon: float, lat: float) -> None:
    cell = cell_of(lon, lat)
    middle = middle_of(*cell)
    assert cell_of(*middle) == cell
    assert km((lon, lat), middle) <= REACH_KM


def test_a_cell_is_about_a_kilometre() -> None:
    row, column = cell_of(-73.98, 40.75)
    (lon, lat), east = middle_of(row, column), middle_of(row, column + 1)
    assert km((lon, lat), (lon, middle_of(row + 1, 0)[1])) == pytest.approx(1.11, abs=0.02)
    assert km(middle_of(row, column), east) == pytest.approx(1.11, abs=0.02)


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (math.nan, 0)])
def test_what_is_not_on_the_earth_has_no_cell(lon: float, lat: float) -> None:
    with pytest.raises(ShapeError, match="is no place"):
        cell_of(lon, lat)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-170, 170), st.floats(-75, 75), st.floats(0.001, 3), st.floats(0, 1), st.floats(0, 1)
)
def test_whoever_is_inside_is_reached_by_the_middle_of_their_cell(
    west: float, south: float, size: float, across: float, up: float
) -> None:
    outline = box(west, south, west + size, south + size)
    middle = middle_of(*cell_of(west + across * size, south + up * size))
    assert grown(outline, REACH_KM).intersects(Point(middle))


def test_growing_is_no_more_than_needed_for_a_county() -> None:
    county = box(-74, 40, -73.5, 40.5)
    west, south, east, north = grown(county, 0.8).bounds
    assert 0.8 <= km((-74, 40.5), (west, 40.5)) < 0.85
    assert 0.8 <= km((-73.7, 40.5), (-73.7, north)) < 0.85
    assert 0.8 <= km((-73.7, 40), (-73.7, south)) < 0.85
    assert km((-73.5, 40), (east, 40)) < 0.85


def test_a_cap_ring_has_latitude_first() -> None:
    assert from_pairs([[40, -74], [41, -74], [41, -73], [40, -74]]).bounds == (-74, 40, -73, 41)
    with pytest.raises(ShapeError, match="three corners"):
        from_pairs([[40, -74], [41, -74]])


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (40.7, -74), (-80, 100), (60, 179.9)])
def test_a_circles_polygon_covers_it(lat: float, lon: float) -> None:
    rim = [destination(lat, lon, 20, math.radians(turn)) for turn in range(0, 360, 5)]
    places = Places([one[0] for one in rim], [one[1] for one in rim])
    outline = from_circle(lat, lon, 20.0)
    assert len(places.inside(outline)) == len(rim)
    assert isinstance(outline, Polygon)
    far = [destination(lat, lon, 20.1, math.radians(turn)) for turn in range(0, 360, 5)]
    assert len(Places(*zip(*far, strict=True)).inside(outline)) == 0


def destination(lat: float, lon: float, away: float, turn: float) -> tuple[float, float]:
    here, reach = math.radians(lat), away / 6371.0088
    north = math.asin(
        math.sin(here) * math.cos(reach) + math.cos(here) * math.sin(reach) * math.cos(turn)
    )
    east = math.atan2(
        math.sin(turn) * math.sin(reach) * math.cos(here),
        math.cos(reach) - math.sin(here) * math.sin(north),
    )
    return (lon + math.degrees(east) + 180) % 360 - 180, math.degrees(north)


@pytest.mark.parametrize(("lat", "km_wide"), [(89.99, 50), (0, 0), (0, math.nan)])
def test_a_circle_about_a_pole_or_of_nothing_is_refused(lat: float, km_wide: float) -> None:
    with pytest.raises(ShapeError, match="empty or holds a pole"):
        from_circle(lat, 0, km_wide)
