"""Were the forecasts right: skill by lead and a reliability picture, in words for everybody."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.office.places.current import moment
from tocsin.office.places.models import Region
from tocsin.office.watch.access import desk_page
from tocsin.office.watch.archive import stored_archive
from tocsin.office.watch.asked import Asked, bounds
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.forecast_models import ForecastRun
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_picks import rules_at
from tocsin.triggers.backtest import Archive
from tocsin.triggers.rules import Level, Rule
from tocsin.triggers.skill import RuleSkill, skill_of

from .desk_lists import LEVELS_BY_WORD
from .reliability_chart import picture
from .rule_history import words_of
from .wording import said

__all__ = ["skill"]

COLUMNS = ("from_h", "to_h", "cases", "left_out", "happened", "brier", "skill")


@never_cache
@require_safe
@desk_page
def skill(request: HttpRequest, region: Region) -> HttpResponseBase:
    """Show how good the probabilities of one rule's level were; as CSV on demand."""
    asked = Asked(request.GET, region)
    rules = {one.rule: one for one in rules_at(moment(region))}
    name = asked.choice("rule", rules, _first(rules))
    own = dict(rules[name].definition, also=None) if name else {}
    words = [w for w in LEVELS_BY_WORD if w in words_of(own)]
    word = asked.choice("level", words, words[0] if words else "")
    span = bounds(region)
    found = None
    if word and ForecastRun.objects.exists():
        archive = stored_archive(region, span.start, span.end)
        found = _skill(archive, name, rules[name].digest, LEVELS_BY_WORD[word])
    if asked.text("format") == "csv" and found is not None:
        return csv_response(f"forecasts-{name}-{word}.csv", COLUMNS, _rows(found))
    context = {
        "found": found,
        "picture": picture(found.whole.reliability) if found else None,
        "rules": {key: said(one.definition["name"]) for key, one in rules.items()},
        "rule": name,
        "levels": {one: LEVELS_BY_WORD[one] for one in words},
        "level": LEVELS_BY_WORD.get(word),
        "has_runs": ForecastRun.objects.exists(),
        "models": sorted(set(ForecastRun.objects.order_by().values_list("model", flat=True))),
        "notes": asked.notes,
    }
    return render(request, "desk/skill.html", context)


def _first(rules: dict[str, RuleVersion]) -> str:
    """Return a rule that looks ahead, else the first there is."""
    ahead = [key for key, one in rules.items() if one.definition.get("lead_h")]
    return next(iter([*ahead, *rules]), "")


@lru_cache(maxsize=16)
def _skill(archive: Archive, rule: str, digest: str, level: Level) -> RuleSkill | None:
    version = RuleVersion.objects.filter(rule=rule, digest=digest).first()
    if version is None:
        return None
    return skill_of(archive, Rule.model_validate(version.definition), level)


def _rows(found: RuleSkill) -> list[list[object]]:
    return [
        [
            one.first_h, one.last_h, one.cases, one.unknown,
            *("" if v != v else round(v, 4) for v in (one.happened, one.brier, one.skill)),
        ]
        for one in found.leads
    ]  # fmt: skip
