"""The desk's pages of timing: one warning with all its steps, and a period with its durations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked
from tocsin.office.watch.csv_file import csv_response
from tocsin.triggers.rules import Level

from .desk_episodes import facts_of
from .timing import COLUMNS, FIRST, SPANS, Timing, summary, timings
from .who_knew import drafts_of, reports_of

__all__ = ["period", "warning"]

ROWS = 50
DAYS = 30
MOMENTS = (
    ("crossed_at", _("Threshold crossed")),
    ("drafted_at", _("Draft begun")),
    ("approved_at", _("Approved")),
    ("issued_at", _("Issued")),
    ("first_sent_at", _("First delivery")),
    ("last_sent_at", _("Last delivery")),
    ("acknowledged_at", _("First acknowledgement")),
)
CROSSING = {"crossed_at"}
DESK = {"drafted_at", "approved_at"}
SENDING = {"first_sent_at", "last_sent_at", "acknowledged_at"}
SPAN_WORDS = {
    "crossed_to_issued": _("threshold crossed to issued"),
    "drafted_to_approved": _("draft begun to approved"),
    "approved_to_issued": _("approved to issued"),
    "issued_to_first_delivery": _("issued to first delivery"),
    "issued_to_last_delivery": _("issued to last delivery"),
    "issued_to_acknowledged": _("issued to first acknowledgement"),
}


@never_cache
@require_safe
@desk_page
def warning(request: HttpRequest, region: Region, slug: str) -> HttpResponseBase:
    """Show every step of every message of one warning, who took it, and what was reported."""
    found = Warning.objects.filter(slug=slug).first()
    if found is None:
        raise Http404("No such warning.")
    messages = Message.objects.filter(warning=found).order_by("number")
    drafts = drafts_of(messages)
    keys = dict(messages.values_list("number", "pk"))
    episode = next((one for one in facts_of(request).episodes if one.slug == slug), None)
    context = {
        "slug": slug,
        "rows": [
            (row, _steps(row), _spans(row), drafts.get(row.number), keys[row.number])
            for row in timings(messages)
        ],
        "reports": reports_of(episode),
    }
    return render(request, "desk/timing_warning.html", context)


def _steps(row: Timing) -> list[tuple[Any, Any]]:
    """Return the moments there were or could have been: no draft's of a message by the rules."""
    without = DESK if row.is_by_machine else set()
    without = without | (SENDING if not row.targets else set())
    without = without | (CROSSING if row.reason not in FIRST else set())
    steps = [(name, words, getattr(row, name)) for name, words in MOMENTS]
    return [(words, at) for name, words, at in steps if at or name not in without]


def _spans(row: Timing) -> list[tuple[Any, Any]]:
    took = ((SPAN_WORDS[span.name], row.between(span)) for span in SPANS)
    return [(words, length) for words, length in took if length is not None]


@never_cache
@require_safe
@desk_page
def period(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the messages of a period with their moments, the median and the worst; CSV on demand."""
    asked = Asked(request.GET, region)
    during = asked.period(DAYS)
    # Up to and with the present hour; a day asked for ends before the next one begins.
    until = {"sent_at__lt" if asked.text("to") else "sent_at__lte": during.end}
    messages = Message.objects.filter(sent_at__gte=during.start, **until)
    rows = timings(messages.order_by("-number"))
    if asked.text("format") == "csv":
        return csv_response("timing.csv", *_table(rows))
    context = {
        "period": during,
        "summary": [(SPAN_WORDS[one.span.name], one) for one in summary(rows)],
        "page": Paginator(rows, ROWS).get_page(asked.text("page") or 1),
        "moments": MOMENTS,
        "notes": asked.notes,
    }
    return render(request, "desk/timing.html", context)


def _table(rows: list[Timing]) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the export: every moment in UTC with its offset, every stretch in seconds."""
    head = [*COLUMNS, *(f"{span.name}_s" for span in SPANS)]

    def lines() -> Iterator[list[Any]]:
        for row in reversed(rows):
            cells = [getattr(row, name) for name in COLUMNS]
            cells[COLUMNS.index("level")] = Level(row.level).word
            took = [row.between(span) for span in SPANS]
            yield [
                *(cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in cells),
                *(None if length is None else round(length.total_seconds()) for length in took),
            ]

    return head, lines()
