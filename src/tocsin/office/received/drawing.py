"""The shapes of received warnings over the outlines of the region, as SVG paths. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Drawing", "drawing_of"]

WIDTH = 600.0
MARGIN = 0.04
TALLEST = 1.1
Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture: its size, the outlines of the region and the shapes over them."""

    width: int
    height: int
    outlines: tuple[str, ...]
    shapes: tuple[str, ...]


def drawing_of(
    outlines: Iterable[Mapping[str, Any] | None], shapes: Iterable[Mapping[str, Any] | None]
) -> Drawing | None:
    """Draw GeoJSON polygons; the picture takes in both, None without a shape.

    A shape that goes far beyond the region is cut off at four times the region's size.
    """
    below = [list(_rings(one)) for one in outlines if one]
    above = [list(_rings(one)) for one in shapes if one]
    if not any(above):
        return None
    box = _box(ring for rings in above for ring in rings)
    if any(below):
        region = _box(ring for rings in below for ring in rings)
        west, south, east, north = region
        wide, tall = 1.5 * (east - west), 1.5 * (north - south)
        box = (
            max(min(box[0], west), west - wide), max(min(box[1], south), south - tall),
            min(max(box[2], east), east + wide), min(max(box[3], north), north + tall),
        )  # fmt: skip
    west, south, east, north = box
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.05)
    wide = max((east - west) * squeeze, 1e-6)
    tall = max(north - south, wide * 0.3)
    scale = WIDTH / max(wide, tall / TALLEST) * (1 - 2 * MARGIN)
    edge = WIDTH * MARGIN

    def path(rings: list[Ring]) -> str:
        return "".join(
            "M"
            + "L".join(
                f"{edge + (x - west) * squeeze * scale:.1f} {edge + (north - y) * scale:.1f}"
                for x, y, *_ in ring
            )
            + "Z"
            for ring in rings
        )

    height = round(tall * scale + 2 * edge)
    return Drawing(round(WIDTH), height, tuple(map(path, below)), tuple(map(path, above)))


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Yield every ring of a Polygon or MultiPolygon."""
    if geometry.get("type") == "Polygon":
        yield from geometry["coordinates"]
    elif geometry.get("type") == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def _box(rings: Iterable[Ring]) -> tuple[float, float, float, float]:
    points = [point for ring in rings for point in ring]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)
