"""Messages about a subscription itself: claimed by a worker, sent by it, marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from tocsin.office.places.current import current_region
from tocsin.triggers.rules import say

from ..links import link, page_language
from ..models import Notice, Subscription

__all__ = ["DueNotice", "due_notices", "mark_notice_failed", "mark_notice_sent"]

CLAIMED_FOR = timedelta(minutes=5)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A message to send; the address is asked for by ``address_of(..., purpose="notice")``."""

    notice_id: int
    subscription_id: int
    channel: str
    language: str
    subject: str
    text: str


def due_notices(at: datetime, limit: int = 100) -> list[DueNotice]:
    """Claim what is to be sent at ``at`` and return it, oldest first.

    Each is claimed by a conditional update, so that two workers never get the same one; what is
    not marked within five minutes is handed out again.
    """
    waiting = Notice.objects.filter(sent_at=None, given_up_at=None, due_at__lte=at)
    found: list[DueNotice] = []
    for notice in waiting.select_related("subscription")[:limit]:
        if notice.attempts >= MOST_ATTEMPTS or not _still_wanted(notice):
            Notice.objects.filter(pk=notice.pk).update(given_up_at=at)
            continue
        claimed = Notice.objects.filter(pk=notice.pk, due_at=notice.due_at, sent_at=None).update(
            due_at=at + CLAIMED_FOR, attempts=F("attempts") + 1
        )
        if claimed == 1:
            found.append(_written(notice))
    return found


def mark_notice_sent(notice: int, at: datetime) -> None:
    """Record that a notice went out."""
    Notice.objects.filter(pk=notice, sent_at=None).update(sent_at=at)


def mark_notice_failed(notice: int, at: datetime) -> None:
    """Record that sending failed: it is due again later, each time twice as long; then given up."""
    row = Notice.objects.get(pk=notice)
    wait = timedelta(minutes=2 ** min(row.attempts, MOST_ATTEMPTS))
    Notice.objects.filter(pk=notice, sent_at=None).update(due_at=at + wait)


def _still_wanted(notice: Notice) -> bool:
    states = {
        Notice.CONFIRM: Subscription.PENDING,
        Notice.EXPIRING: Subscription.CONFIRMED,
    }
    return notice.subscription.state == states.get(notice.kind)


def _written(notice: Notice) -> DueNotice:
    """Return the notice in its language, with its links."""
    row, region = notice.subscription, current_region()
    with translation.override(page_language(notice.language)):
        office = say(region.names, notice.language) if region else "Tocsin"
        subject, text = _confirm(row, office)
        if notice.kind == Notice.EXPIRING:
            subject, text = _expiring(row, office)
    return DueNotice(notice.pk, row.pk, row.channel, notice.language, subject, text)


def _confirm(row: Subscription, office: str) -> tuple[str, str]:
    subject = _("Confirm your warnings from %(office)s") % {"office": office}
    if row.channel == "sms":
        text = _(
            "Warnings of %(office)s: confirm within 48 h, or ignore this. "
            "Keep the link to change or leave: %(link)s"
        )
        return subject, text % {"office": office, "link": link("confirm", row)}
    text = _(
        "Somebody, we hope you, asked %(office)s to send warnings to this address.\n\n"
        "If it was you, confirm within 48 hours:\n%(link)s\n"
        "Keep it: the same link changes your choices or ends them.\n\n"
        "If it was not you, do nothing: no warning will be sent, and the address is erased."
    )
    return subject, text % {"office": office, "link": link("confirm", row)}


def _expiring(row: Subscription, office: str) -> tuple[str, str]:
    subject = _("Do you still want warnings from %(office)s?") % {"office": office}
    facts = {
        "office": office,
        "day": f"{row.expires_at:%Y-%m-%d}" if row.expires_at else "",
        "link": link("manage", row),
    }
    if row.channel == "sms":
        return subject, _("Warnings of %(office)s end on %(day)s. To keep them: %(link)s") % facts
    text = _(
        "Your warnings from %(office)s end on %(day)s, and your address is then erased.\n\n"
        "To keep them, or to change what you get:\n%(link)s\n\n"
        "To let them end, do nothing."
    )
    return subject, text % facts
