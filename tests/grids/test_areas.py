"""Covered shares against exactextract's, and areas in awkward places by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping

from tocsin.errors import GridError
from tocsin.grids import AreaWeights, Grid, area_weights

EXACTEXTRACT_ROUNDS = 1e-6  # its shares are in single precision


def flat(columns=12, rows=9):
    return Grid(np.arange(columns) + 0.5, np.arange(rows)[::-1] + 0.5, geographic=False)


def by_exactextract(polygon, grid):
    rows, columns = grid.shape
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(polygon)}
    raster = NumPyRasterSource(np.zeros(grid.shape), 0, 0, columns, rows)
    found = exact_extract(raster, JSONFeatureSource([feature]), ["cell_id", "coverage"])
    shares = np.zeros(rows * columns)
    row = found[0]["properties"]
    shares[np.asarray(row["cell_id"], int)] = row["coverage"]
    return shares.reshape(grid.shape)


def shares(weights, area=0):
    return weights.matrix[[area]].toarray().reshape(weights.grid.shape)


ODD = {
    "one cell": box(3, 4, 4, 5),
    "between borders": box(2.25, 3.5, 2.5, 3.75),
    "along borders": box(2, 3, 6, 7),
    "triangle": Polygon([(0.3, 0.2), (11.1, 1.7), (4.4, 8.9)]),
    "hole": Polygon(
        [(1.2, 1.1), (9.7, 1.4), (9.1, 7.7), (1.4, 7.2)],
        [[(3.3, 3.1), (5.2, 3.4), (4.8, 5.5), (3.1, 5.1)]],
    ),
    "two holes in one cell": Polygon(
        [(2, 2), (5, 2), (5, 5), (2, 5)],
        [[(3.1, 3.1), (3.2, 3.1), (3.2, 3.2)], [(3.5, 3.5), (3.9, 3.5), (3.9, 3.9)]],
    ),
    "parts": MultiPolygon([box(0.5, 0.5, 2.2, 2.7), box(7.3, 5.1, 10.9, 8.8)]),
    "island in a lake": MultiPolygon(
        [Polygon(box(1, 1, 8, 8).exterior, [box(2, 2, 7, 7).exterior]), box(3.3, 3.3, 5.6, 5.7)]
    ),
    "clockwise": Polygon([(1, 1), (1, 6.5), (7.5, 6.5), (7.5, 1)]),
    "over the edge": box(-3.3, -2.1, 4.4, 5.5),
    "round the grid": box(-5, -5, 50, 50),
    "needle": Polygon([(0.1, 0.1), (11.9, 8.9), (11.9, 8.90001)]),
    "circle": Point(6, 4.5).buffer(3.7),
}


@pytest.mark.validation
@pytest.mark.parametrize("name", ODD)
def test_shares_are_exactextracts(name):
    grid = flat()
    np.testing.assert_allclose(
        shares(area_weights(grid, {name: ODD[name]})),
        by_exactextract(ODD[name], grid),
        atol=EXACTEXTRACT_ROUNDS,
    )


# On a lattice of 1e-9: of corners 1e-200 beside an edge, the intersection of GEOS, the judge here,
# was 25.2 of a triangle with a surface of 23 (next test).
ON_A_LATTICE = st.tuples(
    *(st.floats(low, high).map(lambda v: round(v, 9)) for low, high in ((-2, 14), (-2, 11)))
)


@given(
    st.lists(ON_A_LATTICE, min_size=3, max_size=9).map(lambda points: Polygon(points).convex_hull)
)
def test_shares_of_any_convex_area_add_up_to_its_surface_in_the_grid(area):
    if area.geom_type != "Polygon" or area.area < 1e-6:
        return
    inside = area.intersection(box(0, 0, 12, 9)).area
    found = area_weights(flat(), [area])
    assert found.matrix.sum() == pytest.approx(inside, abs=1e-7)
    assert found.surface[0] == pytest.approx(area.area, rel=1e-9)
    assert found.inside[0] == pytest.approx(inside / area.area, abs=1e-6)


def test_a_corner_a_hair_beside_the_edge_of_the_grid_counts_like_one_on_it():
    # By hand: the triangle has 23; below the grid lies one of base 4.6 and height 1.
    area = Polygon([(1.0, 9.0), (5.0, -1.0), (4.785305387212988e-278, 5.870288655447823e-205)])
    found = area_weights(flat(), [area])
    assert found.matrix.sum() == pytest.approx(23 - 4.6 / 2, abs=1e-9)
    assert found.inside[0] == pytest.approx(20.7 / 23, abs=1e-9)


def test_neighbours_share_out_every_cell():
    rng = np.random.default_rng(3)
    cells = shapely.voronoi_polygons(
        shapely.multipoints(rng.uniform(0, 9, (40, 2))), extend_to=box(0, 0, 12, 9)
    )
    areas = shapely.intersection(shapely.get_parts(cells), box(0, 0, 12, 9))
    found = area_weights(flat(), list(areas))
    np.testing.assert_allclose(np.asarray(found.matrix.sum(axis=0)).ravel(), 1.0, atol=1e-8)


def test_uneven_axes_have_their_borders_halfway():
    grid = Grid(np.array([0.0, 1.0, 3.0, 7.0]), np.array([0.0, 2.0, 3.0]), geographic=False)
    # Columns end at -0.5, 0.5, 2, 5, 9 and rows at -1, 1, 2.5, 3.5.
    found = shares(area_weights(grid, [box(0.5, 1.0, 3.5, 1.75)]))
    np.testing.assert_allclose(found, [[0, 0, 0, 0], [0, 0.5, 0.25, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_cells_are_counted_as_the_data_lie(upside_down, mirrored):
    x, y = np.arange(5) + 0.5, np.arange(4) + 0.5
    grid = Grid(x[::-1] if mirrored else x, y[::-1] if upside_down else y, geographic=False)
    found = shares(area_weights(grid, [box(0, 0, 1, 1)]))
    corner = (-1 if upside_down else 0, -1 if mirrored else 0)
    assert found[corner] == 1.0
    assert found.sum() == 1.0


def globe(first=0.5):
    return Grid(np.arange(360) + first, np.arange(90, -90, -1) - 0.5)


@pytest.mark.parametrize(
    "chukotka",
    [
        MultiPolygon([box(175, 64, 180, 69), box(-180, 64, -170, 69)]),
        box(175, 64, 190, 69),
        Polygon([(175, 64), (-170, 64), (-170, 69), (175, 69)]),
    ],
    ids=["split", "beyond 180", "jumping"],
)
@pytest.mark.parametrize("first", [0.5, -179.5], ids=["0 to 360", "-180 to 180"])
def test_an_area_across_the_antimeridian_has_all_its_cells(chukotka, first):
    grid = globe(first)
    found = area_weights(grid, {"87": chukotka})
    place = shares(found) > 0
    longitudes = np.mod(grid.x[place.any(axis=0)], 360)
    assert sorted(longitudes) == list(np.arange(175, 190) + 0.5)
    assert found.matrix.sum() == pytest.approx(15 * 5)
    assert found.inside[0] == pytest.approx(1.0)


def test_western_longitudes_are_found_on_a_grid_of_0_to_360():
    found = shares(area_weights(globe(), [box(-74.5, 40, -73.5, 41)]))
    assert found[49, 285] == found[49, 286] == pytest.approx(0.5)
    assert found.sum() == pytest.approx(1.0)


def test_an_area_on_both_ends_of_a_grid_that_begins_at_greenwich():
    found = shares(area_weights(globe(), [box(-2, 50, 3, 51)]))
    assert list(np.flatnonzero(found[39])) == [0, 1, 2, 358, 359]


def test_the_whole_world_is_one_area():
    found = area_weights(globe(), [box(-180, -90, 180, 90)])
    np.testing.assert_allclose(found.matrix.data, 1.0)
    assert found.matrix.nnz == 360 * 180
    assert found.inside[0] == pytest.approx(1.0)


def test_an_area_outside_the_grid_has_no_cells():
    found = area_weights(flat(), [box(20, 20, 22, 22)])
    assert found.matrix.nnz == 0
    assert found.inside[0] == 0.0


@pytest.mark.parametrize(
    ("area", "words"),
    [
        (Point(1, 1), "is no polygon"),
        (Polygon(), "has no surface"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "has no surface"),
    ],
)
def test_what_has_no_surface_is_refused_by_name(area, words):
    with pytest.raises(GridError, match=f"'A7'.*{words}"):
        area_weights(flat(), {"A7": area})


def test_an_outline_that_crosses_itself_counts_each_part_once():
    bow_tie = Polygon([(1, 1), (3, 3), (3, 1), (1, 3)])
    assert area_weights(flat(), [bow_tie]).matrix.sum() == pytest.approx(2.0)


def test_weights_are_kept_and_refused_on_another_grid(tmp_path):
    weights = area_weights(flat(), ODD)
    weights.save(tmp_path / "weights.npz")
    kept = AreaWeights.load(tmp_path / "weights.npz", flat())
    assert kept.names == tuple(ODD)
    assert (kept.matrix != weights.matrix).nnz == 0
    np.testing.assert_array_equal(kept.surface, weights.surface)
    moved = Grid(np.arange(12) + 0.75, np.arange(9)[::-1] + 0.5, geographic=False)
    with pytest.raises(GridError, match=r"another grid.*\(0.5, 8.5\).*not.*\(0.75, 8.5\)"):
        AreaWeights.load(tmp_path / "weights.npz", moved)


def test_half_a_file_of_weights_is_refused(tmp_path):
    area_weights(flat(), ODD).save(tmp_path / "weights.npz")
    whole = (tmp_path / "weights.npz").read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GridError, match="holds no area weights"):
        AreaWeights.load(tmp_path / "half.npz")


def test_a_curvilinear_grid_has_no_cells_to_cut():
    with pytest.raises(GridError, match="curvilinear"):
        Grid(np.zeros((3, 3)), np.arange(3.0))
