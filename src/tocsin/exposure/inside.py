"""Which of many places lie inside an outline or a circle.

``Places`` sorts its points once into the cells of a grid with about one point a cell. To ask about
an outline, each cell is found to lie outside, inside, or on an edge; only points of the last kind
are held against the outline itself, by shapely, so that the answer is shapely's.

On the boundary counts as inside: ``shapely.intersects``, whoever stands on the line is warned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from tocsin.errors import ShapeError

from .outline import turns, whole

__all__ = ["EARTH_KM", "Places", "kinds_inside"]

EARTH_KM = 6371.0088
"""Mean radius (IUGG). A distance on this sphere is within 0.56 % of the one on WGS84."""

MOST_CELLS_A_SIDE = 2048
FINEST = 1e-7  # degrees a cell: finer, rounding would be as large as NEAR_EDGE
NEAR_EDGE = 1e-6  # of a cell: an edge counts as touching what is nearer, so no cell is missed


class Places:
    """Points of the earth, sorted so that outlines can be asked quickly.

    Parameters
    ----------
    lon, lat : array-like (place)
        Degrees, WGS84. A place that is NaN lies in nothing.

    Raises
    ------
    ShapeError
        The arrays differ in length or hold numbers off the earth.
    """

    def __init__(self, lon: ArrayLike, lat: ArrayLike) -> None:
        self.lon = np.ascontiguousarray(lon, dtype=np.float64)
        self.lat = np.ascontiguousarray(lat, dtype=np.float64)
        if self.lon.ndim != 1 or self.lon.shape != self.lat.shape:
            raise ShapeError(
                f"lon {self.lon.shape} and lat {self.lat.shape} are not one list of places."
            )
        known = np.flatnonzero(np.isfinite(self.lon) & np.isfinite(self.lat))
        x, y = self.lon[known], self.lat[known]
        if known.size and (np.abs(x).max() > 180 or np.abs(y).max() > 90):
            raise ShapeError("A place is off the earth: |longitude| <= 180, |latitude| <= 90.")
        side = int(min(max(math.isqrt(known.size), 1), MOST_CELLS_A_SIDE))
        west, east = (float(x.min()), float(x.max())) if known.size else (0.0, 0.0)
        south, north = (float(y.min()), float(y.max())) if known.size else (0.0, 0.0)
        self._side = side
        self._origin = (west, south)
        self._cell = (max((east - west) / side, FINEST), max((north - south) / side, FINEST))
        column = np.minimum(((x - west) / self._cell[0]).astype(np.int64), side - 1)
        row = np.minimum(((y - south) / self._cell[1]).astype(np.int64), side - 1)
        cell = row * side + column
        order = np.argsort(cell, kind="stable")
        self._order = known[order]
        self._x, self._y = x[order], y[order]
        self._starts = np.searchsorted(cell[order], np.arange(side * side + 1))

    def __len__(self) -> int:
        return self.lon.size

    def inside(self, outline: BaseGeometry) -> NDArray[np.int64]:
        """Return the numbers of the places in a Polygon or MultiPolygon, rising.

        Raises
        ------
        ShapeError
            The outline has no inside, goes round a pole, or is off the earth.
        """
        made = whole(outline)
        found = np.zeros(len(self), dtype=np.bool_)
        for turned in turns(made):
            self._find(turned, found)
        return np.flatnonzero(found)

    def within(self, lat: float, lon: float, km: float) -> NDArray[np.int64]:
        """Return the numbers of the places within ``km`` of a point along the great circle, rising.

        On a sphere: 0.56 % from the ellipsoid at the most, so 280 m for a circle of 50 km.

        Raises
        ------
        ShapeError
            The middle is off the earth, or ``km`` below 0.
        """
        if not (km >= 0 and abs(lat) <= 90 and abs(lon) <= 180):  # also false for NaN
            raise ShapeError(f"A circle of {km} km about {lat}, {lon} is not on the earth.")
        band = math.degrees(km / EARTH_KM)
        low, high = self._rows(lat - band, lat + band)
        part = slice(self._starts[low * self._side], self._starts[high * self._side])
        near = _distances(self._x[part], self._y[part], lon, lat) <= km
        return np.sort(self._order[part][near])

    def _rows(self, south: float, north: float) -> tuple[int, int]:
        """Return the rows of the grid between two parallels, the second one excluded."""
        low = math.floor((south - self._origin[1]) / self._cell[1] - NEAR_EDGE)
        high = math.floor((north - self._origin[1]) / self._cell[1] + NEAR_EDGE) + 1
        return min(max(low, 0), self._side), min(max(high, 0), self._side)

    def _find(self, outline: BaseGeometry, found: NDArray[np.bool_]) -> None:
        """Mark in ``found`` the places inside one outline."""
        x, y, starts = _in_cells(outline, self._origin, self._cell)
        low, high = self._rows(outline.bounds[1], outline.bounds[3])
        if low >= high or x.max() < -1 or x.min() > self._side + 1:
            return
        kinds = np.zeros((high - low, self._side), dtype=np.int8)
        _mark_edges(x, y, starts, low, kinds)
        _mark_inner(x, y, starts, low, kinds)
        _take_inner(kinds, low, self._starts, self._order, found)
        doubtful = _on_edges(kinds, low, self._starts)
        shapely.prepare(outline)
        hit = shapely.intersects_xy(outline, self._x[doubtful], self._y[doubtful])
        found[self._order[doubtful[hit]]] = True


def kinds_inside(
    places: Places, kinds: Sequence[str], outline: BaseGeometry
) -> dict[str, list[int]]:
    """Return for each kind the numbers of the places of that kind inside, in order of the kind.

    Raises
    ------
    ShapeError
        Not one kind for each place.
    """
    if len(kinds) != len(places):
        raise ShapeError(f"{len(kinds)} kinds for {len(places)} places; give one each.")
    found: dict[str, list[int]] = {}
    for number in places.inside(outline).tolist():
        found.setdefault(kinds[number], []).append(number)
    return dict(sorted(found.items()))


def _in_cells(outline: BaseGeometry, origin: tuple[float, float], cell: tuple[float, float]) -> Any:
    """Return the rings' corners in units of cells, and where each ring begins."""
    rings = [
        shapely.get_coordinates(ring)
        for part in getattr(outline, "geoms", [outline])
        for ring in (part.exterior, *part.interiors)
    ]
    corners = np.concatenate(rings)
    starts = np.concatenate([[0], np.cumsum([len(ring) for ring in rings])])
    x = (corners[:, 0] - origin[0]) / cell[0]
    y = (corners[:, 1] - origin[1]) / cell[1]
    return np.ascontiguousarray(x), np.ascontiguousarray(y), starts


# Kernels: bare arrays. kinds: 0 outside, 1 on an edge, 2 inside.


def _mark_edges_kernel(x, y, starts, low, kinds):  # type: ignore[no-untyped-def]
    rows, side = kinds.shape
    for ring in range(starts.size - 1):
        for k in range(starts[ring], starts[ring + 1] - 1):
            x0, y0, x1, y1 = x[k], y[k], x[k + 1], y[k + 1]
            if y1 < y0:
                x0, y0, x1, y1 = x1, y1, x0, y0
            first = max(math.floor(y0 - NEAR_EDGE) - low, 0)
            last = min(math.floor(y1 + NEAR_EDGE) - low, rows - 1)
            is_flat = y1 - y0 < 1e-3
            slope = 0.0 if is_flat else (x1 - x0) / (y1 - y0)
            largest = abs(slope) * max(abs(y0), abs(y1)) + max(abs(x0), abs(x1))
            near = NEAR_EDGE + 1e-14 * largest  # rounding of corners far away
            for row in range(first, last + 1):
                bottom = max(y0, row + low - NEAR_EDGE)
                top = min(y1, row + low + 1 + NEAR_EDGE)
                a, b = min(x0, x1), max(x0, x1)
                if not is_flat:
                    c, d = x0 + (bottom - y0) * slope, x0 + (top - y0) * slope
                    a, b = max(a, min(c, d)), min(b, max(c, d))
                begin = max(math.floor(a - near), 0)
                end = min(math.floor(b + near), side - 1)
                for column in range(begin, end + 1):
                    kinds[row, column] = 1


def _mark_inner_kernel(x, y, starts, low, kinds):  # type: ignore[no-untyped-def]
    # Even-odd along the middle of each row: turns[c] is how often the parity changes left of c.
    rows, side = kinds.shape
    turns = np.zeros((rows, side + 1), dtype=np.int32)
    for ring in range(starts.size - 1):
        for k in range(starts[ring], starts[ring + 1] - 1):
            x0, y0, x1, y1 = x[k], y[k], x[k + 1], y[k + 1]
            if y1 < y0:
                x0, y0, x1, y1 = x1, y1, x0, y0
            # middles m = row + low + 0.5 with y0 <= m < y1
            first = max(math.ceil(y0 - 0.5) - low, 0)
            last = min(math.ceil(y1 - 0.5) - 1 - low, rows - 1)
            for row in range(first, last + 1):
                at = x0 + (row + low + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                column = math.ceil(at - 0.5)  # the first whose middle lies right of it
                turns[row, min(max(column, 0), side)] += 1
    for row in range(rows):
        parity = 0
        for column in range(side):
            parity ^= turns[row, column] & 1
            if parity and kinds[row, column] == 0:
                kinds[row, column] = 2


def _take_inner_kernel(kinds, low, starts, order, found):  # type: ignore[no-untyped-def]
    rows, side = kinds.shape
    for row in range(rows):
        base = (row + low) * side
        for column in range(side):
            if kinds[row, column] == 2:
                for k in range(starts[base + column], starts[base + column + 1]):
                    found[order[k]] = True


def _on_edges_kernel(kinds, low, starts):  # type: ignore[no-untyped-def]
    rows, side = kinds.shape
    count = 0
    for row in range(rows):
        base = (row + low) * side
        for column in range(side):
            if kinds[row, column] == 1:
                count += starts[base + column + 1] - starts[base + column]
    out = np.empty(count, dtype=np.int64)
    count = 0
    for row in range(rows):
        base = (row + low) * side
        for column in range(side):
            if kinds[row, column] == 1:
                for k in range(starts[base + column], starts[base + column + 1]):
                    out[count] = k
                    count += 1
    return out


def _distances_kernel(lons, lats, lon, lat):  # type: ignore[no-untyped-def]
    # Haversine; good at short distances, where the law of cosines is not.
    out = np.empty(lons.size)
    here, cosine = math.radians(lat), math.cos(math.radians(lat))
    for k in range(lons.size):
        there = math.radians(lats[k])
        up = math.sin((there - here) / 2)
        along = math.sin(math.radians(lons[k] - lon) / 2)
        root = up * up + cosine * math.cos(there) * along * along
        out[k] = 2 * EARTH_KM * math.asin(math.sqrt(min(root, 1.0)))
    return out


_mark_edges = njit(cache=True, nogil=True)(_mark_edges_kernel)
_mark_inner = njit(cache=True, nogil=True)(_mark_inner_kernel)
_take_inner = njit(cache=True, nogil=True)(_take_inner_kernel)
_on_edges = njit(cache=True, nogil=True)(_on_edges_kernel)
_distances = njit(cache=True, nogil=True)(_distances_kernel)
