"""Who and what an outline holds: people summed, facilities by kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from tocsin.errors import ShapeError

from .inside import Places

__all__ = ["kinds_inside", "people_inside"]


def people_inside(places: Places, counts: ArrayLike, outline: BaseGeometry) -> float:
    """Return the sum of ``counts`` (one a place) over the places inside; a NaN count is left out.

    Each place is counted whole or not at all: a town on the edge of a warning is in if its point
    is.
    """
    people = np.asarray(counts, dtype=np.float64)
    if people.shape != (len(places),):
        raise ShapeError(f"{people.shape} counts for {len(places)} places; give one each.")
    return float(np.nansum(people[places.inside(outline)]))


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
