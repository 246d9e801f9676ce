"""Try a rule: what it would have done with other thresholds, beside what it does as it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from tocsin.errors import RegionError
from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.archive import stored_archive, stored_doubts, stored_policy
from tocsin.office.watch.asked import Asked, Period, bounds
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_models import RuleProposal
from tocsin.office.watch.rule_picks import pick
from tocsin.region.doubts import doubts_in_archive
from tocsin.triggers.backtest import Outcome, exceedances
from tocsin.triggers.report import as_csv, rows_of
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.triggers.verification import Event, Verdicts, match

from .desk_charts import Bar, year_strip, year_ticks
from .desk_episodes import Stretch
from .desk_verdict import Judged, judged, overall
from .queries import version_shown

__all__ = ["answered", "try_proposal", "try_rule"]

PATIENCE = {"persistence_h": (1, 240), "hold_h": (0, 240)}
SPELL_APART_H = 6


@never_cache
@require_safe
@desk_page
def try_rule(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Show a rule as it stands beside itself as the form has it; to htmx the answer alone."""
    version = version_shown(rule, moment(region))
    asked = Asked(request.GET, region)
    stands = Rule.model_validate(version.definition)
    tried, refused = _changed(stands, asked)
    try:
        answer = answered(region, asked, stands, tried if tried != stands else None)
    except RegionError as error:  # the folder has moved since it was loaded, or was broken
        messages.error(request, str(error))
        return redirect("desk:rule", rule)
    if asked.text("format") == "csv":
        return _csv(rule, answer["sides"])
    context = {
        **answer,
        "version": version,
        "fields": _fields(stands, tried or stands, answer["sides"][0].outcome),
        "tried": tried or stands,
        "refused": refused,
        "notes": asked.notes,
    }
    part = getattr(request, "htmx", False)
    return render(request, "desk/_tried.html" if part else "desk/try.html", context)


@never_cache
@require_safe
@desk_page
def try_proposal(request: HttpRequest, region: Region, key: int) -> HttpResponseBase:
    """Show what a proposal would have done beside the rule as it stands; to htmx without a frame.

    A new rule has nothing beside it, and one that is to go out of use only what it did.
    """
    proposal = get_object_or_404(RuleProposal, pk=key)
    asked = Asked(request.GET, region)
    version = pick(RuleVersion.objects.filter(rule=proposal.rule), moment(region))
    there = version is not None and not version.is_off
    stands = Rule.model_validate(version.definition) if version and there else None
    tried = None if proposal.is_off else Rule.model_validate(proposal.definition)
    try:
        answer = answered(region, asked, stands, tried) if stands or tried else {"sides": []}
    except RegionError as error:
        answer = {"sides": [], "refused": str(error)}
    if asked.text("format") == "csv":
        return _csv(proposal.rule, answer["sides"])
    context = {**answer, "proposal": proposal, "version": version, "notes": asked.notes}
    part = getattr(request, "htmx", False)
    page = "desk/_tried.html" if part else "desk/try_proposal.html"
    return render(request, page, {"rule": proposal.definition, **context})


def answered(
    region: Region, asked: Asked, stands: Rule | None, tried: Rule | None
) -> dict[str, Any]:
    """Return what the archive says of a rule as it stands and as tried; one of them may be none.

    Raises
    ------
    RegionError
        The region's folder cannot be read any more.
    """
    span = asked.period() if asked.text("from") or asked.text("to") else bounds(region)
    archive = stored_archive(region, span.start, span.end)
    rules = {"stands": stands, "tried": tried}
    outcomes = {
        name: archive.outcome(rule, stored_policy(region, rule))
        for name, rule in rules.items()
        if rule is not None
    }
    spells: dict[Level, Sequence[Event]] = {}
    for outcome in outcomes.values():  # of the rule as it stands where it has the level
        for level in LEVELS:
            if level.word in outcome.rule.level_words and level not in spells:
                spells[level] = exceedances(
                    outcome.evaluation, archive.grid.times, level, join_h=SPELL_APART_H
                )
    sides = [_side(name, outcome, spells, span) for name, outcome in outcomes.items()]
    newest = sides[-1].outcome
    levels = _levels(sides)
    compared = _compared(levels)
    return {
        "rule": newest.rule.model_dump(mode="json", exclude_none=True),
        "levels": levels,
        "judged": compared,
        "verdict": overall(compared, alone=len(levels) - len(compared)),
        "sides": sides,
        "span": span,
        "months": year_ticks(span.start, span.end, region.zone),
        "without_forecasts": newest.without_forecasts,
        "too_long_ahead": newest.too_long,
        "doubts": [
            *stored_doubts(region, newest.rule),
            *doubts_in_archive(newest.evaluation),
        ],
    }


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two answers."""

    name: str
    outcome: Outcome
    strip: list[Bar]
    verdicts: Mapping[Level, Verdicts]

    @property
    def median_h(self) -> float | None:
        """Median length of a warning in hours."""
        lengths = self.outcome.lengths_h
        return float(np.median(lengths)) if lengths.size else None


@dataclass(frozen=True, slots=True)
class _Strips:
    """What the year's strip draws of a warning."""

    stretches: tuple[Stretch, ...]


def _side(
    name: str, outcome: Outcome, spells: Mapping[Level, Sequence[Event]], span: Period
) -> _Side:
    """Count an answer against the spells over the rule's present thresholds."""
    warned = outcome.warned
    verdicts = {
        level: match(happened, [row for row in warned if row.level == level], any_level=True)
        for level, happened in spells.items()
    }
    drawn = _Strips(tuple(_stretches(outcome)))
    return _Side(name, outcome, year_strip([drawn], span.start, span.end), verdicts)


def _stretches(outcome: Outcome) -> list[Stretch]:
    course = outcome.course
    highest = course.levels().max(axis=1, initial=0)
    moments = zip(course.at.tolist(), course.until.tolist(), highest.tolist(), strict=True)
    return [
        Stretch(number, _utc(start), _utc(end), level, {}, "")
        for number, (start, end, level) in enumerate(moments, 1)
        if level
    ]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _changed(stands: Rule, asked: Asked) -> tuple[Rule | None, str]:
    """Return the rule as the form has it, or None and why it cannot be so."""
    levels = {}
    for word, value in stands.levels.items():
        given = asked.text(word)
        try:
            levels[word] = float(given) if given else value
        except ValueError:
            levels[word] = math.nan
        if not math.isfinite(levels[word]):
            return None, _("“%s” is not a number.") % given
    fields: dict[str, Any] = stands.model_dump(exclude_none=True) | {"levels": levels}
    for name, (low, high) in PATIENCE.items():
        fields[name] = asked.number(name, getattr(stands, name), low, high)
    try:
        fields["hysteresis"] = float(asked.text("hysteresis") or stands.hysteresis)
        return Rule.model_validate(fields), ""
    except ValidationError as error:
        return None, " ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
    except ValueError:
        return None, _("“%s” is not a number.") % asked.text("hysteresis")


def _fields(stands: Rule, tried: Rule, outcome: Outcome) -> list[dict[str, Any]]:
    """Return one slider for each level, reaching over all that was measured and all thresholds."""
    if not stands.levels:  # by impact: there is no threshold to move
        return []
    values = outcome.evaluation.values
    known = values[~np.isnan(values)]
    ends = [*stands.levels.values(), *tried.levels.values()]
    if stands.by_return_period:
        ends += [1.5, 2 * max(ends)]
    elif known.size:
        worst = known.max() if stands.when == "at-or-above" else known.min()
        ends += [float(np.median(known)), float(worst)]
    low, high = min(ends), max(ends)
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-9) / 100))
    return [
        {
            "level": int(level),
            "name": level.word,
            "value": tried.threshold(level),
            "stands": stands.threshold(level),
            "low": math.floor(low / step) * step,
            "high": math.ceil(high / step) * step,
            "step": step,
        }
        for level in reversed(LEVELS)
        if stands.threshold(level) is not None
    ]


def _levels(sides: list[_Side]) -> list[dict[str, Any]]:
    """Return one row for each level from the highest, with a cell for each side."""
    counts = [{row.level: row for row in side.outcome.counts()} for side in sides]
    return [
        {
            "level": int(level),
            "cells": [
                {
                    "side": side,
                    **_limit(side.outcome.rule, level),
                    "count": row.get(level),
                    "verdict": side.verdicts.get(level),
                }
                for side, row in zip(sides, counts, strict=True)
            ],
        }
        for level in reversed(LEVELS)
        if any(level in row for row in counts)
    ]


def _limit(rule: Rule, level: Level) -> dict[str, Any]:
    """Return the threshold of a level with its unit, by the first condition that has one."""
    asked = next((one for one in rule.conditions if one.reaches(level)), rule)
    return {"threshold": asked.threshold(level), "unit": asked.level_unit}


def _compared(levels: list[dict[str, Any]]) -> list[Judged]:
    """Judge each level that both sides have, from the highest; nothing where one stands alone."""
    found = []
    for row in levels:
        cells = [cell for cell in row["cells"] if cell["count"] and cell["verdict"]]
        if len(cells) == 2:
            stands, tried = cells
            found.append(
                judged(
                    row["level"],
                    (tried["count"], stands["count"]),
                    (tried["verdict"], stands["verdict"]),
                )
            )
    return found


def _csv(rule: str, sides: list[_Side]) -> HttpResponse:
    rows = [row for side in sides for row in rows_of(side.name, side.outcome)]
    answer = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="try-{rule}.csv"'
    return answer
