"""One quantity at one station in one run, as bytes and as arrays; and two pieces of it joined.

Packed: a line of JSON with the members' numbers and the count of times, then deflated the times as
64-bit seconds since 1970 and the values as 64-bit floats (member, time), little-endian. 64 bits,
since 35.1 degC has to meet a threshold of 35.1 degC when it comes back.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SINGLE", "Block", "joined"]

SINGLE = -1
"""The number of the only member of a single forecast."""


@dataclass(frozen=True, slots=True)
class Block:
    """``values`` (member, time), NaN where there is none; ``numbers`` and ``times`` rise."""

    numbers: tuple[int, ...]
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    def pack(self) -> bytes:
        """Return it as bytes."""
        head = json.dumps({"members": self.numbers, "times": self.times.size}).encode()
        body = self.times.astype("<i8").tobytes() + self.values.astype("<f8").tobytes()
        return head + b"\n" + zlib.compress(body, 1)

    @classmethod
    def unpack(cls, packed: bytes | memoryview) -> Block:
        """Return what :meth:`pack` was given."""
        head, _, rest = bytes(packed).partition(b"\n")
        facts = json.loads(head)
        body = zlib.decompress(rest)
        times = np.frombuffer(body, "<i8", facts["times"]).astype(np.int64)
        values = np.frombuffer(body, "<f8", offset=times.size * 8).astype(np.float64)
        return cls(tuple(facts["members"]), times, values.reshape(len(facts["members"]), -1))

    def spread(self, numbers: tuple[int, ...], times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the values of other members and times, both rising; NaN where there is none."""
        out = np.full((len(numbers), times.size), np.nan)
        _, own, theirs = np.intersect1d(self.times, times, return_indices=True)
        for row, number in enumerate(self.numbers):
            if number in numbers:
                out[numbers.index(number), theirs] = self.values[row, own]
        return out


def joined(old: Block, new: Block) -> tuple[Block, int, int]:
    """Return both as one block, how many values of ``new`` are new, and how many differ.

    What is missing in ``new`` takes nothing away.
    """
    numbers = tuple(sorted({*old.numbers, *new.numbers}))
    times = np.union1d(old.times, new.times)
    before, after = old.spread(numbers, times), new.spread(numbers, times)
    there = np.isfinite(after)
    fresh = there & ~np.isfinite(before)
    changed = there & ~fresh & (after != before)
    return (
        Block(numbers, times, np.where(there, after, before)),
        int(fresh.sum()),
        int(changed.sum()),
    )
