"""Which places lie inside: the answers are shapely's own, on edges and corners too."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from tocsin.errors import ShapeError
from tocsin.exposure import Places, kinds_inside

# Whole and half degrees meet corners, edges and the sides of cells again and again.
grid = st.integers(-8, 8).map(lambda n: n / 2)
fine = st.floats(-5, 5, allow_nan=False).map(lambda v: v + 0.0)
pairs = st.tuples(grid | fine, grid | fine)


def star(points: list[tuple[float, float]]) -> Polygon:
    """A polygon through points, in order of their angle: never crossing itself."""
    middle = np.mean(points, axis=0)
    ring = sorted(set(points), key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    return Polygon(ring) if len(ring) > 2 else Polygon()


outlines = (
    st.lists(pairs, min_size=3, max_size=12).map(star).filter(lambda p: p.is_valid and p.area)
)


@settings(max_examples=300, deadline=None)
@given(outlines, st.lists(pairs, min_size=1, max_size=60))
@pytest.mark.slow
def test_the_answer_is_shapelys(outline: Polygon, points: list[tuple[float, float]]) -> None:
    lon, lat = np.array(points).T
    expected = np.flatnonzero(shapely.intersects_xy(outline, lon, lat))
    assert Places(lon, lat).inside(outline).tolist() == expected.tolist()


@settings(max_examples=100, deadline=None)
@given(outlines, outlines, st.integers(0, 2**32 - 1))
def test_holes_and_several_parts(one: Polygon, other: Polygon, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(-9, 9, (2, 400))
    for made in (one.difference(other), one.union(shapely.affinity.translate(other, 3, 1))):
        if made.geom_type in {"Polygon", "MultiPolygon"} and made.area > 0:
            expected = np.flatnonzero(shapely.intersects_xy(made, lon, lat))
            assert Places(lon, lat).inside(made).tolist() == expected.tolist()


def test_many_places_and_a_jagged_outline() -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.normal(10, 2, 50_000), rng.normal(50, 1, 50_000)
    turn = np.sort(rng.uniform(0, 2 * np.pi, 400))
    reach = rng.uniform(0.3, 3, 400)
    outline = Polygon(np.column_stack([10 + reach * np.cos(turn), 50 + reach * np.sin(turn)]))
    expected = np.flatnonzero(shapely.intersects_xy(outline, lon, lat))
    assert 0 < len(expected) < 50_000
    assert Places(lon, lat).inside(outline).tolist() == expected.tolist()


def test_on_the_boundary_is_inside() -> None:
    places = Places([0, 0.5, 1, 1.0000001], [0, 1, 0.5, 0.5])
    assert places.inside(box(0, 0, 1, 1)).tolist() == [0, 1, 2]


def test_all_places_on_one_point_and_none_at_all() -> None:
    assert Places([3.0] * 5, [4.0] * 5).inside(box(2, 3, 4, 5)).tolist() == [0, 1, 2, 3, 4]
    assert Places([], []).inside(box(0, 0, 1, 1)).tolist() == []


def test_an_unknown_place_lies_in_nothing() -> None:
    places = Places([0.5, np.nan, 0.5], [0.5, 0.5, np.nan])
    assert places.inside(box(0, 0, 1, 1)).tolist() == [0]
    assert places.within(0.5, 0.5, 20_000).tolist() == [0]


@pytest.mark.parametrize(
    "outline",
    [
        Polygon([(170, -10), (-170, -10), (-170, 10), (170, 10)]),
        Polygon([(-170, 10), (170, 10), (170, -10), (-170, -10)]),
        MultiPolygon([box(170, -10, 180, 10), box(-180, -10, -170, 10)]),
    ],
    ids=["from-the-west", "from-the-east", "cut-in-two"],
)
def test_an_outline_across_the_antimeridian(outline: Polygon) -> None:
    places = Places([175, -175, 180, -180, 165, -165, 0], [0] * 7)
    assert places.inside(outline).tolist() == [0, 1, 2, 3]


def test_a_hole_across_the_antimeridian() -> None:
    hole = [(-179, -1), (-179, 1), (179, 1), (179, -1)]
    outline = Polygon([(170, -10), (-170, -10), (-170, 10), (170, 10)], [hole])
    assert Places([175, 179.5, -179.5, -175], [0] * 4).inside(outline).tolist() == [0, 3]


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (Polygon([(-120, 80), (0, 80), (120, 80)]), "goes round a pole"),
        (Polygon([(0, 0), (180, 0), (90, 10)]), "which way round"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "no inside"),
        (Polygon(), "empty"),
        (Polygon([(0, 0), (1, 0), (1, 91)]), "latitude 91"),
        (LineString([(0, 0), (1, 1)]), "LineString has no inside"),
        (box(-180, -90, 180, 90), "no inside"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(outline: Polygon, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        Places([0.0], [0.0]).inside(outline)


def test_an_outline_that_crosses_itself_holds_what_its_loops_hold() -> None:
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert Places([0.2, 1.8, 1.0], [1.0, 1.0, 0.1]).inside(bow).tolist() == [0, 1]


def test_places_off_the_earth_are_refused() -> None:
    with pytest.raises(ShapeError, match="off the earth"):
        Places([200.0], [0.0])
    with pytest.raises(ShapeError, match="not one list"):
        Places([1.0, 2.0], [0.0])


@settings(max_examples=100, deadline=None)
@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(0.1, 3000), st.integers(0, 2**32 - 1))
def test_a_circle_holds_what_the_spherical_law_of_cosines_says(
    lat: float, lon: float, km: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    lons, lats = rng.uniform(-180, 180, 300), rng.uniform(-90, 90, 300)
    a, b = np.radians(lats), math.radians(lat)
    cosine = np.sin(a) * math.sin(b) + np.cos(a) * math.cos(b) * np.cos(np.radians(lons - lon))
    away = 6371.0088 * np.arccos(np.clip(cosine, -1, 1))
    found = set(Places(lons, lats).within(lat, lon, km).tolist())
    assert set(np.flatnonzero(away < km - 0.01).tolist()) <= found
    assert found <= set(np.flatnonzero(away < km + 0.01).tolist())


def test_a_circle_by_known_distances() -> None:
    # Paris to London 343.6 km, to Berlin 877.5 km (great circle between city centres).
    places = Places([2.3522, -0.1276, 13.405], [48.8566, 51.5072, 52.52])
    assert places.within(48.8566, 2.3522, 350).tolist() == [0, 1]
    assert places.within(48.8566, 2.3522, 340).tolist() == [0]


def test_kinds() -> None:
    places = Places([0.5, 1.5, 0.7], [0.5, 0.5, 0.5])
    assert kinds_inside(places, ["school", "shelter", "bridge"], box(0, 0, 2, 1)) == {
        "bridge": [2], "school": [0], "shelter": [1],
    }  # fmt: skip
    with pytest.raises(ShapeError, match="give one each"):
        kinds_inside(places, ["school"], box(0, 0, 1, 1))
