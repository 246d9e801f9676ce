"""The only place that writes the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .models import Entry

__all__ = ["record", "record_news"]


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
        object_type=_kind(what),
        object_id=object_id,
        detail=dict(detail or {}),
    )


def record_news(
    verb: str, what: object, *, by: str, at: datetime, object_id: str, detail: Mapping[str, Any]
) -> bool:
    """Add a line unless the last one of this verb on this object has the same detail.

    Returns
    -------
    bool
        Whether it was news: what is found anew at every cycle is told once.
    """
    about = Entry.objects.filter(verb=verb, object_type=_kind(what), object_id=object_id)
    last = about.last()
    if last is not None and last.detail == detail:
        return False
    record(verb, what, by=by, at=at, object_id=object_id, detail=detail)
    return True


def _kind(what: object) -> str:
    return what if isinstance(what, str) else type(what).__name__.lower()
