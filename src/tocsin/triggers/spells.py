"""Levels to spells: each unbroken run of one place at one level, with its peak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.rules import Level

__all__ = ["Spell", "spells"]


@dataclass(frozen=True, slots=True)
class Spell:
    """A run at one level; ``first``, ``last`` (its last hour) and ``peak`` are time indices."""

    place: int
    level: Level
    first: int
    last: int
    peak: int


def spells(
    levels: NDArray[np.int8], values: NDArray[np.float64], *, low_is_bad: bool
) -> list[Spell]:
    """Return every spell of ``levels`` and ``values`` (time, place), by place and then by time.

    ``peak`` is the hour of the worst value inside the spell, the first of equals. A spell that is
    only held over a gap has no value at all: its peak is its first hour.
    """
    found: list[Spell] = []
    for place in range(levels.shape[1]):
        column = levels[:, place]
        edges = np.flatnonzero(np.diff(column)) + 1
        starts = np.concatenate(([0], edges)) if column.size else edges
        ends = np.concatenate((edges, [column.size]))
        for first, end in zip(starts, ends, strict=False):
            if column[first] == 0:
                continue
            inside = values[first:end, place] * (-1.0 if low_is_bad else 1.0)
            peak = first if np.isnan(inside).all() else first + int(np.nanargmax(inside))
            found.append(
                Spell(place, Level(int(column[first])), int(first), int(end) - 1, int(peak))
            )
    return found
