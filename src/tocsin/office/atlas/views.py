"""The public pages. A view asks, and hands to its template; what it says is made elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from tocsin.office.places.models import Region
from tocsin.office.received.queries import head as received_head

from . import cards, evidence, lookup, method_page, pictures, queries
from .conditional import public_page, public_page_of
from .rule_history import levels_of

__all__ = ["home", "method", "past_warnings", "rule_version", "warning"]

PAGE_SIZE = 40
LATE_H = 3  # a live region that has not looked for so long says so
DAY = timedelta(days=1)


def home(request: HttpRequest) -> HttpResponseBase:
    """Show what is in force now, ours and others', where, and what ended in the last day."""
    return public_page_of(_home, received_head)(request)


def _home(request: HttpRequest, region: Region, at: datetime) -> HttpResponseBase:
    standing, feeds = queries.standing(region), request.tocsin_feeds  # type: ignore[attr-defined]
    messages = queries.in_force(at)
    looked = queries.last_look(region, at, feeds)
    levels, drawn = cards.on_the_map(messages)
    page = {
        "page": "home",
        "cards": [cards.card_of(message, standing, at) for message in messages],
        "ended": [lookup.ended_row(message) for message in queries.ended_since(at - DAY, at)],
        "picture": pictures.region_map(region, standing, levels, drawn),
        "map_groups": cards.groups_of(cards.levels_of(messages), standing),
        "looked_at": looked,
        "is_late": looked is not None and at - looked > timedelta(hours=LATE_H),
        "sources": queries.source_list(standing, feeds),
    }
    return render(request, "atlas/home.html", page)


@public_page
def past_warnings(request: HttpRequest, region: Region, at: datetime) -> HttpResponseBase:
    """List every warning up to the region's moment, by words, hazard, level, area and time."""
    standing = queries.standing(region)
    form = lookup.Search(request.GET, standing=standing, zone=region.zone)
    pages = Paginator(lookup.found(form, standing, at), PAGE_SIZE)
    shown = pages.get_page(request.GET.get("page"))
    page = {
        "page": "warnings",
        "form": form,
        "rows": lookup.rows_of(list(shown.object_list), standing, at),
        "shown": shown,
        "numbers": pages.get_elided_page_range(shown.number, on_each_side=1, on_ends=1),
        "query": form.as_query(),
        "sources": queries.source_list(standing, request.tocsin_feeds),  # type: ignore[attr-defined]
    }
    return render(request, "atlas/warnings.html", page)


@public_page
def warning(request: HttpRequest, region: Region, at: datetime, slug: str) -> HttpResponseBase:
    """Show one warning: why, where, whom, and every message of it."""
    known = queries.warning_known(slug, at)
    messages = queries.messages_of(known, at) if known else []
    if known is None or not messages:
        raise Http404("No such warning at this moment.")
    standing, feeds = queries.standing(region), request.tocsin_feeds  # type: ignore[attr-defined]
    page: dict[str, Any] = {
        "page": "warnings",
        **evidence.page_of(known, messages, region, standing, at, queries.known_until(at, feeds)),
        "sources": queries.source_list(standing, feeds),
    }
    return render(request, "atlas/warning.html", page)


@public_page
def method(request: HttpRequest, region: Region, at: datetime) -> HttpResponseBase:
    """Show the levels, the rules, the indicators and where everything comes from."""
    standing, feeds = queries.standing(region), request.tocsin_feeds  # type: ignore[attr-defined]
    page = {
        "page": "method",
        **method_page.page_of(queries.rules_in_use(at), standing, feeds),
        "sources": queries.source_list(standing, feeds),
    }
    return render(request, "atlas/method.html", page)


@public_page
def rule_version(
    request: HttpRequest, region: Region, at: datetime, rule: str, version: int
) -> HttpResponseBase:
    """Show one version of a rule as it stood: what a warning that names it rests on."""
    held = queries.version_known(rule, version, at)
    if held is None:
        raise Http404(f"no version {version} of {rule}")
    page = {
        "page": "method",
        "version": held,
        "in_force": next((one for one in queries.rules_in_use(at) if one.rule == rule), None),
        "texts": levels_of(held.definition),
        **method_page.page_of([held], queries.standing(region), []),
    }
    return render(request, "atlas/rule_version.html", page)
