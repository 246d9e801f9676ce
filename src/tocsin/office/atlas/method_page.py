"""How we warn: levels, rules, indicators and sources, from what is really in use."""

from __future__ import annotations

from typing import Any

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.watch.models import Feed, RuleVersion
from tocsin.triggers.rules import LEVELS, Condition, Level, Rule

from . import cards, wording
from .lookup import hazard_word
from .matrix_words import by_impact
from .queries import Standing

__all__ = ["page_of"]

_JOINED = {"all": {"en": "and", "zh-Hans": "并且"}, "any": {"en": "or", "zh-Hans": "或者"}}


def page_of(versions: list[RuleVersion], standing: Standing, feeds: list[Feed]) -> dict[str, Any]:
    """Return what the template prints."""
    rules = [cards.rule_of(version) for version in versions]
    used = dict.fromkeys(name for rule in rules for name in rule.indicators)
    return {
        "levels": [_level(level) for level in reversed(LEVELS)],
        "rules": [_rule(rule) for rule in rules],
        "indicators": [_indicator(name, rules) for name in used],
        "reach": _reach(standing),
        "feeds": feeds,
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "level": level,
        "shape": wording.LEVEL_SHAPES[level],
        "meaning": wording.LEVEL_MEANINGS[level],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule,
        "name": wording.said(rule.name),
        "hazard": hazard_word(rule.hazard),
        "conditions": [
            _condition(condition, _JOINED[rule.join or "all"] if number else None)
            for number, condition in enumerate(rule.conditions)
        ],
        "season": wording.season_said(rule.season.model_dump()) if rule.season else "",
        "by_impact": by_impact(rule.model_dump(mode="json")) if rule.impact else None,
        "hysteresis": wording.limit_text(rule.hysteresis, rule.unit, in_sentence=True),
    }


def _condition(condition: Condition, joined: dict[str, str] | None) -> dict[str, Any]:
    """Return one condition of a rule, with the word that joins it to those before."""
    indicator = CATALOGUE[condition.indicator]
    is_low = condition.when == "at-or-below"
    return {
        "joined": wording.said(joined) if joined else "",
        "indicator": indicator,
        "indicator_name": wording.said(indicator.names),
        "thresholds": [
            (level, wording.bound_text(limit, condition.level_unit, is_low=is_low))
            for level in LEVELS
            if (limit := condition.threshold(level)) is not None
        ],
    }


def _indicator(name: str, rules: list[Rule]) -> dict[str, Any]:
    indicator = CATALOGUE[name]
    return {
        "indicator": indicator,
        "name": wording.said(indicator.names),
        "inputs": [
            wording.quantity_word(quantity) for quantity in dict.fromkeys(indicator.inputs.values())
        ],
        "rules": [wording.said(rule.name) for rule in rules if name in rule.indicators],
    }


def _reach(standing: Standing) -> list[dict[str, Any]]:
    """Return for each area the stations it may take its value from, the nearest first."""
    return [
        {"name": wording.said(area.names), "stations": area.stations}
        for area in standing.areas.values()
        if area.is_leaf and area.stations
    ]
