"""What the room that sends needs: the address at the moment of sending, and the stop."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import require

from ..contacts import opened
from ..models import Subscription
from .wishes import covering

__all__ = ["address_of", "disable", "enable"]

_MAY_OPEN = {
    "delivery": (Subscription.CONFIRMED,),
    "notice": (Subscription.PENDING, Subscription.CONFIRMED),
}


def address_of(subscription_id: int, *, purpose: str) -> str:
    """Open one address at the moment of sending; do not keep it, log it or show it.

    ``purpose`` is ``"delivery"`` for a warning and ``"notice"`` for a message about the
    subscription itself. E-mail: an address. SMS: +, country code, number. Webhook: a URL.
    Web push: the browser's subscription as JSON (``endpoint``, ``keys``).

    Raises
    ------
    StateError
        The subscription is not in a state in which that may be sent: do not send, do not retry.
    """
    row = _row(subscription_id, purpose)
    return opened(row.address, row.number)


@transaction.atomic
def disable(
    subscription_id: int, reason: str, *, by: User | str = MACHINE, at: datetime
) -> Subscription:
    """Stop sending to a subscription, saying why; done twice, the second changes nothing.

    An organisation's or a post's contact stays sealed, so that the desk can switch it on again; a
    resident's is erased by the next ``purge`` after 30 days.
    """
    row = Subscription.objects.select_for_update().get(pk=subscription_id)
    actor = require("manage_subscribers", by, covering(row.asked_areas))
    if row.state in (*Subscription.ENDED, Subscription.DISABLED):
        return row
    row.state, row.reason, row.ended_at = Subscription.DISABLED, reason[:200], at
    row.save(update_fields=["state", "reason", "ended_at"])
    record(
        "disable_subscription", row, by=actor, at=at, object_id=str(row.pk),
        detail={"kind": row.kind, "channel": row.channel, "reason": row.reason},
    )  # fmt: skip
    return row


@transaction.atomic
def enable(subscription_id: int, *, by: User | str, at: datetime) -> Subscription:
    """Switch a disabled subscription of an organisation or a post on again.

    Raises
    ------
    StateError
        It is not disabled, or it was never confirmed.
    """
    row = Subscription.objects.select_for_update().get(pk=subscription_id)
    actor = require("manage_subscribers", by, covering(row.asked_areas))
    if row.state != Subscription.DISABLED or row.confirmed_at is None:
        raise StateError(
            _("%(name)s: only a disabled one is switched on.") % {"name": row.name or row}
        )
    row.state, row.reason, row.ended_at = Subscription.CONFIRMED, "", None
    row.save(update_fields=["state", "reason", "ended_at"])
    record(
        "enable_subscription", row, by=actor, at=at, object_id=str(row.pk),
        detail={"kind": row.kind, "channel": row.channel},
    )  # fmt: skip
    return row


def _row(subscription_id: int, purpose: str) -> Subscription:
    if purpose not in _MAY_OPEN:
        raise StateError(f"{purpose!r} is no purpose; addresses are opened for {list(_MAY_OPEN)}.")
    row = Subscription.objects.filter(pk=subscription_id).first()
    if row is None:
        raise StateError(f"There is no subscription {subscription_id}; nothing may be sent.")
    if row.state not in _MAY_OPEN[purpose]:
        raise StateError(f"Subscription {subscription_id} is {row.state}; nothing may be sent.")
    return row
