"""What a feed gave goes into the store: new values in, corrected ones replaced, doubtful flagged.

A value is new, late (new, and older than others of its series), corrected (its feed says something
else now: what stood before is kept as a ``Correction``), or of the future, which no honest clock
gives: kept with a flag, so that it raises nothing, now or when its hour comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from tocsin.errors import Fault
from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Reading
from tocsin.intake.quality import Flag, flag_table
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Station

from .holding import STICKY, Holding, settings_digest
from .models import Correction, Feed, Series
from .notes import Note
from .recent_rows import RecentRows
from .series_list import add_series
from .table import Table, in_order, insert_rows, joined, labels, read_rows, write_rows
from .times import as_utc, from_utc

__all__ = ["Kept", "keep_values"]

FAULTS_KEPT = 100
LOOK_BACK = timedelta(hours=52)
"""Stored values that come before a reading and are tested with it: a sensor may be stuck 48 h."""
STEP_BACK = np.timedelta64(4, "h")
"""Of that, what the test for steps needs."""
CLOCK_SLACK = timedelta(minutes=5)
"""How far ahead a label may be: two machines never have the same time."""
AHEAD_KEPT = timedelta(days=1)
"""A value further ahead is not even kept: it would stand at the end of every chart."""
DERIVED = int(Flag.STEP | Flag.STUCK | Flag.INCONSISTENT)
"""Flags that follow from the values around; they are found anew."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a reading came to, in values."""

    new: int = 0
    late: int = 0
    corrected: int = 0
    refused: int = 0
    held: int = 0
    notes: tuple[Note, ...] = ()
    """What the desk has to know, sentences."""
    since: Mapping[int, np.datetime64] = field(default_factory=dict)
    """Key of a station -> its oldest value that is new or has changed."""


@transaction.atomic
def keep_values(
    feed: FeedSettings,
    reading: Reading,
    *,
    by: str = MACHINE,
    at: datetime,
    seen: str = "",
    recent: RecentRows | None = None,
) -> Kept:
    """Check what a feed gave and store it, flagged values too; ``seen`` marks what was read.

    ``recent`` is read instead of the database where it reaches, and takes over what is written; it
    is the caller's to clear when the transaction does not come to its end.
    """
    row, _ = Feed.objects.update_or_create(
        code=feed.id,
        defaults={
            "source": feed.source,
            "licence": feed.licence,
            "delay_min": feed.delay_min,
        },
    )
    own = _series_of(row, reading)
    given = _as_table(reading, own)
    given, faults = _without_far_future(given, own, at)
    kept, newest = Kept(), None
    if len(given):
        series = {one.pk: (one.quantity, one.station_id) for one in own}
        holding = Holding(row, settings_digest(feed), series)
        kept, newest = _merge(holding.converted(given), own, row, at, recent, holding)
    kept = replace(kept, refused=kept.refused + len(faults))
    every = [*reading.faults, *faults]
    known = [moment for moment in (row.newest_at, newest) if moment is not None]
    row.read_at, row.seen = at, seen
    row.rows_read, row.rows_used = reading.rows_read, reading.rows_used
    row.faults = [str(fault) for fault in every[:FAULTS_KEPT]]
    row.fault_count = len(every)
    row.newest_at = max(known, default=None)
    row.save()
    if kept.new or kept.corrected:
        detail = {"values": kept.new, "rows": reading.rows_read, "faults": len(every)}
        if kept.corrected:
            detail["corrected"] = kept.corrected
        record("keep_reading", row, by=by, at=at, object_id=feed.id, detail=detail)
    return kept


class Own(NamedTuple):
    """A stored series; a model's instance for each of a hundred thousand would take seconds."""

    pk: int
    station_id: int
    quantity: str
    feed_id: int | None


def _series_of(row: Feed, reading: Reading) -> list[Own]:
    """Return the stored series of each of the reading's, making those that are not there."""
    stations = dict(Station.objects.values_list("code", "pk"))
    wanted = {(stations[one.station], one.quantity): one.unit for one in reading.series}
    quantities = {quantity for _, quantity in wanted}
    found = Series.objects.filter(kind=Series.OBSERVED, quantity__in=quantities).order_by()
    rows = found.values_list("pk", "station", "quantity", "feed")
    known = {one[1:3]: Own(*one) for one in rows}
    fresh = [key for key in wanted if key not in known]
    if fresh:
        new = ((station, quantity, wanted[station, quantity]) for station, quantity in fresh)
        add_series(new, kind=Series.OBSERVED, feed=row.pk)
        known = {one[1:3]: Own(*one) for one in rows.all()}
    orphans = [key for key in wanted if known[key].feed_id is None]
    for start in range(0, len(orphans), 500):
        keys = [known[key].pk for key in orphans[start : start + 500]]
        Series.objects.filter(pk__in=keys).update(feed=row)
    for key in orphans:
        known[key] = known[key]._replace(feed_id=row.pk)
    return [known[stations[one.station], one.quantity] for one in reading.series]


def _as_table(reading: Reading, own: list[Own]) -> Table:
    if not own:
        none = np.empty(0)
        return Table(
            none.astype(np.int64), none.astype("datetime64[s]"), none, none.astype(np.uint16)
        )
    sizes = [one.times.size for one in reading.series]
    table = Table(
        np.repeat(np.array([one.pk for one in own], np.int64), sizes),
        np.concatenate([one.times.astype("datetime64[s]") for one in reading.series]),
        np.concatenate([one.values for one in reading.series]),
        np.concatenate([one.flags for one in reading.series]).astype(np.uint16),
    )
    return in_order(table)


def _without_far_future(given: Table, own: list[Own], at: datetime) -> tuple[Table, list[Fault]]:
    """Flag values of the near future; leave out those further ahead, with a fault for each."""
    flags = given.flags.copy()
    flags[given.times > from_utc(at + CLOCK_SLACK)] |= np.uint16(Flag.FUTURE)
    given = replace(given, flags=flags)
    far = given.times > from_utc(at + AHEAD_KEPT)
    if not far.any():
        return given, []
    names = {one.pk: one for one in own}
    faults = [
        Fault(
            "values", 0, names[int(given.series[row])].quantity, f"{given.times[row]}Z",
            "The time lies in the future.", "Set the clock of the station or of the feed.",
        )
        for row in np.flatnonzero(far)
    ]  # fmt: skip
    return given[~far], faults


def _merge(
    given: Table,
    own: list[Own],
    row: Feed,
    at: datetime,
    recent: RecentRows | None,
    holding: Holding,
) -> tuple[Kept, datetime | None]:
    """Hold a reading against what is stored, and write the difference."""
    first, last = as_utc(given.times.min()), as_utc(given.times.max())
    rows_of = recent.rows if recent else read_rows
    stored = rows_of(sorted({one.pk for one in own}), first - LOOK_BACK, last)
    place, there = _places(stored, given)
    mine = np.isin(given.series, [one.pk for one in own if one.feed_id == row.pk])
    values = given.values.copy()
    flags = given.flags.copy()
    before, before_flags = np.full(len(given), np.nan), np.zeros(len(given), np.uint16)
    before[there], before_flags[there] = stored.values[place[there]], stored.flags[place[there]]
    same = there & _equal(values, before)
    # Its hour has come, its clock was wrong all the same; and a person's word is not undone.
    flags[same] |= before_flags[same] & (STICKY | np.uint16(Flag.FUTURE))
    # Another feed, or a cell that is empty by now, says nothing new of a value that is there.
    foreign = there & (~mine | np.isnan(values))
    values[foreign], flags[foreign] = before[foreign], before_flags[foreign]
    fresh_flags, stuck = _flagged(replace(given, values=values, flags=flags), stored, own)
    merged = replace(given, values=values, flags=fresh_flags)
    changed = there & ~foreign & ~same
    merged, found = holding.judge(merged, ~there | changed, stored, at)
    held = merged.flags & np.uint16(Flag.HELD) > 0
    # What was good stays: a correction that has to be held is not taken.
    left = changed & held & (before_flags & STICKY == 0)
    merged.values[left], merged.flags[left] = before[left], before_flags[left]
    changed &= ~left
    reflagged = there & ~changed & (merged.flags != before_flags)
    _write(merged[~there], merged[changed | reflagged], recent)
    for beside in (stuck, found.earlier):
        if beside is not None:
            _write(beside[:0], beside, recent)
    _correct(merged[changed], before[changed], before_flags[changed], at)
    good = (merged.flags == 0) & ~np.isnan(merged.values)
    touched = ~there | changed | reflagged
    kept = Kept(
        new=int((~there).sum()),
        late=_late(merged, stored, ~there),
        corrected=int(changed.sum()),
        refused=int((~there & (merged.flags & np.uint16(Flag.FUTURE) > 0)).sum()),
        held=int((~there & held).sum()) + len(found.earlier or ()),
        notes=tuple(found.notes),
        since=_since(_with(_with(merged[touched], found.earlier), stuck), own),
    )
    return kept, as_utc(merged.times[good].max()) if good.any() else None


def _write(new: Table, changed: Table, recent: RecentRows | None) -> None:
    insert_rows(new)
    write_rows(changed)
    if recent:
        recent.put(new, changed)


def _with(touched: Table, earlier: Table | None) -> Table:
    """Return the touched rows with those beside them that had to be held as well."""
    return touched if earlier is None else in_order(joined([touched, earlier]))


def _places(stored: Table, given: Table) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return for each given row where it is stored, and whether it is."""
    if not len(stored):
        return np.zeros(len(given), np.int64), np.zeros(len(given), np.bool_)
    have, want = labels(stored), labels(given)
    place = np.minimum(np.searchsorted(have, want), have.size - 1)
    return place, have[place] == want


def _equal(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values are alike; what a unit's two ways of rounding add is no difference."""
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= 1e-9 * np.maximum(np.abs(b), 1.0)
    return np.asarray(near | (np.isnan(a) & np.isnan(b)))


def _flagged(given: Table, stored: Table, own: list[Own]) -> tuple[NDArray[np.uint16], Table]:
    """Return the flags of what was given, tested together with what was stored around it.

    Second, the stored rows that turn out to be of a stuck sensor.
    """
    keys = sorted({one.pk: (str(one.station_id), one.quantity) for one in own}.items())
    numbers = np.array([key for key, _ in keys])
    _, again = _places(given, stored)
    old = stored[~again & _near(given, stored)]
    around = old
    around = replace(around, flags=around.flags & np.uint16(0xFFFF ^ DERIVED))
    every = joined([given, around])
    order = np.argsort(labels(every), kind="stable")
    sorted_ = every[order]
    which = np.searchsorted(numbers, sorted_.series)
    flags = np.empty(len(every), np.uint16)
    flags[order] = flag_table(
        [key for _, key in keys], which, sorted_.times, sorted_.values, sorted_.flags
    )
    found, beside = flags[: len(given)], flags[len(given) :]
    late = (beside & np.uint16(Flag.STUCK) > 0) & (old.flags & np.uint16(Flag.STUCK) == 0)
    return found, replace(old, flags=old.flags | np.uint16(Flag.STUCK))[late]


def _near(given: Table, stored: Table) -> NDArray[np.bool_]:
    """Return which stored rows matter to the tests of the given ones.

    A step is seen from the three hours before; only where a value came again the same may the
    sensor be stuck, and all that is stored of its series is looked at.
    """
    if not len(stored) or not len(given):
        return np.zeros(len(stored), np.bool_)
    firsts = np.flatnonzero(np.append(True, np.diff(given.series) != 0))
    place = np.searchsorted(given.series[firsts], stored.series)
    place = np.minimum(place, firsts.size - 1)
    begins, values = given.times[firsts][place], given.values[firsts][place]
    near = stored.times >= begins - STEP_BACK
    hour_before = near & (stored.times < begins)
    again = np.zeros(firsts.size, np.bool_)
    again[place[hour_before & (stored.values == values)]] = True
    return np.asarray(near | again[place])


def _late(merged: Table, stored: Table, new: NDArray[np.bool_]) -> int:
    """Count new values that are older than what its series has already."""
    if not len(stored):
        return 0
    ends = np.append(np.flatnonzero(np.diff(stored.series)), len(stored) - 1)
    newest = stored.times[ends]
    place = np.minimum(np.searchsorted(stored.series[ends], merged.series), ends.size - 1)
    known = stored.series[ends][place] == merged.series
    return int((new & known & (merged.times < newest[place])).sum())


def _since(touched: Table, own: list[Own]) -> dict[int, np.datetime64]:
    """Return for each station its oldest touched value."""
    stations = {one.pk: one.station_id for one in own}
    since: dict[int, np.datetime64] = {}
    firsts = np.flatnonzero(np.append(True, np.diff(touched.series) != 0)[: len(touched)])
    for row in firsts:  # rows are by series, then by time
        station = stations[int(touched.series[row])]
        time = touched.times[row]
        since[station] = min(since.get(station, time), time)
    return since


def _correct(
    now: Table, before: NDArray[np.float64], flags: NDArray[np.uint16], at: datetime
) -> None:
    rows = zip(
        now.series.tolist(), now.times, before.tolist(), flags.tolist(), now.values.tolist(),
        strict=True,
    )  # fmt: skip
    Correction.objects.bulk_create(
        [
            Correction(
                series_id=series,
                time=as_utc(time),
                before=None if np.isnan(old) else old,
                before_flags=bits,
                after=None if np.isnan(new) else new,
                at=at,
            )
            for series, time, old, bits, new in rows
        ],
        batch_size=2000,
    )
