"""Matching warning polygons against a million places: one within 0.2 s, a thousand within 10 s.

The same places and polygons by shapely's own vectorised question in the same run, as a measure.
"""

from __future__ import annotations

import time

import numpy as np
import shapely
from shapely.geometry import Polygon

from tocsin.exposure import Places

PLACES, POLYGONS, CORNERS = 1_000_000, 1_000, 60
ONE_S, THOUSAND_S = 0.2, 10.0


def blob(rng: np.random.Generator, lon: float, lat: float, size: float) -> Polygon:
    """Return a star-shaped outline of ``CORNERS`` corners, as large as a county or a province."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, CORNERS))
    reach = size * rng.uniform(0.6, 1.0, CORNERS)
    return Polygon(np.column_stack([lon + reach * np.cos(turn), lat + reach * np.sin(turn)]))


def main() -> None:
    """Print the index's making, one polygon, a thousand, and shapely alone."""
    rng = np.random.default_rng(4)
    towns = rng.uniform([108, 24], [122, 36], (400, 2))  # half in towns, half anywhere
    half = PLACES // 2
    near = towns[rng.integers(0, 400, half)] + rng.normal(0, 0.08, (half, 2))
    lon, lat = np.concatenate([near, rng.uniform([108, 24], [122, 36], (half, 2))]).T
    middles = rng.uniform([108, 24], [122, 36], (POLYGONS, 2))
    polygons = [blob(rng, *middle, rng.uniform(0.2, 1.2)) for middle in middles]
    large = blob(rng, 115, 30, 6.0)
    Places(lon[:1000], lat[:1000]).inside(large)  # compiles

    begun = time.perf_counter()
    places = Places(lon, lat)
    print(f"index of {PLACES:,} places        {time.perf_counter() - begun:8.3f} s")
    begun = time.perf_counter()
    found = places.inside(large)
    one = time.perf_counter() - begun
    print(f"one polygon ({len(found):,} inside)   {one:8.3f} s  limit {ONE_S} s")
    begun = time.perf_counter()
    shapely.prepare(large)
    theirs = np.flatnonzero(shapely.intersects_xy(large, lon, lat))
    alone = time.perf_counter() - begun
    print(f"  the same by shapely alone       {alone:8.3f} s  {alone / one:.0f} times as long")
    begun = time.perf_counter()
    count = sum(len(places.inside(polygon)) for polygon in polygons)
    thousand = time.perf_counter() - begun
    print(f"{POLYGONS:,} polygons ({count:,} inside) {thousand:8.3f} s  limit {THOUSAND_S} s")
    if not np.array_equal(found, theirs):
        raise SystemExit("the answer is not shapely's")
    if one > ONE_S or thousand > THOUSAND_S:
        raise SystemExit("slower than the limit")


if __name__ == "__main__":
    main()
