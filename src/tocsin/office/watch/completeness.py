"""What was flagged and what is missing, of as many hours as can be looked at in a moment.

The page looks back over about ``BUDGET`` values: a year of a town, a few hours of a country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, Max, Min, QuerySet, Window
from django.db.models.functions import Lag

from .models import Feed, Observation, Series
from .queries import Bucket

__all__ = ["BUDGET", "Summary", "quality_summary"]

BUDGET = 400_000
"""Values that one look may cost; about half a second."""
LEAST_H, MOST_H = 2, 24 * 400
FLAGGED_SHOWN = 100
STATIONS_SHOWN = 12
GAPS_SHOWN = 20
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Summary:
    """``since`` is None where all that is stored was looked at; ``stations`` counts them all."""

    flagged: list[dict[str, Any]]
    coverage: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    since: datetime | None = None
    stations: int = 0


def quality_summary() -> Summary:
    """Return what was flagged and what is missing; worked out once for each reading of a feed."""
    readings = Feed.objects.order_by("code").values_list("code", "read_at", "rows_used")
    return _quality(tuple(readings))


@lru_cache(maxsize=2)
def _quality(_readings: tuple[Any, ...]) -> Summary:
    """Return the summary of the readings named by the key."""
    observed = Observation.objects.filter(series__kind=Series.OBSERVED)
    ends = Observation.objects.aggregate(first=Min("time"), last=Max("time"))
    if ends["last"] is None:
        return Summary([], [], [])
    count = Series.objects.filter(kind=Series.OBSERVED).count()
    hours = min(max(BUDGET // max(count, 1), LEAST_H), MOST_H)
    start = ends["last"] - timedelta(hours=hours)
    since = start if start > ends["first"] else None
    if since is not None:
        observed = observed.filter(time__gte=since)
    rows = _coverage(observed)
    shown = _least_complete(rows)
    return Summary(
        _flagged(observed),
        [row for row in rows if row["series__station__code"] in shown],
        _gaps(rows, since),
        since,
        len({row["series__station__code"] for row in rows}),
    )


def _flagged(observed: QuerySet[Observation]) -> list[dict[str, Any]]:
    rows = (
        observed.filter(flags__gt=0)
        .values("series__station__code", "series__quantity", "series__unit", "flags")
        .annotate(
            count=Count("id"),
            low=Min("value"),
            high=Max("value"),
            first=Min("time"),
            last=Max("time"),
        )
        .order_by("-count", "series__station__code")[:FLAGGED_SHOWN]
    )
    return [dict(row) for row in rows]


def _coverage(observed: QuerySet[Observation]) -> list[dict[str, Any]]:
    rows = (
        observed.filter(value__isnull=False)
        .values("series_id", "series__station__code", "series__quantity")
        .annotate(count=Count("id"), first=Min("time"), last=Max("time"))
        .order_by("series__quantity", "series__station__code")
    )
    return [dict(row) for row in rows]


def _least_complete(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the stations with the fewest values; all where they are few."""
    count: dict[str, int] = {}
    for row in rows:
        code = row["series__station__code"]
        count[code] = count.get(code, 0) + row["count"]
    return set(sorted(count, key=lambda code: (count[code], code))[:STATIONS_SHOWN])


def _gaps(coverage: Sequence[Mapping[str, Any]], since: datetime | None) -> list[dict[str, Any]]:
    """Return the longest silences of each station, by its best kept series."""
    best: dict[str, Mapping[str, Any]] = {}
    for row in coverage:
        code = row["series__station__code"]
        if code not in best or row["count"] > best[code]["count"]:
            best[code] = row
    keys = {row["series_id"]: code for code, row in best.items()}
    second = Bucket("time")
    values = Observation.objects.filter(value__isnull=False)
    if since is not None:
        values = values.filter(time__gte=since)
    if len(keys) <= STATIONS_SHOWN:
        values = values.filter(series__in=list(keys))
    silences = (
        values.annotate(
            second=second,
            before=Window(Lag(second), partition_by=[F("series_id")], order_by=F("time").asc()),
        )
        .filter(second__gt=F("before") + 1.5 * HOUR_S)
        .values("series_id", "time", "second", "before")
    )
    found = []
    for gap in silences:
        if gap["series_id"] not in keys:
            continue
        hours = (gap["second"] - gap["before"]) / HOUR_S
        found.append(
            {
                "station": keys[gap["series_id"]],
                "start": gap["time"] - timedelta(hours=hours),
                "end": gap["time"],
                "hours": hours - 1,
            }
        )
    found.sort(key=lambda gap: (-gap["hours"], gap["start"], gap["station"]))
    return found[:GAPS_SHOWN]
