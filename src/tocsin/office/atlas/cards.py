"""A warning in the five questions of every page: where, when, why, whom, do. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.warnings_desk.models import Message
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import LEVELS, Level, Rule, say

from . import wording
from .queries import Standing, ended_at

__all__ = [
    "Card",
    "Group",
    "Why",
    "card_of",
    "changes",
    "groups_of",
    "levels_of",
    "rule_of",
    "why_of",
]


@dataclass(frozen=True, slots=True)
class Group:
    """The areas at one level."""

    level: Level
    codes: tuple[str, ...]
    names: tuple[str, ...]
    is_all: bool
    """Whether these are all the areas of the region."""


@dataclass(frozen=True, slots=True)
class Why:
    """The value that raised a level, and the threshold it passed."""

    indicator: str
    indicator_name: str
    value: str
    station: str
    station_name: str
    level: Level
    threshold: str
    is_low: bool
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A warning as the home page and its own page open with it."""

    slug: str
    url: str
    level: Level
    rule_name: str
    title: str
    groups: tuple[Group, ...]
    since: datetime
    until: datetime
    left: str
    why: Why | None
    people: int | None
    facilities: tuple[str, ...]
    instruction: str
    is_over: bool


def levels_of(messages: Iterable[Message]) -> dict[str, int]:
    """Return the highest level of each area over several warnings."""
    levels: dict[str, int] = {}
    for message in messages:
        for code, level in message.levels.items():
            levels[code] = max(level, levels.get(code, 0))
    return levels


def rule_of(version: RuleVersion) -> Rule:
    """Return the rule as it stood in ``version``."""
    return Rule.model_validate(version.definition)


def area_names(standing: Standing) -> dict[str, str]:
    """Return the names of all areas in the active language, without what all of them share."""
    return _area_names(standing, get_language() or "en")


@lru_cache(maxsize=16)
def _area_names(standing: Standing, language: str) -> dict[str, str]:
    return wording.short_names(
        {code: say(dict(standing.areas[code].names), language) for code in standing.leaves}
    )


def groups_of(levels: Mapping[str, int], standing: Standing) -> tuple[Group, ...]:
    """Return the areas by level, the highest level first, by name."""
    groups = []
    shown = area_names(standing)
    for level in reversed(LEVELS):
        named = sorted((shown.get(code, code), code) for code, of in levels.items() if of == level)
        if named:
            names, codes = zip(*named, strict=True)
            groups.append(Group(level, codes, names, is_all=standing.leaves <= set(codes)))
    return tuple(groups)


def worst_row(message: Message, rule: Rule) -> dict[str, Any] | None:
    """Return the evidence row at the highest level with the worst value."""
    sign = -1 if rule.when == "at-or-below" else 1
    rows: list[dict[str, Any]] = message.evidence
    return max(rows, key=lambda row: (row["level"], sign * row["value"]), default=None)


def why_of(row: Mapping[str, Any], rule: Rule, standing: Standing) -> Why:
    """Return one row of evidence in words."""
    indicator = CATALOGUE[row["indicator"]]
    station = standing.stations.get(row["station"])
    return Why(
        indicator=indicator.id,
        indicator_name=wording.said(indicator.names),
        value=wording.value_text(row["value"], row["unit"]),
        station=row["station"],
        station_name=wording.said(station.names) if station else row["station"],
        level=Level(row["level"]),
        threshold=wording.value_text(row["threshold"], row["unit"], decimals=2, trim=True),
        is_low=rule.when == "at-or-below",
        observed_at=datetime.fromisoformat(row["observed_at"]),
    )


def card_of(
    message: Message, standing: Standing, at: datetime, *, peak: Message | None = None
) -> Card:
    """Return the card of a warning from its newest message.

    A cancel names no areas; ``peak``, an earlier message, then gives title, areas and reason.
    """
    told = peak or message
    rule = rule_of(message.warning.rule_version)
    row = worst_row(told, rule)
    why = why_of(row, rule, standing) if row else None
    until = ended_at(message)
    title, instruction = _texts(rule, Level(told.level), why, told.expires_at)
    return Card(
        slug=message.warning.slug,
        url=message.warning.get_absolute_url(),
        level=Level(told.level),
        rule_name=wording.said(rule.name),
        title=title,
        groups=groups_of(told.levels, standing),
        since=message.warning.first_sent_at,
        until=until,
        left=wording.time_span(max(0.0, (until - at).total_seconds() / 3600)),
        why=why,
        people=told.impact.get("people"),
        facilities=tuple(facility_counts(told.impact.get("facilities") or {})),
        instruction=instruction,
        is_over=message.msg_type == "Cancel" or until <= at,
    )


def _texts(rule: Rule, level: Level, why: Why | None, until: datetime) -> tuple[str, str]:
    """Return headline and instruction of ``level``; the rule's name where it has no text."""
    words = rule.text.get(level.word)  # type: ignore[call-overload]
    if words is None:
        return wording.said(rule.name), ""
    fill = {
        "{value}": why.value if why else "–",
        "{place}": why.station_name if why else "–",
        "{until}": wording.time_short(until),
    }
    texts = [wording.said(words.headline), wording.said(words.instruction)]
    for mark, text in fill.items():
        texts = [one.replace(mark, text) for one in texts]
    return texts[0], texts[1]


def facility_counts(by_kind: Mapping[str, list[str]]) -> list[str]:
    """Return "3 airports", "1 hospital" for each kind that has any."""
    counted = Counter({kind: len(codes) for kind, codes in by_kind.items() if codes})
    return [_counted(kind, count) for kind, count in sorted(counted.items())]


def _counted(kind: str, count: int) -> str:
    values = {"count": count}
    known = {
        "airport": ngettext("%(count)d airport", "%(count)d airports", count),
        "school": ngettext("%(count)d school", "%(count)d schools", count),
        "hospital": ngettext("%(count)d hospital", "%(count)d hospitals", count),
        "shelter": ngettext("%(count)d shelter", "%(count)d shelters", count),
        "depot": ngettext("%(count)d depot", "%(count)d depots", count),
        "bridge": ngettext("%(count)d bridge", "%(count)d bridges", count),
        "heliport": ngettext("%(count)d heliport", "%(count)d heliports", count),
        "seaplane-base": ngettext("%(count)d seaplane base", "%(count)d seaplane bases", count),
        "railway-station": ngettext(
            "%(count)d railway station", "%(count)d railway stations", count
        ),
    }
    return (known.get(kind) or f"%(count)d {kind}") % values


def changes(before: Message | None, after: Message, standing: Standing) -> list[str]:
    """Return in sentences what ``after`` changed of ``before``."""
    if after.msg_type == "Cancel":
        return [gettext("The warning ended for all areas.")]
    old = before.levels if before else {}
    said: list[str] = []
    for sentence, codes in (
        (gettext("Added: %s"), [code for code in after.levels if code not in old]),
        (gettext("Raised: %s"), [c for c, lv in after.levels.items() if old.get(c, lv) < lv]),
        (gettext("Lowered: %s"), [c for c, lv in after.levels.items() if old.get(c, lv) > lv]),
        (gettext("No longer: %s"), [code for code in old if code not in after.levels]),
    ):
        if codes:
            said.append(sentence % _listed(codes, after.levels, standing))
    return said


def _where(group: Group) -> str:
    return gettext("the whole region") if group.is_all else gettext(", ").join(group.names)


def _listed(codes: list[str], levels: Mapping[str, int], standing: Standing) -> str:
    comma = gettext(", ")
    gone = [code for code in codes if code not in levels]
    groups = groups_of({code: levels[code] for code in codes if code in levels}, standing)
    parts = [
        gettext("%(areas)s (%(level)s)")
        % {"areas": _where(group), "level": wording.LEVEL_WORDS[group.level]}
        for group in groups
    ]
    shown = area_names(standing)
    parts += [shown.get(code, code) for code in gone]
    return comma.join(parts)
