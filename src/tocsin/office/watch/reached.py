"""Which areas an occurrence reaches: how far they are, how strongly they shook, what burns inside.

The intensity of an earthquake is that of Allen, Wald and Worden (2012), the catalogue's
``earthquake_intensity``: a mean for active crust from magnitude and distance to the focus, without
the ground beneath, for magnitudes 5.0 to 7.9 up to 300 km, with a scatter of about 0.8 of a degree.
It is an estimate until instruments and reports say better. Outlines are measured in a plane that is
true near the occurrence; distances are then great circles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from tocsin.indicators.earthquake import earthquake_intensity, population_by_intensity
from tocsin.intake.nearest import great_circle_km
from tocsin.office.places.models import Area, Region, Settlement

from .occurrence_models import Occurrence

__all__ = [
    "Hit",
    "Shaken",
    "areas_hit",
    "choices",
    "chosen",
    "hotspots_inside",
    "nearest",
    "shaken",
]

NEAREST_FOCUS_KM = 1.0
"""A nearer focus counts as this near: the relation is of no use right at it."""
AROUND = timedelta(hours=12)
"""Hotspots so long before and after one belong to the same fire, for the choice of areas."""
DISTANCES_KM = (5, 10, 25, 50, 100, 200)
WEAKEST = 3
"""Degrees below are felt by few: no choice of areas begins there."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An area without areas inside, and what reached it."""

    code: str
    names: Mapping[str, str]
    km: float
    """From its nearest point to the epicentre or hotspot; 0 inside."""
    intensity: float | None = None
    """At that point; None where the relation says nothing."""
    hotspots: int = 0
    power_mw: float = 0.0

    @property
    def degree(self) -> int | None:
        """The whole degree of intensity: 6.5 counts as 7."""
        return None if self.intensity is None else math.floor(self.intensity + 0.5)


@dataclass(frozen=True, slots=True)
class Shaken:
    """How many people live where the ground shook at each degree, the highest first."""

    people: tuple[tuple[int, int], ...]
    settlements: int
    """Points that were counted, and areas without one, counted at the middle."""
    areas: int


@dataclass(frozen=True, slots=True)
class _Ground:
    codes: tuple[str, ...]
    names: tuple[Mapping[str, str], ...]
    shapes: tuple[BaseGeometry, ...]
    tree: shapely.STRtree
    points: tuple[tuple[float, float, float], ...]
    """Latitude, longitude, people."""
    settlements: int


def areas_hit(row: Occurrence, region: Region, at: datetime) -> list[Hit]:
    """Return every area that has an outline, the most strongly reached first."""
    ground = _ground(region.digest)
    inside = _inside(ground, row, at) if row.kind == Occurrence.HOTSPOT else {}
    kms = [_km(one, row.lat, row.lon) for one in ground.shapes]
    felt = _intensities(row, kms)
    hits = [
        Hit(code, names, km, intensity, *inside.get(code, (0, 0.0)))
        for code, names, km, intensity in zip(ground.codes, ground.names, kms, felt, strict=True)
    ]
    return sorted(hits, key=lambda one: (-(one.intensity or 0.0), -one.hotspots, one.km, one.code))


def shaken(row: Occurrence, region: Region) -> Shaken | None:
    """Return the people by degree; None where the relation says nothing of any place."""
    ground = _ground(region.digest)
    if row.kind != Occurrence.EARTHQUAKE or not ground.points:
        return None
    kms = [great_circle_km(lat, lon, row.lat, row.lon) for lat, lon, _ in ground.points]
    felt = [math.nan if one is None else one for one in _intensities(row, kms)]
    found = population_by_intensity(felt, [people for _, _, people in ground.points])
    if not any(found.values()):
        return None
    people = tuple((degree, round(found[degree])) for degree in sorted(found, reverse=True))
    return Shaken(
        tuple(one for one in people if one[1]),
        ground.settlements,
        len(ground.points) - ground.settlements,
    )


def choices(hits: Sequence[Hit]) -> list[tuple[str, str, int]]:
    """Return the ways to choose areas: key, kind of way, bound; each chooses at least one area."""
    found: list[tuple[str, str, int]] = []
    if any(one.hotspots for one in hits):
        found.append(("inside", "inside", 0))
    degrees = sorted({one.degree for one in hits if one.degree is not None}, reverse=True)
    found += [(f"mmi:{degree}", "mmi", degree) for degree in degrees if degree >= WEAKEST]
    found += [(f"km:{km}", "km", km) for km in DISTANCES_KM]
    seen: set[frozenset[str]] = {frozenset()}
    kept = []
    for one in found:
        codes = frozenset(chosen(hits, one[0]))
        if codes not in seen:
            seen.add(codes)
            kept.append(one)
    return kept


def chosen(hits: Sequence[Hit], way: str) -> list[str]:
    """Return the codes of the areas that a way of :func:`choices` chooses; none if unknown."""
    kind, _, bound = way.partition(":")
    if kind == "inside":
        return sorted(one.code for one in hits if one.hotspots)
    if not bound.isdecimal():
        return []
    least = int(bound)
    if kind == "mmi":
        return sorted(one.code for one in hits if one.degree is not None and one.degree >= least)
    return sorted(one.code for one in hits if one.km <= least) if kind == "km" else []


def nearest(row: Occurrence, region: Region) -> tuple[Mapping[str, str], float] | None:
    """Return the names of the nearest area and how far it is; None without outlines."""
    ground = _ground(region.digest)
    if not ground.codes:
        return None
    place = int(ground.tree.nearest(Point(_beside(ground, row.lon), row.lat)))
    return ground.names[place], _km(ground.shapes[place], row.lat, row.lon)


def hotspots_inside(
    region: Region, first: datetime, last: datetime
) -> list[tuple[Mapping[str, str], int, float]]:
    """Return names, count and power [MW] of each area with hotspots, the most powerful first."""
    ground = _ground(region.digest)
    found = _counted(ground, first, last)
    names = dict(zip(ground.codes, ground.names, strict=True))
    rows = [(names[code], count, power) for code, (count, power) in found.items()]
    return sorted(rows, key=lambda one: -one[2])


def _inside(ground: _Ground, row: Occurrence, at: datetime) -> dict[str, tuple[int, float]]:
    return _counted(ground, row.time - AROUND, min(row.time + AROUND, at))


def _counted(ground: _Ground, first: datetime, last: datetime) -> dict[str, tuple[int, float]]:
    """Return area -> hotspots inside and their power."""
    if not ground.codes:
        return {}
    west, south, east, north = shapely.total_bounds(np.array(ground.shapes, dtype=object))
    rows = Occurrence.objects.filter(
        kind=Occurrence.HOTSPOT, deleted_at=None, time__gte=first, time__lte=last,
        lat__gte=south, lat__lte=north, lon__gte=west, lon__lte=east,
    ).values_list("lat", "lon", "value")  # fmt: skip
    found: dict[str, tuple[int, float]] = {}
    places = list(rows)
    if not places:
        return {}
    points = shapely.points([(lon, lat) for lat, lon, _ in places])
    taken: set[int] = set()
    for point, area in zip(*ground.tree.query(points, predicate="intersects"), strict=True):
        if int(point) in taken:  # on a border: counted once
            continue
        taken.add(int(point))
        count, power = found.get(ground.codes[int(area)], (0, 0.0))
        found[ground.codes[int(area)]] = (count + 1, power + places[int(point)][2])
    return found


def _intensities(row: Occurrence, kms: Sequence[float]) -> list[float | None]:
    if row.kind != Occurrence.EARTHQUAKE or row.depth_km is None or not kms:
        return [None] * len(kms)
    depth = max(row.depth_km, 0.0)
    focus = np.maximum(np.hypot(np.asarray(kms, np.float64), depth), NEAREST_FOCUS_KM)
    felt = np.asarray(earthquake_intensity(np.full(focus.shape, row.value), focus))
    return [None if math.isnan(one) else float(one) for one in felt.tolist()]


def _km(outline: BaseGeometry, lat: float, lon: float) -> float:
    """Return the distance from a point to an outline in km, 0 inside."""
    squeeze = max(math.cos(math.radians(lat)), 0.01)
    middle = outline.centroid.x
    lon += 360.0 * round((middle - lon) / 360.0)
    flat = shapely.transform(outline, lambda all_of: all_of * np.array([squeeze, 1.0]))
    if flat.intersects(Point(lon * squeeze, lat)):
        return 0.0
    there, _ = nearest_points(flat, Point(lon * squeeze, lat))
    return great_circle_km(float(there.y), float(there.x) / squeeze, lat, lon)


def _beside(ground: _Ground, lon: float) -> float:
    """Return a longitude on the side of the globe where the region is."""
    middle = ground.shapes[0].centroid.x
    return float(lon + 360.0 * round((middle - lon) / 360.0))


@lru_cache(maxsize=2)
def _ground(_digest: str) -> _Ground:
    """Return areas and settlements; they change only with the region folder."""
    areas = [one for one in Area.objects.all() if one.geometry and one.numchild == 0]
    towns = list(Settlement.objects.select_related("area"))
    with_towns = {one.area_id for one in towns}
    points = [(one.lat, one.lon, float(one.population)) for one in towns]
    for one in areas:
        if one.pk not in with_towns and one.population:
            middle = _middle(one)
            points.append((middle[0], middle[1], float(one.population)))
    shapes = tuple(_outline(one.geometry or {}) for one in areas)
    return _Ground(
        tuple(one.code for one in areas), tuple(one.names for one in areas), shapes,
        shapely.STRtree(shapes), tuple(points), len(towns),
    )  # fmt: skip


def _outline(geometry: Mapping[str, Any]) -> BaseGeometry:
    outline = shape(geometry)
    return outline if outline.is_valid else shapely.make_valid(outline)


def _middle(area: Area) -> tuple[float, float]:
    if area.label_lat is not None and area.label_lon is not None:
        return area.label_lat, area.label_lon
    point = _outline(area.geometry or {}).representative_point()
    return float(point.y), float(point.x)
