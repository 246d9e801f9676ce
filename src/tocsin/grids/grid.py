"""The horizontal grid of a data set: its axes, where they lie on the Earth, and its identity."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import GridError

if TYPE_CHECKING:
    import xarray

__all__ = ["Grid", "coordinate"]

_UNITS = {
    "latitude": re.compile("degrees?_?(north|N)"),
    "longitude": re.compile("degrees?_?(east|E)"),
}
_NAMES = {"latitude": {"latitude", "lat"}, "longitude": {"longitude", "lon"}}
SAME = 1e-3  # of a cell: coordinates kept in single precision differ by less


def coordinate(array: xarray.DataArray, which: str) -> xarray.DataArray | None:
    """Return the latitude or longitude of an array, known by CF standard name, units or name."""
    values: xarray.DataArray
    for name, values in array.coords.items():
        known = bool(
            values.attrs.get("standard_name") == which
            or _UNITS[which].fullmatch(str(values.attrs.get("units")))
            or str(name).lower() in _NAMES[which]
        )
        if known:
            return values
    return None


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectilinear grid: the middles of its columns (x) and rows (y), in the order of the data.

    ``geographic`` says that both are degrees, so that cells shrink towards the poles and
    longitudes go round.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    geographic: bool = True

    def __post_init__(self) -> None:
        for name, axis in (("x", self.x), ("y", self.y)):
            steps = np.diff(axis)
            if axis.ndim != 1 or axis.size < 2:
                raise GridError(
                    f"The grid's {name} axis has shape {axis.shape}; it needs two cells or more "
                    "in one dimension. A curvilinear or station grid has no cells to cut."
                )
            if not (np.isfinite(axis).all() and ((steps > 0).all() or (steps < 0).all())):
                raise GridError(f"The grid's {name} axis neither rises nor falls throughout.")

    @classmethod
    def of(cls, data: xarray.Dataset | xarray.DataArray) -> Grid:
        """Return the grid of a data set or array with one-dimensional horizontal axes.

        Raises
        ------
        GridError
            No two such axes are found.
        """
        inner: Any = getattr(data, "data_vars", None)
        arrays: list[Any] = [data] if inner is None else list(inner.values())
        for array in sorted(arrays, key=lambda array: -array.ndim):
            y, x = coordinate(array, "latitude"), coordinate(array, "longitude")
            if x is not None and y is not None and x.ndim == y.ndim == 1:
                return cls(np.asarray(x, np.float64), np.asarray(y, np.float64))
            if array.ndim >= 2 and all(dim in array.coords for dim in array.dims[-2:]):
                y, x = (array.coords[dim] for dim in array.dims[-2:])
                if np.issubdtype(y.dtype, np.number) and np.issubdtype(x.dtype, np.number):
                    return cls(np.asarray(x, np.float64), np.asarray(y, np.float64), False)
        raise GridError(
            "No rectilinear grid is found: neither latitude and longitude nor y and x stand as "
            "one-dimensional coordinates."
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.y.size, self.x.size

    @property
    def identity(self) -> str:
        """A digest of the axes."""
        axes = self.x.tobytes() + b"|" + self.y.tobytes() + bytes([self.geographic])
        return hashlib.sha256(axes).hexdigest()[:32]

    def same_as(self, other: Grid) -> bool:
        """Whether both have the same cells, up to the rounding of coordinates."""
        return self.shape == other.shape and all(
            bool((np.abs(mine - theirs) <= SAME * np.abs(np.diff(mine)).min()).all())
            for mine, theirs in ((self.x, other.x), (self.y, other.y))
        )

    def edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the borders of columns and rows, halfway between the middles, rising.

        Rows that would reach beyond a pole end there.
        """
        x, y = (_edges(np.sort(axis)) for axis in (self.x, self.y))
        return x, np.clip(y, -90.0, 90.0) if self.geographic else y

    def cell_areas(self) -> NDArray[np.float64]:
        """Return the area of a cell of each row (on the sphere, if geographic), data's order.

        In units of the mean cell; columns of unlike width are taken care of by ``column_widths``.
        """
        _, y = self.edges()
        heights = np.diff(np.sin(np.radians(y))) if self.geographic else np.diff(y)
        areas = heights / heights.mean()
        areas = np.asarray(areas, np.float64)
        return areas if self.y[-1] > self.y[0] else areas[::-1]

    def column_widths(self) -> NDArray[np.float64]:
        """Return the width of each column in units of the mean, data's order."""
        x, _ = self.edges()
        widths = np.diff(x) / np.diff(x).mean()
        widths = np.asarray(widths, np.float64)
        return widths if self.x[-1] > self.x[0] else widths[::-1]


def _edges(middles: Any) -> NDArray[np.float64]:
    half = np.diff(middles) / 2.0
    return np.concatenate(
        [[middles[0] - half[0]], middles[:-1] + half, [middles[-1] + half[-1]]]
    ).astype(np.float64)
