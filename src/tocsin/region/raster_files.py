"""Rasters of a region: ESRI ASCII grids (``.asc``) and NetCDF (``.nc``), amounts in cells.

Both are read without a system library: the first is text, the second classic NetCDF by SciPy, or
any NetCDF where the package netCDF4 is installed (the extra ``grids``). Cells are of longitude and
latitude; a raster in metres has to be brought into degrees first, in a GIS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import GridError
from tocsin.region.checker import Checker
from tocsin.region.layer_spec import LayerFile

if TYPE_CHECKING:
    from tocsin.grids.grid import Grid

__all__ = ["RasterRead", "read_raster"]

HEAD = ("ncols", "nrows", "xll", "yll", "cellsize", "nodata_value")
MOST_CELLS = 100_000_000


@dataclass(frozen=True, slots=True)
class RasterRead:
    """Amounts (row, column) in the order of the grid's axes; NaN where a cell is not known."""

    grid: Grid
    amounts: NDArray[np.float64]


class _Broken(Exception):
    """What is wrong with a raster: line, where, value, problem, remedy."""


def read_raster(check: Checker, layer: LayerFile) -> RasterRead | None:
    """Read the raster of a layer, or note why not."""
    if not check.has(layer.file):
        return None
    check.read[layer.file] = (check.folder / layer.file).read_bytes()
    try:
        if layer.file.lower().endswith(".asc"):
            grid, amounts = _ascii(check.read[layer.file])
        else:
            grid, amounts = _netcdf(check, layer)
    except _Broken as broken:
        check.fault(layer.file, *broken.args)
        return None
    except GridError as error:
        check.fault(layer.file, 0, "grid", None, str(error), "Give a regular grid in degrees.")
        return None
    if (amounts < 0).any():
        row, column = np.argwhere(amounts < 0)[0].tolist()
        check.fault(
            layer.file,
            0,
            f"row {row + 1}, column {column + 1}",
            f"{amounts[row, column]:g}",
            "There cannot be less than nothing.",
            "Is it the number for missing? Name it NODATA.",
        )
        return None
    if layer.missing_is_zero:
        amounts = np.nan_to_num(amounts, nan=0.0)
    return RasterRead(grid, amounts)


def _ascii(raw: bytes) -> tuple[Any, NDArray[np.float64]]:
    """Read an ESRI ASCII grid: six lines of head, then rows from north to south."""
    from tocsin.grids.grid import Grid  # numba's kernels come with it: only where a raster is

    try:
        lines = raw.decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise _Broken(0, "file", "", "This is no text.", "Save it as an ASCII grid.") from None
    head: dict[str, float] = {}
    rows = 0
    for number, line in enumerate(lines[: len(HEAD)], 1):
        name, _space, value = line.strip().partition(" ")
        key = name.lower()
        if not key[:1].isalpha():
            break
        try:
            head[key] = float(value)
        except ValueError:
            raise _Broken(number, name, value, "This is no number.", "Write a number.") from None
        rows = number
    columns, count, x, y, cell = _head(head)
    if columns * count > MOST_CELLS:
        raise _Broken(
            1,
            "ncols",
            f"{columns} x {count}",
            "The raster is too large for a text file.",
            f"Use NetCDF above {MOST_CELLS:,} cells.",
        )
    amounts = np.empty((count, columns))
    for number in range(count):
        line = lines[rows + number] if rows + number < len(lines) else ""
        try:
            amounts[number] = np.array(line.split(), np.float64)
        except ValueError:
            raise _Broken(
                rows + number + 1,
                f"row {number + 1}",
                line[:40],
                f"The row does not have {columns} numbers.",
                "Write one for each column.",
            ) from None
    amounts[amounts == head.get("nodata_value", -9999.0)] = np.nan
    east, north = np.arange(columns, dtype=np.float64), np.arange(count, dtype=np.float64)
    return Grid(x + cell * east, y + cell * north[::-1]), amounts


def _head(head: dict[str, float]) -> tuple[int, int, float, float, float]:
    """Return columns, rows, the middle of the south-west cell, and the size of a cell."""
    for key in ("ncols", "nrows", "cellsize"):
        if not head.get(key, 0) > 0:
            raise _Broken(
                1,
                key,
                head.get(key),
                "The head lacks it.",
                "An ASCII grid begins with ncols, nrows, xllcorner, yllcorner, cellsize.",
            )
    cell = head["cellsize"]
    middle = []
    for axis, limit in (("x", 360.0), ("y", 90.0)):
        if f"{axis}llcenter" in head:
            middle.append(head[f"{axis}llcenter"])
        elif f"{axis}llcorner" in head:
            middle.append(head[f"{axis}llcorner"] + cell / 2)
        else:
            raise _Broken(
                1,
                f"{axis}llcorner",
                None,
                "The head lacks it.",
                f"Write {axis}llcorner or {axis}llcenter.",
            )
        if abs(middle[-1]) > limit:
            raise _Broken(
                1,
                f"{axis}llcorner",
                middle[-1],
                "This is no place in degrees.",
                "Bring the raster into longitude and latitude, WGS84.",
            )
    return int(head["ncols"]), int(head["nrows"]), middle[0], middle[1], cell


def _netcdf(check: Checker, layer: LayerFile) -> tuple[Any, NDArray[np.float64]]:
    import xarray  # slow to import: only where a raster is

    from tocsin.grids.grid import Grid, coordinate

    path = check.folder / layer.file
    try:
        with xarray.open_dataset(path, decode_times=False) as data:
            array = _variable(data, layer.amount).squeeze(drop=True).load()
    except (OSError, ValueError) as error:
        raise _Broken(
            0,
            "file",
            "",
            f"It cannot be read: {str(error).splitlines()[0]}",
            "Write it as NetCDF; NetCDF 4 needs the extra: pip install 'tocsin[grids]'.",
        ) from None
    y, x = coordinate(array, "latitude"), coordinate(array, "longitude")
    if y is None or x is None or y.ndim != 1 or x.ndim != 1 or array.ndim != 2:
        raise _Broken(
            0,
            str(array.name),
            " x ".join(map(str, array.dims)),
            "This is no grid of latitude and longitude.",
            "Keep one value a cell, with axes lat and lon in degrees.",
        )
    array = array.transpose(y.dims[0], x.dims[0])
    grid = Grid(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return grid, np.asarray(array, np.float64)


def _variable(data: Any, name: str | None) -> Any:
    there = [str(key) for key, one in data.data_vars.items() if one.ndim >= 2]
    wanted = name or (there[0] if len(there) == 1 else None)
    if wanted is None or wanted not in data.data_vars:
        raise _Broken(
            0,
            "amount",
            name,
            "Which variable has the amounts is not clear.",
            f"Name one of {', '.join(there) or 'none'} as amount in region.toml.",
        )
    return data[wanted]
