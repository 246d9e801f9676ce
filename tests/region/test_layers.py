"""A region's files as layers, and the command that prints them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from typer.testing import CliRunner

from tests.region.folder import AREAS, make_region_folder
from tocsin.cli import app
from tocsin.exposure import Amount, exposed
from tocsin.region import load_region
from tocsin.region.layers import layers_of

SETTLEMENTS = """\
id,name.en,lat,lon,population,source
T1,Easton,46.5,8.6,700,List of towns
"""


def found_in(folder: Path, outline: BaseGeometry) -> dict[str, Amount]:
    return {a.name: a for a in exposed(layers_of(load_region(folder)), {"it": outline})["it"]}


def with_towns(folder: Path) -> Path:
    make_region_folder(folder)
    (folder / "settlements.csv").write_text(SETTLEMENTS)
    head = (folder / "region.toml").read_text()
    (folder / "region.toml").write_text(head + '\n[files]\nsettlements = "settlements.csv"\n')
    return folder


def test_people_by_share_of_their_area_towns_whole_examples_as_such(tmp_path: Path) -> None:
    found = found_in(with_towns(tmp_path), box(8.3, 46.4, 8.6, 46.6))
    people = found["people"]
    assert people.value == pytest.approx(1200 / 2 + 800 / 4)
    assert (people.known, people.source.valid_on) == (1, date(2020, 1, 1))
    assert people.source.title == "Census 2020, table 1, spread evenly over each area"
    assert people.source.grade == "estimated"
    assert found["people in towns"].value == 700
    assert (found["school"].value, found["school"].source.grade) == (1, "example")


def test_outside_the_region_nothing_is_known(tmp_path: Path) -> None:
    make_region_folder(tmp_path)
    found = found_in(tmp_path, box(9, 46.4, 9.2, 46.6))
    assert {a.name: a.value for a in found.values()} == {"people": None, "school": None}
    half = found_in(tmp_path, box(8.6, 46.4, 9.0, 46.6))["people"]
    assert (half.value, half.known) == (pytest.approx(600), pytest.approx(0.5))


def test_an_area_without_people_told_is_unknown(tmp_path: Path) -> None:
    make_region_folder(tmp_path)
    (tmp_path / "areas.csv").write_text(
        AREAS.replace('800,2020-01-01,"Census 2020, table 1"', ",,")
    )
    people = found_in(tmp_path, box(8.0, 46.4, 8.8, 46.6))["people"]
    assert (people.value, people.known) == (pytest.approx(1200), pytest.approx(0.5))


def test_the_command_says_it_in_a_sentence_with_its_sources(tmp_path: Path) -> None:
    with_towns(tmp_path / "region")
    outlines = tmp_path / "inside.geojson"
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": shape.__geo_interface__}
        for name, shape in {
            "the pass": box(8.3, 46.4, 8.58, 46.6),
            "abroad": box(20, 46, 21, 47),
            "the border": box(8.55, 46.4, 9.05, 46.6),
        }.items()
    ]
    outlines.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    run = CliRunner().invoke(app, ["exposure", str(outlines), str(tmp_path / "region")])
    assert run.exit_code == 0, run.output
    lines = run.output.splitlines()
    assert lines[0] == "the pass: about 740 people, 1 school"
    assert " ".join(lines[1].split()) == (
        "people 740 Census 2020, table 1, spread evenly over each area, 2020-01-01, estimated"
    )
    assert "abroad: nothing is known of it" in lines
    assert "the border: about 750 people, 1 school (in the 50.0 % of it that is known)" in lines


def test_the_command_refuses_what_is_no_geojson(tmp_path: Path) -> None:
    with_towns(tmp_path / "region")
    run = CliRunner().invoke(app, ["exposure", str(tmp_path / "none"), str(tmp_path / "region")])
    assert run.exit_code == 1
    assert "cannot be read" in str(run.exception)


def test_the_command_counts_layers_of_files_too(tmp_path: Path) -> None:
    folder = with_towns(tmp_path / "region")
    layer = (
        '\n[[layer]]\nname = "households"\nkind = "points"\nfile = "homes.csv"\namount = "many"\n'
        'unit = "household"\nsource = "A list of homes"\ndate = 2020-11-01\n'
    )
    (folder / "region.toml").write_text((folder / "region.toml").read_text() + layer)
    (folder / "homes.csv").write_text("lat,lon,many\n46.5,8.5,1234\n46.5,8.1,99\n")
    outlines = tmp_path / "inside.geojson"
    shape = box(8.3, 46.4, 8.58, 46.6).__geo_interface__
    feature = {"type": "Feature", "properties": {"name": "the pass"}, "geometry": shape}
    outlines.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    run = CliRunner().invoke(app, ["exposure", str(outlines), str(folder)])
    assert run.exit_code == 0, run.output
    assert run.output.splitlines()[0] == (
        "the pass: about 740 people, about 1,200 households, 1 school"
    )
    rows = [" ".join(line.split()) for line in run.output.splitlines()]
    assert "households 1,234 A list of homes, 2020-11-01, counted" in rows
