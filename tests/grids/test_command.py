"""``tocsin grids ...`` as a person meets it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
from shapely.geometry import box, mapping
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.errors import GridError, TocsinError
from tocsin.grids import Grid, area_statistics, area_weights, open_result
from tocsin.grids.memory import available, parse_size

AREAS = {"3401": box(5.3, 58.1, 9.9, 60.2), "5501": box(11.1, 61.2, 15.8, 63.7)}


def run(*arguments):
    return CliRunner().invoke(app, ["grids", *map(str, arguments)])


@pytest.fixture
def outlines(tmp_path):
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": mapping(area)}
        for code, area in AREAS.items()
    ]
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def store(netcdf, tmp_path):
    path = tmp_path / "out.zarr"
    assert run("compute", "ffmc,fwi", netcdf, "--out", path, "--threads", 1).exit_code == 0
    return path


def test_compute_says_what_it_did_and_describe_says_it_again(netcdf, tmp_path):
    out = tmp_path / "out.zarr"
    result = run("compute", "fwi", netcdf, "--out", out, "--memory", "2GB")
    assert result.exit_code == 0, result.output
    assert "1 block(s) computed." in result.output
    again = run("compute", "fwi", netcdf, "--out", out)
    assert "0 block(s) computed, 1 were there already." in again.output
    told = run("describe", out).output
    assert f"{out}: complete, by tocsin" in told
    assert "fwi over 45 rows of 14 x 18 cells" in told
    assert f"input {netcdf}" in told
    assert "relative_humidity: 0 value(s) missing, 0 outside the domain" in told


def test_values_outside_the_domain_are_told(weather, tmp_path):
    data = weather.copy(deep=True)
    data["rh"][3, :2, :3] = 104.0
    data.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    result = run("compute", "fwi", tmp_path / "in.nc", "--out", tmp_path / "out.zarr")
    assert "relative_humidity: 6 value(s) outside the indicator's domain" in result.output


def test_variables_and_settings_are_passed_on(weather, tmp_path):
    bare = weather.rename(lat="row").drop_vars("row")
    bare["tp"].attrs.pop("standard_name")
    bare.to_netcdf(tmp_path / "in.nc", engine="netcdf4")
    more = ["--variable", "rain=tp", "--set", "latitude=61", "--set", "variant=147.2"]
    result = run("compute", "fwi", tmp_path / "in.nc", "--out", tmp_path / "out.zarr", *more)
    # A bare 147.2 is a number, and the method wants the name of a variant.
    assert "fwi: fwi_grid(): variant is 147.2; give 'exact' or '147.2'" in str(result.exception)
    more[-1] = 'variant="147.2"'
    result = run("compute", "fwi", tmp_path / "in.nc", "--out", tmp_path / "out.zarr", *more)
    assert result.exit_code == 0, result.output
    assert "variant = 147.2" in run("describe", tmp_path / "out.zarr").output
    more[-1] = "variety=exact"
    result = run("compute", "fwi", tmp_path / "in.nc", "--out", tmp_path / "o.zarr", *more)
    assert "fwi has no setting 'variety'; it has" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fwii", "in.nc"], "'fwii' is not an indicator"),
        (["fwi", "in.nc", "--variable", "rain"], "is not like argument=name"),
    ],
)
def test_what_is_mistyped_is_refused_with_the_way_out(arguments, words, tmp_path):
    result = run("compute", *arguments, "--out", tmp_path / "out.zarr")
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())


def test_areas_become_a_table(store, outlines, tmp_path):
    table = tmp_path / "table.csv"
    kept = tmp_path / "weights.npz"
    arguments = ["--indicator", "fwi", "--statistic", "mean,max,share>10", "--weights", kept]
    result = run("areas", store, outlines, "--out", table, *arguments)
    assert result.exit_code == 0, result.output
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time", "area", "mean", "max", "share>10"]
    assert (rows[0]["time"], rows[0]["area"]) == ("2024-04-01T12:00:00", "3401")
    assert len(rows) == 45 * 2
    fwi = open_result(store)["fwi"]
    wanted = area_statistics(area_weights(Grid.of(fwi), AREAS), fwi, ["mean", "max", "share>10"])
    for name, values in wanted.items():
        found = np.array([float(row[name]) for row in rows]).reshape(45, 2)
        np.testing.assert_allclose(found, values, rtol=1e-6)
    before = table.read_bytes()
    assert run("areas", store, outlines, "--out", table, *arguments).exit_code == 0
    assert table.read_bytes() == before  # with the weights that were kept


def test_a_population_weighs_the_mean(store, outlines, weather, tmp_path):
    people = weather["t2m"].isel(time=0).drop_vars("time").rename("people")
    people.to_netcdf(tmp_path / "people.nc", engine="netcdf4")
    arguments = ["--indicator", "fwi", "--statistic", "population_mean"]
    arguments += ["--population", tmp_path / "people.nc", "--out", tmp_path / "table.csv"]
    assert run("areas", store, outlines, *arguments).exit_code == 0
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        first = float(next(csv.DictReader(file))["population_mean"])
    fwi = open_result(store)["fwi"][0]
    wanted = area_statistics(
        area_weights(Grid.of(fwi), AREAS), fwi, ["population_mean"], population=people.values
    )
    assert first == pytest.approx(wanted["population_mean"][0], rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no GeoJSON FeatureCollection"),
        ('{"features": [{"geometry": null, "properties": {}}]}', "feature 1 has no code"),
        ('{"features": [{"geometry": null, "id": 3}]}', "3 has no usable outline"),
        ('{"features": []}', "has no features"),
    ],
)
def test_outlines_that_cannot_be_used_are_refused(store, tmp_path, text, words):
    (tmp_path / "areas.geojson").write_text(text)
    result = run("areas", store, tmp_path / "areas.geojson", "--out", tmp_path / "t.csv",
                 "--indicator", "fwi")  # fmt: skip
    assert isinstance(result.exception, GridError)
    assert words in str(result.exception)
    assert not (tmp_path / "t.csv").exists()


def test_one_of_several_indicators_has_to_be_named(store, outlines, tmp_path):
    result = run("areas", store, outlines, "--out", tmp_path / "t.csv")
    assert "has ffmc, fwi. Say which" in str(result.exception)
    result = run("areas", store, outlines, "--out", tmp_path / "t.parquet")
    assert "no other table is written" in str(result.exception)


def test_what_is_no_result_is_not_described(tmp_path):
    result = run("describe", tmp_path)
    assert isinstance(result.exception, TocsinError)
    assert "holds no result" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("500 MB", 5 * 10**8), ("1.5GiB", 1_610_612_736), ("1000", 1000)],
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "2 XB", "0"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(GridError, match="is not an amount of memory"):
        parse_size(text)


def test_some_memory_is_free():
    assert 10_000_000 < available() < 10**15


def test_nothing_heavy_is_loaded_before_it_is_needed():
    program = (
        "import sys, tocsin.cli, tocsin.grids\n"
        "heavy = {'dask', 'distributed', 'zarr', 'xarray', 'netCDF4', 'cfgrib', 'numba', 'scipy', "
        "'shapely', 'pint', 'pandas'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (found.stdout, found.stderr) == ("\n", "")
