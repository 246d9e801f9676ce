"""Drawing areas as an SVG map: outlines in, paths and label places out. Pure, no database.

Every vertex is rounded to the same grid of one unit, so that neighbours keep a common border.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from shapely.validation import make_valid

__all__ = ["Drawing", "Label", "Shape", "draw", "path_of", "place_labels", "text_width"]

MARGIN = 12
WIDEST, TALLEST = 1.5, 1.15  # width:height at most, height:width at most
CHINESE_WIDTH, LATIN_WIDTH, LINE_HEIGHT = 1.0, 0.56, 1.2  # of the type size
RINGS = (0, 6, 12, 18, 26, 36, 48, 64, 82, 104)
DIRECTIONS = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """An area on the map."""

    code: str
    path: str
    outline: BaseGeometry


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole map: its size, its areas and the way from degrees to its units."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    west: float
    north: float
    per_lon: float
    per_lat: float
    left: float
    top: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the point of the map for a place."""
        x = self.left + (lon - self.west) * self.per_lon
        y = self.top + (self.north - lat) * self.per_lat
        return round(x, 1), round(y, 1)


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name stands; ``anchor`` is set where a line must lead to its area."""

    code: str
    x: float
    y: float
    lines: tuple[str, ...]
    anchor: tuple[float, float] | None = None

    @property
    def leader(self) -> str:
        """The path from the label to its area, empty where it stands inside."""
        if self.anchor is None:
            return ""
        return f"M{self.x:g} {self.y:g}L{self.anchor[0]:g} {self.anchor[1]:g}"


def draw(outlines: Mapping[str, Mapping[str, Any]], width: int = 640) -> Drawing | None:
    """Return the map of GeoJSON geometries, None where there is nothing to draw."""
    rings = {code: list(_rings(geometry)) for code, geometry in outlines.items()}
    points = [point for parts in rings.values() for ring in parts for point in ring]
    if not points:
        return None
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    across, down = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    ratio = min(max(down / across, 1 / WIDEST), TALLEST)
    inner = width - 2 * MARGIN
    height = round(inner * ratio) + 2 * MARGIN
    scale = min(inner / across, (height - 2 * MARGIN) / down)
    drawing = Drawing(
        width=width, height=height, shapes=(), west=west, north=north,
        per_lon=scale * squeeze, per_lat=scale,
        left=(width - across * scale) / 2, top=(height - down * scale) / 2,
    )  # fmt: skip
    shapes = tuple(_shape(code, parts, drawing) for code, parts in rings.items())
    return Drawing(**{**_fields(drawing), "shapes": shapes})


def path_of(geometry: Mapping[str, Any], drawing: Drawing) -> str:
    """Return a geometry as a path of a map that is drawn already."""
    return _shape("", list(_rings(geometry)), drawing).path


def _fields(drawing: Drawing) -> dict[str, Any]:
    return {name: getattr(drawing, name) for name in Drawing.__slots__}


def _rings(geometry: Mapping[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    if geometry.get("type") == "Polygon":
        yield from geometry["coordinates"]
    elif geometry.get("type") == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def _shape(code: str, rings: list[Sequence[Sequence[float]]], drawing: Drawing) -> Shape:
    paths, polygons = [], []
    for ring in rings:
        grid: list[tuple[int, int]] = []
        for lon, lat, *_ in ring:
            x, y = drawing.place(lon, lat)
            point = (round(x), round(y))
            if not grid or grid[-1] != point:
                grid.append(point)
        if len(set(grid)) < 3:
            continue
        paths.append(_path(grid))
        polygons.append(make_valid(Polygon(grid)))
    return Shape(code, "".join(paths), unary_union(polygons) if polygons else Polygon())


def _path(grid: list[tuple[int, int]]) -> str:
    """Return a closed ring in relative steps, which is the shortest way to write it."""
    (x, y), steps = grid[0], []
    here = (x, y)
    for nx, ny in grid[1:-1]:
        dx, dy = nx - here[0], ny - here[1]
        steps.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
        here = (nx, ny)
    return f"M{x} {y}l{' '.join(steps)}z"


def text_width(text: str, size: float) -> float:
    """Return about how wide ``text`` is when set in ``size``."""
    units = sum(CHINESE_WIDTH if ord(sign) > 0x2E80 else LATIN_WIDTH for sign in text)
    return units * size


def place_labels(
    drawing: Drawing,
    texts: Mapping[str, Sequence[str]],
    points: Mapping[str, tuple[float, float]],
    size: float,
) -> list[Label]:
    """Return a place for each name so that no two touch, small areas first.

    A name that does not fit inside its area stands in the nearest free place, with a line to it; a
    name for which there is none is left out (the shape still carries it as its title).
    """
    taken: list[BaseGeometry] = []
    placed: list[Label] = []
    shapes = {shape.code: shape for shape in drawing.shapes}
    everything = unary_union([shape.outline for shape in drawing.shapes])
    for code in sorted(texts, key=lambda code: shapes[code].outline.area):
        if code not in points:
            continue
        found = _best(
            drawing,
            shapes[code],
            texts[code],
            drawing.place(*points[code]),
            size,
            taken,
            everything,
        )
        if found is not None:
            label, room = found
            placed.append(label)
            taken.append(room)
    return placed


def _best(
    drawing: Drawing,
    shape: Shape,
    lines: Sequence[str],
    at: tuple[float, float],
    size: float,
    taken: list[BaseGeometry],
    everything: BaseGeometry,
) -> tuple[Label, BaseGeometry] | None:
    wide = max(text_width(line, size) for line in lines) + 4
    high = len(lines) * size * LINE_HEIGHT
    best: tuple[float, Label, BaseGeometry] | None = None
    for dx, dy in _offsets():
        x, y = at[0] + dx, at[1] + dy
        room = box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if not (
            room.bounds[0] >= 2
            and room.bounds[1] >= 2
            and room.bounds[2] <= drawing.width - 2
            and room.bounds[3] <= drawing.height - 2
        ):
            continue
        if any(room.intersects(other) for other in taken):
            continue
        inside = shape.outline.intersection(room).area / room.area
        foreign = everything.intersection(room).area / room.area - inside
        cost = math.hypot(dx, dy) / 60 + 1.6 * (1 - inside) + 2.2 * foreign
        if best is None or cost < best[0]:
            anchor = at if inside < 0.35 else None
            best = cost, Label(shape.code, round(x, 1), round(y, 1), tuple(lines), anchor), room
    return (best[1], best[2]) if best else None


def _offsets() -> Iterable[tuple[float, float]]:
    yield 0, 0
    for ring in RINGS[1:]:
        for step in range(DIRECTIONS):
            angle = 2 * math.pi * step / DIRECTIONS
            yield ring * math.cos(angle), ring * math.sin(angle)
