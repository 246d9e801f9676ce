"""Verbs on what really happened: record an event, take many from a CSV, withdraw one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import require
from tocsin.office.places.models import Area
from tocsin.triggers.rules import Level
from tocsin.triggers.verification import Event as Happened

from .models import Event

__all__ = ["happened", "record_events", "withdraw_event"]

LONGEST = timedelta(days=366)


@transaction.atomic
def record_events(rows: Sequence[Happened], words: str, *, by: User | str, at: datetime) -> int:
    """Keep events of one kind of words; one that is there already is left out. Returns how many.

    Raises
    ------
    NotAllowedError
        The post may not, or not in that area.
    StateError
        An event ends in the future or is longer than a year, or its area is not known.
    """
    areas = {area.code: area for area in Area.objects.filter(code__in={r.area for r in rows})}
    if missing := sorted({row.area for row in rows} - areas.keys()):
        raise StateError(
            _("No area has the code %(code)s; choose one of the region.") % {"code": missing[0]}
        )
    paths = [area.path for area in areas.values()]
    actor = require("record_event", by, lambda code: _holds(code, paths))
    kept = 0
    for row in rows:
        if row.last > at:
            raise StateError(
                _("The event ends at %(at)s UTC, which is to come.")
                % {"at": f"{row.last:%Y-%m-%d %H:%M}"}
            )
        if row.last - row.first > LONGEST:
            raise StateError(
                _("The event lasts %(days)d days; at most 366.")
                % {"days": (row.last - row.first).days}
            )
        _event, made = Event.objects.get_or_create(
            hazard=row.hazard,
            area=areas[row.area],
            first_at=row.first,
            last_at=row.last,
            withdrawn_at=None,
            defaults={
                "level": int(row.level),
                "words": words[:300],
                "source": row.source[:200],
                "recorded_by": actor,
                "recorded_at": at,
            },
        )
        kept += made
    if kept:
        detail = {"events": kept, "hazards": sorted({row.hazard for row in rows})}
        record("record_events", "event", by=actor, at=at, object_id=str(kept), detail=detail)
    return kept


@transaction.atomic
def withdraw_event(pk: int, *, by: User | str, at: datetime) -> Event:
    """Take an event out of the count; the row stays with the moment it was withdrawn.

    Raises
    ------
    StateError
        It is not there or was withdrawn before.
    """
    event = Event.objects.select_for_update().filter(pk=pk).select_related("area").first()
    if event is None or event.withdrawn_at is not None:
        raise StateError(_("This event is not there any more: it was withdrawn before."))
    path = event.area.path
    actor = require("record_event", by, lambda code: _holds(code, [path]))
    event.withdrawn_at = at
    event.save(update_fields=["withdrawn_at"])
    record("withdraw_event", event, by=actor, at=at, object_id=str(event.pk))
    return event


def happened(first: datetime, last: datetime) -> list[Happened]:
    """Return what was recorded and not withdrawn, as verification takes it."""
    rows: Iterable[Event] = Event.objects.filter(
        withdrawn_at=None, first_at__lt=last, last_at__gte=first
    ).select_related("area")
    return [
        Happened(r.hazard, r.area.code, r.first_at, r.last_at, Level(r.level), r.source)
        for r in rows
    ]


def _holds(code: str, paths: Sequence[str]) -> bool:
    """Whether the area of a post holds every one of the paths."""
    area = Area.objects.filter(code=code).first()
    return area is not None and all(path.startswith(area.path) for path in paths)
