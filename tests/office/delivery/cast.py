"""The cast of the outbox's tests: a live region, messages, subscriptions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.office.factories import NOW, make_message, make_region, make_rule, make_warning
from tocsin.net.guard import Allowed
from tocsin.office.delivery.channels import KINDS, Channel
from tocsin.office.delivery.channels.protocol import Surroundings
from tocsin.office.delivery.models import Fanout
from tocsin.office.subscribers.contacts import sealed
from tocsin.office.subscribers.models import AreaChoice, Subscription
from tocsin.office.warnings_desk.models import Message

LOOPBACK = Allowed.read(["127.0.0.1", "localhost"])


def live_region(**changed: Any) -> Any:
    """The region of the tests, live: what is issued leaves the office."""
    return make_region(is_replay=False, clock_at=None, replayed_until=None, **changed)


def public_message(
    slug: str = "heat-2013-07-18", levels: dict[str, int] | None = None, **changed: Any
) -> Message:
    """A message the public may see, in a warning of its own or of that slug."""
    from tocsin.office.warnings_desk.models import Warning
    from tocsin.office.watch.models import RuleVersion

    rule = RuleVersion.objects.first() or make_rule()
    warning = Warning.objects.filter(slug=slug).first() or make_warning(rule, slug=slug)
    levels = {"36061": 3} if levels is None else levels
    return make_message(warning, levels, **{"status": "Actual", **changed})


def queued_message(at: datetime = NOW, **changed: Any) -> Message:
    """A public message with its row in the outbox."""
    message = public_message(**changed)
    Fanout.objects.create(message=message, made_at=at)
    return message


def subscription(
    address: str, channel: str = "webhook", *, secret: str = "", area: str = "36061", **changed: Any
) -> Subscription:
    """A confirmed subscription of an organisation."""
    fields: dict[str, Any] = {
        "kind": "organisation",
        "name": "Fire brigade",
        "language": "en",
        "min_level": 1,
        "state": "confirmed",
        "created_at": NOW - timedelta(days=30),
        "confirmed_at": NOW - timedelta(days=30),
    }
    row = Subscription(channel=channel, **{**fields, **changed})
    row.address = sealed(address, row.number)
    row.secret = sealed(secret, row.number)
    row.save()
    AreaChoice.objects.create(subscription=row, area_code=area)
    return row


def opened_channel(name: str, data: Any, **settings: Any) -> Channel:
    """A channel with these settings, allowed to call this machine."""
    kind = KINDS[name]
    return kind(kind.Settings.model_validate(settings), Surroundings(data=data, allow=LOOPBACK))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **span: float) -> None:
        """Move on."""
        self.at += timedelta(**span)
