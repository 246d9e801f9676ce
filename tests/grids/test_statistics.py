"""Numbers of areas against exactextract's, and the policy for what is missing."""

from __future__ import annotations

import numpy as np
import pytest
import xarray
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from shapely.geometry import Point, box, mapping

from tocsin.errors import GridError, ShapeError
from tocsin.grids import Grid, area_statistics, area_weights

COLUMNS, ROWS = 30, 20
FLAT = Grid(np.arange(COLUMNS) + 0.5, np.arange(ROWS)[::-1] + 0.5, geographic=False)
EARTH = Grid(np.arange(COLUMNS) + 0.5, np.arange(60, 60 + ROWS)[::-1] + 0.5)
AREAS = {
    "round": Point(9.3, 11.1).buffer(6.2),
    "small": box(4.1, 4.2, 4.3, 4.4),
    "wide": box(0.5, 0.25, 29.5, 18.75),
}
VALUES = np.random.default_rng(5).gamma(2.0, 10.0, (ROWS, COLUMNS))


def theirs(operation, values, weights=None, areas=AREAS, low=0):
    def raster(array):
        return NumPyRasterSource(array, 0, low, COLUMNS, low + ROWS)

    features = [
        {"type": "Feature", "properties": {}, "geometry": mapping(area)} for area in areas.values()
    ]
    rows = exact_extract(
        raster(values),
        JSONFeatureSource(features),
        [f"x={operation}"],
        weights=None if weights is None else raster(weights),
    )
    return np.array([row["properties"]["x"] for row in rows])


@pytest.mark.validation
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["mean", "max"])
def test_numbers_are_exactextracts(name, kind):
    values = VALUES.astype(kind)
    mine = area_statistics(area_weights(FLAT, AREAS), values, [name])[name]
    np.testing.assert_allclose(mine, theirs(name, values), rtol=1e-6)


@pytest.mark.validation
def test_share_above_a_threshold_is_the_mean_of_a_mask():
    mine = area_statistics(area_weights(FLAT, AREAS), VALUES, ["share>25"])["share>25"]
    np.testing.assert_allclose(mine, theirs("mean", (VALUES > 25.0) * 1.0), rtol=1e-6)


@pytest.mark.validation
def test_on_a_geographic_grid_the_mean_weighs_by_the_surface_of_the_sphere():
    north = {name: _moved(area) for name, area in AREAS.items()}
    weights = area_weights(EARTH, north)
    surface = weights.cell_surface.reshape(EARTH.shape)
    mine = area_statistics(weights, VALUES, ["mean"])["mean"]
    wanted = theirs("weighted_mean", VALUES, weights=surface, areas=north, low=60)
    np.testing.assert_allclose(mine, wanted, rtol=1e-6)
    assert surface[0, 0] < 0.6 * surface[-1, 0]  # 80 degrees against 60


@pytest.mark.validation
def test_mean_by_population():
    people = np.random.default_rng(6).integers(0, 900, (ROWS, COLUMNS)).astype(float)
    weights = area_weights(FLAT, AREAS)
    mine = area_statistics(weights, VALUES, ["population_mean"], population=people)
    wanted = theirs("weighted_mean", VALUES, weights=people)
    np.testing.assert_allclose(mine["population_mean"], wanted, rtol=1e-6)


def _moved(area):
    from shapely.affinity import translate

    return translate(area, yoff=60)


def test_missing_cells_are_left_out_and_the_others_stand_for_them():
    weights = area_weights(FLAT, {"two": box(0, 0, 2, 1), "one": box(2, 0, 3, 1)})
    values = np.full((ROWS, COLUMNS), np.nan)
    values[-1, 0] = 8.0  # half of the first area has a value
    found = area_statistics(weights, values, ["mean", "max", "share>5"])
    np.testing.assert_array_equal(found["mean"], [8.0, np.nan])
    np.testing.assert_array_equal(found["max"], [8.0, np.nan])
    np.testing.assert_array_equal(found["share>5"], [1.0, np.nan])
    stricter = area_statistics(weights, values, ["mean"], minimum_valid=0.51)
    assert np.isnan(stricter["mean"][0])


def test_what_lies_outside_the_grid_counts_as_missing():
    weights = area_weights(FLAT, {"40 %": box(-6, 0, 4, 1), "60 %": box(-4, 0, 6, 1)})
    found = area_statistics(weights, np.ones((ROWS, COLUMNS)), ["mean"])["mean"]
    np.testing.assert_array_equal(found, [np.nan, 1.0])
    lenient = area_statistics(weights, np.ones((ROWS, COLUMNS)), ["mean"], minimum_valid=0.3)
    assert lenient["mean"][0] == 1.0


def test_where_nobody_lives_there_is_no_mean_by_population():
    people = np.zeros((ROWS, COLUMNS))
    found = area_statistics(
        area_weights(FLAT, AREAS), VALUES, ["population_mean", "mean"], population=people
    )
    assert np.isnan(found["population_mean"]).all()
    assert np.isfinite(found["mean"]).all()


def test_every_time_is_a_row_on_any_number_of_threads():
    weights = area_weights(FLAT, AREAS)
    times = np.stack([VALUES, VALUES * 2.0, VALUES - 4.0]).astype(np.float32)
    found = area_statistics(weights, times, threads=3)
    assert found["mean"].shape == (3, 3)
    for row, values in enumerate(times):
        one = area_statistics(weights, values.ravel(), threads=1)
        np.testing.assert_array_equal(found["mean"][row], one["mean"])
        np.testing.assert_array_equal(found["max"][row], one["max"])


def test_a_labelled_array_of_another_grid_is_refused():
    weights = area_weights(EARTH, {"a": box(1, 61, 2, 62)})
    array = xarray.DataArray(
        VALUES, dims=("lat", "lon"), coords={"lat": EARTH.y, "lon": EARTH.x + 0.25}
    )
    with pytest.raises(GridError, match="another grid"):
        area_statistics(weights, array)
    array["lon"] = EARTH.x
    assert area_statistics(weights, array)["max"].shape == (1,)


@pytest.mark.parametrize("name", ["median", "share", "share>", "share>x", "mean>3"])
def test_an_unknown_statistic_is_refused_with_those_there_are(name):
    with pytest.raises(GridError, match="share>NUMBER"):
        area_statistics(area_weights(FLAT, AREAS), VALUES, [name])


def test_shapes_that_are_not_the_grids_are_refused():
    with pytest.raises(ShapeError, match=r"\(20, 30\)"):
        area_statistics(area_weights(FLAT, AREAS), VALUES.T)
    with pytest.raises(GridError, match="population=ARRAY"):
        area_statistics(area_weights(FLAT, AREAS), VALUES, ["population_mean"])
