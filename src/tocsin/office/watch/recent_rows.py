"""The last days of all observations in memory: what one writer need not read again every minute.

It belongs to the process that holds the lease and is thrown away whenever anything goes wrong or
another process may have written: the next question then reads the database again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from .models import Series
from .series_list import SeriesLists
from .table import Table, in_order, labels, read_rows
from .times import FAR, from_utc

__all__ = ["RecentRows"]

SPARE = timedelta(hours=12)
"""Rows are let go half a day at a time: taking them out costs a copy of all."""


class RecentRows:
    """Observed rows of the last ``length``, kept in step with what is written."""

    def __init__(self, length: timedelta = timedelta(hours=84)) -> None:
        self._length = length
        self.series = SeriesLists()
        self._begin: datetime | None = None
        self._table = _nothing()
        self._labels: NDArray[np.int64] = np.empty(0, np.int64)

    @property
    def begin(self) -> datetime | None:
        """From when on rows are in memory; None where there are none."""
        return self._begin

    def clear(self) -> None:
        """Forget everything."""
        self._begin = None
        self._table, self._labels = _nothing(), np.empty(0, np.int64)
        self.series.clear()

    def reach(self, length: timedelta) -> None:
        """Keep rows of ``length`` from the next cycle on; until then older ones are read anew."""
        if length > self._length:
            self.clear()
        self._length = length

    def move_on(self, at: datetime) -> None:
        """Read what there is before a cycle at ``at``, or let go of what is too old."""
        begin = at - self._length
        if self._begin is None:
            keys = Series.objects.filter(kind=Series.OBSERVED).values_list("pk", flat=True)
            self._table = read_rows(list(keys), begin, FAR)
            self._labels, self._begin = labels(self._table), begin
        elif begin - self._begin > SPARE:
            kept = self._table.times >= from_utc(begin)
            self._table, self._labels = self._table[kept], self._labels[kept]
            self._begin = begin

    def rows(
        self, series: Sequence[int] | NDArray[np.int64], first: datetime, last: datetime
    ) -> Table:
        """Return what :func:`read_rows` would."""
        if self._begin is None or first < self._begin:
            return read_rows(series, first, last)
        times = self._table.times
        kept = (times >= from_utc(first)) & (times <= from_utc(last))
        kept &= np.isin(self._table.series, np.asarray(series, np.int64), kind="table")
        return self._table[kept]

    def put(self, new: Table, changed: Table) -> None:
        """Take over what has been written: rows that were not there, and rows that were."""
        if self._begin is None:
            return
        new = in_order(new[new.times >= from_utc(self._begin)])
        changed = changed[changed.times >= from_utc(self._begin)]
        at = np.searchsorted(self._labels, labels(changed))
        self._table.values[at], self._table.flags[at] = changed.values, changed.flags
        place = np.searchsorted(self._labels, labels(new))
        table = self._table
        self._table = Table(
            np.insert(table.series, place, new.series),
            np.insert(table.times, place, new.times),
            np.insert(table.values, place, new.values),
            np.insert(table.flags, place, new.flags),
        )
        self._labels = np.insert(self._labels, place, labels(new))


def _nothing() -> Table:
    none = np.empty(0)
    return Table(none.astype(np.int64), none.astype("datetime64[s]"), none, none.astype(np.uint16))
