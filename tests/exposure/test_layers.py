"""People, schools, farmland and roads inside an outline: by hand, with what is not known."""

from __future__ import annotations

import functools
import math
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from tocsin.errors import ShapeError
from tocsin.exposure import (
    Lines,
    Places,
    Points,
    Raster,
    Source,
    Surfaces,
    exposed,
    length_km,
    surface_km2,
)
from tocsin.grids import Grid, area_weights

CENSUS = Source("Census of the test", date(2020, 11, 1))
MODEL = Source("A model of the test", date(2020, 1, 1), "modelled")
RADIUS = 6371.0088
DEGREE_KM = RADIUS * math.pi / 180


def band_km2(west: float, south: float, east: float, north: float) -> float:
    sines = math.sin(math.radians(north)) - math.sin(math.radians(south))
    return RADIUS**2 * math.radians(east - west) * sines


def test_towns_count_whole_and_an_unknown_one_is_not_zero() -> None:
    towns = Points(
        "people", "person", Places([1, 2, 9], [1, 1, 9]), CENSUS, counts=[1000, np.nan, 50]
    )
    (both,) = towns.inside(box(0, 0, 3, 3))
    assert (both.value, both.known, both.source) == (1000, 0.5, CENSUS)
    (none_known,) = towns.inside(box(1.5, 0, 3, 3))
    assert (none_known.value, none_known.known) == (None, 0)
    (nobody,) = towns.inside(box(4, 4, 5, 5))
    assert (nobody.value, nobody.known) == (0, 1)


def test_facilities_by_kind_name_every_kind_there_is() -> None:
    places = Places([1, 2, 2.5, 9], [1, 1, 1, 9])
    layer = Points("facilities", "", places, CENSUS, kinds=["school", "hospital", "school", "port"])
    found = {amount.name: amount.value for amount in layer.inside(box(0, 0, 3, 3))}
    assert found == {"hospital": 1, "port": 0, "school": 2}


def test_where_the_list_is_not_complete_nothing_is_not_said_to_be_there() -> None:
    layer = Points("people", "person", Places([1], [1]), CENSUS, [7], complete_in=box(0, -2, 2, 2))
    outside, half = box(5, 0, 6, 1), box(1, -1, 3, 1)
    assert layer.inside(outside)[0].value is None
    (part,) = layer.inside(half)
    assert (part.value, part.known) == (7, pytest.approx(0.5))


def test_roads_along_the_meridian_and_the_parallel() -> None:
    roads = Lines(
        "roads",
        [
            LineString([(0.5, -1), (0.5, 3)]),
            MultiLineString([[(5, 5), (6, 6)], [(0, 0), (0.2, 0)]]),
        ],
        CENSUS,
    )
    (found,) = roads.inside(box(0, 0, 1, 1))
    assert found.value == pytest.approx(DEGREE_KM * 1.2)
    assert (found.unit, found.known) == ("km", 1)
    assert roads.inside(box(20, 20, 21, 21))[0].value == 0


def test_a_line_is_measured_along_the_great_circle() -> None:
    # New York (JFK) to London (LHR): 5540 km on this sphere.
    flight = LineString([(-73.7789, 40.6398), (-0.4614, 51.4775)])
    assert length_km([flight])[0] == pytest.approx(5540, abs=5)
    assert length_km([Point(1, 1), flight.buffer(1), LineString()]).tolist() == [0, 0, 0]


def test_surfaces_on_the_sphere() -> None:
    holed = Polygon(box(0, 50, 4, 54).exterior, [box(1, 51, 2, 52).exterior])
    parts = MultiPolygon([box(0, 0, 1, 1), box(5, 60, 6, 62)])
    mixed = shapely.GeometryCollection([parts, Point(9, 9), LineString([(0, 0), (1, 1)])])
    expected = [
        band_km2(0, 50, 4, 54) - band_km2(1, 51, 2, 52),
        band_km2(0, 0, 1, 1) + band_km2(5, 60, 6, 62),
    ]
    assert surface_km2([holed, parts, mixed]) == pytest.approx([*expected, expected[1]])
    # A triangle with a leaning side against many thin strips of it.
    triangle, strips = Polygon([(0, 40), (3, 40), (0, 46)]), 20_000
    south = 40 + 6 * np.arange(strips) / strips
    widths = 3 * (1 - (np.arange(strips) + 0.5) / strips)
    thin = np.radians(widths) * np.diff(np.sin(np.radians([*south, 46])))
    assert surface_km2([triangle])[0] == pytest.approx(RADIUS**2 * thin.sum(), rel=1e-7)
    assert surface_km2([]).tolist() == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_lies_whole_inside_or_is_cut_adds_up_as_if_all_were_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    middles = [Point(xy) for xy in rng.uniform(0, 4, (60, 2))]
    fields = [middle.buffer(0.3, quad_segs=2) for middle in middles]
    roads = [LineString([m, (m.x + dx, m.y + dy)]) for m, (dx, dy) in zip(
        middles, rng.normal(0, 0.5, (60, 2)), strict=True)]  # fmt: skip
    outline = shapely.MultiPolygon([box(0, 0, 2, 2.5), Point(3, 3).buffer(0.8)])
    km2, km = exposed([Surfaces("f", fields, CENSUS), Lines("r", roads, CENSUS)], {"": outline})[""]
    assert km2.value == pytest.approx(surface_km2(shapely.intersection(fields, outline)).sum())
    assert km.value == pytest.approx(
        length_km(shapely.intersection(roads, outline)).sum(), rel=1e-6
    )


def test_an_empty_list_of_places_that_is_complete_says_zero() -> None:
    (found,) = Points("schools", "", Places([], []), CENSUS, kinds=[]).inside(box(0, 0, 1, 1))
    assert (found.name, found.value) == ("schools", 0)
    for layer in (Lines("roads", [], CENSUS), Surfaces("farmland", [], CENSUS)):
        assert layer.inside(box(0, 0, 1, 1))[0].value == 0


def test_farmland_is_the_surface_inside() -> None:
    fields = Surfaces("farmland", [box(0, 0, 2, 2), box(8, 8, 9, 9)], CENSUS)
    (found,) = fields.inside(box(1, 1, 3, 3))
    assert found.value == pytest.approx(band_km2(1, 1, 2, 2))
    assert found.unit == "km2"


def test_people_of_blocks_by_their_share_of_surface() -> None:
    blocks = [box(0, 0, 2, 1), box(2, 0, 4, 1), box(4, 0, 6, 1)]
    layer = Surfaces("people", blocks, CENSUS, amounts=[100, 40, np.nan], unit="person")
    (found,) = layer.inside(box(1, 0, 2.5, 1))
    assert (found.value, found.known) == (pytest.approx(50 + 10), 1)
    (part,) = layer.inside(box(3, 0, 5, 1))
    assert (part.value, part.known) == (pytest.approx(20), pytest.approx(0.5))
    (unknown,) = layer.inside(box(4.5, 0, 5, 1))
    assert (unknown.value, unknown.known) == (None, 0)


def test_across_the_antimeridian() -> None:
    islands = Surfaces("farmland", [Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)])], CENSUS)
    warned = Polygon([(179.5, 0), (-178, 0), (-178, 1), (179.5, 1)])
    assert islands.inside(warned)[0].value == pytest.approx(band_km2(0, 0, 1.5, 1))
    assert islands.inside(box(-180, 0, -179.5, 1))[0].value == pytest.approx(band_km2(0, 0, 0.5, 1))
    road = Lines("roads", [LineString([(-179.9, 0), (-179, 0)])], CENSUS)
    assert road.inside(warned)[0].value == pytest.approx(0.9 * DEGREE_KM)
    with pytest.raises(ShapeError, match="cut it at the antimeridian"):
        Lines("roads", [LineString([(-179.9, 0), (179, 0)])], CENSUS)


def raster(people: list[list[float]]) -> Raster:
    grid = Grid(np.array([0.5, 1.5, 2.5]), np.array([1.5, 0.5]), geographic=True)
    covered = functools.partial(area_weights, grid)
    return Raster("people", "person", people, covered, MODEL)


def test_cells_count_by_the_share_that_is_covered() -> None:
    layer = raster([[10, 20, 30], [40, 50, 60]])
    (found,) = layer.inside(box(0.5, 0, 2, 1))
    assert found.value == pytest.approx(20 + 50)
    assert (found.known, found.source.grade) == (1, "modelled")


def test_cells_unknown_and_off_the_raster_are_not_zero() -> None:
    layer = raster([[10, 20, 30], [40, np.nan, 60]])
    (part,) = layer.inside(box(0, 0, 2, 1))
    assert (part.value, part.known) == (pytest.approx(40), pytest.approx(0.5))
    (edge,) = layer.inside(box(-1, 0, 1, 1))
    assert (edge.value, edge.known) == (pytest.approx(40), pytest.approx(0.5))
    for nothing in (box(1.2, 0.2, 1.4, 0.4), box(50, 0, 51, 1)):
        assert layer.inside(nothing)[0].value is None


def test_many_outlines_on_a_raster_are_answered_as_one_by_one() -> None:
    layer = raster([[10, 20, 30], [40, np.nan, 60]])
    outlines = [box(0, 0, 2, 1), box(50, 0, 51, 1), Point(1.5, 1).buffer(0.7), box(2.5, 0, 9, 9)]
    found = exposed([layer], dict(zip("abcd", outlines, strict=True)))
    assert list(found.values()) == [layer.inside(outline) for outline in outlines]
    assert exposed([layer], {}) == {}
    assert exposed([], {"a": outlines[0]}) == {"a": ()}


def test_all_layers_at_once_for_polygons_areas_and_cells() -> None:
    people = Points("people", "person", Places([1], [1]), CENSUS, [7])
    roads = Lines("roads", [LineString([(0, 1), (1, 1)])], CENSUS)
    found = exposed([people, roads], {"36061": box(0, 0, 2, 2), "cell 4, 7": box(4, 7, 5, 8)})
    assert [a.value for a in found["36061"]] == [7, pytest.approx(DEGREE_KM, rel=1e-3)]
    assert [a.value for a in found["cell 4, 7"]] == [0, 0]


def test_layers_that_do_not_fit_are_refused() -> None:
    places = Places([1, 2], [1, 2])
    with pytest.raises(ShapeError, match="people: 1 counts for 2 places"):
        Points("people", "person", places, CENSUS, counts=[1])
    with pytest.raises(ShapeError, match="3 kinds for 2 places"):
        Points("facilities", "", places, CENSUS, kinds=["a", "b", "c"])
    with pytest.raises(ShapeError, match="number 0 is a Point, no line"):
        Lines("roads", [Point(1, 1)], CENSUS)
    with pytest.raises(ShapeError, match="amounts for 1 polygons"):
        Surfaces("people", [box(0, 0, 1, 1)], CENSUS, amounts=[1, 2])
    with pytest.raises(ShapeError, match="2 cells have amounts, the raster has 6"):
        raster([[1, 2]]).inside(box(0, 0, 1, 1))
