"""The method ``nearest``: an area takes its values from the nearest station that has one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import asin, cos, pi, radians, sin, sqrt
from typing import Any, Protocol

import numpy as np

__all__ = ["EARTH_RADIUS_KM", "great_circle_km", "nearest_stations"]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, (2a + b) / 3 of the GRS 80 ellipsoid (Moritz 2000, J. Geodesy 74)."""


class _Area(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def geometry(self) -> Any: ...


class _Station(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


def great_circle_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance of two points in km, by the haversine formula.

    Source: R. W. Sinnott (1984), "Virtues of the Haversine", Sky and Telescope 68 (2), p. 159.
    """
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    half = (
        sin((phi_b - phi_a) / 2) ** 2
        + cos(phi_a) * cos(phi_b) * sin(radians(lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


def nearest_stations(
    areas: Iterable[_Area], stations: Iterable[_Station], max_distance_km: float
) -> dict[str, list[tuple[str, float]]]:
    """Return for each area its stations, nearest first, as (station id, km).

    The distance is measured from the centroid of the area's outline. Areas without an outline, and
    areas with no station within ``max_distance_km``, get an empty list. Equal distances are ordered
    by station id, so that the answer never depends on the order of a file.
    """
    known = list(stations)
    points = _on_sphere([one.lat for one in known], [one.lon for one in known])
    # The squared length of the chord, a metre longer: who is beyond it is beyond reach.
    half = min((max_distance_km + 0.001) / (2 * EARTH_RADIUS_KM), pi / 2)
    widest = 4 * sin(half) ** 2 + 1e-12
    order: dict[str, list[tuple[str, float]]] = {}
    for area in areas:
        order[area.code] = []
        if area.geometry is None or not known:
            continue
        centre = area.geometry.centroid
        chords = ((points - _on_sphere([centre.y], [centre.x])) ** 2).sum(axis=0)
        distances = (
            (great_circle_km(centre.y, centre.x, one.lat, one.lon), one.id)
            for one in (known[i] for i in np.flatnonzero(chords <= widest).tolist())
        )
        order[area.code] = [(name, km) for km, name in sorted(distances) if km <= max_distance_km]
    return order


def _on_sphere(lat: Sequence[float], lon: Sequence[float]) -> Any:
    """Return points of the unit sphere, (3, point), of degrees."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
