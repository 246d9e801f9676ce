"""The end of what is kept: terms run out, contacts are erased, marks and records are deleted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE

from ..models import Cell, Notice, RateMark, Subscription
from ..rules import DISABLED_KEPT, RECORDS_KEPT, REMIND_BEFORE
from .erasing import erase

__all__ = ["Purged", "purge"]

AT_ONCE = 5_000  # rows of one transaction


@dataclass(frozen=True, slots=True)
class Purged:
    """How many of each were ended or deleted."""

    unconfirmed: int
    expired: int
    reminded: int
    notices: int
    marks: int
    cells: int
    sign_in_records: int
    sessions: int


def purge(at: datetime) -> Purged:
    """Bring every term to its end as of ``at``; run again, it changes nothing.

    The worker calls it regularly; ``tocsin privacy purge`` does the same by hand.
    """
    old = at - RECORDS_KEPT
    done = Purged(
        unconfirmed=_delete(
            Subscription.objects.filter(state=Subscription.PENDING, expires_at__lte=at)
        ),
        expired=_expire(at),
        reminded=_remind(at),
        notices=_delete(Notice.objects.filter(Q(sent_at__lte=old) | Q(given_up_at__lte=old))),
        marks=_delete(RateMark.objects.filter(day__lt=at.date() - timedelta(days=1))),
        cells=_delete(Cell.objects.filter(asked_for=None)),
        sign_in_records=sum(
            _delete(model.objects.filter(attempt_time__lte=old))
            for model in (AccessAttempt, AccessFailureLog, AccessLog)
        ),
        sessions=_delete(Session.objects.filter(expire_date__lte=at)),
    )
    counts = {name: count for name, count in asdict(done).items() if count}
    if counts:
        record("purge", "personal data", by=MACHINE, at=at, object_id="", detail=counts)
    return done


def _expire(at: datetime) -> int:
    """Erase confirmed contacts whose term is over, and residents' that were switched off."""
    over = Q(state=Subscription.CONFIRMED, expires_at__lte=at)
    off = Q(
        state=Subscription.DISABLED,
        kind=Subscription.RESIDENT,
        ended_at__lte=at - DISABLED_KEPT,
    ) | Q(state=Subscription.DISABLED, expires_at__lte=at)
    count = 0
    while True:
        keys = list(Subscription.objects.filter(over | off).values_list("pk", flat=True)[:AT_ONCE])
        if not keys:
            return count
        with transaction.atomic():
            count += erase(Subscription.objects.filter(pk__in=keys), Subscription.EXPIRED, at)


def _remind(at: datetime) -> int:
    """Write a notice, once a term, to whom warnings will soon end; a webhook reads no notices."""
    told = Notice.objects.filter(
        subscription=OuterRef("pk"),
        kind=Notice.EXPIRING,
        created_at__gte=OuterRef("expires_at") - REMIND_BEFORE,
    )
    soon = Subscription.objects.standing(at).filter(
        ~Exists(told), expires_at__lte=at + REMIND_BEFORE
    )
    rows = soon.exclude(channel="webhook").values_list("pk", "language")
    made = Notice.objects.bulk_create(
        Notice(
            subscription_id=key, kind=Notice.EXPIRING, language=language, created_at=at, due_at=at
        )
        for key, language in rows
    )
    return len(made)


def _delete(rows: QuerySet) -> int:  # type: ignore[type-arg]
    """Delete rows and return how many of their own kind there were."""
    return rows.delete()[1].get(rows.model._meta.label, 0)
