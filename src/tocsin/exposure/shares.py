"""What part of an area's surface each station, or cell of a grid, stands for.

Every place belongs to the station nearest to it (Thiessen 1911, Monthly Weather Review 39:
1082-1089, who weighed rain gauges so): the plane falls into one cell a station, and a station
stands for its cell's part of the area. Where the stations are the points of a regular grid the
cells are those of the grid, and the shares the covered ones. Nearest is measured on a map that is
true to scale on the middle parallel of the stations; surfaces on the sphere, edges straight in
longitude and latitude as in GeoJSON. Two stations at one place have half of its cell each. What
lies further than ``max_distance_km`` from every station belongs to none: nothing is known there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from .measure import surface_km2

__all__ = ["area_shares"]

KM_OF_A_DEGREE = 111.195  # of a great circle, on the sphere of 6371.0 km
DECIMALS = 9


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


def area_shares(
    areas: Sequence[_Area], stations: Sequence[_Station], max_distance_km: float
) -> dict[str, dict[str, float]]:
    """Return for each area the share of its surface that each station stands for, by its id.

    Shares are from 0 to 1; they add up to less than 1 where a part of the area is out of reach. An
    area without an outline has none.
    """
    found: dict[str, dict[str, float]] = {area.code: {} for area in areas}
    shaped = [area for area in areas if area.geometry is not None]
    if not shaped or not stations:
        return found
    known = sorted(stations, key=lambda one: one.id)
    lon = np.array([one.lon for one in known])
    lat = np.array([one.lat for one in known])
    middle, squeeze = _middle(lon), float(np.cos(np.radians((lat.min() + lat.max()) / 2)))
    points = np.column_stack([_turned(lon, middle) * squeeze, lat])
    places, of_place, twins = np.unique(
        points.round(DECIMALS), axis=0, return_inverse=True, return_counts=True
    )
    outlines = np.array([_flat(one.geometry, middle, squeeze) for one in shaped], dtype=object)
    cells = _cells(places, shapely.total_bounds(outlines))
    pieces, of_area, of_cell = _cut(outlines, cells, places, max_distance_km / KM_OF_A_DEGREE)
    unsqueezed = shapely.transform(pieces, lambda xy: xy / (squeeze, 1.0))
    whole = surface_km2(shapely.transform(outlines, lambda xy: xy / (squeeze, 1.0)))
    shares = surface_km2(unsqueezed) / whole[of_area]
    by_place = {(int(a), int(c)): s for a, c, s in zip(of_area, of_cell, shares, strict=True)}
    reach: dict[int, list[int]] = {}
    for area, place in by_place:
        reach.setdefault(place, []).append(area)
    for number, place in enumerate(of_place.ravel().tolist()):
        for area in reach.get(place, ()):
            share = round(float(by_place[area, place]) / int(twins[place]), DECIMALS)
            if share > 0.0:
                found[shaped[area].code][known[number].id] = share
    return found


def _middle(lon: NDArray[np.float64]) -> float:
    """Return the meridian round which longitudes are counted, so that none is cut at 180."""
    angle = np.radians(lon)
    return float(np.degrees(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean())))


def _turned(lon: Any, middle: float) -> Any:
    return (np.asarray(lon) - middle + 180.0) % 360.0 - 180.0


def _flat(geometry: Any, middle: float, squeeze: float) -> Any:
    """Return an outline on the map; a part beyond the antimeridian joins the others."""
    parts = []
    for part in shapely.get_parts(geometry):
        west, _, east, _ = part.bounds
        shift = float(_turned((west + east) / 2, middle)) - (west + east) / 2
        away, scale = np.array([shift, 0.0]), np.array([squeeze, 1.0])
        parts.append(shapely.transform(part, lambda xy, a=away, s=scale: (xy + a) * s))
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _cells(places: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[Any]:
    """Return the cell of each place, reaching over everything within ``bounds``."""
    from scipy.spatial import Voronoi

    low = np.minimum(places.min(axis=0), bounds[:2])
    high = np.maximum(places.max(axis=0), bounds[2:])
    centre, far = (low + high) / 2, 4.0 * max(float(np.hypot(*(high - low))), 1.0)
    # Four points so far away that nothing within the bounds is nearest to them: no cell is open.
    guards = centre + far * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    made = Voronoi(np.vstack([places, guards]) - centre)
    regions = [made.regions[n] for n in made.point_region[: len(places)]]
    corners = made.vertices[[corner for one in regions for corner in one]] + centre
    owner = np.repeat(np.arange(len(places)), [len(one) for one in regions])
    # A cell is convex: the hull of its corners, in whatever order they come.
    return np.asarray(shapely.convex_hull(shapely.multipoints(corners, indices=owner)))


def _cut(
    outlines: NDArray[Any], cells: NDArray[Any], places: NDArray[np.float64], reach: float
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pieces in which outlines and cells overlap, and of which of each they are."""
    of_area, of_cell = shapely.STRtree(cells).query(outlines, predicate="intersects")
    pieces = cells[of_cell]
    shapely.prepare(outlines)
    whole = shapely.contains_properly(outlines[of_area], pieces)
    pieces[~whole] = shapely.intersection(outlines[of_area[~whole]], pieces[~whole])
    centres = shapely.points(places[of_cell])
    far = shapely.hausdorff_distance(pieces, centres) > reach
    if far.any():
        pieces[far] = shapely.intersection(
            pieces[far], shapely.buffer(centres[far], reach, quad_segs=64)
        )
    return pieces, of_area, of_cell
