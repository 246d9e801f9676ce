"""Verbs on occurrences: keep what a feed gave, each once, and a revision with what stood before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tocsin.errors import Fault
from tocsin.intake import Event, Reading
from tocsin.intake import Feed as FeedSettings
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE

from .models import Feed
from .occurrence_models import Occurrence, OccurrenceCorrection
from .times import as_utc

__all__ = ["Added", "keep_occurrences"]

CLOCK_SLACK = timedelta(minutes=5)
"""Nothing happened later than now; two machines never have the same time."""
CHUNK = 400


@dataclass(frozen=True, slots=True)
class Added:
    """What a reading's events came to."""

    new: int = 0
    corrected: int = 0
    refused: int = 0
    """Of the future: not kept; an honest one comes again."""


@transaction.atomic
def keep_occurrences(
    feed: FeedSettings, reading: Reading, *, by: str = MACHINE, at: datetime
) -> Added:
    """Keep the events of a reading whose feed has its row already.

    The same event twice adds nothing. A newer state of one (by the source's own stamp; without a
    stamp, the later answer of the same feed) replaces it, and where time, place, size, depth or
    existence changed, what stood before is kept as a correction. An older state changes nothing.
    What lay in the future when the answer came is refused, also where a restart reads it later.
    """
    if not reading.events and not reading.minor:
        return Added()
    row = Feed.objects.get(code=feed.id)
    honest, faults = _of_the_past(reading.events, min(feed.fetched_at or at, at))
    known = _known([*honest, *reading.minor])
    changes = _Changes(row, at)
    for event in honest:
        changes.take(event, known, is_minor=False)
    for event in reading.minor:
        changes.take(event, known, is_minor=True)
    changes.write()
    listed: set[int | None] = {
        one.pk for event in [*honest, *reading.minor] for one in _same(event, known)
    }
    if reading.complete_since is not None and not faults:
        _mark_unlisted(row, as_utc(reading.complete_since), listed, at)
    if faults:
        row.faults = [*row.faults, *(str(fault) for fault in faults)][:100]
        row.fault_count += len(faults)
        row.save(update_fields=["faults", "fault_count"])
    added = Added(len(changes.new), len(changes.corrections), len(faults))
    if added.new or added.corrected:
        detail = {"occurrences": added.new, "corrected": added.corrected}
        record("keep_occurrences", row, by=by, at=at, object_id=feed.id, detail=detail)
    return added


Known = dict[tuple[str, str], Occurrence]


class _Changes:
    """What has to be written, gathered event by event."""

    def __init__(self, row: Feed, at: datetime) -> None:
        self.row, self.at = row, at
        self.new: list[Occurrence] = []
        self.changed: dict[int, Occurrence] = {}
        self.corrections: list[OccurrenceCorrection] = []

    def take(self, event: Event, known: Known, *, is_minor: bool) -> None:
        """Take one event in; one that is minor, or was taken back, only where it is known."""
        there = _same(event, known)
        if not there:
            if not is_minor and not event.is_deleted:
                made = _made(event, self.row, self.at)
                self.new.append(made)
                known[event.kind, event.id] = made
            return
        first, *doubles = there
        if self._is_newer(event, first):
            self._update(first, event)
        for double in doubles:  # two that the source has found to be one
            if double.deleted_at is None and double.pk:
                self._correct(double, {"deleted_at": self.at})

    def _is_newer(self, event: Event, row: Occurrence) -> bool:
        if event.updated is not None and row.updated_at is not None:
            return as_utc(event.updated) > row.updated_at
        return row.pk is not None and row.feed_id == self.row.pk

    def _update(self, row: Occurrence, event: Event) -> None:
        fresh = _made(event, self.row, self.at)
        if event.is_deleted:
            self._correct(row, {"deleted_at": row.deleted_at or self.at})
        else:
            names = ("time", "lat", "lon", "value", "depth_km")
            self._correct(
                row, {name: getattr(fresh, name) for name in names} | {"deleted_at": None}
            )
            row.facts = fresh.facts
        row.updated_at = fresh.updated_at or row.updated_at
        if row.pk:
            self.changed[row.pk] = row

    def _correct(self, row: Occurrence, values: dict[str, Any]) -> None:
        before = _state(row)
        for name, value in values.items():
            setattr(row, name, value)
        after = _state(row)
        if before == after:
            return
        row.changed_at = self.at
        if row.pk:
            self.changed[row.pk] = row
            self.corrections.append(
                OccurrenceCorrection(occurrence=row, at=self.at, before=before, after=after)
            )

    def write(self) -> None:
        """Write it all."""
        Occurrence.objects.bulk_create(self.new, batch_size=CHUNK)
        Occurrence.objects.bulk_update(
            self.changed.values(),
            ["time", "lat", "lon", "value", "depth_km", "facts", "updated_at", "deleted_at",
             "changed_at"],
            batch_size=CHUNK,
        )  # fmt: skip
        OccurrenceCorrection.objects.bulk_create(self.corrections, batch_size=CHUNK)


def _of_the_past(events: Sequence[Event], at: datetime) -> tuple[list[Event], list[Fault]]:
    last = at + CLOCK_SLACK
    faults = [
        Fault(
            "events", 0, event.kind, f"{event.at}Z", "The time lies in the future.",
            "Set the clock of the feed's maker; it is taken when its time has come.",
        )
        for event in events
        if as_utc(event.at) > last
    ]  # fmt: skip
    return [event for event in events if as_utc(event.at) <= last], faults


def _ids(event: Event) -> list[str]:
    """Return every id a source knows the event by, its own first."""
    others = str(event.facts.get("ids", "")).split(",")
    return list(dict.fromkeys([event.id, *(one for one in others if one)]))


def _known(events: Iterable[Event]) -> Known:
    """Return what is stored under any id of the events."""
    wanted = sorted({(event.kind, name[:120]) for event in events for name in _ids(event)})
    known: Known = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        rows = Occurrence.objects.select_for_update().filter(
            kind__in={kind for kind, _ in part}, source_id__in=[name for _, name in part]
        )
        known |= {(row.kind, row.source_id): row for row in rows}
    return known


def _same(event: Event, known: Known) -> list[Occurrence]:
    """Return the stored rows of one event: usually one, the oldest first."""
    rows = {id(row): row for name in _ids(event) if (row := known.get((event.kind, name[:120])))}
    return sorted(rows.values(), key=lambda row: (row.pk is None, row.pk or 0))


def _made(event: Event, row: Feed, at: datetime) -> Occurrence:
    facts = dict(event.facts)
    depth = facts.pop("depth_km", None)
    return Occurrence(
        feed=row, kind=event.kind, source_id=event.id[:120], time=as_utc(event.at), lat=event.lat,
        lon=event.lon, value=event.size, unit=event.unit,
        depth_km=None if depth is None else float(depth), facts=facts,
        updated_at=None if event.updated is None else as_utc(event.updated),
        first_read_at=at, changed_at=at,
    )  # fmt: skip


def _state(row: Occurrence) -> dict[str, Any]:
    return {
        "time": row.time.isoformat(), "lat": row.lat, "lon": row.lon, "value": row.value,
        "depth_km": row.depth_km, "deleted": row.deleted_at is not None,
    }  # fmt: skip


def _mark_unlisted(row: Feed, since: datetime, listed: set[int | None], at: datetime) -> None:
    """Mark what the feed left out although its answer reaches over it; what is back is unmarked."""
    mine = Occurrence.objects.filter(feed=row, time__gte=since, deleted_at=None)
    gone = [
        pk for pk in mine.filter(unlisted_at=None).values_list("pk", flat=True) if pk not in listed
    ]
    back = [
        pk for pk in mine.exclude(unlisted_at=None).values_list("pk", flat=True) if pk in listed
    ]
    for keys, value in ((gone, at), (back, None)):
        for start in range(0, len(keys), CHUNK):
            Occurrence.objects.filter(pk__in=keys[start : start + CHUNK]).update(unlisted_at=value)
