"""What subscribers get about their own subscription: confirm, expiring.

These are no warnings and stand in no outbox; they go by the same channels, as parcels whose
delivery number is below zero.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from tocsin.errors import StateError
from tocsin.office.subscribers import services as subscribers
from tocsin.office.subscribers.services import DueNotice

from .outbox import Result
from .parcels import Bulletin, Parcel, Text

__all__ = ["settle_notices", "take_notices"]

AT_ONCE = 50


def take_notices(channels: Collection[str], *, at: datetime) -> list[Parcel]:
    """Claim the notices that are due and return them as parcels; contacts are opened here."""
    parcels = []
    for notice in subscribers.due_notices(at, limit=AT_ONCE):
        if notice.channel not in channels:
            subscribers.mark_notice_failed(notice.notice_id, at)  # until it is set up, or given up
            continue
        try:
            address = subscribers.address_of(notice.subscription_id, purpose="notice")
        except StateError:
            subscribers.mark_notice_failed(notice.notice_id, at)  # it ended a moment ago
            continue
        parcels.append(_parcel(notice, address, at))
    return parcels


def settle_notices(results: Collection[Result], *, at: datetime) -> None:
    """Record what became of notices."""
    for parcel, outcome in results:
        if outcome.kind == "sent":
            subscribers.mark_notice_sent(-parcel.delivery, at)
        else:
            subscribers.mark_notice_failed(-parcel.delivery, at)


def _parcel(notice: DueNotice, address: str, at: datetime) -> Parcel:
    short = notice.channel == "sms"
    text = Text(
        event=notice.subject,
        headline=notice.text if short else notice.subject,
        description="" if short else notice.text,
        instruction="",
        areas=(),
    )
    bulletin = Bulletin(
        identifier=f"notice-{notice.notice_id}",
        number=0,
        warning="",
        hazard="",
        level="none",
        levels={},
        msg_type="Notice",
        status="Actual",
        sender="",
        sent_at=at,
        expires_at=at + timedelta(days=2),
        raw=b"",
        texts={notice.language: (text,)},
    )
    return Parcel(
        delivery=-notice.notice_id,
        key=f"notice-{notice.notice_id}",
        channel=notice.channel,
        bulletin=bulletin,
        language=notice.language,
        target=f"s{notice.subscription_id}",
        address=address,
    )
