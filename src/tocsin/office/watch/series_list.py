"""All series of a kind as arrays: a cycle asks several times for a hundred thousand of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Max
from numpy.typing import NDArray

from .models import Series

__all__ = ["SeriesList", "SeriesLists", "add_series", "read_series"]


INSERT = (
    "INSERT INTO watch_series (station_id, quantity, kind, unit, feed_id) "
    "VALUES (%s, %s, %s, %s, %s)"
)
COPY = "COPY watch_series (station_id, quantity, kind, unit, feed_id) FROM STDIN"


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


def add_series(rows: Iterable[tuple[int, str, str]], *, kind: str, feed: int | None = None) -> None:
    """Insert series of (key of a station, quantity, unit), past the ORM.

    The first hour of ten thousand stations has a hundred thousand, and their indicators twice that:
    an instance of the model for each would take half a minute.

    Raises
    ------
    django.db.IntegrityError
        One of them is there already; none has been added.
    """
    whole = [(station, quantity, kind, unit, feed) for station, quantity, unit in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copying = cursor.cursor.copy(COPY)
            with connection.wrap_database_errors, copying as copy:
                for row in whole:
                    copy.write_row(row)
        else:
            cursor.executemany(INSERT, whole)


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
