"""From cells to areas: exact covered shares, computed once a grid and kept as a sparse matrix."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import GridError
from tocsin.grids.grid import Grid

if TYPE_CHECKING:
    import xarray
    from scipy.sparse import csr_array

__all__ = ["AreaWeights", "area_weights", "read_areas"]

TURN = 360.0


@dataclass(frozen=True)
class AreaWeights:
    """Covered shares of cells (area, cell), from 0 to 1, and what is needed to weigh them.

    Cells are counted as the data lie in memory, row by row. ``surface`` is the surface of each
    area in units of the grid's mean cell, the part outside the grid included; ``inside`` the share
    of it that the grid has.
    """

    names: tuple[str, ...]
    matrix: csr_array
    surface: NDArray[np.float64]
    inside: NDArray[np.float64]
    grid: Grid

    @property
    def cell_surface(self) -> NDArray[np.float64]:
        """The surface of each cell in units of the mean cell, on the sphere if geographic."""
        rows, columns = self.grid.cell_areas(), self.grid.column_widths()
        return np.multiply.outer(rows, columns).ravel()

    @functools.cached_property
    def entries(self) -> NDArray[np.float64]:
        """The covered surface of each entry of the matrix."""
        surfaces: NDArray[np.float64] = self.matrix.data * self.cell_surface[self.matrix.indices]
        return surfaces

    def save(self, path: Path | str) -> None:
        """Keep the weights in a file, whole or not at all."""
        path = Path(path)
        unfinished = path.with_name(f"{path.name}.partial")
        with unfinished.open("wb") as file:
            np.savez(
                file,
                names=np.array(json.dumps(self.names)),
                identity=np.array(self.grid.identity),
                x=self.grid.x,
                y=self.grid.y,
                geographic=np.array(self.grid.geographic),
                shares=self.matrix.data,
                cells=self.matrix.indices,
                starts=self.matrix.indptr,
                surface=self.surface,
                inside=self.inside,
            )
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path | str, grid: Grid | None = None) -> AreaWeights:
        """Read weights back; with ``grid``, only if they are of that grid.

        Raises
        ------
        GridError
            The file is none of weights, or of another grid.
        """
        from scipy.sparse import csr_array

        try:
            with Path(path).open("rb") as file, np.load(file) as kept:
                own = Grid(kept["x"], kept["y"], bool(kept["geographic"]))
                names = tuple(json.loads(str(kept["names"])))
                identity = str(kept["identity"])
                shape = (len(names), own.x.size * own.y.size)
                matrix = csr_array((kept["shares"], kept["cells"], kept["starts"]), shape=shape)
                weights = cls(names, matrix, kept["surface"], kept["inside"], own)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise GridError(f"{path} holds no area weights: {error}. Compute them anew.") from error
        if identity != own.identity:
            raise GridError(f"{path} is damaged: its axes are not those it was made for.")
        if grid is not None:
            weights.expect(grid)
        return weights

    def expect(self, grid: Grid) -> None:
        """Refuse a grid that is not the one the weights were computed for.

        Raises
        ------
        GridError
            Says both shapes and corners.
        """
        if not self.grid.same_as(grid):
            raise GridError(
                f"The weights are of another grid: {_corners(self.grid)}, not {_corners(grid)}. "
                "Compute them for this one: area_weights(grid, areas)."
            )


def _corners(grid: Grid) -> str:
    first, last = (f"({grid.x[n]:g}, {grid.y[n]:g})" for n in (0, -1))
    return f"{grid.y.size} x {grid.x.size} from {first} to {last}"


def area_weights(
    grid: Grid | xarray.Dataset | xarray.DataArray,
    areas: Mapping[str, Any] | Sequence[Any],
) -> AreaWeights:
    """Compute which share of each cell each area covers, exactly.

    Parameters
    ----------
    grid : Grid, Dataset or DataArray
        A rectilinear grid; longitudes of 0 to 360 and falling latitudes are fine.
    areas : mapping of name to polygon, or sequence of polygons
        Shapely polygons or multipolygons in the grid's coordinates; of a geographic grid, edges
        are straight in longitude and latitude, as GeoJSON has it. An edge that spans more than 180
        and less than 360 degrees is taken to cross the antimeridian.

    Returns
    -------
    AreaWeights
        An area outside the grid has no cells; one smaller than a cell has its share of it.

    Raises
    ------
    GridError
        An area is no polygon, has no surface, or the grid is not rectilinear.
    """
    from tocsin.grids._coverage import coverage

    grid = grid if isinstance(grid, Grid) else Grid.of(grid)
    named = areas if isinstance(areas, Mapping) else {str(n): area for n, area in enumerate(areas)}
    names, shapes = tuple(map(str, named)), np.array(list(named.values()), dtype=object)
    shapes = _sound(names, shapes)
    points, ring_starts, holes, polygon_rings = _flat(shapes)
    x, y = grid.edges()
    if grid.geographic:
        _unwrap(points, ring_starts)
    found = []
    for shift in _shifts(grid, points, x):
        moved = points if shift == 0.0 else points + np.array([shift, 0.0])
        found.append(coverage(moved, ring_starts, holes, polygon_rings, x, y))
    matrix = _matrix(grid, len(names), found)
    surface = _surfaces(grid, points, ring_starts, holes, polygon_rings)
    weights = AreaWeights(names, matrix, surface, np.ones(len(names)), grid)
    inside = np.minimum(matrix @ weights.cell_surface / surface, 1.0)
    return AreaWeights(names, matrix, surface, inside, grid)


def _sound(names: Sequence[str], shapes: Any) -> Any:
    """Return polygons whose outlines do not cross themselves; refuse what has no surface."""
    import shapely

    for name, kind in zip(names, shapely.get_type_id(shapes), strict=True):
        if kind not in (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON):
            raise GridError(f"Area {name!r} is no polygon. Areas need a surface.")
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes[broken] = shapely.make_valid(
            shapes[broken], method="structure", keep_collapsed=False
        )
    for name, size in zip(names, shapely.area(shapes), strict=True):
        if not size > 0.0:
            raise GridError(f"Area {name!r} has no surface: its polygon is empty or a line.")
    return shapes


def _flat(shapes: Any) -> tuple[Any, Any, Any, Any]:
    """Return points, starts of rings, which rings are holes, and first rings of the areas."""
    import shapely

    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    ring_starts = np.searchsorted(of_ring, np.arange(len(rings) + 1))
    holes = np.concatenate([[False], of_part[1:] == of_part[:-1]])
    polygon_rings = np.searchsorted(of_shape[of_part], np.arange(len(shapes) + 1))
    return points, ring_starts.astype(np.int64), holes, polygon_rings.astype(np.int64)


def _unwrap(points: Any, ring_starts: Any) -> None:
    """Make rings that jump over the antimeridian continuous, in place."""
    jumps = np.diff(points[:, 0])
    turns = np.where((np.abs(jumps) > TURN / 2) & (np.abs(jumps) < TURN), -np.sign(jumps), 0.0)
    turns[ring_starts[1:-1] - 1] = 0.0  # from one ring to the next is no edge
    if turns.any():
        for first, last in itertools.pairwise(ring_starts):
            points[first + 1 : last, 0] += TURN * np.cumsum(turns[first : last - 1])


def _shifts(grid: Grid, points: Any, x: Any) -> list[float]:
    """Return by how many degrees areas have to be moved to fall on the grid."""
    if not grid.geographic:
        return [0.0]
    low, high = points[:, 0].min(), points[:, 0].max()
    turns = range(int((x[0] - high) // TURN), int((x[-1] - low) // TURN) + 1)
    return [
        TURN * turn for turn in turns if low + TURN * turn < x[-1] and high + TURN * turn > x[0]
    ]


def _matrix(grid: Grid, count: int, found: Sequence[tuple[Any, Any, Any]]) -> Any:
    """Return the sparse matrix, its cells counted as the data lie."""
    from scipy.sparse import csr_array

    rows, columns = grid.shape
    total = csr_array((count, rows * columns), dtype=np.float64)
    for starts, cells, shares in found:
        if grid.y[0] > grid.y[-1]:
            cells = (rows - 1 - cells // columns) * columns + cells % columns
        if grid.x[0] > grid.x[-1]:
            cells = cells // columns * columns + (columns - 1 - cells % columns)
        one = csr_array((shares, cells, starts), shape=total.shape)
        total = one if total.nnz == 0 else total + one
    total.sort_indices()
    np.minimum(total.data, 1.0, out=total.data)
    return total


def _surfaces(grid: Grid, points: Any, starts: Any, holes: Any, polygon_rings: Any) -> Any:
    """Return the surface of each area in units of the grid's mean cell, outside it as well.

    By Green's theorem; on the sphere, the sine of latitude along an edge is integrated exactly.
    """
    x, y = grid.edges()
    if grid.geographic:
        unit = np.diff(x).mean() * np.diff(np.sin(np.radians(y))).mean()
    else:
        unit = np.diff(x).mean() * np.diff(y).mean()
    dx = np.diff(points[:, 0])
    if grid.geographic:
        a, b = np.radians(points[:-1, 1]), np.radians(points[1:, 1])
        # The mean of sin along the edge: (cos a - cos b) / (b - a), without its 0 / 0.
        heights = np.sin((a + b) / 2) * np.sinc((b - a) / (2 * np.pi))
    else:
        heights = (points[:-1, 1] + points[1:, 1]) / 2
    strips = -dx * heights
    strips[starts[1:-1] - 1] = 0.0  # from one ring to the next is no edge
    rings = np.abs(np.add.reduceat(strips, starts[:-1]))
    signed = np.where(holes, -rings, rings)
    return np.maximum(np.add.reduceat(signed, polygon_rings[:-1]), 0.0) / unit


def read_areas(path: Path) -> dict[str, Any]:
    """Read the polygons of a GeoJSON file by ``code``, ``id`` or ``name``.

    Raises
    ------
    GridError
        It is no GeoJSON, a feature has no name or no outline, or a name stands twice.
    """
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except OSError as error:
        raise GridError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise GridError(f"{path} is no GeoJSON FeatureCollection: {error}.") from error
    areas: dict[str, Any] = {}
    for number, feature in enumerate(features, 1):
        told = {"id": feature.get("id"), **(feature.get("properties") or {})}
        name = next((told[k] for k in ("code", "id", "name") if told.get(k) is not None), None)
        if name is None:
            raise GridError(f"{path}: feature {number} has no code, id or name.")
        if str(name) in areas:
            raise GridError(f"{path}: {name!r} stands twice, again as feature {number}.")
        try:
            areas[str(name)] = shape(feature["geometry"])
        except (ShapelyError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise GridError(f"{path}: {name!r} has no usable outline: {error}.") from error
    if not areas:
        raise GridError(f"{path} has no features.")
    return areas
