"""Gateways and what they push: tokens made and revoked, messages judged, kept once, limited.

A token is 32 random bytes. Only its SHA-256 is kept: of a secret that long a plain hash cannot be
guessed back. A message is read by the feed's reader before it is accepted, so that the gateway
hears at once what is wrong with its rows, and is in the database before it is called accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction

from tocsin.errors import Fault, NotAllowedError, StateError
from tocsin.intake import READERS, read
from tocsin.intake import Feed as FeedSettings
from tocsin.intake.payloads import load_state, save_state, store
from tocsin.intake.push import LEAST_TOKEN, as_kept
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.region import Station

from .push_models import Gateway, Pushed

__all__ = [
    "A_MINUTE",
    "Taken",
    "TooManyError",
    "known_gateway",
    "make_token",
    "revoke_token",
    "spool_pushed",
    "take_message",
    "told_faults",
]

A_MINUTE = 120
"""Messages that one gateway may send in a minute."""
MOST_WAITING = 5000
"""Messages of a feed that may wait to be read."""
FAULTS_TOLD = 50
DIGESTS_KEPT = timedelta(days=30)
PREFIX = "tpush_"
LONGEST_NAME = 80


class TooManyError(StateError):
    """A gateway sends more messages than it may."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message."""

    rows: int
    values: int
    faults: Sequence[dict[str, object]]
    is_again: bool = False
    """The very same bytes were accepted before: nothing was added."""


@transaction.atomic
def make_token(feed: FeedSettings, label: str, *, by: str = MACHINE, at: datetime) -> str:
    """Give a gateway a token for a pushed feed and return it: it is nowhere to be read again.

    Raises
    ------
    StateError
        The feed is not pushed, a gateway of this name has a token already, or this is no name.
    """
    if not feed.push:
        raise StateError(
            f"{feed.id} is not pushed. Write  push = true  into its [[feed]] in place of a source."
        )
    if not label.strip() or len(label) > LONGEST_NAME or not label.isprintable():
        raise StateError(f"Name the box in 1 to {LONGEST_NAME} letters: river-north.")
    if Gateway.objects.filter(feed=feed.id, label=label, revoked_at=None).exists():
        raise StateError(
            f"{label!r} has a token for {feed.id}. Revoke it first, or give the box another name."
        )
    token = PREFIX + secrets.token_urlsafe(32)
    row = Gateway.objects.create(feed=feed.id, label=label, digest=_digest(token), made_at=at)
    record("make_token", row, by=by, at=at, object_id=feed.id, detail={"gateway": label})
    return token


@transaction.atomic
def revoke_token(feed: str, label: str, *, by: str = MACHINE, at: datetime) -> None:
    """Let a token hold no longer.

    Raises
    ------
    StateError
        There is no such token.
    """
    row = (
        Gateway.objects.select_for_update().filter(feed=feed, label=label, revoked_at=None).first()
    )
    if row is None:
        raise StateError(f"No gateway called {label!r} has a token for {feed}.")
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record("revoke_token", row, by=by, at=at, object_id=feed, detail={"gateway": label})


def known_gateway(feed: FeedSettings | None, token: str) -> Gateway | None:
    """Return whose token this is; None for the token of a feed's environment variable.

    Every token of the feed is compared, in constant time, and of a feed that does not exist one
    that fits nothing: an answer tells neither by its words nor by its time which feeds there are.

    Raises
    ------
    NotAllowedError
        The token is none of this feed.
    """
    given = _digest(token)
    found: Gateway | None = None
    is_known = False
    rows = Gateway.objects.filter(feed=feed.id if feed else "", revoked_at=None)
    for row in rows:
        if hmac.compare_digest(row.digest, given):
            found, is_known = row, True
    secret = os.environ.get(feed.token_from, "") if feed and feed.token_from else ""
    if hmac.compare_digest(_digest(secret), given) and len(secret) >= LEAST_TOKEN:
        is_known = True
    if feed is None or not is_known:
        raise NotAllowedError("This token is none of this feed.")
    return found


def take_message(
    feed: FeedSettings,
    gateway: Gateway | None,
    body: bytes,
    *,
    stations: Iterable[Station],
    at: datetime,
) -> Taken:
    """Judge a pushed message and keep it until the watch reads it; the same bytes only once.

    Raises
    ------
    TooManyError
        The gateway has sent as many as it may in this minute.
    IntakeError
        Nothing of the message can be used; nothing was kept.
    """
    _count(feed.id, gateway, at)
    digest = hashlib.sha256(body).hexdigest()
    before = Pushed.objects.filter(feed=feed.id, digest=digest).first()
    if before is not None:
        return Taken(before.rows, before.values, before.faults, is_again=True)
    kept = as_kept(feed, body)
    with tempfile.TemporaryDirectory() as scratch:
        reading = read(feed.of(store(Path(scratch), kept, READERS[feed.reader].kind, at)), stations)
    taken = Taken(
        reading.rows_used,
        sum(one.times.size for one in reading.series) + len(reading.events),
        told_faults(reading.faults),
    )
    try:
        with transaction.atomic():
            Pushed.objects.create(
                feed=feed.id, gateway=gateway, digest=digest, body=kept, at=at, rows=taken.rows,
                values=taken.values, faults=taken.faults,
            )  # fmt: skip
    except IntegrityError:  # the same message at the same moment, by another worker
        return Taken(taken.rows, taken.values, taken.faults, is_again=True)
    return taken


def spool_pushed(feed: FeedSettings, spool: Path, at: datetime) -> int:
    """Write what was pushed among the answers that wait to be read; return how many messages.

    A crash in between writes a message twice, which the store then reads as nothing new.
    """
    waiting = list(Pushed.objects.filter(feed=feed.id, taken_at=None).order_by("pk"))
    for row in waiting:
        store(spool / feed.id, bytes(row.body), READERS[feed.reader].kind, row.at)
        Pushed.objects.filter(pk=row.pk).update(taken_at=at, body=b"")
    if waiting:
        state = load_state(spool / feed.id)
        state.tried_at = state.answered_at = state.changed_at = waiting[-1].at
        save_state(spool / feed.id, state)
        Pushed.objects.filter(feed=feed.id, at__lt=at - DIGESTS_KEPT, taken_at__lt=at).delete()
    return len(waiting)


@transaction.atomic
def _count(feed: str, gateway: Gateway | None, at: datetime) -> None:
    """Count a message of a gateway; refuse it where the minute or the queue is full."""
    if Pushed.objects.filter(feed=feed, taken_at=None).count() >= MOST_WAITING:
        raise TooManyError(f"{MOST_WAITING} messages wait to be read; tocsin run is not running.")
    minute = at.replace(second=0, microsecond=0)
    told = f"More than {A_MINUTE} messages in this minute. Put several rows into one message."
    if gateway is None:
        if Pushed.objects.filter(feed=feed, at__gte=minute).count() >= A_MINUTE:
            raise TooManyError(told)
        return
    row = Gateway.objects.select_for_update().get(pk=gateway.pk)
    if row.minute_at != minute:
        row.minute_at, row.minute_count = minute, 0
    if row.minute_count >= A_MINUTE:
        raise TooManyError(told)
    row.minute_count += 1
    row.used_at = at
    row.save(update_fields=["minute_at", "minute_count", "used_at"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def told_faults(faults: Sequence[Fault]) -> list[dict[str, object]]:
    """Return the first faults as a gateway reads them."""
    return [
        {"line": one.line, "field": one.field, "value": one.value, "problem": one.problem,
         "remedy": one.remedy}
        for one in faults[:FAULTS_TOLD]
    ]  # fmt: skip
