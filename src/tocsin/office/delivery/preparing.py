"""From claimed deliveries to parcels: contacts are opened here, at the moment of sending.

What must not be sent any more is settled here too: its message has expired, a newer one of the
same warning goes to the same target, or its subscription has ended.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from tocsin.errors import StateError
from tocsin.office.subscribers.contacts import opened
from tocsin.office.subscribers.links import link
from tocsin.office.subscribers.models import Subscription
from tocsin.office.warnings_desk.models import Message

from .links import acknowledge_link
from .models import Delivery, Fanout
from .outbox import Result
from .parcels import Bulletin, Outcome, Parcel
from .rules import State, gives_up_at

__all__ = ["Preparer"]

BULLETINS_KEPT = 16
IN_TURN = timedelta(seconds=2)


class Preparer:
    """Makes parcels; keeps the last messages read, since thousands of deliveries share one."""

    def __init__(self, channels: Collection[str]) -> None:
        self.channels = channels
        self._bulletins: OrderedDict[int, Bulletin] = OrderedDict()
        self._former: dict[int, tuple[str, ...]] = {}

    def prepare(
        self, claimed: Sequence[Delivery], *, at: datetime
    ) -> tuple[list[Parcel], list[Result]]:
        """Return what is to be sent, and what is settled without sending."""
        bulletins = {key: self._bulletin(key) for key in {row.message_id for row in claimed}}
        passed = _superseded(claimed)
        if passed:
            Delivery.objects.filter(pk__in=passed).update(
                state=State.SUPERSEDED.value, next_at=None
            )
        waiting = _out_of_turn(claimed)
        contacts = Subscription.objects.standing(at).in_bulk(
            [row.subscription_id for row in claimed if row.subscription_id]
        )
        parcels: list[Parcel] = []
        settled: list[Result] = []
        for row in claimed:
            if row.pk in passed:
                continue
            bulletin = bulletins[row.message_id]
            bare = Parcel(
                row.pk, row.idempotency_key, row.channel, bulletin, row.language, row.target
            )
            outcome = self._why_not(row, bulletin, contacts, at)
            if row.pk in waiting:
                outcome = Outcome.put_back(IN_TURN)
            if outcome is None:
                try:
                    parcels.append(self._parcel(row, bulletin, contacts))
                except StateError as error:
                    outcome = Outcome.failed(str(error))
            if outcome is not None:
                settled.append((bare, outcome))
        return parcels, settled

    def _why_not(
        self,
        row: Delivery,
        bulletin: Bulletin,
        contacts: dict[int, Subscription],
        at: datetime,
    ) -> Outcome | None:
        if at >= gives_up_at(row.queued_at, bulletin.expires_at):
            return Outcome.refused(row.last_error or "Its time ran out before it could be sent.")
        if row.kind != "broadcast" and row.subscription_id not in contacts:
            return Outcome.refused("The subscription has ended.")
        if row.channel not in self.channels:
            return Outcome.failed(f"No channel {row.channel!r} is set up in channels.toml.")
        return None

    def _parcel(
        self, row: Delivery, bulletin: Bulletin, contacts: dict[int, Subscription]
    ) -> Parcel:
        own = contacts.get(row.subscription_id or 0)
        return Parcel(
            delivery=row.pk,
            key=row.idempotency_key,
            channel=row.channel,
            bulletin=bulletin,
            language=row.language,
            target=row.target,
            address=opened(own.address, own.number) if own else "",
            secret=opened(own.secret, own.number) if own and own.secret else "",
            attempts=row.attempts,
            acknowledge_url=acknowledge_link(row.pk, row.language) if own else "",
            manage_url=link("manage", own) if own and row.channel == "email" else "",
            unsubscribe_url=link("unsubscribe", own) if own and row.channel == "email" else "",
            former_codes=() if own else self._former[row.message_id],
        )

    def _bulletin(self, key: int) -> Bulletin:
        if key not in self._bulletins:
            message = Message.objects.select_related("warning").get(pk=key)
            earlier = Message.objects.filter(warning=message.warning, number__lt=message.number)
            codes = {code for levels in earlier.values_list("levels", flat=True) for code in levels}
            self._former[key] = tuple(sorted(codes - set(message.levels)))
            self._bulletins[key] = Bulletin.of(message)
            while len(self._bulletins) > BULLETINS_KEPT:
                del self._former[self._bulletins.popitem(last=False)[0]]
        self._bulletins.move_to_end(key)
        return self._bulletins[key]


def _superseded(claimed: Iterable[Delivery]) -> set[int]:
    """Return those for whose target a newer message of the same warning stands in the outbox."""
    found: set[int] = set()
    for message, rows in _of_longer_warnings(claimed):
        newer = Delivery.objects.filter(
            message__warning=message.warning,
            message__number__gt=message.number,
            target__in=[row.target for row in rows],
        ).values_list("channel", "target")
        known = set(newer)
        found |= {row.pk for row in rows if (row.channel, row.target) in known}
    return found


def _out_of_turn(claimed: Iterable[Delivery]) -> set[int]:
    """Return those to wait: an older message is on its way to the target, or a newer is queued.

    While a newer message is being expanded nobody knows yet whose older one it will replace.
    """
    found: set[int] = set()
    for message, rows in _of_longer_warnings(claimed):
        its = Fanout.objects.filter(message__warning=message.warning, expanded_at=None)
        if its.filter(message__number__gt=message.number).exists():
            found |= {row.pk for row in rows}
            continue
        busy = Delivery.objects.filter(
            message__warning=message.warning,
            message__number__lt=message.number,
            target__in=[row.target for row in rows],
            state=State.CLAIMED.value,
        ).values_list("channel", "target")
        known = set(busy)
        found |= {row.pk for row in rows if (row.channel, row.target) in known}
    return found


def _of_longer_warnings(
    claimed: Iterable[Delivery],
) -> list[tuple[Message, list[Delivery]]]:
    """Group deliveries by message, leaving out warnings of one message only."""
    by_message: dict[int, list[Delivery]] = {}
    for row in claimed:
        by_message.setdefault(row.message_id, []).append(row)
    messages = Message.objects.filter(pk__in=by_message).only("number", "warning_id")
    longer = set(
        Message.objects.filter(warning__in={one.warning_id for one in messages})
        .order_by()
        .values("warning_id")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
        .values_list("warning_id", flat=True)
    )
    return [(one, by_message[one.pk]) for one in messages if one.warning_id in longer]
