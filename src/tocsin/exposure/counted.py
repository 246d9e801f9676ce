"""Who and what an outline holds: people summed, facilities by kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from tocsin.errors import ShapeError

from .inside import Places

__all__ = ["Counted", "kinds_inside", "people_inside"]


class Counted(NamedTuple):
    """A sum over the places inside, and how many of them have no number: they are in no sum."""

    value: float | None
    """None where places are inside and no number of any of them is known: unknown is not zero."""
    unknown: int


def people_inside(places: Places, counts: ArrayLike, outline: BaseGeometry) -> Counted:
    """Return the sum of ``counts`` (one a place) over the places inside, and what it leaves out.

    Each place is counted whole or not at all: a town on the edge of a warning is in if its point
    is. A count that is NaN is not known.
    """
    people = np.asarray(counts, dtype=np.float64)
    if people.shape != (len(places),):
        raise ShapeError(f"{people.shape} counts for {len(places)} places; give one each.")
    inside = people[places.inside(outline)]
    told = np.isfinite(inside)
    value = float(inside[told].sum()) if told.any() or not inside.size else None
    return Counted(value, int(inside.size - told.sum()))


def kinds_inside(
    places: Places, kinds: Sequence[str], outline: BaseGeometry
) -> dict[str, list[int]]:
    """Return for each kind the numbers of the places of that kind inside, in order of the kind."""
    if len(kinds) != len(places):
        raise ShapeError(f"{len(kinds)} kinds for {len(places)} places; give one each.")
    found: dict[str, list[int]] = {}
    for number in places.inside(outline).tolist():
        found.setdefault(kinds[number], []).append(number)
    return dict(sorted(found.items()))
