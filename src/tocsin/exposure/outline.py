"""Outlines ready to be asked: valid, in one piece across the antimeridian, none about a pole.

Edges are straight in longitude and latitude, as in CAP 1.2 and GeoJSON. An edge that would span
more than 180 degrees is read as the short way round, across the antimeridian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from tocsin.errors import ShapeError

__all__ = ["from_circle", "from_pairs", "grown", "turns", "whole"]

KM_A_DEGREE = 111.195  # of a great circle on a sphere of 6371.0088 km
CIRCLE_CORNERS = 64
CIRCLE_LARGER = 1.004  # 1 / cos(pi / 64) is 1.0012; the rest is for edges bent near the poles


def from_pairs(pairs: Sequence[Sequence[float]]) -> BaseGeometry:
    """Return the polygon of a CAP ring: ``[[lat, lon], ...]``, open or closed.

    Raises
    ------
    ShapeError
        Fewer than three corners, or no outline: see :func:`whole`.
    """
    if len(pairs) < 3:
        raise ShapeError(f"A polygon takes three corners or more; this one has {len(pairs)}.")
    return whole(Polygon([(lon, lat) for lat, lon in pairs]))


def from_circle(lat: float, lon: float, km: float) -> BaseGeometry:
    """Return a polygon that covers a circle of ``km``, at most 0.5 % of the radius larger.

    Held for circles between 80 degrees south and north; nearer a pole straight edges bend too much.

    Raises
    ------
    ShapeError
        The circle is empty or holds a pole.
    """
    if not (km > 0 and abs(lat) + km / KM_A_DEGREE < 90):  # also false for NaN
        raise ShapeError(
            f"A circle of {km} km about {lat}, {lon} is empty or holds a pole; "
            "warn by areas or by a polygon there."
        )
    reach = math.radians(km / KM_A_DEGREE) * CIRCLE_LARGER
    turn = np.linspace(0, 2 * math.pi, CIRCLE_CORNERS, endpoint=False)
    here, there = math.radians(lat), math.radians(lon)
    north = np.arcsin(
        math.sin(here) * math.cos(reach) + math.cos(here) * math.sin(reach) * np.cos(turn)
    )
    east = there + np.arctan2(
        np.sin(turn) * math.sin(reach) * math.cos(here),
        math.cos(reach) - math.sin(here) * np.sin(north),
    )
    lons = (np.degrees(east) + 180) % 360 - 180
    return whole(Polygon(np.column_stack([lons, np.degrees(north)])))


def whole(geometry: BaseGeometry) -> BaseGeometry:
    """Return an outline as it is meant: unwrapped, so that its longitudes may pass 180.

    Raises
    ------
    ShapeError
        It is no polygon, is empty, has numbers off the earth, holds a pole or spans the world.
    """
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        raise ShapeError(f"A {geometry.geom_type} has no inside; give a Polygon or MultiPolygon.")
    given = _parts(geometry)
    parts = [_unwrapped(part) for part in given]
    made: Any = geometry
    if any(part is not old for part, old in zip(parts, given, strict=True)):
        made = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    if not shapely.is_valid(made):  # one that crosses itself: what lies in its loops is inside
        made = _only_polygons(shapely.make_valid(made))
    if made.is_empty or made.area == 0:
        raise ShapeError("The polygon has no inside: its corners lie on a line or on one point.")
    return made


def grown(geometry: BaseGeometry, km: float) -> BaseGeometry:
    """Return an outline (from :func:`whole`) grown by at least ``km`` all round.

    A degree of longitude is taken as short as it is at the outline's highest latitude, so that the
    lower part of a large outline grows by more than asked, never by less.
    """
    _west, south, _east, north = geometry.bounds
    reach = km / KM_A_DEGREE
    highest = min(max(abs(south), abs(north)) + reach, 89.0)
    squeeze = math.cos(math.radians(highest))
    flat = shapely.transform(geometry, lambda xy: xy * [squeeze, 1.0])
    wide = shapely.buffer(flat, reach / math.cos(math.pi / 32), quad_segs=8)
    return shapely.transform(wide, lambda xy: xy / [squeeze, 1.0])


def turns(outline: BaseGeometry) -> list[BaseGeometry]:
    """Return a whole outline as points see it whose longitudes run from -180 to 180."""
    west, _south, east, _north = outline.bounds
    seen = [outline]
    if east >= 180:
        seen.append(affinity.translate(outline, -360))
    if west <= -180:
        seen.append(affinity.translate(outline, 360))
    return seen


def _parts(geometry: BaseGeometry) -> list[Any]:
    return list(getattr(geometry, "geoms", [geometry]))


def _unwrapped(part: Any) -> Any:
    """Return a polygon without jumps in longitude; the same object where it has none."""
    rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
    if not rings[0].size:
        raise ShapeError("The polygon is empty.")
    for ring in rings:
        _check(ring)
    if not any(np.abs(np.diff(ring[:, 0])).max() >= 180 for ring in rings):
        return part
    flat = [_without_jumps(ring) for ring in rings]
    outer = flat[0]
    low, high = outer[:, 0].min(), outer[:, 0].max()
    holes = [_beside(hole, low, high) for hole in flat[1:]]
    return Polygon(outer, holes)


def _check(ring: NDArray[np.float64]) -> None:
    lon, lat = ring[:, 0], ring[:, 1]
    if not (np.isfinite(ring).all() and np.abs(lat).max() <= 90 and np.abs(lon).max() <= 360):
        wrong = next(pair for pair in ring.tolist() if not _on_earth(pair))
        raise ShapeError(
            f"The corner at longitude {wrong[0]}, latitude {wrong[1]} is not on the earth: "
            "longitude runs from -180 to 180 (across the antimeridian on to 360), latitude from "
            "-90 to 90."
        )


def _on_earth(pair: Iterable[float]) -> bool:
    lon, lat = pair
    return -360 <= lon <= 360 and -90 <= lat <= 90


def _without_jumps(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.diff(ring[:, 0])
    if (np.abs(steps) == 180).any():
        raise ShapeError("An edge spans 180 degrees of longitude: which way round is not said.")
    short = (steps + 180) % 360 - 180
    if abs(short.sum()) > 1:
        raise ShapeError(
            "The polygon goes round a pole; warn by areas, or cut it along a meridian."
        )
    lon = np.concatenate([ring[:1, 0], ring[0, 0] + np.cumsum(short)])
    lon[-1] = lon[0]  # closed exactly, whatever the sum has lost
    return np.column_stack([lon, ring[:, 1]])


def _beside(hole: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Return a hole moved by a whole turn to where its outer ring is."""
    for turn in (0, 360, -360):
        if low <= hole[:, 0].min() + turn and hole[:, 0].max() + turn <= high:
            return np.column_stack([hole[:, 0] + turn, hole[:, 1]])
    return hole


def _only_polygons(geometry: Any) -> Any:
    kept = [one for one in _parts(geometry) if one.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(kept) if kept else MultiPolygon()
