"""A table of areas out of a store: a row for each time and area, a column for each statistic."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from tocsin.errors import GridError
from tocsin.grids.areas import AreaWeights, area_weights, read_areas
from tocsin.grids.files import open_file
from tocsin.grids.grid import Grid
from tocsin.grids.statistics import area_statistics
from tocsin.grids.store import open_result, writing

if TYPE_CHECKING:
    import xarray

__all__ = ["write_table"]

STEP_VALUES = 16_000_000


def write_table(
    store: Path,
    outlines: Path,
    out: Path,
    *,
    statistics: Sequence[str],
    indicator: str | None = None,
    population: Path | None = None,
    minimum_valid: float = 0.5,
    weights_file: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> int:
    """Write a CSV table of area statistics, whole or not at all; return how many rows it has.

    Raises
    ------
    GridError
        The store, the outlines or the population cannot be used; says why.
    """
    if out.suffix.lower() != ".csv":
        raise GridError(f"{out} is not a .csv file; no other table is written.")
    data = open_result(store)
    array = _one(data, indicator, store)
    grid = Grid.of(array)
    weights = _weights(grid, outlines, weights_file)
    people = None if population is None else _population(population, weights)
    timed = "time" in array.dims
    times = array["time"].values.astype("datetime64[s]") if timed else [None]
    step = max(1, STEP_VALUES // weights.matrix.shape[1])
    unfinished = out.with_name(f"{out.name}.partial")
    with _removed_on_error(unfinished), writing(out), _text_file(unfinished) as file:
        writer = csv.writer(file)
        writer.writerow([*(["time"] if timed else []), "area", *statistics])
        for first in range(0, len(times), step):
            part = array.isel(time=slice(first, first + step)) if timed else array
            values = area_statistics(
                weights,
                part.load(),
                statistics,
                population=people,
                minimum_valid=minimum_valid,
            )
            columns = [np.atleast_2d(values[name]) for name in statistics]
            for row, time in enumerate(times[first : first + step]):
                lead = [str(time)] if timed else []
                for place, name in enumerate(weights.names):
                    numbers = [column[row, place] for column in columns]
                    writer.writerow([*lead, name, *(_text(number) for number in numbers)])
            if progress is not None:
                progress("Times", min(first + step, len(times)), len(times))
    with writing(out):
        unfinished.replace(out)
    return len(times) * len(weights.names)


def _text_file(path: Path) -> IO[str]:
    return path.open("w", newline="", encoding="utf-8")


@contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _text(number: Any) -> str:
    """Return a number with the digits that single precision has; empty if it is missing."""
    return "" if np.isnan(number) else f"{number:.7g}"


def _one(data: xarray.Dataset, indicator: str | None, store: Path) -> xarray.DataArray:
    names = sorted(str(name) for name in data.data_vars)
    if indicator is None and len(names) == 1:
        return data[names[0]]
    if indicator in names:
        return data[indicator]
    raise GridError(f"{store} has {', '.join(names)}. Say which: --indicator {names[0]}.")


def _weights(grid: Grid, outlines: Path, kept: Path | None) -> AreaWeights:
    """Return the weights, from their file if it is of this grid and newer than the outlines."""
    if kept is not None and kept.exists() and kept.stat().st_mtime >= outlines.stat().st_mtime:
        return AreaWeights.load(kept, grid)
    weights = area_weights(grid, read_areas(outlines))
    if kept is not None:
        with writing(kept):
            weights.save(kept)
    return weights


def _population(path: Path, weights: AreaWeights) -> Any:
    """Return the people in each cell, from the one variable of a file on the same grid."""
    found = [array for data in open_file(path) for array in data.data_vars.values()]
    found = [array.squeeze(drop=True) for array in found]
    found = [array for array in found if array.ndim == 2]
    if len(found) != 1:
        raise GridError(f"{path} has {len(found)} variables on a grid; the population is one.")
    weights.expect(Grid.of(found[0]))
    return found[0].values
