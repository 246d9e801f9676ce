"""Reading the files of ``[[layer]]``: vector files here, rasters in ``raster_files``."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from tocsin.region.checker import Checker
from tocsin.region.layer_spec import LayerFile
from tocsin.region.plain import near
from tocsin.region.raster_files import RasterRead, read_raster
from tocsin.region.toml_lines import Document

__all__ = ["LayerRead", "read_layers"]

TYPES = {
    "points": ("Point",),
    "lines": ("LineString", "MultiLineString"),
    "surfaces": ("Polygon", "MultiPolygon"),
}
LATITUDE, LONGITUDE = "lat", "lon"


@dataclass(frozen=True, slots=True)
class LayerRead:
    """A layer's file, read and found in order: ``layers.layers_of`` makes a layer of it.

    ``amounts`` and ``kinds`` have one for each geometry, an amount that is not known is NaN; None
    where the layer names no such column.
    """

    spec: LayerFile
    geometries: tuple[BaseGeometry, ...] = ()
    amounts: tuple[float, ...] | None = None
    kinds: tuple[str, ...] | None = None
    raster: RasterRead | None = None


def read_layers(
    check: Checker, layers: Sequence[LayerFile], document: Document
) -> tuple[LayerRead, ...]:
    """Read every layer that region.toml names; areas have been read before."""
    found: list[LayerRead] = []
    seen: set[str] = set()
    for number, layer in enumerate(layers):
        at = ("layer", number)
        if layer.name in seen:
            check.fault_at(
                document,
                (*at, "name"),
                layer.name,
                "Another layer has this name already.",
                "Give each its own.",
            )
        seen.add(layer.name)
        if layer.title is not None:
            check.languages_at(document, (*at, "title"), layer.title)
        _check_complete(check, document, at, layer)
        one = _read(check, layer, document, at)
        if one is not None:
            found.append(one)
    return tuple(found)


def _check_complete(
    check: Checker, document: Document, at: tuple[str | int, ...], layer: LayerFile
) -> None:
    areas: Collection[str] | None = check.area_lines
    for code in layer.complete_in or ():
        if areas is not None and code != "*" and code not in areas:
            check.fault_at(
                document,
                (*at, "complete_in"),
                code,
                "No area has this code.",
                near(code, {*areas, "*"}),
            )


def _read(
    check: Checker, layer: LayerFile, document: Document, at: tuple[str | int, ...]
) -> LayerRead | None:
    if layer.kind == "raster":
        raster = read_raster(check, layer)
        return None if raster is None else LayerRead(layer, raster=raster)
    rows = _csv_rows if layer.file.lower().endswith(".csv") else _geojson_rows
    before = len(check.faults)
    there = [row for row in rows(check, layer) if row is not None]
    if len(check.faults) > before:
        return None
    if not there:
        check.fault_at(
            document,
            (*at, "file"),
            layer.file,
            "The file has nothing in it.",
            "Add what there is, or take the layer out: nothing known is not nothing there.",
        )
        return None
    geometries, amounts, kinds = zip(*there, strict=True)
    return LayerRead(
        layer, geometries, amounts if layer.amount else None, kinds if layer.kinds else None
    )


Row = tuple[BaseGeometry, float, str]


def _csv_rows(check: Checker, layer: LayerFile) -> Iterator[Row | None]:
    """Give the points of a table; every fault with line and column."""
    table = check.table(layer.file)
    if table is None:
        return
    named = [name for name in (layer.amount, layer.kinds) if name]
    wanted = [LATITUDE, LONGITUDE, *named]
    if lost := [name for name in wanted if name not in table.header]:
        for name in lost:
            check.fault(
                layer.file,
                1,
                name,
                None,
                "The column is missing.",
                f"Add it, or name the right one; there are {', '.join(table.header)}.",
            )
        return
    for line, cells in zip(table.line, table.rows, strict=True):
        row = dict(zip(table.header, (cell.strip() for cell in cells), strict=True))
        place = [
            _number(check, layer.file, line, key, row[key], limit)
            for key, limit in ((LONGITUDE, 180.0), (LATITUDE, 90.0))
        ]
        amount = _amount(check, layer, line, layer.amount or "", row.get(layer.amount or "", ""))
        kind = _kind(check, layer, line, row.get(layer.kinds or ""))
        if None in place or amount is None or kind is None:
            yield None
        else:
            yield shape({"type": "Point", "coordinates": place}), amount, kind


def _number(
    check: Checker, file: str, line: int, column: str, text: str, limit: float
) -> float | None:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if abs(value) <= limit:
        return value
    check.fault(
        file,
        line,
        column,
        text,
        f"This is no {column} in degrees.",
        f"Write a number from {-limit:g} to {limit:g}.",
    )
    return None


def _amount(check: Checker, layer: LayerFile, line: int, where: str, given: Any) -> float | None:
    """Return how much is there, NaN where nothing is written, None for a fault."""
    if layer.amount is None or given is None or given == "":
        return math.nan
    try:
        value = float(given)
    except (TypeError, ValueError):
        value = math.nan
    if value >= 0 and math.isfinite(value):
        return value
    check.fault(
        layer.file,
        line,
        where,
        given,
        "This is no amount.",
        "Write a number of 0 or more, or nothing where it is not known.",
    )
    return None


def _kind(check: Checker, layer: LayerFile, line: int, given: Any) -> str | None:
    if layer.kinds is None:
        return ""
    if isinstance(given, str) and given.strip():
        return given.strip()
    check.fault(
        layer.file,
        line,
        layer.kinds,
        given,
        "This has no kind.",
        "Write what it is: school, hospital.",
    )
    return None


def _geojson_rows(check: Checker, layer: LayerFile) -> Iterator[Row | None]:
    """Give the features of a GeoJSON file; a fault names the feature and its line."""
    text = check.text(layer.file)
    if text is None:
        return
    try:
        features = json.loads(text)["features"]
    except json.JSONDecodeError as error:
        check.fault(
            layer.file,
            error.lineno,
            f"column {error.colno}",
            None,
            f"This is not JSON: {error.msg.lower()}.",
            "Mend the file or make it anew.",
        )
        return
    except (KeyError, TypeError):
        check.fault(
            layer.file,
            1,
            "features",
            None,
            "This is not a GeoJSON FeatureCollection.",
            "Put what there is into a list called features.",
        )
        return
    lines: list[int] = []
    for number, feature in enumerate(features):
        before = len(check.faults)
        row = _feature(check, layer, number, feature)
        if len(check.faults) > before:  # JSON keeps no lines: they are looked for when needed
            lines = lines or _feature_lines(text)
            for place in range(before, len(check.faults)):
                line = lines[number] if number < len(lines) else 0
                check.faults[place] = replace(check.faults[place], line=line)
        yield row


def _feature(check: Checker, layer: LayerFile, number: int, feature: Any) -> Row | None:
    where = f"features[{number + 1}]"
    geometry = _geometry(check, layer, f"{where}.geometry", feature)
    given = feature.get("properties") if isinstance(feature, dict) else None
    properties = given if isinstance(given, dict) else {}
    for name in (layer.amount, layer.kinds):
        if name and name not in properties:
            check.fault(
                layer.file,
                0,
                f"{where}.properties.{name}",
                None,
                "The property is missing.",
                "Add it; null says that it is not known.",
            )
            return None
    amount = _amount(
        check, layer, 0, f"{where}.properties.{layer.amount}", properties.get(layer.amount or "")
    )
    kind = _kind(check, layer, 0, properties.get(layer.kinds or ""))
    return None if geometry is None or amount is None or kind is None else (geometry, amount, kind)


def _geometry(check: Checker, layer: LayerFile, where: str, feature: Any) -> BaseGeometry | None:
    wanted = TYPES[layer.kind]
    try:
        found = shape(feature["geometry"])
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        found = None
    if found is None or found.geom_type not in wanted or found.is_empty:
        said = "nothing" if found is None else found.geom_type
        check.fault(
            layer.file,
            0,
            where,
            said,
            f"A layer of {layer.kind} cannot have this.",
            f"Write a GeoJSON {' or '.join(wanted)}.",
        )
        return None
    west, south, east, north = found.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        check.fault(
            layer.file,
            0,
            where,
            None,
            "It leaves the globe.",
            "Write longitude before latitude, in degrees, WGS84.",
        )
        return None
    if layer.kind == "lines" and east - west > 180:
        check.fault(
            layer.file,
            0,
            where,
            None,
            "The line runs round the world.",
            "Cut it at the antimeridian.",
        )
        return None
    if layer.kind == "surfaces" and not found.is_valid:
        check.fault(layer.file, 0, where, None, f"{explain_validity(found)}.", "Mend it in a GIS.")
        return None
    return found


def _feature_lines(text: str) -> list[int]:
    """Return the line on which each feature begins."""
    decoder = json.JSONDecoder()
    place = text.find("[", text.find('"features"')) + 1
    lines: list[int] = []
    while place < len(text):
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        if text[place : place + 1] != "{":
            break
        lines.append(text.count("\n", 0, place) + 1)
        _, place = decoder.raw_decode(text, place)
    return lines
