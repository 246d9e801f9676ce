"""The worker: expand, claim, hand to the sender, record; again. Any number may run at once.

The main thread speaks with the database, the sender's thread with the world. When the database is
away, what has been sent is kept and recorded as soon as it is back, so that it is not sent twice.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import Empty

from django.db import DatabaseError, InterfaceError, connection

from tocsin.office.places.current import current_region
from tocsin.office.places.models import Region
from tocsin.office.subscribers.services import purge
from tocsin.office.warnings_desk.presence import forget_closed

from . import outbox
from .channels import Channel
from .configuration import broadcasts
from .fanout import NotExpandedError, expand, tell_desk
from .notices import settle_notices, take_notices
from .outbox import Result
from .preparing import Preparer
from .rules import LEASE
from .sending import Sender
from .stuck import Stuck

__all__ = ["Worker", "wall"]

log = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 500
MOST_ON_THE_WAY = 1500
"""Parcels claimed and not done; more would only wait in memory."""
IDLE_S = 0.5
RECORD_EVERY_S = 0.1
EXPAND_FOR_S = 0.2
NOTICES_EVERY_S = 2.0
PURGE_EVERY_S = 3600.0
"""Until a message is tried again whose deliveries cannot be worked out."""
AWAY_S = (0.5, 15.0)
"""The first and the longest wait for a database that is away."""


def wall() -> datetime:
    """Return the wall clock: deliveries happen in real time."""
    return datetime.now(UTC)


class Worker:
    """Sends what is due. ``clock`` is passed in, so that an hour of failures takes no hour."""

    def __init__(
        self,
        channels: dict[str, Channel],
        *,
        clock: Callable[[], datetime] = wall,
        lease: timedelta = LEASE,
        seed: int | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{random.randrange(10**6):06d}"  # noqa: S311
        self._clock = clock
        self._lease = lease
        self._chance = random.Random(seed)  # noqa: S311 - spreads retries, guards nothing
        self.channels = frozenset(channels)
        self._broadcasts = broadcasts(channels)
        self._sender = Sender(channels, seed=seed)
        self._preparer = Preparer(channels)
        self._on_the_way: set[int] = set()
        self._done: list[Result] = []
        self._stuck = Stuck()
        self._started_at = clock()
        self._renewed = self._seen = self._noticed = self._purged = float("-inf")
        self.stopping = False

    def run(self, *, once: bool = False) -> int:
        """Work until ``stopping`` is set, or with ``once`` until nothing is due; return the count.

        What is on its way at the end is waited for, what has not been started is given back.
        """
        sent = 0
        away = AWAY_S[0]
        with self._sender:
            while not (self.stopping and not self._on_the_way and not self._done):
                try:
                    before = len(self._on_the_way)
                    moved = self._cycle(0.01 if once else IDLE_S)
                    sent += moved
                    away = AWAY_S[0]
                except (DatabaseError, InterfaceError) as error:
                    log.warning("The database is away, next try in %.1f s: %s", away, error)
                    connection.close()
                    if self.stopping and away >= AWAY_S[1]:
                        break  # what is not recorded is sent again under the same key
                    time.sleep(away)
                    away = min(away * 2, AWAY_S[1])
                    continue
                if once and not moved and not before and not self._on_the_way and not self._done:
                    break
        return sent

    def _cycle(self, idle_s: float) -> int:
        """Do one round; return how many rows it moved."""
        moved = 0
        if self.stopping:
            self._sender.give_back()
        else:
            region = current_region()
            moved += self._expand(region) if region else 0
            moved += self._claim()
        self._collect(RECORD_EVERY_S if self._on_the_way else 0.0 if moved else idle_s)
        moved += self._record()
        self._keep_alive()
        return moved

    def _expand(self, region: Region) -> int:
        """Expand for a moment: one big fan-out a step, or many small ones."""
        until, count = time.monotonic() + EXPAND_FOR_S, 0
        while time.monotonic() <= until:
            stuck = self._stuck.passing_over(time.monotonic())
            try:
                moved = expand(region, self._broadcasts, at=self._clock(), passing_over=stuck)
            except NotExpandedError as error:
                wait_s, is_first = self._stuck.failed(error.message.pk, time.monotonic())
                told = log.exception if is_first else log.warning
                told("%s Others go on; next try in %.0f s.", error, wait_s)
                tell_desk(error, self._clock())
                continue
            if not moved:
                break
            count += moved
        return count

    def _claim(self) -> int:
        room = MOST_ON_THE_WAY - len(self._on_the_way)
        if room < CLAIMED_AT_ONCE:
            return 0
        at = self._clock()
        claimed = outbox.claim(self.name, CLAIMED_AT_ONCE, at=at, lease=self._lease)
        if not claimed:
            return self._take_notices(at)
        parcels, settled = self._preparer.prepare(claimed, at=at)
        self._on_the_way.update(parcel.delivery for parcel in parcels)
        self._done += settled
        self._sender.submit(parcels)
        return len(claimed)

    def _take_notices(self, at: datetime) -> int:
        """Send what subscribers get about their own subscription, while no warning waits."""
        if time.monotonic() - self._noticed < NOTICES_EVERY_S:
            return 0
        self._noticed = time.monotonic()
        parcels = take_notices(self._preparer.channels, at=at)
        self._on_the_way.update(parcel.delivery for parcel in parcels)
        self._sender.submit(parcels)
        return len(parcels)

    def _collect(self, wait: float) -> None:
        """Gather results for a moment: many are recorded in one transaction."""
        if not self._on_the_way:
            time.sleep(0 if self._done else wait)
            return
        until = time.monotonic() + wait
        while self._on_the_way and len(self._done) < CLAIMED_AT_ONCE:
            try:
                left = max(until - time.monotonic(), 0)
                self._done.append(self._sender.results.get(timeout=left))
            except Empty:
                return
            self._on_the_way.discard(self._done[-1][0].delivery)

    def _record(self) -> int:
        if not self._done:
            return 0
        at = self._clock()
        warnings = [result for result in self._done if result[0].delivery > 0]
        outbox.settle(self.name, warnings, at=at, chance=self._chance)
        settle_notices([result for result in self._done if result[0].delivery < 0], at=at)
        count = len(self._done)
        self._done = []
        return count

    def _keep_alive(self) -> None:
        """Renew claims, show a sign of life, look after the subscribers' own notices."""
        now, at = time.monotonic(), self._clock()
        if now - self._renewed > self._lease.total_seconds() / 3:
            outbox.renew(self.name, sorted(self._on_the_way), at=at, lease=self._lease)
            self._renewed = now
        if now - self._seen > 5:
            outbox.sign_of_life(self.name, started_at=self._started_at, at=at)
            self._seen = now
        if now - self._purged > PURGE_EVERY_S and not self._on_the_way:
            self._purged = now
            purge(at)
            forget_closed(at)
