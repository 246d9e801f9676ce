"""Statistics of 3,000 areas on a million cells: ours against exactextract, in one run.

    python bench/area_statistics.py [AREAS]

Prints medians as ratios (exactextract's time over ours), once for the weights and once for a step
with weights at hand, each on one thread and on all, and how far the numbers are apart.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.feature import JSONFeatureSource
from exactextract.raster import NumPyRasterSource
from shapely.geometry import mapping

from tocsin.grids import Grid, area_statistics, area_weights

SIDE = 1000
ROUNDS = 5


def counties(count: int) -> list[shapely.Geometry]:
    """Return areas that share borders of many points, as counties do: a Voronoi map, roughened."""
    rng = np.random.default_rng(7)
    seeds = shapely.multipoints(rng.uniform(0.0, SIDE / 100, (count, 2)))
    whole = shapely.box(0, 0, SIDE / 100, SIDE / 100)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=whole))
    cells = shapely.intersection(cells, whole)
    rough = shapely.segmentize(cells, 0.004)
    # Moved by a function of the place alone: neighbours still share their border.
    return list(
        shapely.transform(
            rough, lambda p: p + 0.003 * np.sin(p[:, ::-1] * 210.0 + p * 75.0) * _within(p)
        )
    )


def _within(points: np.ndarray) -> np.ndarray:
    edge = np.minimum(points, SIDE / 100 - points).min(axis=1)
    return np.clip(edge / 0.05, 0.0, 1.0)[:, None]


def median(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of several rounds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main(count: int) -> None:
    """Measure and print."""
    areas = counties(count)
    axis = (np.arange(SIDE) + 0.5) / 100
    grid = Grid(axis, axis[::-1].copy(), geographic=False)  # flat, as exactextract weighs
    values = np.random.default_rng(1).gamma(2.0, 10.0, (SIDE, SIDE)).astype(np.float32)
    raster = NumPyRasterSource(values, 0, 0, SIDE / 100, SIDE / 100)
    features = JSONFeatureSource(
        [{"type": "Feature", "properties": {}, "geometry": mapping(area)} for area in areas]
    )
    points = shapely.get_num_coordinates(areas).sum()
    print(f"{SIDE * SIDE:,} cells, {count:,} areas with {points:,} points")

    area_weights(grid, areas[:3])  # compiled or read from disk, once
    weights = area_weights(grid, areas)
    ours = median(lambda: area_weights(grid, areas))
    theirs = median(lambda: exact_extract(raster, features, ["cell_id", "coverage"]), 3)
    print(f"weights       {ours:8.3f} s, exactextract {theirs:8.3f} s: {theirs / ours:7.1f} times")

    wanted = ("mean", "max")
    theirs = median(lambda: exact_extract(raster, features, list(wanted)), 3)
    for threads in sorted({1, os.cpu_count() or 1}):
        ours = median(lambda n=threads: area_statistics(weights, values, wanted, threads=n), 25)
        print(
            f"step, {threads} thread{'s' * (threads > 1)} {ours:8.4f} s, exactextract "
            f"{theirs:8.3f} s: {theirs / ours:7.0f} times"
        )
    table = exact_extract(raster, features, list(wanted))
    mine = area_statistics(weights, values, wanted)
    for name in wanted:
        other = np.array([row["properties"][name] for row in table])
        apart = np.abs(mine[name] - other).max()
        print(
            f"{name}: largest difference {apart:.2e}; first area {mine[name][0]:.6f} {other[0]:.6f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
