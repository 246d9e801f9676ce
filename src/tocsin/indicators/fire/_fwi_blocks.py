"""The vectorised fire weather kernels over blocks of places, on several threads.

Every number is the same however many places stand beside it: see ``LANES``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from tocsin.indicators.fire._fwi_lanes import block_codes

__all__ = ["BLOCK", "Tables", "run_blocks"]

BLOCK = 8_192
"""Places a thread takes at a time: what it holds of them stays in its own cache."""

LANES = 64
"""The compiled loop does places by vectors and left-over places one by one, which may round
otherwise. Only whole multiples of this are given to it: a number never depends on its place.
"""

Tables = tuple[tuple[tuple[float, ...], Any], ...]
"""For both day lengths the latitudes that part its zones, and the table (zone, month)."""


def _zones(latitude: Any, north_of: tuple[float, ...]) -> Any:
    """Return the table row of each place; the row after the last stands for a missing latitude."""
    zone = np.zeros(latitude.size, dtype=np.int8)
    for limit in north_of:
        zone += latitude <= limit
    zone[np.isnan(latitude)] = len(north_of) + 1
    return zone


def run_blocks(
    weather: tuple[Any, ...], months: Any, tables: Tables, latitude: Any, scale: float,
    state: Any, out: Any, threads: int | None = None,
) -> None:  # fmt: skip
    """Fill ``out`` (6 or 7, day, place) and carry ``state`` (3, place).

    Parameters
    ----------
    weather
        Four contiguous arrays (day, place) of the type of ``out``.
    tables
        Of the duff moisture code and of the drought code.
    latitude
        Of each place; NaN where it is missing.
    threads
        All processors if not given.
    """
    kind = out.dtype.type
    zones = np.stack([_zones(latitude, north_of) for north_of, _ in tables])
    missing = np.full(12, np.nan)
    rows = tuple(np.vstack([table, missing]).astype(kind) for _, table in tables)
    places = out.shape[-1]
    whole = places - places % LANES

    def one_block(first: int) -> None:
        last = min(first + BLOCK, whole)
        block_codes(weather, months, rows, zones, kind(scale), state, out, first, last, kind)

    starts = range(0, whole, BLOCK)
    workers = min(len(starts), threads or os.cpu_count() or 1)
    if workers < 2:
        for first in starts:
            one_block(first)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one_block, starts))
    if whole == places:
        return

    def padded(values: Any) -> Any:
        rest = values[..., whole:]
        return np.pad(rest, [(0, 0)] * (rest.ndim - 1) + [(0, LANES - rest.shape[-1])])

    part, ending = padded(out), padded(state)  # the last places among as many idle ones
    noon = tuple(padded(values) for values in weather)
    block_codes(noon, months, rows, padded(zones), kind(scale), ending, part, 0, LANES, kind)
    out[..., whole:] = part[..., : places - whole]
    state[..., whole:] = ending[..., : places - whole]
