"""Verbs on deliveries that people do: acknowledge, send again, take note."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import require
from tocsin.office.warnings_desk.models import Message

from .models import Delivery, DeskNotice
from .rules import State, rank_of
from .subtree import covering

__all__ = ["acknowledge", "resend", "take_note"]


@transaction.atomic
def acknowledge(delivery: Delivery, *, at: datetime) -> Delivery:
    """Record that the recipient says it arrived; the first time counts, the rest change nothing.

    It settles the delivery even if no attempt was recorded: who answers has been reached.
    """
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.acknowledged_at is None:
        row.state, row.acknowledged_at, row.next_at = State.ACKNOWLEDGED.value, at, None
        row.sent_at = row.sent_at or at
        row.save(update_fields=["state", "acknowledged_at", "next_at", "sent_at"])
    return row


@transaction.atomic
def resend(message: Message, *, by: User | str, at: datetime) -> int:
    """Try again at once what failed or was given up; return how many deliveries that are.

    The idempotency keys stay: a target that did get the message knows it again.

    Raises
    ------
    NotAllowedError
        The person may not, or the post's area does not hold all that the message is for.
    StateError
        The message has expired: it must not reach anybody now.
    """
    actor = require("resend", by, covering(message))
    if message.expires_at <= at:
        raise StateError(
            _(
                "%(message)s expired at %(at)s UTC; an expired message is not sent again. "
                "Issue an update."
            )
            % {"message": message.identifier, "at": f"{message.expires_at:%Y-%m-%d %H:%M}"}
        )
    stuck = Delivery.objects.filter(
        message=message, state__in=[State.FAILED.value, State.GIVEN_UP.value]
    )
    count = stuck.update(
        state=State.QUEUED.value,
        next_at=at,
        queued_at=at,
        attempts=0,
        failures=0,
        claimed_by="",
        rank=rank_of(message.level, failed=True),
    )
    record(
        "resend", message, by=actor, at=at, object_id=message.identifier, detail={"count": count}
    )
    return count


@transaction.atomic
def take_note(notice: DeskNotice, *, by: User | str, at: datetime) -> None:
    """Put a notice away; noted twice, the first stands."""
    actor = require("resend", by)
    row = DeskNotice.objects.select_for_update().get(pk=notice.pk)
    if row.noted_at is None:
        row.noted_by, row.noted_at = actor, at
        row.save(update_fields=["noted_by", "noted_at"])
        record("note_delivery", row, by=actor, at=at, object_id=str(row.pk))
