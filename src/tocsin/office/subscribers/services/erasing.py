"""Erasing contacts: the row stays for its receipts, everything about the person goes."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from ..models import AreaChoice, Notice, Subscription

__all__ = ["erase"]


def erase(rows: QuerySet[Subscription], state: str, at: datetime) -> int:
    """End ``rows`` as ``state``; their seals, places and choices are overwritten.

    On SQLite what is overwritten is zeroed in the file as well, not merely marked as free. Copies
    in backups stay sealed, and end with the keys: see ``tocsin privacy rotate-keys``.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    keys = list(rows.values_list("pk", flat=True))
    AreaChoice.objects.filter(subscription__in=keys).delete()
    Notice.objects.filter(subscription__in=keys).delete()
    return Subscription.objects.filter(pk__in=keys).update(
        state=state, ended_at=at, expires_at=None, address=b"", secret=b"", place=None,
        hazards="", min_level=1, reason="",
    )  # fmt: skip
