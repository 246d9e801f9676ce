"""The rules: what each says, and what it has raised."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.asked import Asked, whole_number
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.labels import quantity_name
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_edits import may_propose, open_proposals
from tocsin.office.watch.rule_picks import rules_at
from tocsin.region.rule_text import rule_as_toml

from .desk_episodes import Episode, facts_of
from .desk_lists import LEVELS_BY_WORD, raised_by, trigger_counts, trigger_rows, triggers_of
from .queries import standing, version_shown
from .rule_history import area_names, history_of, levels_of, standing_of
from .rule_words import differences

__all__ = ["rule", "rules", "version", "version_toml"]

ROWS = 50


@never_cache
@require_safe
@desk_page
def rules(request: HttpRequest, region: Region) -> HttpResponseBase:
    """List the rules with their thresholds, what each has raised, and what is proposed."""
    found, at = facts_of(request).episodes, moment(region)
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
        for version in rules_at(at, with_off=True)
    ]
    coming = RuleVersion.objects.filter(valid_from__gt=at).order_by("valid_from")
    proposals, more = open_proposals()
    context = {
        "lines": lines, "proposals": proposals, "more_proposals": more, "coming": coming,
    }  # fmt: skip
    return render(request, "desk/rules.html", context)


@never_cache
@require_safe
@desk_page
def rule(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Show one rule in words, its texts, its versions, and every trigger; the triggers as CSV."""
    version = version_shown(rule, moment(region))
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
        **_said(request, version),
        **standing_of(rule, moment(region), asked.text("versions")),
        "levels": _levels(version, found),
        "raised": raised_by(rule, found),
        "page": Paginator(triggers, ROWS).get_page(asked.text("page") or 1),
        "warnings": list(reversed(found)),
        "areas": [one for one in stands.areas.values() if one.is_leaf],
        "wanted": {"area": area, "level": level},
        "notes": asked.notes,
    }
    return render(request, "desk/rule.html", context)


@never_cache
@require_safe
@desk_page
def version(request: HttpRequest, region: Region, rule: str, version: int) -> HttpResponseBase:
    """Show one version: who, when, why, every word of it, and what differs from another one."""
    lines = history_of(rule, moment(region))
    line = next((one for one in lines if one.version.version == version), None)
    if line is None:
        raise Http404(f"no version {version} of {rule}")
    by_number = {one.version.version: one.version for one in lines}
    others = [number for number in by_number if number != version]
    older = [number for number in others if number < version]
    number = whole_number(request.GET.get("against")) or (older or [0])[0]
    against = by_number.get(number)
    context = {
        **_said(request, line.version),
        "line": line,
        "others": others,
        "against": against,
        "changes": differences(
            against.definition, line.version.definition, area_names(region),
            was_off=against.is_off, is_off=line.version.is_off,
        ) if against else [],
        "raised": [one for one in facts_of(request).episodes
                   if (one.rule, one.version) == (rule, version)],
        "text": rule_as_toml(line.version.definition),
    }  # fmt: skip
    return render(request, "desk/rule_version.html", context)


@never_cache
@require_safe
@desk_page
def version_toml(request: HttpRequest, region: Region, rule: str, version: int) -> HttpResponseBase:
    """Give one version as a rule file, to be put into the region folder."""
    held = get_object_or_404(RuleVersion, rule=rule, version=version)
    answer = HttpResponse(
        rule_as_toml(held.definition), content_type="application/toml; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{rule}-v{version}.toml"'
    return answer


def _said(request: HttpRequest, version: RuleVersion) -> dict[str, Any]:
    """Return what every page of a rule says of it."""
    return {
        "version": version,
        "rule": version.definition,
        "indicator": CATALOGUE.get(version.definition["indicator"]),
        "levels": _levels(version),
        "may_propose": may_propose(request.user, version.definition),  # type: ignore[arg-type]
    }


def _levels(version: RuleVersion, found: list[Episode] | None = None) -> list[dict[str, Any]]:
    """Return each level of a rule from the highest, with threshold, texts and hours in force."""
    return [
        {**one, "hours": _hours_at(one["level"], found or [])}
        for one in levels_of(version.definition)
    ]


def _hours_at(level: int, found: list[Episode]) -> float:
    """Return the hours in force with ``level`` as the highest."""
    return sum(
        (stretch.end - stretch.start).total_seconds() / 3600
        for episode in found
        for stretch in episode.stretches
        if stretch.level == level
    )
