"""Claim and record: the two short transactions around every sending. Nothing here sends.

A claim moves ``next_at`` on by the lease, so that a worker that dies loses it by itself. Whatever
a worker does twice, the target sees the same idempotency key: at least once, never by a new name.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from tocsin.office.people.rules import MACHINE
from tocsin.office.subscribers import services as subscribers

from .models import Delivery, DeskNotice, Trouble, WorkerSeen
from .parcels import Outcome, Parcel
from .rules import DISABLE_AFTER, LEASE, State, backoff, gives_up_at, rank_of

__all__ = ["Result", "claim", "renew", "settle", "sign_of_life"]

Result = tuple[Parcel, Outcome]

SHORTEST_CONTACT = 4


@transaction.atomic
def claim(worker: str, limit: int, *, at: datetime, lease: timedelta = LEASE) -> list[Delivery]:
    """Take up to ``limit`` due deliveries for ``worker`` until ``at + lease``."""
    due = Delivery.objects.due(at)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    keys = list(due.values_list("pk", flat=True)[:limit])
    if not keys:
        return []
    Delivery.objects.filter(pk__in=keys, first_attempt_at=None).update(first_attempt_at=at)
    Delivery.objects.filter(pk__in=keys).update(
        state=State.CLAIMED.value,
        claimed_by=worker,
        next_at=at + lease,
        attempts=F("attempts") + 1,
    )
    return list(Delivery.objects.filter(pk__in=keys).order_by("-rank", "pk"))


def renew(worker: str, keys: Sequence[int], *, at: datetime, lease: timedelta = LEASE) -> None:
    """Keep the claims on what is still on its way."""
    for part in _parts(keys):
        mine = Delivery.objects.filter(pk__in=part, claimed_by=worker, state=State.CLAIMED.value)
        mine.update(next_at=at + lease)


@transaction.atomic
def settle(worker: str, results: Iterable[Result], *, at: datetime, chance: random.Random) -> None:
    """Record what became of parcels.

    That a target took a message is true whoever sent it; a failure counts only for the worker
    that still holds the claim, since another may be succeeding at this moment.
    """
    by_kind: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_kind[result[1].kind].append(result)
    _settle_sent([parcel for parcel, _ in by_kind["sent"]], at)
    waits: dict[timedelta, list[int]] = defaultdict(list)
    for parcel, outcome in by_kind["put_back"]:
        waits[outcome.retry_after or timedelta(0)].append(parcel.delivery)
    for wait, keys in waits.items():
        for part in _parts(keys):
            _not_tried(worker, part, at + wait)
    bad = [*by_kind["failed"], *by_kind["refused"], *by_kind["gone"]]
    rows = {
        row.pk: row
        for row in Delivery.objects.filter(
            pk__in=[parcel.delivery for parcel, _ in bad],
            claimed_by=worker,
            state=State.CLAIMED.value,
        ).select_related("subscription")
    }
    for parcel, outcome in bad:
        if row := rows.get(parcel.delivery):
            _settle_failure(row, parcel, outcome, at, chance)


def _settle_sent(parcels: Sequence[Parcel], at: datetime) -> None:
    for part in _parts([parcel.delivery for parcel in parcels]):
        taken = Delivery.objects.filter(pk__in=part).exclude(state=State.ACKNOWLEDGED.value)
        taken.update(state=State.SENT.value, sent_at=at, next_at=None, last_error="")
        Trouble.objects.filter(subscription__deliveries__in=part).delete()


def _not_tried(worker: str, keys: Sequence[int], at: datetime) -> None:
    mine = Delivery.objects.filter(pk__in=keys, claimed_by=worker, state=State.CLAIMED.value)
    tried = Q(attempts__gt=1)
    mine.filter(~tried).update(
        first_attempt_at=None, state=State.QUEUED.value, attempts=0, next_at=at
    )
    mine.filter(tried).update(state=State.FAILED.value, attempts=F("attempts") - 1, next_at=at)


def _settle_failure(
    row: Delivery, parcel: Parcel, outcome: Outcome, at: datetime, chance: random.Random
) -> None:
    row.last_error = _without_contact(outcome.error, parcel)
    row.rank = rank_of(row.rank // 2, failed=True)
    # Failures, not attempts: a worker that was killed is no reason to wait longer for the target.
    row.failures += 1
    again = at + backoff(row.failures, chance, outcome.retry_after)
    last = gives_up_at(row.queued_at, parcel.bulletin.expires_at)
    if outcome.kind == "failed" and again < last:
        row.state, row.next_at = State.FAILED.value, again
    else:
        row.state, row.next_at = State.GIVEN_UP.value, None
    row.save(update_fields=["state", "next_at", "last_error", "rank", "failures"])
    if row.subscription_id is not None and outcome.is_targets_own:
        _trouble(row, row.subscription_id, outcome, at)


def _without_contact(words: str, parcel: Parcel) -> str:
    """Return an error without the address: servers like to repeat it, and it is kept nowhere."""
    if len(parcel.address) >= SHORTEST_CONTACT:
        words = re.sub(re.escape(parcel.address), "…", words, flags=re.IGNORECASE)
    return words[:300]


def _trouble(row: Delivery, key: int, outcome: Outcome, at: datetime) -> None:
    """Remember since when a subscription fails; disable it when it is gone or fails too long."""
    if outcome.kind == "gone":
        _disable(row.channel, key, f"The target no longer exists: {row.last_error}", at)
        return
    trouble, _ = Trouble.objects.get_or_create(
        subscription_id=key,
        defaults={"channel": row.channel, "since": at, "last_error": row.last_error},
    )
    if at - trouble.since >= DISABLE_AFTER:
        words = f"Every delivery failed for {DISABLE_AFTER.days} days; the last error: "
        _disable(row.channel, key, words + row.last_error, at)


def _disable(channel: str, key: int, reason: str, at: datetime) -> None:
    """Stop sending to a subscription, and tell the desk."""
    reason = reason[:300]
    subscribers.disable(key, reason, by=MACHINE, at=at)
    Trouble.objects.filter(subscription_id=key).delete()
    DeskNotice.objects.create(at=at, channel=channel, subscription_id=key, reason=reason)
    Delivery.objects.open().filter(subscription_id=key).update(
        state=State.GIVEN_UP.value, next_at=None, last_error=reason
    )


def sign_of_life(worker: str, *, started_at: datetime, at: datetime) -> None:
    """Say that a worker runs; forget those not seen for a day."""
    WorkerSeen.objects.update_or_create(
        name=worker, defaults={"started_at": started_at, "seen_at": at}
    )
    WorkerSeen.objects.filter(seen_at__lt=at - timedelta(days=1)).delete()


def _parts(keys: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]
