"""Held for review, as readings come in: jumps are found, open holds catch what follows.

The judgement itself is :mod:`tocsin.intake.jumps`. A hundred thousand series are looked at as one
array; only those that may have jumped are judged one by one, against a week of their past. When a
feed really changes its unit that is all of them, so nothing here asks the database or walks over
all rows for one series alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

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
from .table import SERIES_A_QUERY, Table, in_order, joined, labels, read_rows
from .times import as_utc, from_utc

__all__ = ["Found", "Holding", "of_rows", "settings_digest"]

WEEK = timedelta(days=7)
NAMED = 5
"""Stations that a note of them names."""
STICKY = np.uint16(Flag.HELD | Flag.REFUSED)
"""Flags that stay on a value until a person or a correction takes them away."""
MANY = 5000
"""Keys of one statement; both databases take several times as many."""
NEVER = np.datetime64("NaT", "s")
_DOUBT = np.uint16(0xFFFF ^ int(OWN))
_FACTS = ("feed", "settings", "first_at", "found_at", "taken", "sent", "before", "after")


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
        self._standing: dict[tuple[int, str, str, str], dict[int, np.datetime64]] = {}
        named: dict[int, int] = {}
        for one in holds:
            if one.verdict == Hold.CONVERTED:  # of a second change: one unit upon another
                turn = named[one.series_id] = named.get(one.series_id, 0) + 1
                unit = QUANTITIES[quantities[one.series_id][0]].unit
                since = self._standing.setdefault((turn, unit, one.taken, one.sent), {})
                since[one.series_id] = from_utc(one.first_at)
        self._open = [one.series_id for one in holds if one.verdict == Hold.OPEN]
        last = {one.series_id: one for one in holds if one.verdict != Hold.OPEN}
        self._begin = {
            key: from_utc(one.first_at) for key, one in last.items() if one.verdict == Hold.RELEASED
        }
        self._refused = {
            key: one
            for key, one in last.items()
            if one.verdict == Hold.REFUSED and one.back_at is None
        }

    def converted(self, given: Table) -> Table:
        """Return what was given, as the units say that an officer has named."""
        values = given.values.copy()
        for turn in sorted(self._standing):
            _, unit, taken, sent = turn
            rows = given.times >= of_rows(given.series, self._standing[turn], NEVER)
            values[rows] = reread(values[rows], unit, taken, sent)
        return replace(given, values=values)

    def judge(
        self, merged: Table, fresh: NDArray[np.bool_], stored: Table, at: datetime
    ) -> tuple[Table, Found]:
        """Flag the ``fresh`` rows that have to be held; open a hold for each series that jumped."""
        found = Found()
        flags = merged.flags.copy()
        flags[self._caught(merged, fresh, at)] |= np.uint16(Flag.HELD)
        merged = replace(merged, flags=flags)
        good = fresh & ((flags & _DOUBT) == 0) & np.isfinite(merged.values)
        past = stored[((stored.flags & _DOUBT) == 0) & np.isfinite(stored.values)]
        jumps = self._jumps(merged[good], self._since_release(past))
        if jumps:
            self._hold(jumps, merged, fresh, at, found)
        return merged, found

    def _caught(self, merged: Table, fresh: NDArray[np.bool_], at: datetime) -> NDArray[np.bool_]:
        """Return the rows of series that are held already, or refused and still away."""
        held = np.isin(merged.series, self._open)
        caught = fresh & held
        if not self._refused:
            return caught
        before, after = (
            of_rows(merged.series, {key: value(one) for key, one in self._refused.items()}, np.nan)
            for value in (attrgetter("before"), attrgetter("after"))
        )
        rows = fresh & ~held & np.isfinite(before) & np.isfinite(merged.values)
        away = rows & (np.abs(merged.values - before) > np.abs(merged.values - after))
        back = np.setdiff1d(merged.series[rows], merged.series[away])
        for start in range(0, back.size, MANY):
            some = [self._refused[key].pk for key in back[start : start + MANY].tolist()]
            Hold.objects.filter(pk__in=some).update(back_at=at)
        keys, place = np.unique(merged.series[away], return_index=True)
        firsts = zip(keys.tolist(), merged.times[away][place], strict=True)
        self._open_holds({key: (_again(self._refused[key]), first) for key, first in firsts}, at)
        return np.asarray(caught | away)

    def _since_release(self, past: Table) -> Table:
        """Leave out what was before a jump that an officer found to be honest."""
        if not self._begin:
            return past
        return past[~(past.times < of_rows(past.series, self._begin, NEVER))]

    def _jumps(self, new: Table, past: Table) -> dict[str, list[tuple[int, Jump, Table]]]:
        """Return by quantity the series that jumped together, with past rows that had moved."""
        jumps: dict[str, list[tuple[int, Jump, Table]]] = {}
        for quantity, judged, doubtful in self._doubtful(new, past):
            if not agreed(quantity, doubtful.size, judged):
                continue  # even if every one of them had: not worth a week of the past of each
            one = list(self._judged(quantity, new, doubtful))
            if agreed(quantity, len(one), judged):
                jumps[quantity] = one
        return jumps

    def _judged(
        self, quantity: str, new: Table, doubtful: NDArray[np.int64]
    ) -> Iterator[tuple[int, Jump, Table]]:
        """Judge series against a week of their past; give those that jumped."""
        begin, end = (np.searchsorted(new.series, doubtful, side) for side in ("left", "right"))
        firsts = new.times[begin]
        for some in _together(firsts):
            keys, times = doubtful[some], firsts[some]
            last = as_utc(times.max()) - timedelta(seconds=1)
            weeks = read_rows(keys, as_utc(times.min()) - WEEK, last)
            good = ((weeks.flags & _DOUBT) == 0) & np.isfinite(weeks.values)
            weeks = self._since_release(weeks[good])
            spans = zip(
                _before(weeks, keys, times - np.timedelta64(WEEK)),
                _before(weeks, keys, times),
                strict=True,
            )
            for n, (since, until) in zip(some.tolist(), spans, strict=True):
                week = weeks[since:until]
                told = moved(quantity, week.values, new.values[begin[n] : end[n]])
                if told is not None:
                    jump, lent = told
                    earlier = week[len(week) - lent :]
                    yield int(doubtful[n]), jump, earlier[_is_away(earlier.values, jump)]

    def _doubtful(self, new: Table, past: Table) -> list[tuple[str, int, NDArray[np.int64]]]:
        """Return for each quantity how many series can be judged, and which may have jumped."""
        keys, begin, size = np.unique(new.series, return_index=True, return_counts=True)
        first, end = np.searchsorted(past.series, keys), _before(past, keys, new.times[begin])
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
            found.append((quantity, int(mine.sum()), keys[mine][doubtful]))
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
        moved_keys = [key for some in jumps.values() for key, _, _ in some]
        rows = np.flatnonzero(fresh & np.isin(merged.series, moved_keys))
        merged.flags[rows] |= np.uint16(Flag.HELD)
        keys, place = np.unique(merged.series[rows], return_index=True)
        firsts = dict(zip(keys.tolist(), merged.times[rows[place]], strict=True))
        opened: dict[int, tuple[Jump, np.datetime64]] = {}
        earlier: list[Table] = []
        for quantity, some in jumps.items():
            for key, jump, before in some:
                opened[key] = (jump, before.times[0] if len(before) else firsts[key])
                earlier.append(replace(before, flags=before.flags | np.uint16(Flag.HELD)))
            stations = [codes[self._series[key][1]] for key, _, _ in some]
            found.notes.append(_told(self._row.code, quantity, stations, some[0][1]))
        self._open_holds(opened, at)
        found.earlier = in_order(joined(earlier))

    def _open_holds(self, opened: Mapping[int, tuple[Jump, np.datetime64]], at: datetime) -> None:
        """Open a hold for each of these series, from a first label on.

        One that is open already, of another feed or other settings, takes these facts over.
        """
        holds = {
            key: Hold(
                series_id=key, feed=self._row, settings=self._settings, first_at=as_utc(first),
                found_at=at, taken=jump.taken, sent=jump.sent, before=jump.before, after=jump.after,
            )
            for key, (jump, first) in opened.items()
        }  # fmt: skip
        Hold.objects.bulk_create(holds.values(), ignore_conflicts=True)
        for start in range(0, len(opened), MANY):
            keys = list(opened)[start : start + MANY]
            others = Hold.objects.select_for_update().filter(series__in=keys, verdict=Hold.OPEN)
            others = others.exclude(feed=self._row, settings=self._settings).order_by("pk")
            for other in others:
                for name in _FACTS:
                    setattr(other, name, getattr(holds[other.series_id], name))
            Hold.objects.bulk_update(others, _FACTS)


def of_rows(series: NDArray[np.int64], told: Mapping[int, Any], nothing: Any) -> NDArray[Any]:
    """Return for each row what is told of its series; ``nothing`` where nothing is."""
    found = np.full(series.shape, nothing)
    if told:
        keys = np.array(sorted(told))
        values = np.array([told[key] for key in keys.tolist()], found.dtype)
        place = np.minimum(np.searchsorted(keys, series), keys.size - 1)
        there = keys[place] == series
        found[there] = values[place[there]]
    return found


def _again(hold: Hold) -> Jump:
    return Jump(hold.taken, hold.sent, hold.before, hold.after)


def _is_away(values: NDArray[np.float64], jump: Jump) -> NDArray[np.bool_]:
    return np.asarray(np.abs(values - jump.before) > np.abs(values - jump.after))


def _together(times: NDArray[np.datetime64]) -> Iterator[NDArray[np.int64]]:
    """Give the places of some hundred times of the same day: what is read in one query."""
    days = times.astype("datetime64[D]")
    for day in np.unique(days):
        mine = np.flatnonzero(days == day)
        for start in range(0, mine.size, SERIES_A_QUERY):
            yield mine[start : start + SERIES_A_QUERY]


def _before(
    table: Table, keys: NDArray[np.int64], times: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    """Return for each series where its rows before a time end."""
    wanted = Table(keys, times, np.zeros(keys.size), np.zeros(keys.size, np.uint16))
    return np.searchsorted(labels(table), labels(wanted))
