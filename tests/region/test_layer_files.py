"""Layers from files: every kind counted by hand, every fault with its line and remedy."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from shapely.geometry import LineString, Point, box, mapping
from shapely.geometry.base import BaseGeometry

from tests.region.folder import REGION, make_region_folder
from tocsin.exposure import Amount, exposed, length_km, surface_km2
from tocsin.region import check_region, load_region
from tocsin.region.layers import layers_of

LAYER = '\n[[layer]]\nname = "{name}"\nkind = "{kind}"\nfile = "{file}"\nsource = "A list"\n{more}'


def folder_with(
    tmp_path: Path, kind: str, file: str, text: str | bytes, *, name: str = "things", more: str = ""
) -> Path:
    toml = REGION + LAYER.format(name=name, kind=kind, file=file, more=more)
    make_region_folder(tmp_path, {"region.toml": toml})
    raw = text.encode() if isinstance(text, str) else text
    (tmp_path / file).write_bytes(raw)
    return tmp_path


def found_in(folder: Path, outline: BaseGeometry) -> dict[str, Amount]:
    return {a.name: a for a in exposed(layers_of(load_region(folder)), {"it": outline})["it"]}


def fault_of(folder: Path) -> Any:
    faults = check_region(folder)
    assert len(faults) == 1, faults
    return faults[0]


def features(*rows: tuple[BaseGeometry, dict[str, Any]]) -> str:
    lines = ",\n".join(
        json.dumps({"type": "Feature", "properties": given, "geometry": mapping(one)})
        for one, given in rows
    )
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


HOUSEHOLDS = """lat,lon,many,note
46.50,8.55,120,a
46.51,8.56,,b
46.50,8.15,30,c
"""


def test_households_of_a_table_and_one_of_which_nothing_is_known(tmp_path: Path) -> None:
    more = 'amount = "many"\nunit = "household"\ndate = 2020-11-01\n'
    folder = folder_with(tmp_path, "points", "homes.csv", HOUSEHOLDS, more=more)
    east = found_in(folder, box(8.4, 46.4, 8.8, 46.6))["things"]
    assert (east.value, east.known, east.unit) == (120, 0.5, "household")
    assert (east.source.title, east.source.valid_on) == ("A list", date(2020, 11, 1))
    west = found_in(folder, box(8.0, 46.4, 8.4, 46.6))["things"]
    assert (west.value, west.known) == (30, 1)


def test_facilities_by_kind_from_geojson(tmp_path: Path) -> None:
    rows = features(
        (Point(8.5, 46.5), {"is": "school"}),
        (Point(8.6, 46.5), {"is": "school"}),
        (Point(8.1, 46.5), {"is": "hospital"}),
    )
    folder = folder_with(tmp_path, "points", "f.geojson", rows, more='kinds = "is"\n')
    east = found_in(folder, box(8.4, 46.4, 8.8, 46.6))
    # The folder's own school of facilities.csv comes after, and is an example.
    assert (east["hospital"].value, east["hospital"].known) == (0, 1)
    amounts = exposed(layers_of(load_region(folder)), {"it": box(8.4, 46.4, 8.8, 46.6)})["it"]
    schools = [(a.value, a.source.grade) for a in amounts if a.name == "school"]
    assert schools == [(2, "counted"), (1, "example")]


def test_roads_and_farmland_are_measured(tmp_path: Path) -> None:
    road = LineString([(8.2, 46.5), (8.6, 46.5)])
    folder = folder_with(tmp_path / "r", "lines", "roads.geojson", features((road, {})))
    half = LineString([(8.4, 46.5), (8.6, 46.5)])
    found = found_in(folder, box(8.4, 46.4, 8.8, 46.6))["things"]
    assert (found.unit, found.value) == ("km", pytest.approx(float(length_km([half])[0])))
    field = box(8.3, 46.45, 8.5, 46.55)
    folder = folder_with(tmp_path / "f", "surfaces", "fields.geojson", features((field, {})))
    found = found_in(folder, box(8.4, 46.4, 8.8, 46.6))["things"]
    half_field = float(surface_km2([box(8.4, 46.45, 8.5, 46.55)])[0])
    assert (found.unit, found.value) == ("km2", pytest.approx(half_field))


ASCII = """ncols 4
nrows 2
xllcorner 8.0
yllcorner 46.4
cellsize 0.1
NODATA_value -1
1 2 3 4
5 6 -1 8
"""


def test_an_ascii_grid_of_people_stands_in_for_the_people_of_areas(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path, "raster", "people.asc", ASCII, name="people", more='unit = "person"\n'
    )
    # Rows go from north to south: 8.0 to 8.2 holds 1 + 2 above and 5 + 6 below.
    west = found_in(folder, box(8.0, 46.4, 8.2, 46.6))["people"]
    assert (west.value, west.known, west.source.title) == (pytest.approx(14), 1, "A list")
    gap = found_in(folder, box(8.2, 46.4, 8.3, 46.6))["people"]
    assert (gap.value, gap.known) == (pytest.approx(3), pytest.approx(0.5, abs=0.01))


def test_missing_cells_may_mean_nobody(tmp_path: Path) -> None:
    more = 'unit = "person"\nmissing_is_zero = true\n'
    folder = folder_with(tmp_path, "raster", "people.asc", ASCII, name="people", more=more)
    gap = found_in(folder, box(8.2, 46.4, 8.3, 46.6))["people"]
    assert (gap.value, gap.known) == (pytest.approx(3), 1)


def test_a_netcdf_raster_whichever_way_its_axes_run(tmp_path: Path) -> None:
    amounts = np.array([[1.0, 5.0], [2.0, 6.0]])  # (lon, lat), latitude falling
    data = xarray.Dataset(
        {"pop": (("lon", "lat"), amounts)}, {"lon": [8.05, 8.15], "lat": [46.55, 46.45]}
    )
    make_region_folder(tmp_path)
    data.to_netcdf(tmp_path / "p.nc", engine="scipy")
    raw = (tmp_path / "p.nc").read_bytes()
    folder = folder_with(tmp_path, "raster", "p.nc", raw, more='unit = "person"\n')
    assert found_in(folder, box(8.0, 46.5, 8.1, 46.6))["things"].value == pytest.approx(1)
    assert found_in(folder, box(8.0, 46.4, 8.1, 46.5))["things"].value == pytest.approx(5)


@pytest.mark.parametrize(
    ("complete", "known"), [('["*"]', 1.0), ('["E1"]', 0.5), ('["TV"]', 1.0), (None, 1.0)]
)
def test_a_file_says_of_where_it_has_all(
    tmp_path: Path, complete: str | None, known: float
) -> None:
    more = f"complete_in = {complete}\n" if complete else ""
    folder = folder_with(tmp_path, "points", "p.csv", "lat,lon\n46.5,8.5\n", more=more)
    found = found_in(folder, box(8.2, 46.4, 8.6, 46.6))["things"]
    assert (found.value, found.known) == (1, pytest.approx(known))


@pytest.mark.parametrize(
    ("kind", "file", "text", "more", "said"),
    [
        ("points", "p.csv", "lat,lon\n46.5,8.5\n146.5,8.5\n", "",
         "p.csv:3: lat = 146.5: This is no lat in degrees. Write a number from -90 to 90."),
        ("points", "p.csv", "lat,lon,n\n46.5,8.5,-3\n", 'amount = "n"\nunit = "person"\n',
         "p.csv:2: n = -3: This is no amount. Write a number of 0 or more, or nothing where it is "
         "not known."),
        ("points", "p.csv", "lat,lon\n46.5,8.5\n", 'amount = "n"\nunit = "person"\n',
         "p.csv:1: n: The column is missing. Add it, or name the right one; there are lat, lon."),
        ("points", "p.csv", "lat,lon\n", "",
         "region.toml:30: layer[1].file = p.csv: The file has nothing in it. Add what there is, or "
         "take the layer out: nothing known is not nothing there."),
        ("points", "p.geojson", features((Point(8, 46), {"n": 1}), (Point(8, 46), {})),
         'amount = "n"\nunit = "person"\n',
         "p.geojson:3: features[2].properties.n: The property is missing. Add it; null says that "
         "it is not known."),
        ("lines", "l.geojson", features((LineString([(8, 46), (9, 46)]), {}), (Point(8, 46), {})),
         "",
         "l.geojson:3: features[2].geometry = Point: A layer of lines cannot have this. Write a "
         "GeoJSON LineString or MultiLineString."),
        ("surfaces", "s.geojson", '{"features": [\n{"type": "Feature", "geometry": {"type": '
         '"Polygon", "coordinates": [[[8,46],[9,47],[9,46],[8,47],[8,46]]]}}]}', "",
         "s.geojson:2: features[1].geometry: Self-intersection[8.5 46.5]. Mend it in a GIS."),
        ("surfaces", "s.geojson", "{", "",
         "s.geojson:1: column 2: This is not JSON: expecting property name enclosed in double "
         "quotes. Mend the file or make it anew."),
        ("raster", "r.asc", ASCII.replace("5 6 -1 8", "5 6 8"), 'unit = "person"\n',
         "r.asc:8: row 2 = 5 6 8: The row does not have 4 numbers. Write one for each column."),
        ("raster", "r.asc", ASCII.replace("-1", "-9"), 'unit = "person"\n', None),
        ("raster", "r.asc", ASCII.replace("yllcorner 46.4", "yllcorner 5140000"),
         'unit = "person"\n',
         "r.asc:1: yllcorner = 5140000.05: This is no place in degrees. Bring the raster into "
         "longitude and latitude, WGS84."),
        ("raster", "r.nc", "no netcdf", 'unit = "person"\n', "r.nc: file: It cannot be read"),
        ("points", "p.csv", "lat,lon\n46.5,8.5\n", 'complete_in = ["E2"]\n',
         "region.toml:32: layer[1].complete_in = E2: No area has this code. Use one of *, "
         "E1, TV, W1."),
        ("lines", "l.csv", "", "",
         "region.toml:27: layer[1]: The file l.csv holds no lines. Give one that ends in "
         ".geojson or .json."),
        ("points", "p.csv", "lat,lon\n46.5,8.5\n", 'amountt = "n"\n',
         "region.toml:32: layer[1].amountt = n: This key is not known here. Did you mean amount?"),
    ],
)  # fmt: skip
def test_a_fault_has_its_line_and_remedy(
    tmp_path: Path, kind: str, file: str, text: str, more: str, said: str | None
) -> None:
    folder = folder_with(tmp_path, kind, file, text, more=more)
    if said is None:  # -9 is a cell like another where NODATA is -9 as well
        assert check_region(folder) == []
        return
    assert str(fault_of(folder)).startswith(said)


def test_a_changed_layer_changes_the_digest(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "points", "p.csv", "lat,lon\n46.5,8.5\n")
    before = load_region(folder).digest
    (folder / "p.csv").write_text("lat,lon\n46.5,8.6\n")
    assert load_region(folder).digest != before


def test_two_layers_of_one_name_are_a_fault(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "points", "p.csv", "lat,lon\n46.5,8.5\n")
    head = (folder / "region.toml").read_text()
    again = LAYER.format(name="things", kind="points", file="p.csv", more="")
    (folder / "region.toml").write_text(head + again)
    assert "Another layer has this name already" in str(fault_of(folder))
