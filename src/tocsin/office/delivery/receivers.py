"""What happens here when the desk issues a message: one row, in the transaction of the issue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.signals import message_issued

from .fanout import queue_message

__all__ = ["connect"]


def connect() -> None:
    """Listen to the desk; done twice, it is heard once."""
    message_issued.connect(_issued, dispatch_uid="tocsin.delivery")


def _issued(
    sender: type[Message], *, message: Message, region: Region, at: datetime, **_: Any
) -> None:
    # The wall clock: from here on times are of sending, not of the region's hour.
    queue_message(message, region, timezone.now())
