"""The watch's own pages: series with their flags, feeds with their faults."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.errors import TocsinError
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region

from .access import desk_page
from .asked import Asked, Period
from .chosen import Chosen
from .csv_file import csv_response
from .feeds_page import feeds_page
from .holds import decide
from .labels import flag_words
from .queries import (
    chart_points,
    flagged_values,
    table_page,
    table_rows,
    threshold_lines,
    values_between,
)
from .series_ahead import newest_ahead

__all__ = ["decide_held", "feeds", "points", "series", "values_csv"]


@never_cache
@require_safe
@desk_page
def series(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show one quantity at some stations over a period: chart, flagged values, table."""
    asked = Asked(request.GET, region)
    chosen = Chosen.read(asked, request.GET.getlist("station"))
    period = asked.period()
    part, pages = table_page(chosen.quantity, period, asked.number("page", 1, 1, 10_000))
    flagged, flagged_count = flagged_values(chosen.series, period)
    context = {
        "chosen": chosen,
        "period": period,
        "spans": _spans(period),
        "flagged": [(one, chosen.shown.of(one.value), flag_words(one.flags)) for one in flagged],
        "flagged_count": flagged_count,
        "rows": table_rows(chosen.series, part),
        "part": part,
        "pages": pages,
        "page": asked.number("page", 1, 1, pages),
        "query": chosen.query(period),
        "ahead": newest_ahead(chosen.series, period, chosen.shown, moment(region)),
        "notes": asked.notes,
    }
    return render(request, "watch/series.html", context)


def _spans(period: Period) -> list[tuple[str, Period]]:
    """Return periods a step away: the one before, the one after, and usual lengths."""
    length = period.end - period.start
    return [
        (_("Earlier"), Period(period.start - length, period.start)),
        (_("Later"), Period(period.end, period.end + length)),
        (_("Half as long"), Period(period.start + length / 4, period.end - length / 4)),
        (_("Twice as long"), Period(period.start - length / 2, period.end + length / 2)),
    ]


@never_cache
@require_safe
@desk_page
def points(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Return the chart of the series page as JSON, at most some thousand points."""
    asked = Asked(request.GET, region)
    chosen = Chosen.read(asked, request.GET.getlist("station"))
    period = asked.period()
    drawn = chart_points(chosen.series, period, chosen.shown)
    flagged, flagged_count = flagged_values(chosen.series, period)
    answer: dict[str, Any] = {
        "zone": region.time_zone,
        "unit": chosen.shown.unit,
        "decimals": chosen.shown.decimals,
        "x": drawn.x,
        "lines": [
            {"station": one.station.code, "values": drawn.lines[one.pk]} for one in chosen.series
        ],
        "slot_h": drawn.slot_h,
        "count": drawn.count,
        "thresholds": list(
            threshold_lines(chosen.quantity, chosen.shown, moment(region), chosen.codes)
        ),
        "flagged": [
            [int(one.time.timestamp()), chosen.shown.of(one.value), one.series.station.code]
            for one in flagged
        ],
        "flagged_count": flagged_count,
        "notes": asked.notes,
    }
    if ahead := newest_ahead(chosen.series, period, chosen.shown, moment(region)):
        answer["ahead"] = ahead.as_json()
    return JsonResponse(answer)


@never_cache
@require_safe
@desk_page
def values_csv(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Return every value of a period, flagged ones too, in the unit of the page."""
    asked = Asked(request.GET, region)
    chosen = Chosen.read(asked, request.GET.getlist("station"))
    found = values_between(chosen.series, asked.period()).order_by("time", "series__station__code")
    head = ["time_utc", "time_local", "station", "quantity", "value", "unit", "flags"]
    station = {one.pk: one.station.code for one in chosen.series}
    zone, shown = region.zone, chosen.shown
    rows = (
        [
            time.isoformat(),
            time.astimezone(zone).isoformat(),
            station[key],
            chosen.quantity,
            shown.of(value),
            shown.unit,
            flag_words(flags) if flags else "",
        ]
        for time, key, value, flags in found.values_list(
            "time", "series_id", "value", "flags"
        ).iterator(chunk_size=2000)
    )
    return csv_response(f"{chosen.quantity or 'series'}.csv", head, rows)


@never_cache
@require_safe
@desk_page
def feeds(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show how each feed and the last cycles went, what is held, flagged and missing."""
    return render(request, "watch/feeds.html", feeds_page(request, region))


@never_cache
@require_POST
@desk_page
def decide_held(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Release, convert or refuse what is held for review."""
    given = request.POST.get("holds", "").split(",")
    keys = [int(key) for key in given if key.isdecimal() and len(key) < 19]
    verdict = request.POST.get("verdict", "")
    try:
        count = decide(keys, verdict, by=request.user, at=moment(region))  # type: ignore[arg-type]
    except TocsinError as refused:
        messages.error(request, str(refused))
    else:
        said = ngettext("%d value was decided.", "%d values were decided.", count) % count
        messages.success(request, f"{said} {_('The next cycle judges them anew.')}")
    return redirect("watch:feeds")
