"""Try a rule: what it would have done with other thresholds, beside what it does as it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from tocsin.errors import RegionError
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.archive import stored_archive, stored_policy
from tocsin.office.watch.asked import Asked, Period, bounds
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.backtest import Outcome, exceedances
from tocsin.triggers.report import as_csv, rows_of
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.triggers.verification import Event, Verdicts, match

from .desk_charts import Bar, year_strip, year_ticks
from .desk_episodes import Stretch

__all__ = ["try_rule"]

PATIENCE = {"persistence_h": (1, 240), "hold_h": (0, 240)}
SPELL_APART_H = 6


@never_cache
@require_safe
@desk_page
def try_rule(request: HttpRequest, region: Region, rule: str) -> HttpResponseBase:
    """Show a rule as it stands beside itself as the form has it; to htmx the answer alone."""
    version = RuleVersion.objects.filter(rule=rule).first()  # newest first
    if version is None:
        raise Http404(f"no rule {rule}")
    asked = Asked(request.GET, region)
    stands = Rule.model_validate(version.definition)
    tried, refused = _changed(stands, asked)
    span = asked.period() if asked.text("from") or asked.text("to") else bounds(region)
    archive = stored_archive(region, span.start, span.end)
    try:
        policy = stored_policy(region, stands)
    except RegionError as error:  # the folder has moved since it was loaded, or was broken
        messages.error(request, str(error))
        return redirect("desk:rule", rule)
    now = archive.outcome(stands, policy)
    spells = {
        level: exceedances(now.evaluation, archive.grid.times, level, join_h=SPELL_APART_H)
        for level in LEVELS
        if stands.threshold(level) is not None
    }
    sides = [_side("stands", now, spells, span)]
    if tried is not None and tried != stands:
        sides.append(_side("tried", archive.outcome(tried, policy), spells, span))
    if asked.text("format") == "csv":
        return _csv(rule, sides)
    context = {
        "version": version,
        "rule": version.definition,
        "fields": _fields(stands, tried or stands, now),
        "tried": tried or stands,
        "levels": _levels(sides),
        "sides": sides,
        "refused": refused,
        "span": span,
        "months": year_ticks(span.start, span.end, region.zone),
        "notes": asked.notes,
    }
    part = getattr(request, "htmx", False)
    return render(request, "desk/_tried.html" if part else "desk/try.html", context)


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
    values = outcome.evaluation.values
    known = values[~np.isnan(values)]
    ends = [*stands.levels.values(), *tried.levels.values()]
    if known.size:
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
                    "threshold": side.outcome.rule.threshold(level),
                    "count": row[level],
                    "verdict": side.verdicts[level],
                }
                for side, row in zip(sides, counts, strict=True)
            ],
        }
        for level in reversed(LEVELS)
        if level in counts[0]
    ]


def _csv(rule: str, sides: list[_Side]) -> HttpResponse:
    rows = [row for side in sides for row in rows_of(side.name, side.outcome)]
    answer = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="try-{rule}.csv"'
    return answer
