"""The rules: what each says, and what it has raised."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.labels import quantity_name
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.queries import newest_rules
from tocsin.triggers.rules import LEVELS

from .desk_episodes import Episode, facts_of
from .desk_lists import LEVELS_BY_WORD, raised_by, trigger_counts, trigger_rows, triggers_of
from .queries import standing

__all__ = ["rule", "rules"]

ROWS = 50


@never_cache
@require_safe
@desk_page
def rules(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List the rules with their thresholds and what each has raised."""
    found = facts_of(request).episodes
    counts = trigger_counts()
    lines = [
        {
            "version": version,
            "rule": version.definition,
            "indicator": quantity_name(version.definition["indicator"]),
            "levels": _levels(version),
            "raised": raised_by(version.rule, found),
            "triggers": counts.get(version.rule, 0),
        }
        for version in newest_rules()
    ]
    return render(request, "desk/rules.html", {"lines": lines})


@never_cache
@require_safe
@desk_page
def rule(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Show one rule in words, its texts, and every trigger; the triggers as CSV on demand."""
    version = RuleVersion.objects.filter(rule=rule).first()  # newest first
    if version is None:
        raise Http404(f"no rule {rule}")
    asked = Asked(request.GET, region)
    stands = standing(region)
    area = asked.choice("area", stands.areas)
    level = asked.choice("level", LEVELS_BY_WORD)
    triggers = triggers_of(version, area, level)
    if asked.text("format") == "csv":
        unit = version.definition["unit"]
        return csv_response(f"triggers-{version.rule}.csv", *trigger_rows(triggers, unit))
    found = [one for one in facts_of(request).episodes if one.rule == rule]
    context = {
        "version": version,
        "rule": version.definition,
        "indicator": CATALOGUE.get(version.definition["indicator"]),
        "levels": _levels(version, found),
        "raised": raised_by(rule, found),
        "page": Paginator(triggers, ROWS).get_page(asked.text("page") or 1),
        "warnings": list(reversed(found)),
        "areas": [one for one in stands.areas.values() if one.is_leaf],
        "wanted": {"area": area, "level": level},
        "notes": asked.notes,
    }
    return render(request, "desk/rule.html", context)


def _levels(version: RuleVersion, found: list[Episode] | None = None) -> list[dict[str, Any]]:
    """Return each level of a rule from the highest, with threshold, texts and hours in force."""
    rule = version.definition
    return [
        {
            "level": int(level),
            "threshold": rule["levels"][level.word],
            "text": rule["text"].get(level.word, {}),
            "hours": _hours_at(level, found or []),
        }
        for level in reversed(LEVELS)
        if level.word in rule["levels"]
    ]


def _hours_at(level: int, found: list[Episode]) -> float:
    """Return the hours in force with ``level`` as the highest."""
    return sum(
        (stretch.end - stretch.start).total_seconds() / 3600
        for episode in found
        for stretch in episode.stretches
        if stretch.level == level
    )
