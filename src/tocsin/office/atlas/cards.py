"""A warning in the five questions of every page: where, when, why, whom, do. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext

from tocsin.cap.parse import parse
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.received.shapes import geometry_of
from tocsin.office.warnings_desk.compose import quoted_row
from tocsin.office.warnings_desk.content import Texts, read_content
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.warnings_desk.wording import phrase
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import LEVELS, Level, Rule, say

from . import wording
from .queries import Standing, ended_at
from .whom import facility_count, facility_counts, facility_words, filled_in, people_said

__all__ = [
    "Card",
    "DrawnShape",
    "Group",
    "Why",
    "card_of",
    "changes",
    "facility_count",
    "groups_of",
    "levels_of",
    "name_of",
    "on_the_map",
    "rule_behind",
    "rule_of",
    "why_of",
    "written",
]


LEVEL_OF = {level.word: level for level in LEVELS}


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
    model: str = ""
    """Of a value that is only expected: the forecast that says so."""
    begins: datetime | None = None
    """And from when on the level is expected."""
    years: str = "–"
    """Of levels by return period: the years behind the threshold."""
    share: str = "–"
    """Of a minimum share: how much of the area's surface reached the threshold."""


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
    people: str
    """How many it concerns, in words: about, at least, or unknown."""
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


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """What an officer drew on the map: part of an area, in the level it was given."""

    level: int
    geometry: str
    """GeoJSON, as text so that it may be a key of what is kept."""


def on_the_map(messages: Iterable[Message]) -> tuple[dict[str, int], tuple[DrawnShape, ...]]:
    """Return the level of every area that is meant whole, and the shapes that were drawn."""
    levels: dict[str, int] = {}
    shapes: list[DrawnShape] = []
    for message in messages:
        partly = drawn_in(message)
        for code, level in message.levels.items():
            if code not in partly:
                levels[code] = max(level, levels.get(code, 0))
        if has_shapes(message.impact):
            shapes += _shapes(bytes(message.raw))
    return levels, tuple(sorted(shapes, key=lambda shape: shape.level))


@lru_cache(maxsize=64)
def _shapes(raw: bytes) -> tuple[DrawnShape, ...]:
    alert = parse(raw).alert
    found: dict[DrawnShape, None] = {}
    for info in alert.info:
        level = next((p.value for p in info.parameter if p.value_name == "tocsin:level"), "")
        drawn = tuple(area for area in info.area if not area.geocode)
        geometry = geometry_of(replace(alert, info=(replace(info, area=drawn),)))
        if geometry is not None and level in LEVEL_OF:
            found[DrawnShape(int(LEVEL_OF[level]), json.dumps(geometry))] = None
    return tuple(found)


def rule_of(version: RuleVersion) -> Rule:
    """Return the rule as it stood in ``version``."""
    return Rule.model_validate(version.definition)


def versions_behind(warning: Warning, messages: Sequence[Message]) -> list[RuleVersion]:
    """Return the rule versions that the messages of a warning name, in the order of time.

    A rule that is changed while its warning is in force goes on with it: its later messages name
    the later version. Of messages that name none it is the one that raised the warning.
    """
    own = warning.rule_version
    if own is None:
        return []
    named = [row["rule"] for message in messages for row in message.evidence if "rule" in row]
    order = list(dict.fromkeys([*named] or [str(own)]))
    if order == [str(own)]:
        return [own]
    numbers = [int(name.rpartition(" v")[2]) for name in order]
    found = {str(one): one for one in RuleVersion.objects.filter(
        rule=own.rule, version__in=numbers)}  # fmt: skip
    return [found[name] for name in order if name in found] or [own]


def rule_behind(warning: Warning) -> Rule | None:
    """Return the rule that raised a warning, None where an officer wrote it by hand."""
    return rule_of(warning.rule_version) if warning.rule_version else None


def name_of(warning: Warning) -> str:
    """Return what a warning is called: by its rule, or as the officer called it."""
    if warning.rule_version:
        return wording.said(warning.rule_version.definition["name"])
    return wording.said(warning.names) if warning.names else warning.hazard


def written(message: Message) -> Texts | None:
    """Return an officer's own words, in the active language; None of what the machine wrote."""
    draft = getattr(message, "draft", None)
    if draft is None:
        return None
    texts = read_content(draft.content).texts
    by_language = {language: language for language in texts}
    said = texts[wording.said(by_language)] if texts else Texts()
    return Texts(**{k: filled_in(v, message.impact) for k, v in said.model_dump().items()})


def has_shapes(impact: Mapping[str, Any]) -> bool:
    """Whether an officer drew a shape; the second word is that of messages of before."""
    return bool(impact.get("drawn") or impact.get("people_is_at_most"))


def drawn_in(message: Message) -> frozenset[str]:
    """Return the areas of which an officer drew a part and did not name the whole."""
    if not has_shapes(message.impact):
        return frozenset()  # nothing was drawn
    areas = [area for info in parse(bytes(message.raw)).alert.info for area in info.area]
    named = {code.value for area in areas for code in area.geocode}
    return frozenset(message.levels) - named


def area_names(standing: Standing) -> dict[str, str]:
    """Return the names of all areas in the active language, without what all of them share."""
    return _area_names(standing, get_language() or "en")


@lru_cache(maxsize=16)
def _area_names(standing: Standing, language: str) -> dict[str, str]:
    return wording.short_names(
        {code: say(dict(standing.areas[code].names), language) for code in standing.leaves}
    )


def groups_of(
    levels: Mapping[str, int], standing: Standing, partly: Collection[str] = ()
) -> tuple[Group, ...]:
    """Return the areas by level, the highest level first, by name; of those ``partly``, parts."""
    groups = []
    language = get_language() or "en"
    parts = {code: phrase("part-of", language, places=name)
             for code, name in area_names(standing).items() if code in partly}  # fmt: skip
    shown = {**area_names(standing), **parts}
    for level in reversed(LEVELS):
        named = sorted((shown.get(code, code), code) for code, of in levels.items() if of == level)
        if named:
            names, codes = zip(*named, strict=True)
            groups.append(
                Group(level, codes, names, is_all=standing.leaves <= set(codes) - set(partly))
            )
    return tuple(groups)


def why_of(row: Mapping[str, Any], rule: Rule, standing: Standing) -> Why:
    """Return one row of evidence in words."""
    indicator = CATALOGUE[row["indicator"]]
    station = standing.stations.get(row["station"])
    return Why(
        indicator=indicator.id,
        indicator_name=wording.said(indicator.names),
        value=wording.value_text(row["value"], row["unit"], in_sentence=True),
        station=row["station"],
        station_name=wording.said(station.names) if station else row["station"],
        level=Level(row["level"]),
        threshold=_limit(row),
        is_low=rule.when == "at-or-below",
        observed_at=datetime.fromisoformat(row["observed_at"]),
        model=(row.get("forecast") or {}).get("model", ""),
        begins=datetime.fromisoformat(row["crossed_at"]) if row.get("forecast") else None,
        years=f"{row['years']:g}" if "years" in row else "–",
        share=f"{round(100 * row['share'])}%" if "share" in row else "–",
    )


def _limit(row: Mapping[str, Any]) -> str:
    """Return the threshold; with it how rare it is at its station, or how wide it was reached."""
    limit = wording.limit_text(row["threshold"], row["unit"], in_sentence=True)
    more = []
    if "years" in row:
        more.append(wording.value_text(row["years"], "year"))
    if "share" in row:
        share = f"{round(100 * row['share'])}%"
        more.append(gettext("reached on %s of the surface") % share)
    told = gettext(", ").join(more)
    return gettext("%(limit)s (%(more)s)") % {"limit": limit, "more": told} if told else limit


def card_of(
    message: Message, standing: Standing, at: datetime, *, peak: Message | None = None
) -> Card:
    """Return the card of a warning from its newest message.

    A cancel names no areas; ``peak``, an earlier message, then gives title, areas and reason.
    """
    told = peak or message
    rule = rule_behind(message.warning)
    row = quoted_row(told.evidence, rule) if rule and told.evidence else None
    why = why_of(row, rule, standing) if rule and row else None
    until = ended_at(message)
    name = name_of(message.warning)
    own = written(told)
    title, instruction = (own.headline, own.instruction) if own else (name, "")
    if rule and own is None:
        words = _texts(rule, Level(told.level), why, told.expires_at)
        title, instruction = (filled_in(one, told.impact) for one in words)
    return Card(
        slug=message.warning.slug,
        url=message.warning.get_absolute_url(),
        level=Level(told.level),
        rule_name=name,
        title=title,
        groups=groups_of(told.levels, standing, drawn_in(told)),
        since=message.warning.first_sent_at,
        until=until,
        left=wording.time_span(max(0.0, (until - at).total_seconds() / 3600)),
        why=why,
        people=people_said(told.impact),
        facilities=tuple(_facilities(told.impact)),
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
        "{years}": why.years if why else "–",
        "{share}": why.share if why else "–",
    }
    texts = [wording.said(words.headline), wording.said(words.instruction)]
    for mark, text in fill.items():
        texts = [one.replace(mark, text) for one in texts]
    if why and why.model:
        texts[0] = gettext("Expected: %s") % texts[0]
    return texts[0], texts[1]


def _facilities(impact: Mapping[str, Any]) -> list[str]:
    facts = impact.get("amounts")
    return (
        facility_counts(impact.get("facilities") or {}) if facts is None else facility_words(facts)
    )


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
            said.append(sentence % _listed(codes, after, standing))
    return said


def _where(group: Group) -> str:
    return gettext("the whole region") if group.is_all else gettext(", ").join(group.names)


def _listed(codes: list[str], message: Message, standing: Standing) -> str:
    comma, levels = gettext(", "), message.levels
    gone = [code for code in codes if code not in levels]
    chosen = {code: levels[code] for code in codes if code in levels}
    groups = groups_of(chosen, standing, drawn_in(message))
    parts = [
        gettext("%(areas)s (%(level)s)")
        % {"areas": _where(group), "level": wording.LEVEL_WORDS[group.level]}
        for group in groups
    ]
    shown = area_names(standing)
    parts += [shown.get(code, code) for code in gone]
    return comma.join(parts)
