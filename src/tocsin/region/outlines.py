"""The outlines of areas: a GeoJSON file whose features carry the area's code."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from tocsin.region.checker import Checker
from tocsin.region.model import Area
from tocsin.region.plain import near

__all__ = ["with_outlines"]


def with_outlines(check: Checker, file: str, areas: Sequence[Area]) -> tuple[Area, ...]:
    """Return the areas with their outlines; note outlines that are wrong, missing or too many."""
    text = check.text(file)
    if text is None:
        return tuple(areas)
    outlines = _outlines(check, file, text)
    if outlines is None:
        return tuple(areas)
    parents = {area.parent for area in areas}
    for area in areas:
        if area.code not in outlines and area.code not in parents:
            check.fault(
                file, 0, "features", area.code, "The area has no outline.",
                f'Add a feature with "code": "{area.code}" to its properties.',
            )  # fmt: skip
    return tuple(area.model_copy(update={"geometry": outlines.get(area.code)}) for area in areas)


def _outlines(check: Checker, file: str, text: str) -> dict[str, BaseGeometry | None] | None:
    """Return the outline of each code in the file, None for a wrong one."""
    try:
        features = json.loads(text)["features"]
    except json.JSONDecodeError as error:
        check.fault(
            file, error.lineno, f"column {error.colno}", None,
            f"This is not JSON: {error.msg.lower()}.", "Mend the file or make it anew.",
        )  # fmt: skip
        return None
    except (KeyError, TypeError):
        check.fault(
            file, 1, "features", None, "This is not a GeoJSON FeatureCollection.",
            "Put the outlines into a list called features.",
        )  # fmt: skip
        return None
    outlines: dict[str, BaseGeometry | None] = {}
    codes = check.area_lines
    for number, feature in enumerate(features):
        where = f"features[{number + 1}]"
        code = _code(feature)
        line = _line_of(text, code)
        if code is None:
            check.fault(
                file, line, f"{where}.properties.code", None, "The outline names no area.",
                'Write "code" with the area\'s code into its properties.',
            )  # fmt: skip
        elif codes is not None and code not in codes:
            check.fault(
                file, line, f"{where}.properties.code", code, "No area has this code.",
                near(code, codes),
            )  # fmt: skip
        elif code in outlines:
            check.fault(
                file, line, f"{where}.properties.code", code, "The area has an outline already.",
                "Put both parts into one MultiPolygon.",
            )  # fmt: skip
        else:
            outlines[code] = _outline(check, file, line, f"{where}.geometry", code, feature)
    return outlines


def _code(feature: Any) -> str | None:
    try:
        return str(feature["properties"]["code"])
    except (KeyError, TypeError):
        return None


def _line_of(text: str, code: str | None) -> int:
    """Return the line on which the feature's code is written; JSON itself keeps no lines."""
    found = re.search(rf'"code"\s*:\s*"?{re.escape(code)}\b', text) if code else None
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _outline(
    check: Checker, file: str, line: int, where: str, code: str, feature: Any
) -> BaseGeometry | None:
    try:
        outline = shape(feature["geometry"])
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        check.fault(
            file, line, where, code, "The geometry cannot be read.",
            "Write a GeoJSON Polygon or MultiPolygon.",
        )  # fmt: skip
        return None
    if outline.geom_type not in {"Polygon", "MultiPolygon"} or outline.is_empty:
        check.fault(
            file, line, where, f"{code} {outline.geom_type}", "An outline encloses an area.",
            "Write a GeoJSON Polygon or MultiPolygon.",
        )  # fmt: skip
        return None
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        check.fault(
            file, line, where, code, "The outline leaves the globe.",
            "Write longitude before latitude, in degrees, WGS84.",
        )  # fmt: skip
        return None
    if not outline.is_valid:
        reason, _, point = explain_validity(outline).partition("[")
        lon, _, lat = point.rstrip("]").partition(" ")
        crosses = "The outline crosses itself" if "elf-inter" in reason else reason
        check.fault(
            file, line, where, code, f"{crosses} at longitude {lon}, latitude {lat}.",
            "Mend it in a GIS, or make the outlines anew.",
        )  # fmt: skip
        return None
    return shapely.normalize(outline)
