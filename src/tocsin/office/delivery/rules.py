"""Pure decisions of delivery: states, when to try again, when to stop. No database, no clock."""

from __future__ import annotations

import hashlib
import random
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = [
    "DISABLE_AFTER",
    "GIVE_UP_AFTER",
    "LEASE",
    "OPEN",
    "REACHED",
    "State",
    "backoff",
    "gives_up_at",
    "idempotency_key",
    "rank_of",
]


class State(StrEnum):
    """What became of a delivery."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    FAILED = "failed"
    """The last attempt failed; there will be another."""
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    GIVEN_UP = "given_up"
    SUPERSEDED = "superseded"
    """A newer message of the same warning went to the same target before this one got through."""


OPEN = (State.QUEUED.value, State.CLAIMED.value, State.FAILED.value)
REACHED = (State.SENT.value, State.ACKNOWLEDGED.value)

LEASE = timedelta(seconds=30)
"""A worker that has not renewed its claim for this long is taken for dead."""
GIVE_UP_AFTER = timedelta(hours=24)
"""No attempt later than this after queueing, nor after the message has expired."""
DISABLE_AFTER = timedelta(days=3)
"""A subscription whose every delivery failed for this long is disabled, with a notice."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)
JITTER = 0.25


def backoff(
    failures: int, chance: random.Random, retry_after: timedelta | None = None
) -> timedelta:
    """Return the wait after the ``failures``-th failure: doubled each time, spread by a quarter.

    A target's own ``Retry-After`` is honoured up to an hour.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(failures - 1, 0), 20)
    wait = min(doubled, LONGEST_WAIT)
    wait *= 1 + chance.uniform(-JITTER, JITTER)
    return max(wait, min(retry_after, timedelta(hours=1))) if retry_after else wait


def gives_up_at(queued_at: datetime, expires_at: datetime) -> datetime:
    """Return the moment after which a delivery is not tried again."""
    return min(queued_at + GIVE_UP_AFTER, expires_at)


def idempotency_key(identifier: str, channel: str, target: str) -> str:
    """Return the key that every attempt of a delivery carries, the same after any crash."""
    return hashlib.sha256(f"{identifier}\n{channel}\n{target}".encode()).hexdigest()


def rank_of(level: int, *, failed: bool) -> int:
    """Return the place in the queue: a red message before a yellow, first attempts before others.

    So neither a long yellow backlog nor targets that fail hold up what is urgent and works.
    """
    return 2 * level + (0 if failed else 1)
