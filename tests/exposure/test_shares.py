"""Shares of stations: by hand, against the exact cover of a grid's cells, and as they must be."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.exposure.shares import area_shares
from tocsin.grids import area_weights
from tocsin.grids.grid import Grid

FAR = 20_000.0


def place(name: str, lon: float, lat: float) -> SimpleNamespace:
    return SimpleNamespace(id=name, lon=lon, lat=lat)


def area(code: str, geometry: object) -> SimpleNamespace:
    return SimpleNamespace(code=code, geometry=geometry)


def lattice(lon: np.ndarray, lat: np.ndarray) -> list[SimpleNamespace]:
    return [
        place(f"{row:03d}-{column:03d}", x, y)
        for row, y in enumerate(lat)
        for column, x in enumerate(lon)
    ]


def test_two_stations_share_a_square_at_the_line_between_them() -> None:
    # The square runs from 0 to 4 degrees; the line between 1 and 2 stands at 1.5.
    square = area("sq", shapely.box(0, -1, 4, 1))
    found = area_shares([square], [place("W", 1, 0), place("E", 2, 0)], FAR)
    assert found == {"sq": {"W": pytest.approx(1.5 / 4), "E": pytest.approx(2.5 / 4)}}


def test_two_stations_at_one_place_have_half_each() -> None:
    square = area("sq", shapely.box(0, -1, 4, 1))
    found = area_shares([square], [place(n, 1, 0) for n in "ab"] + [place("c", 3, 0)], FAR)
    assert found["sq"] == {k: pytest.approx(v) for k, v in {"a": 0.25, "b": 0.25, "c": 0.5}.items()}


def test_what_lies_out_of_reach_belongs_to_nobody() -> None:
    # One station in the middle of 2 x 2 degrees, heard for half a degree round it.
    square = area("sq", shapely.box(-1, -1, 1, 1))
    found = area_shares([square], [place("M", 0, 0)], 0.5 * 111.195)
    assert found["sq"]["M"] == pytest.approx(math.pi * 0.25 / 4, rel=1e-3)


def test_an_area_without_an_outline_has_none() -> None:
    assert area_shares([area("region", None)], [place("M", 0, 0)], FAR) == {"region": {}}


def test_a_region_across_the_antimeridian_is_one() -> None:
    two = shapely.MultiPolygon([shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)])
    found = area_shares([area("fj", two)], [place("W", 179.5, 0), place("E", -179.5, 0)], FAR)
    assert found["fj"] == {"W": pytest.approx(0.5), "E": pytest.approx(0.5)}


corner = st.tuples(st.floats(9.2, 11.8), st.floats(45.2, 47.8))
part = st.floats(0.05, 0.95)


# Of a cell the grid weighs the part covered in longitude and latitude, we the part on the sphere:
# the same to 1e-7 in cells of a kilometre on the equator, to 0.2 % in wide ones at 46 degrees.
@pytest.mark.parametrize(
    ("south", "step", "near"), [(-0.06, 0.01, 1e-7), (45.0, 0.25, 2e-3)], ids=["fine", "wide"]
)
@given(corners=st.lists(st.tuples(part, part), min_size=3, max_size=12, unique=True))
@settings(max_examples=40, deadline=None)
def test_points_of_a_grid_stand_for_the_exact_cover_of_their_cells(
    south, step, near, corners
) -> None:
    size = 12 * step
    scaled = [(9.0 + x * size, south + y * size) for x, y in corners]
    outline = shapely.MultiPoint(scaled).convex_hull
    if outline.geom_type != "Polygon" or outline.area < step * step:
        return
    lon, lat = 9.0 + step * np.arange(13), south + step * np.arange(13)[::-1]
    weights = area_weights(Grid(lon, lat, True), {"a": outline})
    covered = (weights.matrix.toarray()[0] * weights.cell_surface) / weights.surface[0]
    found = area_shares([area("a", outline)], lattice(lon, lat), FAR)["a"]
    ours = [found.get(one.id, 0.0) for one in lattice(lon, lat)]
    np.testing.assert_allclose(ours, covered, rtol=near, atol=near * 0.1)


@given(st.lists(corner, min_size=1, max_size=25), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_shares_cover_each_area_once_and_do_not_hang_on_the_order(places, seed) -> None:
    stations = [place(f"s{n:02d}", *one) for n, one in enumerate(places)]
    areas = [
        area("a", shapely.box(9.5, 45.5, 10.5, 46.5)),
        area("b", shapely.Polygon([(10.5, 45.5), (12, 46), (10.5, 47)])),
    ]
    found = area_shares(areas, stations, FAR)
    for shares in found.values():
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-6)
        assert all(0.0 < share <= 1.0 for share in shares.values())
    mixed = [stations[n] for n in np.random.default_rng(seed).permutation(len(stations))]
    assert area_shares(areas, mixed, FAR) == found
