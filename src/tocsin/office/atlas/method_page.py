"""How we warn: levels, rules, indicators and sources, from what is really in use."""

from __future__ import annotations

from typing import Any

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.watch.models import Feed, RuleVersion
from tocsin.triggers.rules import LEVELS, Level, Rule

from . import cards, wording
from .lookup import hazard_word
from .queries import Standing

__all__ = ["page_of"]


def page_of(versions: list[RuleVersion], standing: Standing, feeds: list[Feed]) -> dict[str, Any]:
    """Return what the template prints."""
    rules = [cards.rule_of(version) for version in versions]
    used = dict.fromkeys(rule.indicator for rule in rules)
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
    indicator = CATALOGUE[rule.indicator]
    return {
        "rule": rule,
        "name": wording.said(rule.name),
        "hazard": hazard_word(rule.hazard),
        "indicator": indicator,
        "indicator_name": wording.said(indicator.names),
        "is_low": rule.when == "at-or-below",
        "thresholds": [
            (level, wording.value_text(limit, rule.unit, decimals=2, trim=True))
            for level in LEVELS
            if (limit := rule.threshold(level)) is not None
        ],
        "season": [wording.month_day(*end) for end in rule.season.months_days()]
        if rule.season
        else [],
        "hysteresis": wording.value_text(rule.hysteresis, rule.unit, decimals=2, trim=True),
    }


def _indicator(name: str, rules: list[Rule]) -> dict[str, Any]:
    indicator = CATALOGUE[name]
    return {
        "indicator": indicator,
        "name": wording.said(indicator.names),
        "inputs": [
            str(wording.QUANTITIES.get(quantity, quantity.replace("_", " ")))
            for quantity in dict.fromkeys(indicator.inputs.values())
        ],
        "rules": [wording.said(rule.name) for rule in rules if rule.indicator == name],
    }


def _reach(standing: Standing) -> list[dict[str, Any]]:
    """Return for each area the stations it may take its value from, the nearest first."""
    return [
        {"name": wording.said(area.names), "stations": area.stations}
        for area in standing.areas.values()
        if area.is_leaf and area.stations
    ]
