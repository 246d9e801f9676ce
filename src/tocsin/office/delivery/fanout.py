"""From one message to its deliveries: resumable, and the same rows however often it is run.

Issuing writes one :class:`Fanout`; the worker expands it here in batches, each a transaction that
moves the place reached on together with the rows it made. A row that exists is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, transaction

from tocsin import cap
from tocsin.office.places.models import Region
from tocsin.office.subscribers.matching import recipients
from tocsin.office.subscribers.models import Subscription
from tocsin.office.warnings_desk.models import Message

from .models import Delivery, DeskNotice, Fanout
from .rules import idempotency_key, rank_of

__all__ = ["NotExpandedError", "area_of", "expand", "is_public", "queue_message", "tell_desk"]

BATCH = 2000
"""Rows a transaction: a writer of the embedded database waits for it, so it stays short."""


class NotExpandedError(Exception):
    """One message's deliveries cannot be worked out; ``__cause__`` says why. Others can go on."""

    def __init__(self, message: Message) -> None:
        super().__init__(f"The deliveries of {message.identifier} cannot be worked out.")
        self.message = message


def is_public(message: Message, region: Region) -> bool:
    """Whether a message may leave the office: never from a replay, never a drill or a test."""
    return not region.is_replay and message.status == "Actual"


def queue_message(message: Message, region: Region, at: datetime) -> Fanout | None:
    """Write the one row from which all deliveries follow; None for what is not public."""
    if not is_public(message, region):
        return None
    return Fanout.objects.create(message=message, made_at=at)


def expand(
    region: Region,
    broadcasts: Sequence[str],
    *,
    at: datetime,
    batch: int = BATCH,
    passing_over: Collection[int] = (),
) -> int:
    """Expand a waiting fan-out by about ``batch`` rows; return how many, 0 if none waits.

    One for a message that is not public, however it came here, is closed with a notice to the
    desk: nothing of it is sent, and it stops no other.

    Raises
    ------
    NotExpandedError
        For one message it fails. What was queued of it stands; call again ``passing_over`` that
        message, so that it stops no other.
    """
    with transaction.atomic():
        waiting = Fanout.objects.filter(expanded_at=None).order_by("-message__level", "message_id")
        waiting = waiting.exclude(message_id__in=passing_over)
        fanout = _locked(waiting.select_related("message__warning")).first()
        if fanout is None:
            return 0
        if not is_public(fanout.message, region):
            _refuse(fanout, at)
            return 1
        count, failure = 0, None
        while fanout.expanded_at is None and count < batch:
            try:
                rows = PARTS[fanout.part](fanout, region, broadcasts, at, batch)
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001 - told by the caller
                failure = error
                break
            Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
            count += len(rows)
            if len(rows) >= batch:
                fanout.after_id = rows[-1].subscription_id or 0
                continue
            following = list(PARTS)[list(PARTS).index(fanout.part) + 1 :]
            fanout.part, fanout.after_id = (following or [fanout.part])[0], 0
            fanout.expanded_at = None if following else at
        fanout.save(update_fields=["part", "after_id", "expanded_at"])
    if failure is not None:
        raise NotExpandedError(fanout.message) from failure
    return max(count, 1)


def tell_desk(error: NotExpandedError, at: datetime) -> None:
    """Tell the desk that a message reaches fewer than it should; once for each reason."""
    reason = f"{error} Sirens and screens may have it, subscribers not all: {error.__cause__}"[:300]
    if not DeskNotice.objects.filter(channel="", reason=reason).exists():
        DeskNotice.objects.create(channel="", reason=reason, at=at)


def _refuse(fanout: Fanout, at: datetime) -> None:
    message = fanout.message
    reason = (
        f"Message {message.identifier} ({message.status}) stood in the outbox, where only public "
        "messages may be. Nothing of it was sent."
    )
    DeskNotice.objects.create(at=at, channel="", reason=reason[:300])
    fanout.expanded_at = at
    fanout.save(update_fields=["expanded_at"])


def _locked(found: Any) -> Any:
    """Lock rows, passing over those another worker holds; SQLite has locked the whole database."""
    if connection.features.has_select_for_update_skip_locked:
        return found.select_for_update(skip_locked=True, of=("self",))
    return found


def _broadcast(
    fanout: Fanout, region: Region, broadcasts: Sequence[str], at: datetime, batch: int
) -> list[Delivery]:
    """Return a row for each channel that speaks to a place and not to somebody."""
    return [_row(fanout.message, name, name, "broadcast", None, "", at) for name in broadcasts]


def _matched(
    fanout: Fanout, region: Region, broadcasts: Sequence[str], at: datetime, batch: int
) -> list[Delivery]:
    """Return a row for each subscription whose area, hazard and least level fit."""
    message = fanout.message
    found = recipients(
        region,
        hazard=message.warning.hazard,
        level=message.level,
        at=at,
        after_id=fanout.after_id,
        **area_of(message),
    )
    return _rows(message, list(islice(found, batch)), at)


def _earlier(
    fanout: Fanout, region: Region, broadcasts: Sequence[str], at: datetime, batch: int
) -> list[Delivery]:
    """Return a row for each subscription that earlier messages of the warning were queued for.

    A cancel names no area and an update may leave some out: who was warned is told all the same.
    """
    message = fanout.message
    if message.msg_type == "Alert":
        return []
    keys = (
        Delivery.objects.filter(
            message__warning=message.warning,
            message__number__lt=message.number,
            subscription_id__gt=fanout.after_id,
            subscription__state="confirmed",
        )
        .order_by("subscription_id")
        .values_list("subscription_id", flat=True)
        .distinct()[:batch]
    )
    found = Subscription.objects.filter(pk__in=list(keys)).order_by("pk")
    return [
        _row(message, f"s{one.pk}", one.channel, one.kind, one.pk, one.language, at)
        for one in found
    ]


PARTS = {"broadcast": _broadcast, "matched": _matched, "earlier": _earlier}
"""What a fan-out expands to, in this order: sirens and screens come first."""


def _rows(message: Message, found: Sequence[Any], at: datetime) -> list[Delivery]:
    keys = [one.subscription_id for one in found]
    kinds = dict(Subscription.objects.filter(pk__in=keys).values_list("pk", "kind"))
    return [
        _row(message, f"s{key}", one.channel, kinds[key], key, one.language, at)
        for key, one in zip(keys, found, strict=True)
    ]


def _row(
    message: Message,
    target: str,
    channel: str,
    kind: str,
    subscription: int | None,
    language: str,
    at: datetime,
) -> Delivery:
    return Delivery(
        message=message,
        channel=channel,
        kind=kind,
        subscription_id=subscription,
        target=target,
        language=language,
        idempotency_key=idempotency_key(message.identifier, channel, target),
        rank=rank_of(message.level, failed=False),
        queued_at=at,
        next_at=at,
    )


def area_of(message: Message) -> dict[str, Any]:
    """Return where a message is for: levels by area code, and what was drawn besides them."""
    alert = cap.parse(bytes(message.raw)).alert
    drawn = [area for info in alert.info for area in info.area if not area.geocode]
    return {
        "levels_by_area": message.levels,
        # Each language repeats the same shapes: once is enough.
        "polygons": list(dict.fromkeys(one for area in drawn for one in area.polygon)),
        "circles": list(
            dict.fromkeys(
                (one.lat, one.lon, one.radius_km) for area in drawn for one in area.circle
            )
        ),
    }
