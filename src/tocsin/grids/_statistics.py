"""Statistics of areas in one pass over the sparse matrix, for each row of time."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.indicators.kernels import kernel

__all__ = ["per_area"]


@kernel
def per_area(
    values: Any, starts: Any, cells: Any, weights: Any, whole: Any, people: Any, above: Any,
    least: float, first: int, last: int, mean: Any, most: Any, shares: Any, by_people: Any,
) -> None:  # fmt: skip
    """Fill the statistics of areas ``first`` to ``last`` for every row of ``values`` (row, cell).

    ``weights`` has the covered surface of each entry, ``whole`` the surface of each area, inside
    the grid or not; ``people`` the inhabitants of each entry's part, of length zero if not asked.
    """
    for row in range(values.shape[0]):
        line = values[row]
        for area in range(first, last):
            surface = total = inhabitants = counted = known = 0.0
            highest = -np.inf
            over = shares[row, area]
            over[:] = 0.0
            for n in range(starts[area], starts[area + 1]):
                value = line[cells[n]]
                if people.size:
                    inhabitants += people[n]
                if value != value:  # missing
                    continue
                weight = weights[n]
                surface += weight
                total += weight * value
                highest = max(highest, value)
                for k in range(above.size):
                    if value > above[k]:
                        over[k] += weight
                if people.size:
                    known += people[n]
                    counted += people[n] * value
            enough = surface > 0.0 and surface >= least * whole[area]
            mean[row, area] = total / surface if enough else np.nan
            most[row, area] = highest if enough else np.nan
            for k in range(above.size):
                over[k] = over[k] / surface if enough else np.nan
            if people.size:
                counts = known > 0.0 and known >= least * inhabitants
                by_people[row, area] = counted / known if counts and enough else np.nan
