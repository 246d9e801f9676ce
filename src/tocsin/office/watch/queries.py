"""Questions to the watch: series, points for a chart, what was flagged, what is missing."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, Count, F, Func, Max, Min, QuerySet, Window
from django.db.models.functions import Lag

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.rules import LEVELS

from .asked import Period
from .labels import Shown
from .models import Feed, Observation, RuleVersion, Series

__all__ = [
    "MOST_POINTS",
    "chart_points",
    "flagged_values",
    "newest_rules",
    "quality_summary",
    "table_rows",
    "threshold_lines",
    "values_between",
]

MOST_POINTS = 2000
"""The most points that go to a chart, all of its lines together."""
MOST_FLAGGED = 200
THRESHOLD_DECIMALS = 2
GAPS_SHOWN = 20
HOUR_S = 3600


class Bucket(Func):
    """The number of the ``width`` seconds long slot since 1970 that a time falls into."""

    output_field = BigIntegerField()

    def __init__(self, time: str, width: int = 1) -> None:
        super().__init__(F(time), width=int(width))

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / %(width)s)"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / %(width)s)::bigint"
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True, slots=True)
class Points:
    """Lines over one axis of times; ``slot_h`` is 0 where nothing was thinned."""

    x: list[int]
    lines: dict[int, list[float | None]]
    slot_h: float
    count: int


def values_between(series: Sequence[Series], period: Period) -> QuerySet[Observation]:
    """Return the values of some series in a period; an indexed range of each."""
    return Observation.objects.filter(
        series__in=[one.pk for one in series], time__gte=period.start, time__lt=period.end
    )


def chart_points(series: Sequence[Series], period: Period, shown: Shown) -> Points:
    """Return at most ``MOST_POINTS`` good values; of more, both ends of each slot of time."""
    good = values_between(series, period).filter(flags=0, value__isnull=False)
    count = good.order_by().count()
    cells: dict[int, dict[int, float | None]] = defaultdict(dict)
    if count <= MOST_POINTS:
        width = 0
        for key, second, value in good.annotate(second=Bucket("time")).values_list(
            "series_id", "second", "value"
        ):
            cells[second][key] = shown.of(value)
    else:
        width = _slot_width(period, len(series))
        slots = (
            good.annotate(slot=Bucket("time", width))
            .values("series_id", "slot")
            .annotate(low=Min("value"), high=Max("value"))
            .order_by("slot")
        )
        for row in slots:
            begin = row["slot"] * width
            cells[begin][row["series_id"]] = shown.of(row["low"])
            cells[begin + width // 2][row["series_id"]] = shown.of(row["high"])
    x = _with_gaps(sorted(cells))
    lines = {one.pk: [cells.get(second, {}).get(one.pk) for second in x] for one in series}
    return Points(x, lines, width / HOUR_S, count)


def _slot_width(period: Period, lines: int) -> int:
    """Return the seconds of one slot: whole hours, few enough slots for the chart."""
    slots = max(MOST_POINTS // (2 * max(lines, 1)), 1)
    return (period.hours // slots + 1) * HOUR_S


def _with_gaps(seconds: list[int]) -> list[int]:
    """Put a time without values into each gap, so that no line bridges it."""
    steps = sorted(after - before for before, after in itertools.pairwise(seconds))
    if not steps:
        return seconds
    usual = max(steps[len(steps) // 2], 1)
    holes = [
        before + usual
        for before, after in itertools.pairwise(seconds)
        if after - before > 2.5 * usual
    ]
    return sorted([*seconds, *holes])


def flagged_values(series: Sequence[Series], period: Period) -> tuple[list[Observation], int]:
    """Return the first flagged values of a period, and how many there are."""
    found = values_between(series, period).filter(flags__gt=0).order_by("time", "series_id")
    rows = list(found.select_related("series__station")[: MOST_FLAGGED + 1])
    if len(rows) <= MOST_FLAGGED:
        return rows, len(rows)
    return rows[:MOST_FLAGGED], found.count()


@dataclass(frozen=True, slots=True)
class Row:
    """One time of the table, with a value (or none) for each series."""

    time: datetime
    cells: list[Observation | None]


def table_rows(series: Sequence[Series], period: Period) -> list[Row]:
    """Return the values of a short period, newest first, with a column for each series."""
    at: dict[datetime, dict[int, Observation]] = defaultdict(dict)
    for value in values_between(series, period).order_by("time"):
        at[value.time][value.series_id] = value
    return [
        Row(time, [cells.get(one.pk) for one in series])
        for time, cells in sorted(at.items(), reverse=True)
    ]


def table_page(quantity: str, period: Period, page: int) -> tuple[Period, int]:
    """Return the part of a period that a page of its table shows, from the end; and the pages."""
    known = CATALOGUE.get(quantity)
    length = timedelta(days=60 if known and known.cadence == "daily-noon" else 2)
    pages = max(-(-(period.end - period.start) // length), 1)
    page = min(max(page, 1), pages)
    end = period.end - (page - 1) * length
    return Period(max(end - length, period.start), end), pages


def newest_rules() -> list[RuleVersion]:
    """Return each rule as it stands now, its newest version."""
    newest: dict[str, RuleVersion] = {}
    for version in RuleVersion.objects.all():  # ordered by rule, newest first
        newest.setdefault(version.rule, version)
    return list(newest.values())


def threshold_lines(quantity: str, shown: Shown) -> Iterator[dict[str, Any]]:
    """Return the thresholds of every rule on an indicator, in the unit of the chart."""
    for version in newest_rules():
        rule = version.definition
        if rule.get("indicator") != quantity:
            continue
        at = Shown(rule["unit"], shown.unit, THRESHOLD_DECIMALS)
        for word in (level.word for level in LEVELS if level.word in rule["levels"]):
            threshold = rule["levels"][word]  # a JSON column keeps no order
            yield {"rule": version.rule, "level": word, "value": at.of(threshold)}


def quality_summary() -> dict[str, Any]:
    """Return what was flagged and what is missing; worked out once for each reading of a feed."""
    readings = Feed.objects.order_by("code").values_list("code", "read_at", "rows_used")
    return _quality(tuple(readings))


@lru_cache(maxsize=2)
def _quality(readings: tuple[Any, ...]) -> dict[str, Any]:
    """Return the summary of the readings named by the key; a few whole-table scans."""
    observed = Observation.objects.filter(series__kind=Series.OBSERVED)
    flagged = (
        observed.filter(flags__gt=0)
        .values("series__station__code", "series__quantity", "series__unit", "flags")
        .annotate(
            count=Count("id"),
            low=Min("value"),
            high=Max("value"),
            first=Min("time"),
            last=Max("time"),
        )
        .order_by("-count", "series__station__code")
    )
    coverage = (
        observed.filter(value__isnull=False)
        .values("series_id", "series__station__code", "series__quantity")
        .annotate(count=Count("id"), first=Min("time"), last=Max("time"))
        .order_by("series__quantity", "series__station__code")
    )
    rows = list(coverage)
    return {"flagged": list(flagged), "coverage": rows, "gaps": _gaps(rows)}


def _gaps(coverage: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the longest silences of each station, by its best kept series."""
    best: dict[str, Mapping[str, Any]] = {}
    for row in coverage:
        code = row["series__station__code"]
        if code not in best or row["count"] > best[code]["count"]:
            best[code] = row
    second = Bucket("time")
    silences = (
        Observation.objects.filter(
            series__in=[row["series_id"] for row in best.values()], value__isnull=False
        )
        .annotate(
            second=second,
            before=Window(Lag(second), partition_by=[F("series_id")], order_by=F("time").asc()),
        )
        .filter(second__gt=F("before") + 1.5 * HOUR_S)
        .values("series__station__code", "time", "second", "before")
    )
    found = []
    for gap in silences:
        hours = (gap["second"] - gap["before"]) / HOUR_S
        found.append(
            {
                "station": gap["series__station__code"],
                "start": gap["time"] - timedelta(hours=hours),
                "end": gap["time"],
                "hours": hours - 1,
            }
        )
    found.sort(key=lambda gap: (-gap["hours"], gap["start"], gap["station"]))
    return found[:GAPS_SHOWN]
