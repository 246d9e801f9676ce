"""Earthquakes and hotspots: the list, one of them with the areas it reaches, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import DraftError, NotAllowedError, StateError, StorageError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.occurrence_drafts import start_from_occurrence
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.events import record_events
from tocsin.office.watch.occurrence_models import Occurrence
from tocsin.office.watch.reached import areas_hit, choices, chosen, hotspots_inside, shaken
from tocsin.triggers.rules import LEVELS, Level
from tocsin.triggers.verification import Event as Happened

from .desk_map import map_of_levels, with_occurrences
from .occurrence_list import COLUMNS, DAYS, Wanted, csv_rows, found_by, rows_of, size_text
from .occurrence_list import title_of as title

__all__ = ["draft", "occurrence", "occurrences", "record"]

ROWS = 50
MARKED = 300
DAY = timedelta(hours=24)
AREAS_SHOWN = 40


@never_cache
@require_safe
@desk_page
def occurrences(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List them, filtered; as CSV on demand."""
    at = moment(region)
    asked = Asked(request.GET, region)
    wanted = Wanted.read(asked, at)
    found = found_by(wanted, region)
    if asked.text("format") == "csv":
        return csv_response("occurrences.csv", COLUMNS, csv_rows(found.iterator(500), region))
    page = Paginator(found, ROWS).get_page(asked.text("page") or 1)
    context = {
        "wanted": wanted,
        "days": DAYS,
        "page": page,
        "rows": list(rows_of(page.object_list, region)),
        "is_empty": not Occurrence.objects.exists(),
        "burning": hotspots_inside(region, at - DAY, at),
        "map": with_occurrences(map_of_levels(region, {}), region, found[:MARKED]),
        "notes": asked.notes,
    }
    return render(request, "desk/occurrences.html", context)


@never_cache
@require_safe
@desk_page
def occurrence(request: HttpRequest, region: Region, key: int) -> HttpResponse:
    """Show one: what its source says, which areas it reaches, and what can be done about it."""
    row = get_object_or_404(Occurrence.objects.select_related("feed"), pk=key)
    hits = areas_hit(row, region, moment(region))
    roles = request.desk_roles  # type: ignore[attr-defined]
    context = {
        "one": row,
        "title": title(row),
        "size": size_text(row),
        "hits": hits[:AREAS_SHOWN],
        "more": max(len(hits) - AREAS_SHOWN, 0),
        "is_felt": any(hit.intensity is not None for hit in hits),
        "shaken": shaken(row, region),
        "choices": choices(hits),
        "levels": [level for level in LEVELS if level],
        "may_write": may("write_draft", roles),
        "may_record": may("record_event", roles),
        "corrections": row.corrections.all()[:50],
        "map": with_occurrences(map_of_levels(region, {}), region, [row]),
    }
    return render(request, "desk/occurrence.html", context)


@require_POST
@desk_page
def draft(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Begin a draft for the areas chosen and open it."""
    row = get_object_or_404(Occurrence.objects.select_related("feed"), pk=key)
    at = moment(region).replace(microsecond=0)
    codes = chosen(areas_hit(row, region, at), request.POST.get("areas", ""))
    try:
        made = start_from_occurrence(row, region, codes, _level(request), by=request.user, at=at)  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except (StateError, DraftError, StorageError) as error:
        messages.error(request, str(error))
        return redirect("occurrences:one", key)
    return redirect("warnings_desk:compose", made.pk)


@require_POST
@desk_page
def record(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Record it as an event of the areas chosen, for "Were we right"."""
    row = get_object_or_404(Occurrence.objects.select_related("feed"), pk=key)
    at = moment(region)
    level = _level(request)
    codes = chosen(areas_hit(row, region, at), request.POST.get("areas", ""))
    source = f"{row.feed.source}, {row.source_id}"[:200]
    events = [Happened(row.hazard, code, row.time, row.time, level, source) for code in codes]
    try:
        kept = record_events(events, _words(row), by=request.user, at=at)  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except StateError as error:
        messages.error(request, str(error))
        return redirect("occurrences:one", key)
    said = ngettext("%d event was recorded.", "%d events were recorded.", kept) % kept
    messages.success(request, said if kept else _("It was recorded before."))
    return redirect("watch:events")


def _level(request: HttpRequest) -> Level:
    """Return the level chosen in the form; yellow where it names none."""
    known = {level.word: level for level in LEVELS if level}
    return known.get(str(request.POST.get("level", "")), Level.YELLOW)


def _words(row: Occurrence) -> str:
    place: Any = row.facts.get("place") or f"{row.lat:.3f}, {row.lon:.3f}"
    return f"{size_text(row)}, {place}"
