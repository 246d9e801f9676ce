"""The polygons and circles of a message as GeoJSON for a map. Pure."""

from __future__ import annotations

import math
from typing import Any

from tocsin.cap import Alert
from tocsin.cap.message import Circle

__all__ = ["MAX_POINTS", "geometry_of"]

MAX_POINTS = 5_000
"""A larger outline is thinned until it fits: a map of a county shows no more."""
CIRCLE_POINTS = 32
KM_PER_DEGREE = 111.195  # mean radius 6371.0 km


def geometry_of(alert: Alert) -> dict[str, Any] | None:
    """Return all areas as a MultiPolygon, None where there is nothing to draw.

    The infos of several languages usually repeat their areas: each outline is drawn once.
    """
    rings = dict.fromkeys(
        ring
        for info in alert.info
        for area in info.area
        for ring in (
            *(tuple((lon, lat) for lat, lon in polygon) for polygon in area.polygon),
            *map(_ring, area.circle),
        )
        if len(ring) >= 4
    )
    if not rings:
        return None
    step = -(-sum(map(len, rings)) // MAX_POINTS)
    return {
        "type": "MultiPolygon",
        "coordinates": [[[[x, y] for x, y in _thinned(ring, step)]] for ring in rings],
    }


def _thinned(ring: tuple[tuple[float, float], ...], step: int) -> tuple[tuple[float, float], ...]:
    if step == 1 or len(ring) < 4 * step:
        return ring
    return (*ring[:-1:step], ring[0])


def _ring(circle: Circle) -> tuple[tuple[float, float], ...]:
    """Return a circle on the ground as a ring; exact enough to be drawn, not to be judged by."""
    tall = circle.radius_km / KM_PER_DEGREE
    wide = tall / max(math.cos(math.radians(circle.lat)), 0.01)
    turns = (2 * math.pi * i / CIRCLE_POINTS for i in range(CIRCLE_POINTS))
    ring = [
        (round(circle.lon + wide * math.cos(a), 5), round(circle.lat + tall * math.sin(a), 5))
        for a in turns
    ]
    return (*ring, ring[0])
