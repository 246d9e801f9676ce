"""Squares of about one kilometre: as exactly as Tocsin remembers where somebody lives.

A cell is 0.01 degree high (1.11 km) and as wide as a whole number of columns round its parallel
makes closest to that. Whoever gives a place is kept as the middle of its cell, at most ``REACH_KM``
away from where they are; a warning reaches a cell if it comes that near to its middle, so that
nobody inside a warning is missed by the rounding.
"""

from __future__ import annotations

import math

from tocsin.errors import ShapeError

__all__ = ["REACH_KM", "cell_of", "middle_of"]

ROWS = 18_000  # from pole to pole
STEP = 180 / ROWS
REACH_KM = 0.8
"""Half the diagonal of the largest cell is 0.79 km; on the ellipsoid the cells near the poles are
0.5 % higher than on the sphere, which stays below 0.8 km."""


def cell_of(lon: float, lat: float) -> tuple[int, int]:
    """Return row and column of the cell that holds a point.

    Raises
    ------
    ShapeError
        The point is not on the earth.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # also false for NaN
        raise ShapeError(
            f"{lon}, {lat} is no place: longitude runs from -180 to 180, latitude from -90 to 90."
        )
    row = min(int((lat + 90) / STEP), ROWS - 1)
    columns = _columns(row)
    return row, min(int((lon + 180) / 360 * columns), columns - 1)


def middle_of(row: int, column: int) -> tuple[float, float]:
    """Return longitude and latitude of a cell's middle, to about 10 m."""
    lat = (row + 0.5) * STEP - 90
    return round((column + 0.5) * 360 / _columns(row) - 180, 4), round(lat, 4)


def _columns(row: int) -> int:
    """Return how many cells lie on a parallel."""
    return max(1, round(2 * ROWS * math.cos(math.radians((row + 0.5) * STEP - 90))))
