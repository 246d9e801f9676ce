"""How a grid is cut up: tiles of space, in each of which time is gone through in segments. Pure.

A tile with a segment is a block: what is in memory at once, once for each worker. Tiles follow the
chunks of the input, so that a chunk is unpacked once where memory allows it. Numbers never depend
on the cut; only speed and memory do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.errors import GridError

__all__ = ["Cost", "Plan", "make_plan", "spans"]

GOOD_ROWS = 64  # of a segment, where memory has to choose between long and wide
GOOD_SIDE = 256  # of an output chunk: 64 rows of it are 16 MB
GOOD_CHUNK_ROWS = 32
LEAST_TILE = 65_536  # cells; a tile is not split further to give every worker one
READ_AT_ONCE = 2_000_000  # values of one argument that are unpacked at a time
READ_BYTES = 32
"""Of a value being unpacked: packed, unpacked and converted, until it is put into its place."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a block needs: bytes a value for all arguments and results, and beside its size."""

    per_value: int
    per_cell: int
    fixed: int

    def of(self, cells: int, rows: int, chunk_rows: int) -> int:
        """Return the bytes of a block of ``cells`` by ``rows``."""
        values = cells * rows
        read = min(values, max(READ_AT_ONCE, cells * chunk_rows))
        return values * self.per_value + cells * self.per_cell + read * READ_BYTES + self.fixed


@dataclass(frozen=True, slots=True)
class Plan:
    """The cut of a grid of ``rows`` times ``space`` into tiles and segments."""

    rows: int
    space: tuple[int, ...]
    segment: int
    tile: tuple[int, ...]
    chunks: tuple[int, ...]
    block_bytes: int

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Plan:
        """Return a plan that was kept as JSON."""
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()
        }
        return cls(**fields)

    @property
    def segments(self) -> int:
        """How many segments a tile goes through."""
        return math.ceil(self.rows / self.segment)

    @property
    def tiles(self) -> int:
        """How many tiles there are."""
        return math.prod(math.ceil(n / t) for n, t in zip(self.space, self.tile, strict=True))

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return self.tiles * self.segments

    def cells(self, tile: int) -> tuple[slice, ...]:
        """Return the place of a tile, counted row by row."""
        counts = [math.ceil(n / t) for n, t in zip(self.space, self.tile, strict=True)]
        place = []
        for n, size, count in zip(
            reversed(self.space), reversed(self.tile), reversed(counts), strict=True
        ):
            tile, index = divmod(tile, count)
            place.append(slice(index * size, min(n, (index + 1) * size)))
        return tuple(reversed(place))

    def times(self, segment: int) -> slice:
        """Return the rows of a segment."""
        return slice(segment * self.segment, min(self.rows, (segment + 1) * self.segment))


def spans(rows: slice, chunk_rows: int, cells: int) -> Iterator[slice]:
    """Yield rows to unpack at a time: whole chunks of the input, few enough for memory."""
    step = max(1, READ_AT_ONCE // max(1, cells))
    step = max(chunk_rows, step // chunk_rows * chunk_rows)
    for first in range(rows.start, rows.stop, step):
        yield slice(first, min(rows.stop, first + step))


def make_plan(
    rows: int,
    space: Sequence[int],
    chunks: Sequence[int],
    cost: Cost,
    *,
    memory: int,
    workers: int,
    whole_series: bool,
) -> Plan:
    """Cut a grid so that ``workers`` blocks fit into ``memory`` bytes.

    Parameters
    ----------
    rows, space
        Length of the time axis, and of each horizontal one.
    chunks
        Of the input: rows, then cells along each horizontal axis.
    whole_series
        The indicator looks back over rows without a state: a segment is the whole time axis.

    Raises
    ------
    GridError
        Not even the smallest block fits; says how much it would need.
    """
    space = tuple(space)
    chunk_rows = rows if whole_series else min(rows, chunks[0])
    budget = max(0, memory) // workers
    tile = _tile(rows, space, (chunk_rows, *chunks[1:]), cost, budget, workers)
    segment = rows if whole_series else _segment(rows, chunk_rows, math.prod(tile), cost, budget)
    needed = cost.of(math.prod(tile), segment, chunk_rows)
    if needed > budget:
        raise GridError(
            f"A block of {math.prod(tile)} cells and {segment} rows needs {_mb(needed)} and "
            f"{_mb(budget)} are left for each of {workers} worker(s). Give more memory or fewer "
            "threads, or cut the input into smaller chunks."
        )
    out = (
        _divisor(segment, GOOD_CHUNK_ROWS * 2),
        *(_divisor(size, GOOD_SIDE) for size in tile),
    )
    return Plan(rows, space, segment, tile, out, needed)


def _tile(
    rows: int,
    space: tuple[int, ...],
    chunks: tuple[int, ...],
    cost: Cost,
    budget: int,
    workers: int,
) -> tuple[int, ...]:
    """Grow from one chunk while the block fits; split the chunk where even that does not."""
    tile = [min(n, c) for n, c in zip(space, chunks[1:], strict=True)]
    share = math.ceil(math.prod(space) / workers)

    def fits(sides: Sequence[int], of_rows: int) -> bool:
        return cost.of(math.prod(sides), of_rows, chunks[0]) <= budget

    while not fits(tile, chunks[0]) and max(tile) > 1:
        widest = tile.index(max(tile))
        tile[widest] = math.ceil(tile[widest] / 2)
    while math.prod(tile) > max(share, LEAST_TILE):
        tallest = next(axis for axis, side in enumerate(tile) if side > 1)
        tile[tallest] = math.ceil(tile[tallest] / 2)
    wanted_rows = min(rows, max(chunks[0], GOOD_ROWS))
    for axis in reversed(range(len(space))):
        unit = tile[axis]
        while tile[axis] < space[axis]:
            wider = [*tile[:axis], min(space[axis], tile[axis] + unit), *tile[axis + 1 :]]
            if not fits(wider, wanted_rows) or math.prod(wider) > max(share, LEAST_TILE):
                return tuple(tile)
            tile = wider
    return tuple(tile)


def _segment(rows: int, chunk_rows: int, cells: int, cost: Cost, budget: int) -> int:
    """Return how many rows fit, in whole chunks of the input and of the output if possible."""
    if cost.of(cells, rows, chunk_rows) <= budget:
        return rows
    fixed = cost.of(cells, 0, chunk_rows)
    most = (budget - fixed) // (cells * cost.per_value)
    most = min(most, (budget - fixed - READ_AT_ONCE * READ_BYTES) // (cells * cost.per_value))
    while most > chunk_rows and cost.of(cells, most, chunk_rows) > budget:
        most -= chunk_rows
    for unit in (math.lcm(chunk_rows, GOOD_CHUNK_ROWS), chunk_rows):
        if most >= unit:
            return min(rows, most // unit * unit)
    return min(rows, max(1, chunk_rows))


def _divisor(whole: int, most: int) -> int:
    """Return the largest divisor up to ``most``; the whole where only tiny ones exist."""
    if whole <= most:
        return whole
    best = next(n for n in range(most, 0, -1) if whole % n == 0)
    return best if best >= most // 4 else whole


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
