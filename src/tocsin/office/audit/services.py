"""The only place that writes the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .models import Entry

__all__ = ["record"]


def record(
    verb: str,
    what: object,
    *,
    by: str,
    at: datetime,
    object_id: str,
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Add one line to the trail; call it inside the transaction of the change itself."""
    return Entry.objects.create(
        at=at,
        actor=by,
        verb=verb,
        object_type=type(what).__name__.lower() if not isinstance(what, str) else what,
        object_id=object_id,
        detail=dict(detail or {}),
    )
