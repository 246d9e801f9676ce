"""Numbers of areas at each step: mean, max, share above a threshold, mean by population."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import GridError, ShapeError
from tocsin.grids.areas import AreaWeights
from tocsin.grids.grid import Grid
from tocsin.units import is_labelled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["POPULATION_MEAN", "area_statistics"]

POPULATION_MEAN = "population_mean"
WORTH_THREADS = 4_000_000  # entries: below, starting threads costs more than they save


def area_statistics(
    weights: AreaWeights,
    values: Any,
    statistics: Sequence[str] = ("mean", "max"),
    *,
    population: ArrayLike | None = None,
    minimum_valid: float = 0.5,
    threads: int | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Make numbers of areas out of numbers of cells.

    Parameters
    ----------
    weights : AreaWeights
        Of the grid of ``values``.
    values : array or DataArray (time..., y, x) or (time..., cell)
        Float32 and float64 are used as they are. A DataArray's grid is checked.
    statistics : sequence of str
        ``mean``: weighted by covered surface, on a geographic grid by true surface of the sphere;
        ``max``: over every cell that is touched; ``share>30``: the part of the surface with a value
        above 30; ``population_mean``: weighted by the people in the covered part of each cell.
    population : array (y, x) or (cell,), optional
        People in each cell; NaN and negative count as none.
    minimum_valid : float
        The share of an area's surface that has to have values. Missing cells are left out and the
        others stand for them; below this share the answer is NaN. What lies outside the grid is
        missing too. The mean by population asks the same share of the people as well.
    threads : int, optional
        All processors where there is enough to do, if not given.

    Returns
    -------
    dict of statistic to float64 array (time..., area)

    Raises
    ------
    GridError
        The values lie on another grid, a statistic is unknown, or the population is not given.
    ShapeError
        The last axes are not those of the grid.
    """
    thresholds = {name: _threshold(name) for name in statistics}
    if POPULATION_MEAN in statistics and population is None:
        raise GridError(f"{POPULATION_MEAN} needs the people in each cell: population=ARRAY.")
    if is_labelled(values):
        weights.expect(Grid.of(values))
        values = values.values
    table, before = _rows(weights, values)
    people = _people(weights, population if POPULATION_MEAN in statistics else None)
    above = np.array([v for v in thresholds.values() if v is not None], np.float64)
    mean, most, by_people = (np.empty((len(table), len(weights.names))) for _ in range(3))
    shares = np.empty((len(table), len(weights.names), above.size))
    _fill(weights, table, people, above, minimum_valid, threads, mean, most, shares, by_people)
    results = {"mean": mean, "max": most, POPULATION_MEAN: by_people}
    wanted = [name for name, threshold in thresholds.items() if threshold is not None]
    results |= {name: shares[..., n] for n, name in enumerate(wanted)}
    return {name: results[name].reshape(*before, -1) for name in statistics}


def _threshold(statistic: str) -> float | None:
    """Return the threshold of ``share>30``; None for a statistic without one."""
    if statistic in ("mean", "max", POPULATION_MEAN):
        return None
    name, _, number = statistic.partition(">")
    try:
        threshold = float(number)
    except ValueError:
        threshold = math.nan
    if name != "share" or math.isnan(threshold):
        raise GridError(
            f"{statistic!r} is no statistic; there are mean, max, share>NUMBER, {POPULATION_MEAN}."
        )
    return threshold


def _rows(weights: AreaWeights, values: Any) -> tuple[Any, tuple[int, ...]]:
    """Return values as (row, cell), and the axes before the cells."""
    values = np.asarray(values)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    cells, shape = math.prod(weights.grid.shape), weights.grid.shape
    if values.shape[-2:] == shape:
        before = values.shape[:-2]
    elif values.shape[-1:] == (cells,):
        before = values.shape[:-1]
    else:
        raise ShapeError(
            f"area_statistics(): values have shape {values.shape}; the last axes have to be "
            f"{shape} or {cells} cells, as the weights' grid."
        )
    return np.ascontiguousarray(values.reshape(math.prod(before), cells)), before


def _people(weights: AreaWeights, population: Any) -> NDArray[np.float64]:
    """Return the people behind each entry of the matrix; none if they are not asked for."""
    if population is None:
        return np.empty(0)
    counts = np.asarray(population, np.float64).ravel()
    if counts.size != math.prod(weights.grid.shape):
        raise ShapeError(
            f"area_statistics(): population has {counts.size} cells, the weights' grid "
            f"{math.prod(weights.grid.shape)}."
        )
    counts = np.where(counts > 0.0, counts, 0.0)
    people: NDArray[np.float64] = weights.matrix.data * counts[weights.matrix.indices]
    return people


def _fill(
    weights: AreaWeights, table: Any, people: Any, above: Any, least: float,
    threads: int | None, *out: Any,
) -> None:  # fmt: skip
    """Run the kernel, areas shared out among threads by their number of cells."""
    from tocsin.grids._statistics import per_area

    matrix = weights.matrix
    crew = threads or (os.cpu_count() or 1 if table.shape[0] * matrix.nnz > WORTH_THREADS else 1)
    mean, most, shares, by_people = out

    def part(span: tuple[int, int]) -> None:
        per_area(
            table, matrix.indptr, matrix.indices, weights.entries, weights.surface, people,
            above, least, *span, mean, most, shares, by_people,
        )  # fmt: skip

    spans = list(_spans(matrix.indptr, crew))
    if len(spans) == 1:
        part(spans[0])
        return
    with ThreadPoolExecutor(crew) as pool:
        list(pool.map(part, spans))


def _spans(starts: Any, parts: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of areas with about the same number of cells."""
    areas = len(starts) - 1
    borders = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1))
    borders[0], borders[-1] = 0, areas
    for first, last in itertools.pairwise(borders):
        if last > first:
            yield int(first), int(last)
