"""Which share of each cell a polygon covers, exactly: Green's theorem, an edge at a time.

To the right of every edge, each cell it passes gains or loses what lies between; summed along a row
from left to right this is the covered area, holes and parts included. Rings are turned so that
shells run with the sun's course reversed (anticlockwise) and holes the other way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.indicators.kernels import kernel

__all__ = ["coverage"]

LEAST = 1e-9
"""Shares below are rounding of the sums along a row, not surface: a cell of 10 km has 10 cm2."""


@kernel
def _cell_of(edges: Any, value: float, last: int) -> int:
    """Return the cell between whose borders a value lies, kept within 0 to ``last``."""
    found = int(np.searchsorted(edges, value, side="right")) - 1
    return min(max(found, 0), last)


@kernel
def _in_row(
    xa: float, xb: float, dy: float, x: Any, first: int, last: int, area: Any, cover: Any, row: int
) -> None:
    """Add a piece of an edge that lies within one row, from ``xa`` to ``xb``, ``dy`` high.

    ``area`` takes what the piece adds to the cell it is in, ``cover`` what it adds to the height of
    every cell to the right of that.
    """
    low, high = min(xa, xb), max(xa, xb)
    left, right = x[first], x[last + 1]
    width = high - low
    if low < left:  # to the left of the window: covers the whole row
        part = dy if high <= left else dy * (left - low) / width
        cover[row, 0] += part
        if high <= left:
            return
        low = left
    if high > right:  # to the right of the window: nothing of it is covered
        high = right
        if low >= right:
            return
    if width <= 0.0:
        here = _cell_of(x, low, last)
        area[row, here - first] += dy * (x[here + 1] - low)
        cover[row, here - first + 1] += dy
        return
    here = max(_cell_of(x, low, last), first)
    while low < high:
        upto = min(x[here + 1], high)
        part = dy * (upto - low) / width
        area[row, here - first] += part * (x[here + 1] - 0.5 * (low + upto))
        cover[row, here - first + 1] += part
        low = upto
        here += 1
        if here > last:
            return


@kernel
def _edge(
    ax: float, ay: float, bx: float, by: float, sign: float, x: Any, y: Any, c0: int, c1: int,
    r0: int, r1: int, area: Any, cover: Any,
) -> None:  # fmt: skip
    """Add one edge, row by row; falling edges open, rising ones close."""
    if ay == by:
        return
    if ay > by:
        ax, ay, bx, by, sign = bx, by, ax, ay, -sign
    bottom, top = max(ay, y[r0]), min(by, y[r1 + 1])
    if bottom >= top:
        return
    slope = (bx - ax) / (by - ay)
    row = max(_cell_of(y, bottom, r1), r0)
    at, x_at = bottom, ax + (bottom - ay) * slope
    while at < top:
        upto = min(y[row + 1], top)
        x_upto = bx if upto == by else ax + (upto - ay) * slope
        _in_row(x_at, x_upto, -sign * (upto - at), x, c0, c1, area, cover, row - r0)
        at, x_at = upto, x_upto
        row += 1
        if row > r1:
            return


@kernel
def _ring_sign(points: Any, first: int, last: int, hole: bool) -> float:
    """Return what turns a ring so that shells run anticlockwise and holes clockwise."""
    doubled = 0.0
    x0, y0 = points[first, 0], points[first, 1]
    for n in range(first, last - 1):
        doubled += (points[n, 0] - x0) * (points[n + 1, 1] - y0)
        doubled -= (points[n + 1, 0] - x0) * (points[n, 1] - y0)
    sign = 1.0 if doubled > 0.0 else -1.0
    return -sign if hole else sign


@kernel
def coverage(
    points: Any, ring_starts: Any, holes: Any, polygon_rings: Any, x: Any, y: Any
) -> tuple[Any, Any, Any]:
    """Return rows of a sparse matrix: starts of polygons, cells and covered shares.

    Parameters
    ----------
    points : float64 (point, 2)
    ring_starts : int64 (ring + 1,)
    holes : bool (ring,)
    polygon_rings : int64 (polygon + 1,)
        First ring of each polygon; parts of a multipolygon follow each other.
    x, y : float64
        Borders of columns and rows, rising. A cell's number is row times columns plus column.
    """
    columns, rows = x.size - 1, y.size - 1
    starts = np.zeros(polygon_rings.size, np.int64)
    cells, shares = np.empty(4096, np.int64), np.empty(4096, np.float64)
    count = 0
    for polygon in range(polygon_rings.size - 1):
        rings = range(polygon_rings[polygon], polygon_rings[polygon + 1])
        begin = ring_starts[polygon_rings[polygon]]
        end = ring_starts[polygon_rings[polygon + 1]]
        low_x = low_y = np.inf
        high_x = high_y = -np.inf
        for n in range(begin, end):
            low_x, high_x = min(low_x, points[n, 0]), max(high_x, points[n, 0])
            low_y, high_y = min(low_y, points[n, 1]), max(high_y, points[n, 1])
        starts[polygon + 1] = count
        if not (high_x > x[0] and low_x < x[-1] and high_y > y[0] and low_y < y[-1]):
            continue
        c0, c1 = _cell_of(x, low_x, columns - 1), _cell_of(x, high_x, columns - 1)
        r0, r1 = _cell_of(y, low_y, rows - 1), _cell_of(y, high_y, rows - 1)
        area = np.zeros((r1 - r0 + 1, c1 - c0 + 2))
        cover = np.zeros((r1 - r0 + 1, c1 - c0 + 3))
        for ring in rings:
            first, last = ring_starts[ring], ring_starts[ring + 1]
            sign = _ring_sign(points, first, last, holes[ring])
            for n in range(first, last - 1):
                _edge(
                    points[n, 0], points[n, 1], points[n + 1, 0], points[n + 1, 1], sign,
                    x, y, c0, c1, r0, r1, area, cover,
                )  # fmt: skip
        for row in range(r0, r1 + 1):
            height, summed = y[row + 1] - y[row], 0.0
            for column in range(c0, c1 + 1):
                summed += cover[row - r0, column - c0]
                width = x[column + 1] - x[column]
                share = (area[row - r0, column - c0] + summed * width) / (width * height)
                if share < LEAST:
                    continue
                if count == cells.size:
                    cells = np.concatenate((cells, np.empty(count, np.int64)))
                    shares = np.concatenate((shares, np.empty(count, np.float64)))
                cells[count], shares[count] = row * columns + column, min(share, 1.0)
                count += 1
        starts[polygon + 1] = count
    return starts, cells[:count], shares[:count]
