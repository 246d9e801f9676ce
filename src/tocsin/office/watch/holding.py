"""Held for review, as readings come in: jumps are found, open holds catch what follows.

The judgement itself is :mod:`tocsin.intake.jumps`. A hundred thousand series are looked at as one
array; only those that may have jumped are judged one by one, against a week of their past.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.intake import Feed as FeedSettings
from tocsin.intake.jumps import (
    LEAST_AFTER,
    LEAST_BEFORE,
    OWN,
    Jump,
    agreed,
    moved,
    reread,
    suspects,
)
from tocsin.intake.quality import Flag
from tocsin.intake.quantities import QUANTITIES
from tocsin.office.places.models import Station

from .hold_models import Hold
from .models import Feed
from .notes import Note, note
from .table import Table, in_order, joined, labels, read_rows
from .times import as_utc, from_utc

__all__ = ["Found", "Holding", "settings_digest"]

WEEK = timedelta(days=7)
NAMED = 5
"""Stations that a note of them names."""
STICKY = np.uint16(Flag.HELD | Flag.REFUSED)
"""Flags that stay on a value until a person or a correction takes them away."""
_DOUBT = np.uint16(0xFFFF ^ int(OWN))


def settings_digest(feed: FeedSettings) -> str:
    """Return a digest of what decides how a feed's numbers are read."""
    what = [feed.reader, feed.url, feed.topic, feed.path, feed.options]
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Found:
    """What one reading had to be held for."""

    earlier: Table | None = None
    """Stored rows that are held as well: they had moved already."""
    notes: list[Note] = field(default_factory=list)


def _told(feed: str, quantity: str, stations: list[str], jump: Jump) -> Note:
    """Return what the desk is told of stations that moved alike."""
    named = stations[:NAMED] + ["…"] * (len(stations) > NAMED)
    return note(
        "held", feed=feed, quantity=quantity, unit=QUANTITIES[quantity].unit, stations=named,
        before=float(jump.before), after=float(jump.after), sent=jump.sent, taken=jump.taken,
    )  # fmt: skip


class Holding:
    """The holds of one feed, as it is set up now."""

    def __init__(self, row: Feed, settings: str, quantities: dict[int, tuple[str, int]]) -> None:
        """Take the quantity and the station of each series of the reading by its key.

        Within the transaction that keeps the reading: an officer's decision waits for its end, or
        this for the decision's. Otherwise a value could be held that nobody is asked about.
        """
        still_open = Hold.objects.select_for_update().filter(feed=row, verdict=Hold.OPEN)
        list(still_open.order_by("pk").values_list("pk"))
        self._row, self._settings, self._series = row, settings, quantities
        rows = Hold.objects.filter(feed=row, settings=settings)
        holds = [one for one in rows if one.series_id in quantities]
        self._standing = [one for one in holds if one.verdict == Hold.CONVERTED]
        self._open = {one.series_id: one for one in holds if one.verdict == Hold.OPEN}
        last = {one.series_id: one for one in holds if one.verdict != Hold.OPEN}
        self._begin = {
            key: one.first_at for key, one in last.items() if one.verdict == Hold.RELEASED
        }
        self._refused = {
            key: one
            for key, one in last.items()
            if one.verdict == Hold.REFUSED and one.back_at is None
        }

    def converted(self, given: Table) -> Table:
        """Return what was given, as the units say that an officer has named."""
        if not self._standing:
            return given
        values = given.values.copy()
        for hold in self._standing:
            rows = (given.series == hold.series_id) & (given.times >= from_utc(hold.first_at))
            unit = QUANTITIES[self._series[hold.series_id][0]].unit
            values[rows] = reread(values[rows], unit, hold.taken, hold.sent)
        return replace(given, values=values)

    def judge(
        self, merged: Table, fresh: NDArray[np.bool_], stored: Table, at: datetime
    ) -> tuple[Table, Found]:
        """Flag the ``fresh`` rows that have to be held; open a hold for each series that jumped."""
        found = Found()
        flags = merged.flags.copy()
        for rows in self._caught(merged, fresh, at):
            flags[rows] |= np.uint16(Flag.HELD)
        merged = replace(merged, flags=flags)
        good = fresh & ((flags & _DOUBT) == 0) & np.isfinite(merged.values)
        past = stored[((stored.flags & _DOUBT) == 0) & np.isfinite(stored.values)]
        jumps = self._jumps(merged[good], self._since_release(past))
        if jumps:
            self._hold(jumps, merged, fresh, at, found)
        return merged, found

    def _caught(
        self, merged: Table, fresh: NDArray[np.bool_], at: datetime
    ) -> list[NDArray[np.bool_]]:
        """Return the rows of series that are held already, or refused and still away."""
        caught = [fresh & (merged.series == key) for key in self._open]
        for key, hold in self._refused.items():
            rows = fresh & (merged.series == key) & np.isfinite(merged.values)
            if key in self._open or not rows.any():
                continue
            values = merged.values[rows]
            away = np.abs(values - hold.before) > np.abs(values - hold.after)
            if not away.any():
                Hold.objects.filter(pk=hold.pk).update(back_at=at)
                continue
            rows[rows] = away
            jump = Jump(hold.taken, hold.sent, hold.before, hold.after)
            self._open_hold(key, jump, as_utc(merged.times[rows][0]), at)
            caught.append(rows)
        return caught

    def _since_release(self, past: Table) -> Table:
        """Leave out what was before a jump that an officer found to be honest."""
        kept = np.ones(len(past), np.bool_)
        for key, begin in self._begin.items():
            kept &= (past.series != key) | (past.times >= from_utc(begin))
        return past[kept]

    def _jumps(self, new: Table, past: Table) -> dict[str, list[tuple[int, Jump, Table]]]:
        """Return by quantity the series that jumped together, with past rows that had moved."""
        jumps: dict[str, list[tuple[int, Jump, Table]]] = {}
        for quantity, judged, doubtful in self._doubtful(new, past):
            if not agreed(quantity, len(doubtful), judged):
                continue  # even if every one of them had: not worth a week of the past of each
            one = [
                (key, told[0], told[1])
                for key in doubtful
                if (told := self._judged(quantity, new[new.series == key])) is not None
            ]
            if agreed(quantity, len(one), judged):
                jumps[quantity] = one
        return jumps

    def _judged(self, quantity: str, new: Table) -> tuple[Jump, Table] | None:
        """Judge one series against a week of its past."""
        key, first = int(new.series[0]), as_utc(new.times[0])
        week = read_rows([key], first - WEEK, first - timedelta(seconds=1))
        week = self._since_release(week[((week.flags & _DOUBT) == 0) & np.isfinite(week.values)])
        told = moved(quantity, week.values, new.values)
        if told is None:
            return None
        jump, lent = told
        earlier = week[len(week) - lent :]
        away = np.abs(earlier.values - jump.before) > np.abs(earlier.values - jump.after)
        return jump, earlier[away]

    def _doubtful(self, new: Table, past: Table) -> list[tuple[str, int, list[int]]]:
        """Return for each quantity how many series can be judged, and which may have jumped."""
        keys, begin, size = np.unique(new.series, return_index=True, return_counts=True)
        first, end = _before(past, keys, new.times[begin])
        lent = np.maximum(LEAST_AFTER - size, 0)
        fit = end - first - lent >= LEAST_BEFORE
        if not fit.any():
            return []
        keys, begin, size, end, lent = (one[fit] for one in (keys, begin, size, end, lent))
        # The first three that are judged together: past ones that are lent, then new ones.
        pieces = [
            np.where(
                n < lent,
                past.values[np.minimum(end - lent + n, len(past) - 1)],
                new.values[begin + np.clip(n - lent, 0, size - 1)],
            )
            for n in range(LEAST_AFTER)
        ]
        middle = np.median(pieces, axis=0)
        for n in np.flatnonzero(size > LEAST_AFTER):
            middle[n] = np.median(new.values[begin[n] : begin[n] + size[n]])
        before = past.values[end - lent - 1]
        names = np.array([self._series[key][0] for key in keys.tolist()], dtype=object)
        found = []
        for quantity in sorted(set(names)):
            mine = names == quantity
            doubtful = suspects(quantity, before[mine], pieces[0][mine], middle[mine])
            found.append((quantity, int(mine.sum()), keys[mine][doubtful].tolist()))
        return found

    def _hold(
        self,
        jumps: dict[str, list[tuple[int, Jump, Table]]],
        merged: Table,
        fresh: NDArray[np.bool_],
        at: datetime,
        found: Found,
    ) -> None:
        """Open the holds, flag their rows in ``merged`` and the earlier ones, and say so."""
        codes = dict(Station.objects.values_list("pk", "code"))
        earlier: list[Table] = []
        for quantity, some in jumps.items():
            for key, jump, before in some:
                rows = fresh & (merged.series == key)
                merged.flags[rows] |= np.uint16(Flag.HELD)
                first = np.concatenate((before.times, merged.times[rows]))[0]
                self._open_hold(key, jump, as_utc(first), at)
                earlier.append(replace(before, flags=before.flags | np.uint16(Flag.HELD)))
            stations = [codes[self._series[key][1]] for key, _, _ in some]
            found.notes.append(_told(self._row.code, quantity, stations, some[0][1]))
        found.earlier = in_order(joined(earlier))

    def _open_hold(self, key: int, jump: Jump, first: datetime, at: datetime) -> None:
        facts = {
            "settings": self._settings, "found_at": at, "taken": jump.taken, "sent": jump.sent,
            "before": jump.before, "after": jump.after, "first_at": first, "feed": self._row,
        }  # fmt: skip
        Hold.objects.update_or_create(series_id=key, verdict=Hold.OPEN, defaults=facts)


def _before(
    past: Table, keys: NDArray[np.int64], times: NDArray[np.datetime64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each series where its past begins, and where it ends before a time."""
    first = np.searchsorted(past.series, keys)
    wanted = Table(keys, times, np.zeros(keys.size), np.zeros(keys.size, np.uint16))
    return first, np.searchsorted(labels(past), labels(wanted))
