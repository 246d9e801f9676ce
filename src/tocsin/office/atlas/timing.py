"""When each thing happened on the way from a threshold to somebody who knows: evidence, as rows.

A row is one message of the ledger. Its times come from where each was first written down: the
trigger's evidence, the draft, the approvals of the revision that was issued, the ledger, the
deliveries and their receipts. A step that did not happen is empty, never guessed.

Times up to the issue are the region's clock; times of sending are the wall clock, and so is
``queued_at``, which is the issue as the outbox saw it. In a live region the two clocks are one.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from tocsin.office.delivery.models import Delivery, Fanout
from tocsin.office.delivery.rules import State
from tocsin.office.warnings_desk.models import Approval, Draft, Message

__all__ = ["COLUMNS", "FIRST", "SPANS", "Span", "Summary", "Timing", "summary", "timings"]

FIRST = {"issue"}
"""A crossing belongs to the message that followed from it: the first one of a warning."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One message and its moments."""

    number: int
    identifier: str
    slug: str
    level: int
    status: str
    reason: str
    crossed_at: datetime | None
    drafted_at: datetime | None
    approved_at: datetime | None
    issued_at: datetime
    queued_at: datetime | None
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    acknowledged_at: datetime | None
    targets: int
    reached: int
    acknowledged: int

    @property
    def is_by_machine(self) -> bool:
        """Whether no draft came before it: rules issued it by themselves."""
        return self.drafted_at is None

    def between(self, span: Span) -> timedelta | None:
        """Return how long a stretch took, None unless both its ends happened, in this order."""
        start, end = getattr(self, span.start), getattr(self, span.end)
        return end - start if start and end and end >= start else None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch between two moments of a row."""

    name: str
    start: str
    end: str


SPANS = (
    Span("crossed_to_issued", "crossed_at", "issued_at"),
    Span("drafted_to_approved", "drafted_at", "approved_at"),
    Span("approved_to_issued", "approved_at", "issued_at"),
    Span("issued_to_first_delivery", "queued_at", "first_sent_at"),
    Span("issued_to_last_delivery", "queued_at", "last_sent_at"),
    Span("issued_to_acknowledged", "queued_at", "acknowledged_at"),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One stretch over many rows."""

    span: Span
    count: int
    median: timedelta | None
    worst: timedelta | None
    slowest: Timing | None
    """The row of the worst."""


def timings(messages: QuerySet[Message]) -> list[Timing]:
    """Return the rows of ``messages``, in their order; four questions, however many there are."""
    found = list(messages.select_related("warning").defer("raw", "impact", "levels"))
    keys = [message.pk for message in found]
    drafts = {one.message_id: one for one in Draft.objects.filter(message__in=keys)}
    approved = _approved(drafts.values())
    queued = dict(Fanout.objects.filter(message__in=keys).values_list("message", "made_at"))
    sent = {row["message"]: row for row in _deliveries(keys)}
    return [
        _timing(
            one,
            drafts.get(one.pk),
            approved.get(one.pk),
            queued.get(one.pk),
            sent.get(one.pk, {}),
        )
        for one in found
    ]


def _approved(drafts: Iterable[Draft]) -> dict[int, datetime]:
    """Return when the last approval needed was given, by message: of the revision issued."""
    issued = {draft.pk: (draft.revision, draft.message_id) for draft in drafts}
    rows = Approval.objects.filter(draft__in=issued, decision=Approval.APPROVE)
    found: dict[int, datetime] = {}
    for draft, revision, at in rows.order_by("at").values_list("draft", "revision", "at"):
        wanted, message = issued[draft]
        if revision == wanted and message is not None:
            found[message] = at
    return found


def _deliveries(keys: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    replaced = Q(state=State.SUPERSEDED.value)
    return (
        Delivery.objects.filter(message__in=keys)
        .order_by()
        .values("message")
        .annotate(
            first=Min("sent_at"),
            last=Max("sent_at"),
            heard=Min("acknowledged_at"),
            targets=Count("pk", filter=~replaced),
            reached=Count("sent_at", filter=~replaced),
            acknowledged=Count("acknowledged_at"),
        )
    )


def _timing(
    message: Message,
    draft: Draft | None,
    approved_at: datetime | None,
    queued_at: datetime | None,
    sent: Mapping[str, Any],
) -> Timing:
    crossed = draft.threshold_crossed_at if draft else None
    if crossed is None and message.reason in FIRST:
        crossed = _first_crossing(message.evidence)
    return Timing(
        number=message.number,
        identifier=message.identifier,
        slug=message.warning.slug,
        level=message.level,
        status=message.status,
        reason=message.reason,
        crossed_at=crossed,
        drafted_at=draft.created_at if draft else None,
        approved_at=approved_at,
        issued_at=message.sent_at,
        queued_at=queued_at,
        first_sent_at=sent.get("first"),
        last_sent_at=sent.get("last"),
        acknowledged_at=sent.get("heard"),
        targets=sent.get("targets", 0),
        reached=sent.get("reached", 0),
        acknowledged=sent.get("acknowledged", 0),
    )


def _first_crossing(evidence: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return the earliest crossing of any area, None where it names none or only expects it."""
    texts = (row.get("crossed_at") for row in evidence if not row.get("forecast"))
    return min((datetime.fromisoformat(text) for text in texts if text), default=None)


def summary(rows: Sequence[Timing]) -> list[Summary]:
    """Return median and worst of each stretch, over the rows in which it happened."""
    made = []
    for span in SPANS:
        took = [(length, row) for row in rows if (length := row.between(span)) is not None]
        worst = max(took, key=_length, default=None)
        made.append(
            Summary(
                span=span,
                count=len(took),
                median=_median([length for length, _ in took]),
                worst=worst[0] if worst else None,
                slowest=worst[1] if worst else None,
            )
        )
    return made


def _median(lengths: Sequence[timedelta]) -> timedelta | None:
    if not lengths:
        return None
    return timedelta(seconds=statistics.median(one.total_seconds() for one in lengths))


def _length(pair: tuple[timedelta, Timing]) -> timedelta:
    return pair[0]


COLUMNS = tuple(field.name for field in fields(Timing))
"""The moments and counts of a row, in the order of an export."""
