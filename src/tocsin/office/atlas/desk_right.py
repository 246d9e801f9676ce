"""Were we right: a month's warnings against what was measured, in words a mayor understands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked, Period, bounds
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_picks import rules_at
from tocsin.triggers.rules import Rule

from .desk_episodes import facts_of
from .desk_lists import LEVELS_BY_WORD
from .queries import standing
from .right import Line, account
from .wording import HAZARDS, hazard_word, said

__all__ = ["right"]

BY = {
    "rule": gettext_lazy("by rule"),
    "hazard": gettext_lazy("by hazard"),
    "area": gettext_lazy("by area"),
    "season": gettext_lazy("by season"),
    "month": gettext_lazy("by month"),
}
SEASONS = {
    "12-02": gettext_lazy("December to February"),
    "03-05": gettext_lazy("March to May"),
    "06-08": gettext_lazy("June to August"),
    "09-11": gettext_lazy("September to November"),
}
AGAINST = {
    "measured": gettext_lazy("against what was measured"),
    "reported": gettext_lazy("against what was reported"),
}
WHOLE = "all"
OF_A_DAY = "over a day)"
"""How the cell method of a quantity ends that is given once a day."""
COLUMNS = (
    "line", "warnings", "right", "in_vain", "events", "warned", "missed", "pod", "pod_low",
    "pod_high", "far", "far_low", "far_high", "csi", "bias", "median_lead_h", "lead_quarter_h",
    "lead_three_quarters_h",
)  # fmt: skip


@never_cache
@require_safe
@desk_page
def right(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show the account of one month, or of all there is; as CSV on demand."""
    asked = Asked(request.GET, region)
    months = _months(region)
    now = f"{moment(region).astimezone(region.zone):%Y-%m}"
    month = asked.choice("month", [*months, WHOLE], now)
    span = months.get(month) or bounds(region)
    level = LEVELS_BY_WORD[asked.choice("level", LEVELS_BY_WORD, "yellow")]
    by, against = asked.choice("by", BY, "rule"), asked.choice("against", AGAINST, "measured")
    found = account(
        region,
        facts_of(request).episodes,
        first=span.start,
        last=span.end,
        level=level,
        by=by,
        against=against,
    )
    names = _names(by, region)
    if asked.text("format") == "csv":
        rows = [_csv_row(line, names) for line in (*found.lines, found.whole)]
        return csv_response(f"right-{month}-{level.word}.csv", COLUMNS, rows)
    context = {
        "found": found,
        "lines": [(names.get(line.key, line.key), line) for line in found.lines],
        "months": list(months),
        "month": month,
        "whole": WHOLE,
        "span": span,
        "level": level,
        "levels": LEVELS_BY_WORD,
        "by": by,
        "ways": BY,
        "against": against,
        "sides": AGAINST,
        "of_days": against == "measured" and _looks_at_days(region),
        "widest": max((line.events + line.warnings for line in found.lines), default=1),
        "notes": asked.notes,
    }
    return render(request, "desk/right.html", context)


def _looks_at_days(region: Region) -> bool:
    """Whether any rule looks at values of a whole day, which stand at its last hour."""
    indicators = {
        name
        for version in rules_at(moment(region))
        for name in Rule.model_validate(version.definition).indicators
    }
    quantities = {one for name in indicators for one in CATALOGUE[name].inputs.values()}
    return any(OF_A_DAY in quantity for quantity in quantities)


def _months(region: Region) -> dict[str, Period]:
    """Return every month there is something of, newest first, in the region's zone."""
    span = bounds(region)
    at = span.start.astimezone(region.zone)
    at = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = {}
    while at < span.end:
        following = _next_month(at)
        months[f"{at:%Y-%m}"] = Period(at, following)
        at = following
    return dict(reversed(months.items()))


def _next_month(at: datetime) -> datetime:
    return (at + timedelta(days=32)).replace(day=1)  # by the clock on the wall


def _names(by: str, region: Region) -> dict[str, str]:
    if by == "area":
        return {code: said(area.names) for code, area in standing(region).areas.items()}
    of_rules = RuleVersion.objects.order_by().values_list("hazard", flat=True).distinct()
    hazards = {hazard: hazard_word(hazard) for hazard in {*HAZARDS, *of_rules}}
    if by == "hazard":
        return hazards
    if by == "rule":
        versions = rules_at(moment(region), with_off=True)
        return hazards | {v.rule: said(v.definition["name"]) for v in versions}
    return {season: str(words) for season, words in SEASONS.items()}


def _csv_row(line: Line, names: dict[str, str]) -> list[Any]:
    verdicts, pod, far = line.verdicts, line.pod, line.far
    row = [
        names.get(line.key, line.key) or _("all"),
        line.warnings,
        line.right,
        line.warnings - line.right,
        line.events,
        verdicts.hits,
        line.missed,
        *(pod.value, pod.low, pod.high),
        *(far.value, far.low, far.high),
        verdicts.csi,
        verdicts.bias,
        line.lead_h,
        *(line.lead_half_h or (None, None)),
    ]
    return ["" if value is None or value != value else value for value in row]
