"""Questions to the watch: series, points for a chart, what was flagged, what is missing."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, Func, Max, Min, QuerySet
from django.utils.translation import gettext as _

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.return_levels import return_level
from tocsin.triggers.rules import LEVELS, StationRecord

from .asked import Period
from .labels import Shown
from .models import Observation, Series
from .rule_picks import rules_at

__all__ = [
    "MOST_POINTS",
    "chart_points",
    "flagged_values",
    "table_rows",
    "threshold_lines",
    "values_between",
]

MOST_POINTS = 2000
"""The most points that go to a chart, all of its lines together."""
MOST_FLAGGED = 200
THRESHOLD_DECIMALS = 2
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


def threshold_lines(
    quantity: str, shown: Shown, at: datetime, stations: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Return the thresholds of the rules in force on an indicator, in the unit of the chart.

    A return period is another value at each station: a line for each whose record says one.
    """
    for version in rules_at(at):
        rule = version.definition
        if rule.get("indicator") != quantity:
            continue
        limit = Shown(rule["unit"], shown.unit, THRESHOLD_DECIMALS)
        for word in (level.word for level in LEVELS if level.word in rule["levels"]):
            line = {"rule": version.rule, "level": word}
            threshold = rule["levels"][word]  # a JSON column keeps no order
            if rule.get("levels_as") != "return-period":
                yield {**line, "value": limit.of(threshold)}
                continue
            said = _("once in %s years") % f"{threshold:g}"
            for station, value in _of_records(rule, threshold, stations):
                yield {**line, "value": limit.of(value), "station": station, "said": said}


def _of_records(
    rule: Mapping[str, Any], years: float, stations: Sequence[str]
) -> Iterator[tuple[str, float]]:
    """Return the value met once in so many years at each of the stations whose record tells."""
    records = rule.get("record") or {}
    for station in (one for one in stations if one in records):
        record = StationRecord.model_validate(records[station])
        value = return_level(years, record, rule.get("when", "at-or-above"))
        if not math.isnan(value):
            yield station, value
