"""The desk's overview, its list of warnings, the audit trail, and the region's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import NotAllowedError, StateError
from tocsin.office.people.rules import may
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.places.services import set_clock
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked, bounds
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.rule_picks import rules_at

from . import desk_lists
from .desk_charts import week
from .desk_episodes import facts_of
from .desk_map import map_of_levels, map_of_values, with_occurrences, with_received
from .desk_queries import (
    cards_in_force,
    county_levels,
    county_values,
    current_values,
    moves_between,
    needs,
    values_table,
)
from .desk_strip import strip_of
from .occurrence_list import marked
from .queries import standing

__all__ = ["audit", "clock", "now", "warnings"]

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
ROWS = 50


@never_cache
@require_safe
@desk_page
def now(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the region as it stood at one hour; htmx asks for the board alone."""
    asked = Asked(request.GET, region)
    at, span = asked.moment(), bounds(region)
    context = {
        "at": at,
        "stamp": f"{at:%Y-%m-%dT%H:%MZ}",
        "span": span,
        "hour": int((at - span.start) / HOUR),
        "steps": [
            (_("−1 day"), max(at - DAY, span.start)),
            (_("−1 h"), max(at - HOUR, span.start)),
            (_("+1 h"), min(at + HOUR, span.end)),
            (_("+1 day"), min(at + DAY, span.end)),
        ],
        "may_set_clock": region.is_replay and may("set_clock", request.desk_roles),  # type: ignore[attr-defined]
        "notes": asked.notes,
        **_board(request, region, asked, at),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/board_alone.html", context)
    context["strip"] = strip_of(facts_of(request), span, region)
    return render(request, "desk/now.html", context)


def _board(request: HttpRequest, region: Region, asked: Asked, at: Any) -> dict[str, Any]:
    """Return what the board shows of one hour."""
    facts, stands = facts_of(request), standing(region)
    found = facts.episodes
    readings = current_values(region, at, list(facts.feeds))
    stations, table, count = values_table(readings)
    choices = {row.quantity: row.name for row in table if row.is_indicator}
    indicator = asked.choice("show", choices)
    if indicator:
        values = county_values(readings, indicator, stands)
        drawn = map_of_values(region, values, rules_at(at), at)
    else:
        drawn = map_of_levels(region, county_levels(found, at))
    return {
        "cards": cards_in_force(found, at, stands),
        "changes": moves_between(found, at - DAY, at),
        "later": moves_between(found, at, at + DAY) if region.is_replay else [],
        "needs": needs(region, at, facts, readings),
        "week": week(found, at, region.zone, sorted({one.hazard for one in found})),
        "map": with_occurrences(with_received(drawn, region, at), region, marked(at - DAY, at)),
        "indicator": indicator,
        "choices": choices,
        "station_count": count,
        "stations": [stands.stations[code] for code in stations if code in stands.stations],
        "tables": [
            (title, rows)
            for title, rows in (
                (_("Measured"), [row for row in table if not row.is_indicator]),
                (_("Computed"), [row for row in table if row.is_indicator]),
            )
            if rows
        ],
    }


@require_POST
@desk_page
def clock(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Stand the region's clock, and with it the public page, at the hour asked for."""
    asked = Asked(request.POST, region)
    at = asked.moment()
    try:
        set_clock(region, at, by=request.user, moment=moment(region))  # type: ignore[arg-type]
    except NotAllowedError as error:
        return render(request, "desk/refused.html", {"reason": str(error)}, status=403)
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The public page now stands at this hour."))
    return redirect(f"{reverse('desk:now')}?at={at:%Y-%m-%dT%H:%MZ}")


@never_cache
@require_safe
@desk_page
def warnings(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List every warning of the ledger, filtered; as CSV on demand."""
    asked = Asked(request.GET, region)
    found = facts_of(request).episodes
    hazards = sorted({one.hazard for one in found})
    stands = standing(region)
    wanted = desk_lists.WarningsWanted.read(asked, hazards, stands.areas)
    rows = desk_lists.warning_rows(found, wanted, moment(region), stands)
    if asked.text("format") == "csv":
        return csv_response("warnings.csv", *desk_lists.warnings_table(rows))
    context = {
        "wanted": wanted,
        "hazards": hazards,
        "areas": [area for area in stands.areas.values() if area.is_leaf],
        "page": Paginator(rows, ROWS).get_page(asked.text("page") or 1),
        "total": len(found),
        "notes": asked.notes,
    }
    return render(request, "desk/warnings.html", context)


@never_cache
@require_safe
@desk_page
def audit(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the audit trail, newest first, filtered."""
    asked = Asked(request.GET, region)
    choices = desk_lists.audit_choices()
    entries, wanted = desk_lists.audit_entries(asked, choices)
    context = {
        "choices": choices,
        "wanted": wanted,
        "page": Paginator(entries, ROWS).get_page(asked.text("page") or 1),
        "notes": asked.notes,
    }
    return render(request, "desk/audit.html", context)
