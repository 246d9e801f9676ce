"""The feeds page as it is shown: what is held for review, what was flagged, what is missing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tocsin.office.places.current import moment
from tocsin.office.places.models import Region

from .completeness import Summary, quality_summary
from .holds import HeldGroup, held_groups, may_decide
from .labels import flag_words, quantity_name, shown_in
from .models import Cycle, Feed

__all__ = ["feeds_page"]

CYCLES_SHOWN = 24
STATIONS_NAMED = 8


def feeds_page(request: HttpRequest, region: Region) -> dict[str, Any]:
    """Return all that the page shows."""
    at, summary = moment(region), quality_summary()
    return {
        "feeds": [
            (feed, feed.silence_min(at), not region.is_replay and feed.is_late(at))
            for feed in Feed.objects.order_by("code")
        ],
        "held": [_held(group, region) for group in held_groups()],
        "may_review": may_decide(request.user),
        "cycles": Cycle.objects.all()[:CYCLES_SHOWN],
        "flagged": [_flagged(row, region) for row in summary.flagged],
        "coverage": _coverage(summary),
        "gaps": summary.gaps,
        "since": summary.since,
    }


def _held(group: HeldGroup, region: Region) -> dict[str, Any]:
    """Return a group with its medians in the region's unit, as read and as they would be."""
    hold, series = group.first, group.first.series
    shown = shown_in(series.quantity, series.unit, region.display_units)
    codes = group.stations
    return {
        "group": group,
        "name": quantity_name(series.quantity),
        "quantity": series.quantity,
        "stations": codes[:STATIONS_NAMED],
        "more": len(codes[STATIONS_NAMED:]),
        "shown": shown,
        "before": shown.of(hold.before),
        "after": shown.of(hold.after),
        "meant": shown.of(hold.meant),
    }


def _flagged(row: dict[str, Any], region: Region) -> dict[str, Any]:
    quantity = row["series__quantity"]
    shown = shown_in(quantity, row["series__unit"], region.display_units)
    return {
        **row,
        "name": quantity_name(quantity),
        "reasons": flag_words(row["flags"]),
        "low": shown.of(row["low"]),
        "high": shown.of(row["high"]),
        "shown": shown,
    }


def _coverage(summary: Summary) -> dict[str, Any]:
    """Return how complete each series is: a line a quantity, a column a station."""
    stations = sorted({row["series__station__code"] for row in summary.coverage})
    lines: dict[str, dict[str, float]] = {}
    for row in summary.coverage:
        hours = (row["last"] - row["first"]).total_seconds() / 3600 + 1
        share = min(100.0 * row["count"] / hours, 100.0)
        lines.setdefault(row["series__quantity"], {})[row["series__station__code"]] = share
    table = [
        {"name": quantity_name(name), "cells": [cells.get(code) for code in stations]}
        for name, cells in lines.items()
    ]
    return {"stations": stations, "rows": table, "of": summary.stations}
