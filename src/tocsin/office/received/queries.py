"""What of the received messages is in force at a moment: computed, never stored.

Chains are made source by source, and of messages that count (``is_trusted``): what one source
sends can neither cancel nor replace what another one sent, and an unsigned message changes
nothing where the issuer is pinned.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db.models import Min, OuterRef, QuerySet, Subquery

from tocsin.cap import Alert
from tocsin.cap.chain import State, chain
from tocsin.cap.parse import parse

from .models import ReceivedMessage, Source

__all__ = ["Received", "head", "in_force", "is_public", "read", "states_of"]

KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Received:
    """A message and how it stands at one moment."""

    message: ReceivedMessage
    state: State


def in_force(at: datetime, *, public: bool) -> list[Received]:
    """Return what people have to heed at ``at``, the newest first.

    ``public`` leaves out exercises and tests, what is not for everybody, and what its source
    contradicts itself about. The desk sees them. The same message by two sources is given once,
    by the source whose signature is good if there is one.
    """
    found: dict[tuple[str, str, str], Received] = {}
    for source in Source.objects.filter(is_enabled=True):
        for one in _states(source, at):
            message = one.message
            if not one.state.is_in_force or (public and not is_public(message)):
                continue
            key = (message.sender, message.identifier, message.sha256)
            if key not in found or message.verdict == "valid":
                found[key] = one
    return sorted(found.values(), key=lambda one: (one.message.sent_at, one.message.pk))[::-1]


def is_public(message: ReceivedMessage) -> bool:
    """Whether the public may see a message at all."""
    return (
        message.status == "Actual"
        and message.scope == "Public"
        and message.is_trusted
        and not message.is_conflict
    )


def states_of(message: ReceivedMessage, at: datetime) -> Received | None:
    """Return how a message stands at ``at``; None if it does not count or was not sent yet."""
    same = message.source.messages.filter(sender=message.sender, sent_at__lte=at, is_trusted=True)
    alerts = _read_all(same)
    for state in chain(alerts, at).states:
        if alerts[state.alert].pk == message.pk:
            return Received(message, state)
    return None


def _states(source: Source, at: datetime) -> Iterable[Received]:
    """Return the state of every message of a source that has not expired."""
    known = source.messages.filter(is_trusted=True, sent_at__lte=at)
    open_ = known.filter(expires_at__gt=at)
    oldest = open_.aggregate(first=Min("sent_at"))["first"]
    if oldest is None:
        return
    # An Update or a Cancel acts for good, also after it has itself expired.
    acting = known.filter(msg_type__in=["Update", "Cancel"], sent_at__gte=oldest)
    alerts = _read_all(open_ | acting)
    for state in chain(alerts, at).states:
        yield Received(alerts[state.alert], state)


def _read_all(messages: QuerySet[ReceivedMessage]) -> dict[Alert, ReceivedMessage]:
    """Return the alerts of messages; bytes not read before are fetched in one go."""
    rows = list(messages.select_related("source").defer("raw"))
    with _lock:
        missing = {row.sha256 for row in rows} - _read.keys()
    raws = ReceivedMessage.objects.filter(sha256__in=missing) if missing else None
    for sha256, raw in raws.values_list("sha256", "raw") if raws is not None else ():
        _keep(sha256, parse(bytes(raw), strict=False).alert)
    return {read(row): row for row in rows}


def head() -> tuple[tuple[int, int | None], ...]:
    """Return a mark that moves whenever what is in force could, time aside.

    It is the newest message of each source that is asked: a contradiction comes with a message.
    """
    own = ReceivedMessage.objects.filter(source=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    sources = Source.objects.filter(is_enabled=True).annotate(newest=Subquery(own))
    return tuple(sources.order_by("pk").values_list("pk", "newest"))


_read: OrderedDict[str, Alert] = OrderedDict()
_lock = Lock()


def read(message: ReceivedMessage) -> Alert:
    """Return the alert of a message; the same bytes are read once."""
    with _lock:
        if message.sha256 in _read:
            _read.move_to_end(message.sha256)
            return _read[message.sha256]
    return _keep(message.sha256, parse(bytes(message.raw), strict=False).alert)


def _keep(sha256: str, alert: Alert) -> Alert:
    with _lock:
        _read[sha256] = alert
        while len(_read) > KEPT:
            _read.popitem(last=False)
    return alert
