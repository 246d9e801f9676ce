"""Organisations and posts, entered at the desk by a duty officer. No address is shown again."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import require
from tocsin.office.places.models import Region

from ..contacts import sealed
from ..models import AreaChoice, Subscription
from ..rules import CONFIRM_WITHIN, SUPPRESSED_BELOW
from .erasing import erase
from .wishes import Wish, ask_to_confirm, covering, grant, opened_for

__all__ = ["add", "ask_again", "remove", "resident_totals"]


@transaction.atomic
def add(
    region: Region,
    *,
    kind: str,
    name: str,
    channel: str,
    address: str,
    wish: Wish,
    by: User | str,
    at: datetime,
) -> tuple[Subscription, str]:
    """Enter an organisation or a post; return it and, for a webhook, its secret, shown only now.

    E-mail and phone are asked to confirm like a resident's; a webhook stands at once, since only
    who holds the secret can make use of what comes.

    Raises
    ------
    NotAllowedError
        ``by`` is not a duty officer.
    StateError
        The address, the name or the wish is not in order.
    """
    actor = require("manage_subscribers", by, covering(() if wish.place else wish.area_codes))
    name = name.strip()
    if kind not in (Subscription.ORGANISATION, Subscription.POST) or not 0 < len(name) <= 120:
        raise StateError(
            _("“%(name)s”: an organisation or a post, named in 1 to 120 letters.") % {"name": name}
        )
    row = opened_for(region, kind, name, channel, address, wish, at)
    secret = ""
    if channel == "webhook":
        secret = secrets.token_urlsafe(32)
        row.secret = sealed(secret, row.number)
        row.save(update_fields=["secret"])
        grant(row, at)
    else:
        ask_to_confirm(row, at)
    _line("add_subscription", row, actor, at)
    return row, secret


@transaction.atomic
def ask_again(key: int, *, by: User | str, at: datetime) -> Subscription:
    """Send the confirmation once more, with 48 hours from now; links sent before are worthless."""
    row = _named(key)
    actor = require("manage_subscribers", by, covering(row.asked_areas))
    if row.state != Subscription.PENDING:
        raise StateError(
            _("%(name)s: only who has not confirmed is asked again.") % {"name": row.name}
        )
    row.notices.all().delete()
    row.expires_at = at + CONFIRM_WITHIN
    row.generation += 1
    row.save(update_fields=["expires_at", "generation"])
    ask_to_confirm(row, at)
    _line("ask_to_confirm", row, actor, at)
    return row


@transaction.atomic
def remove(key: int, *, by: User | str, at: datetime) -> Subscription:
    """End an organisation's or a post's subscription and erase its contact."""
    row = _named(key)
    actor = require("manage_subscribers", by, covering(row.asked_areas))
    if row.state not in Subscription.ENDED:
        erase(Subscription.objects.filter(pk=row.pk), Subscription.UNSUBSCRIBED, at)
        _line("remove_subscription", row, actor, at)
    row.refresh_from_db()
    return row


def resident_totals(at: datetime) -> tuple[int | None, list[tuple[str, int]], int]:
    """Return how many residents are warned, by area where there are enough, and areas left out.

    A count below five is not given, the total included; by place nothing is counted at all.
    """
    residents = Subscription.objects.standing(at).filter(kind=Subscription.RESIDENT)
    total = residents.count()
    by_area = (
        AreaChoice.objects.filter(subscription__in=residents)
        .values_list("area_code")
        .annotate(count=Count("pk"))
        .order_by("area_code")
    )
    shown = [(code, count) for code, count in by_area if count >= SUPPRESSED_BELOW]
    return (total if total >= SUPPRESSED_BELOW else None), shown, len(by_area) - len(shown)


def _named(key: int) -> Subscription:
    row = Subscription.objects.select_for_update().filter(pk=key).first()
    if row is None or row.kind == Subscription.RESIDENT:
        raise NotAllowedError(_("The desk sees organisations and posts, not residents."))
    return row


def _line(verb: str, row: Subscription, actor: str, at: datetime) -> None:
    """Write the audit line: who was entered and where for, never whereto."""
    detail = {"kind": row.kind, "name": row.name, "channel": row.channel}
    record(verb, row, by=actor, at=at, object_id=str(row.pk), detail=detail)
