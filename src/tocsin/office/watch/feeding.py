"""The feeds' part of a cycle: look at each that is due, read what is new, keep it; one by one.

A feed that is late, broken or lying costs its own values and nothing else: what went wrong stands
in its row and in the cycle's, and the next cycle looks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction

from tocsin.errors import TocsinError
from tocsin.intake import READERS, read
from tocsin.intake import Feed as FeedSettings
from tocsin.intake.fetch import Fetched, done, fetch, open_client
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.region import Station

from .forecasts import KeptRuns, keep_forecasts
from .gateways import spool_pushed
from .holds import decided_since, mark_taken_in
from .keeping import Kept, keep_values
from .models import Feed
from .occurrences import Added, keep_occurrences
from .recent_rows import RecentRows

__all__ = ["Fed", "look_at_feeds"]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Fed:
    """What a look at one feed came to."""

    feed: str
    kept: Kept = field(default_factory=Kept)
    runs: int = 0
    """Forecast runs that are new."""
    ahead: int = 0
    """Values of forecasts that are new or other than before."""
    faults: int = 0
    error: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return it as a cycle keeps it."""
        since = min(self.kept.since.values(), default=None)
        return {
            "feed": self.feed,
            "new": self.kept.new,
            "late": self.kept.late,
            "corrected": self.kept.corrected,
            "refused": self.kept.refused,
            "held": self.kept.held,
            "notes": list(self.kept.notes),
            "runs": self.runs,
            "ahead": self.ahead,
            "faults": self.faults,
            "error": self.error,
            "since": None if since is None else f"{since}+00:00",
        }

    def add(self, kept: Kept, faults: int) -> None:
        """Count one more reading in."""
        since = dict(self.kept.since)
        for station, time in kept.since.items():
            since[station] = min(since.get(station, time), time)
        self.kept = Kept(
            self.kept.new + kept.new,
            self.kept.late + kept.late,
            self.kept.corrected + kept.corrected,
            self.kept.refused + kept.refused,
            self.kept.held + kept.held,
            (*self.kept.notes, *kept.notes),
            since,
        )
        self.faults += faults

    def add_occurrences(self, added: Added) -> None:
        """Count what happened somewhere in with the values."""
        self.kept = replace(
            self.kept,
            new=self.kept.new + added.new,
            corrected=self.kept.corrected + added.corrected,
            refused=self.kept.refused + added.refused,
        )

    def add_runs(self, kept: KeptRuns) -> None:
        """Count what a reading said of the time to come."""
        self.runs += kept.runs
        self.ahead += kept.values + kept.corrected


def look_at_feeds(
    feeds: Sequence[FeedSettings],
    stations: Sequence[Station],
    spool: Path,
    *,
    at: datetime,
    guard: Callable[[], None],
    note: Callable[[Fed], None],
    recent: RecentRows,
) -> Iterator[Fed]:
    """Look at every feed and keep what it gave; a row for each at which there was something.

    ``guard`` is called inside each transaction before it writes, ``note`` before it ends: what a
    feed gave is accounted together with its values, or not at all.
    """
    for feed in feeds:
        if feed.is_pushed:
            spool_pushed(feed, spool, at)
    asked = {one.feed.id: one for one in asyncio.run(_ask(feeds, spool, at))}
    for feed in feeds:
        fed = Fed(feed.id)
        try:
            _take_decisions(fed, at, guard, note, recent)
            if feed.id in asked:
                _take_answers(asked[feed.id], stations, fed, at, guard, note, recent)
            else:
                _take_file(feed, stations, fed, at, guard, note, recent)
        except DatabaseError:
            raise  # of the store, not of the feed: the whole cycle is run again
        except TocsinError as error:
            recent.clear()
            fed.error = str(error)
        except Exception as error:
            recent.clear()
            log.exception("Feed %s could not be read", feed.id)
            fed.error = f"{type(error).__name__}: {error}"
        _tell(feed, fed, at, asked.get(feed.id))
        if fed.error or fed.kept.new or fed.kept.corrected or fed.kept.since or fed.ahead:
            yield fed


async def _ask(feeds: Sequence[FeedSettings], spool: Path, at: datetime) -> list[Fetched]:
    """Ask all feeds that are asked over the network, and look into drop folders, at once."""
    live = [feed for feed in feeds if feed.is_live]
    if not live:
        return []
    async with open_client() as client:
        return list(await asyncio.gather(*(fetch(feed, spool, client, at) for feed in live)))


def _take_decisions(
    fed: Fed,
    at: datetime,
    guard: Callable[[], None],
    note: Callable[[Fed], None],
    recent: RecentRows,
) -> None:
    """Take over what officers have decided of values that were held: they are others now."""
    decided = decided_since(fed.feed)
    if not decided.keys:
        return
    recent.clear()  # the decision was written by another process
    with transaction.atomic():
        guard()
        fed.add(Kept(since=decided.since), 0)
        mark_taken_in(decided, at)
        note(fed)
    recent.move_on(at)


def _take_answers(
    fetched: Fetched,
    stations: Sequence[Station],
    fed: Fed,
    at: datetime,
    guard: Callable[[], None],
    note: Callable[[Fed], None],
    recent: RecentRows,
) -> None:
    """Read the answers that wait, oldest first; one that cannot be read is put aside, too."""
    if fetched.fault:
        fed.error = str(fetched.fault)
    for payload in fetched.payloads:
        try:
            answer = fetched.feed.of(payload)
            reading = read(answer, stations)
        except TocsinError as error:
            fed.error = str(error)
        else:
            with transaction.atomic():
                guard()
                fed.add_runs(keep_forecasts(answer, reading, at=at))
                kept = keep_values(
                    fetched.feed, reading, at=at, seen=payload.name[:100], recent=recent
                )
                fed.add(kept, len(reading.faults))
                fed.add_occurrences(keep_occurrences(answer, reading, at=at))
                note(fed)
        done(payload, fetched.feed.keep)


def _take_file(
    feed: FeedSettings,
    stations: Sequence[Station],
    fed: Fed,
    at: datetime,
    guard: Callable[[], None],
    note: Callable[[Fed], None],
    recent: RecentRows,
) -> None:
    """Read the feed's file if it is another than last time."""
    there = feed.file.stat() if feed.file.is_file() else None
    seen = f"{there.st_size} {there.st_mtime_ns}" if there else ""
    known = Feed.objects.filter(code=feed.id).values_list("seen", flat=True).first()
    if there and known == seen:
        return
    reading = read(feed, stations)
    with transaction.atomic():
        guard()
        fed.add_runs(keep_forecasts(feed, reading, at=at))
        fed.add(keep_values(feed, reading, at=at, seen=seen, recent=recent), len(reading.faults))
        fed.add_occurrences(keep_occurrences(feed, reading, at=at))
        note(fed)


@transaction.atomic
def _tell(feed: FeedSettings, fed: Fed, at: datetime, fetched: Fetched | None) -> None:
    """Write how the look went into the feed's row; the trail tells when it failed and came back.

    A feed of events is alive while it answers: a day without an earthquake is no silence. What
    failed stays so until the next question has gone well: not being due is no recovery.
    """
    answered_at = fetched.state.answered_at if fetched else None
    was_asked = fetched is None or fetched.asked or bool(fetched.payloads)
    row, _ = Feed.objects.get_or_create(
        code=feed.id,
        defaults={"source": feed.source, "licence": feed.licence, "delay_min": feed.delay_min},
    )
    row.checked_at, row.stale_after_min = at, feed.stale_after_min
    if answered_at is not None and READERS[feed.reader].gives_events:
        row.newest_at = answered_at
    if fed.error:
        if not row.error:
            row.error_since = at
            detail = {"error": fed.error[:500]}
            record("feed_failed", row, by=MACHINE, at=at, object_id=feed.id, detail=detail)
        row.error, row.failures = fed.error, row.failures + 1
    elif row.error and was_asked:
        failures = {"failures": row.failures}
        record("feed_back", row, by=MACHINE, at=at, object_id=feed.id, detail=failures)
        row.error, row.error_since, row.failures = "", None, 0
    row.save()
