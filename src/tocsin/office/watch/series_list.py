"""All series of a kind as arrays: a cycle asks several times for a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from .models import Series

__all__ = ["SeriesList", "SeriesLists", "read_series"]


@dataclass(frozen=True, slots=True)
class SeriesList:
    """Series by their keys, rising; ``quantity`` and ``unit`` are places in ``words``."""

    keys: NDArray[np.int64]
    stations: NDArray[np.int64]
    quantity: NDArray[np.int64]
    unit: NDArray[np.int64]
    words: Sequence[str]

    def __getitem__(self, rows: Any) -> SeriesList:
        """Return some of the series."""
        return SeriesList(
            self.keys[rows], self.stations[rows], self.quantity[rows], self.unit[rows], self.words
        )

    def of(self, quantities: Collection[str]) -> SeriesList:
        """Return the series of some quantities."""
        wanted = [place for place, word in enumerate(self.words) if word in quantities]
        return self[np.isin(self.quantity, np.array(wanted, np.int64))]

    def units(self) -> dict[str, str]:
        """Return the unit of each quantity."""
        _, first = np.unique(self.quantity, return_index=True)
        return {
            self.words[self.quantity[row]]: self.words[self.unit[row]] for row in first.tolist()
        }


def read_series(kind: str) -> SeriesList:
    """Return the stored series of a kind."""
    places: dict[str, int] = {}
    found = Series.objects.filter(kind=kind).order_by("pk")
    rows = [
        (
            key,
            station,
            places.setdefault(quantity, len(places)),
            places.setdefault(unit, len(places)),
        )
        for key, station, quantity, unit in found.values_list("pk", "station", "quantity", "unit")
    ]
    keys, stations, quantity, unit = np.array(rows, np.int64).reshape(-1, 4).T.copy()
    return SeriesList(keys, stations, quantity, unit, tuple(places))


class SeriesLists:
    """Lists of series kept by the one writer, read again where series were added or taken out."""

    def __init__(self) -> None:
        self._lists: dict[str, tuple[Any, SeriesList]] = {}

    def clear(self) -> None:
        """Forget everything."""
        self._lists = {}

    def of_kind(self, kind: str) -> SeriesList:
        """Return what :func:`read_series` would."""
        stands = Series.objects.aggregate(last=Max("pk"), count=Count("pk"))
        stamp, known = self._lists.get(kind, (None, None))
        if known is None or stamp != stands:
            known = read_series(kind)
            self._lists[kind] = (stands, known)
        return known
