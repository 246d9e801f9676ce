"""What residents do themselves, without an account: ask, confirm, change, renew, end.

Their steps leave no line in the audit trail: a line for each step of each person would be the
record of persons that Tocsin does not keep. The row itself says when consent was given.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from tocsin.errors import StateError
from tocsin.office.places.models import Region

from ..addresses import checked
from ..contacts import keyed_mark
from ..models import RateMark, Subscription
from ..rules import MARKS_A_DAY
from .erasing import erase
from .wishes import Wish, ask_to_confirm, grant, opened_for, write

__all__ = ["ask", "change", "confirm", "end", "renew"]


def ask(
    region: Region, channel: str, address: str, wish: Wish, *, machine: str, at: datetime
) -> Subscription | None:
    """Take a resident's wish and ask the address to confirm it; None if this machine is too quick.

    Whether the address is known already changes nothing here, since nobody can look one up: the
    answer is the same, and so is the work. An address that was asked three times today is not asked
    a fourth time; the answer does not tell that either. A browser's own push subscription needs no
    second step: only the browser can have made it, by the user's consent.

    Raises
    ------
    StateError
        The address is none, or the wish asks for nothing or for what this region does not have.
    """
    address = checked(channel, address)
    if _count("machine", machine, at) > MARKS_A_DAY["machine"]:
        return None
    is_tired = _count("address", f"{channel} {address.lower()}", at) > MARKS_A_DAY["address"]
    with transaction.atomic():
        row = opened_for(region, Subscription.RESIDENT, "", channel, address, wish, at)
        if channel == "web_push":
            grant(row, at)
        else:
            ask_to_confirm(row, at)
        transaction.set_rollback(is_tired)
    return row


@transaction.atomic
def confirm(row: Subscription, at: datetime) -> Subscription:
    """Confirm by the link that was sent; done twice, the second changes nothing.

    Raises
    ------
    StateError
        It ended, or the link is older than 48 hours.
    """
    row = Subscription.objects.select_for_update().get(pk=row.pk)
    if row.state == Subscription.CONFIRMED:
        return row
    if row.state != Subscription.PENDING or row.expires_at is None or row.expires_at <= at:
        raise StateError(f"Subscription {row.pk} is {row.state} and can no longer be confirmed.")
    grant(row, at)
    return row


@transaction.atomic
def change(region: Region, row: Subscription, wish: Wish, at: datetime) -> Subscription:
    """Write other choices to a standing subscription, by its link."""
    row = _standing(row, at)
    write(region, row, wish)
    return row


@transaction.atomic
def renew(row: Subscription, at: datetime) -> Subscription:
    """Begin the term anew, by its link."""
    row = _standing(row, at)
    grant(row, at)
    return row


@transaction.atomic
def end(row: Subscription, at: datetime) -> None:
    """Unsubscribe and erase the contact at once; done twice, the second changes nothing."""
    row = Subscription.objects.select_for_update().get(pk=row.pk)
    if row.state not in Subscription.ENDED:
        erase(Subscription.objects.filter(pk=row.pk), Subscription.UNSUBSCRIBED, at)


def _standing(row: Subscription, at: datetime) -> Subscription:
    row = Subscription.objects.select_for_update().get(pk=row.pk)
    if row.state != Subscription.CONFIRMED or (row.expires_at and row.expires_at <= at):
        raise StateError(f"Subscription {row.pk} is {row.state}; subscribe anew.")
    return row


def _count(what: str, value: str, at: datetime) -> int:
    """Count one more of ``value`` today, under a mark, and return how many that makes."""
    day = at.date()
    mark = keyed_mark(what, value, day.isoformat())
    RateMark.objects.bulk_create([RateMark(mark=mark, day=day)], ignore_conflicts=True)
    found = RateMark.objects.filter(mark=mark, day=day)
    found.update(count=F("count") + 1)
    return found.values_list("count", flat=True)[0]
