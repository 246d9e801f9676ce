"""From a draft's content to a CAP 1.2 message. Pure: what is wrong in it is for others to say.

It composes half-done contents as well, for the preview: a text that is missing is empty, an area
that the region does not have is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, pi, radians, sin
from typing import Any

from shapely import Polygon, make_valid, union_all
from shapely.geometry.base import BaseGeometry

from tocsin.cap.message import Alert, Area, Circle, Geocode, Info, Parameter, Reference
from tocsin.exposure import Amount
from tocsin.triggers.rules import Level, Rule, say

from .compose import SEVERITY
from .content import Block, DraftContent, Texts
from .impact import Gazetteer
from .impact_expected import expected_facts, expected_parameters
from .impact_words import filled as fill_people
from .impact_words import parameters, people_in
from .services import Desk
from .wording import LEVEL_WORDS, phrase

__all__ = ["Envelope", "alert_of", "expected_of", "levels_of", "shape_of"]

KM_A_DEGREE = 111.32
"""Of latitude, and of longitude at the equator."""
CORNERS = 64
"""Of the polygon that stands for a circle when areas inside it are looked for."""
SPECK_DEG2 = 1e-7
"""Two shapes that share less than this, about a hectare, only touch."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the desk adds to a content when it becomes a message."""

    identifier: str
    msg_type: str
    sent_at: datetime
    references: tuple[Reference, ...] = ()
    ended: Alert | None = None
    """Of a cancel: the message before it, whose areas it names."""
    rule: str = ""
    """The rule that set it off and its version, if one did."""
    harms: Rule | None = None
    """The same rule, where it names a curve of what its hazard does."""
    evidence: Sequence[Mapping[str, Any]] = ()
    """The values that set it off."""


def alert_of(content: DraftContent, desk: Desk, envelope: Envelope) -> Alert:
    """Return the message: an info for each level, highest first, in each language."""
    zone, languages = desk.sender.zone, desk.sender.languages
    note = " ".join(_said(content, desk, "note", language) for language in languages).strip()
    blocks: list[Block | None] = [
        *sorted(content.blocks, key=lambda one: Level.of(one.level), reverse=True)
    ]
    if envelope.msg_type == "Cancel":
        blocks = [None]
    exposed = [
        (desk.gazetteer.amounts([block]), expected_of([block], desk.gazetteer, envelope))
        if block
        else ((), None)
        for block in blocks
    ]
    infos = [
        _info(content, desk, envelope, block, *inside, language)
        for block, inside in zip(blocks, exposed, strict=True)
        for language in languages
    ]
    return Alert(
        identifier=envelope.identifier,
        sender=desk.sender.sender,
        sent=envelope.sent_at.astimezone(zone),
        status=content.status,
        msg_type=envelope.msg_type,
        scope="Public",
        note=note or None,
        references=tuple(
            replace(one, sent=one.sent.astimezone(zone)) for one in envelope.references
        ),
        info=tuple(infos),
    )


def levels_of(content: DraftContent, gazetteer: Gazetteer) -> dict[str, Level]:
    """Return area -> level: of areas named whole and of those a ring or circle reaches into."""
    return levels_of_blocks(content.blocks, gazetteer)


def levels_of_blocks(blocks: Iterable[Block], gazetteer: Gazetteer) -> dict[str, Level]:
    """Return the same of blocks."""
    levels: dict[str, Level] = {}
    for block in blocks:
        level = Level.of(block.level)
        whole = (leaf for code in block.area_codes for leaf in gazetteer.inside.get(code, ()))
        for code in (*whole, *_reached(block, gazetteer)):
            levels[code] = max(level, levels.get(code, Level.NONE))
    return dict(sorted(levels.items()))


def expected_of(
    blocks: Sequence[Block], gazetteer: Gazetteer, envelope: Envelope
) -> dict[str, Any] | None:
    """Return the expected impact inside blocks; None without a rule that names a curve."""
    rule = envelope.harms
    if rule is None or rule.impact is None:
        return None
    levels = levels_of_blocks(blocks, gazetteer)
    amounts = gazetteer.layer_inside(rule.impact.layer, blocks, levels)
    return expected_facts(rule, [r for r in envelope.evidence if r["area"] in levels], amounts)


def shape_of(blocks: Iterable[Block]) -> BaseGeometry:
    """Return all that was drawn, rings and circles, with x for longitude; empty without any."""
    shapes = []
    for block in blocks:
        shapes += [make_valid(Polygon([(lon, lat) for lat, lon in one])) for one in block.polygons]
        shapes += [_disc(*one) for one in block.circles]
    return union_all(shapes) if shapes else Polygon()


def _disc(lat: float, lon: float, radius_km: float) -> Polygon:
    across = radius_km / KM_A_DEGREE
    along = across / max(0.01, cos(radians(lat)))
    turns = [2 * pi * n / CORNERS for n in range(CORNERS)]
    return Polygon([(lon + along * sin(turn), lat + across * cos(turn)) for turn in turns])


def _reached(block: Block, gazetteer: Gazetteer) -> Iterator[str]:
    drawn = shape_of([block])
    if drawn.is_empty:
        return
    for code, place in gazetteer.places.items():
        rings = [Polygon([(lon, lat) for lat, lon in ring]) for ring in place.polygons]
        if any(drawn.intersection(make_valid(ring)).area > SPECK_DEG2 for ring in rings):
            yield code


def _info(
    content: DraftContent, desk: Desk, envelope: Envelope, block: Block | None,
    exposed: Sequence[Amount], expected: Mapping[str, Any] | None, language: str,
) -> Info:  # fmt: skip
    texts = content.texts.get(language, Texts())
    zone = desk.sender.zone
    level = Level.of(block.level) if block else Level.NONE
    expires, onset = content.expires, content.onset

    def fill(text: str) -> str:
        word = LEVEL_WORDS[level]
        filled = text.replace("{level}", say(dict(word), language) if block else "").strip()
        filled = fill_people(filled, people_in(exposed), language)
        return filled[:1].upper() + filled[1:]

    if block:
        areas = tuple(_areas(block, desk.gazetteer, language))
    else:
        areas = tuple(_areas_of(envelope.ended, language))
    return Info(
        language=language,
        category=content.category,
        event=fill(texts.event),
        response_type=content.response_types,
        urgency=content.urgency,
        severity=content.severity or SEVERITY.get(level, "Minor"),
        certainty=content.certainty,
        effective=envelope.sent_at.astimezone(zone),
        onset=onset.astimezone(zone) if onset else None,
        expires=expires.astimezone(zone) if expires else None,
        sender_name=say(desk.sender.names, language),
        headline=_said(content, desk, "mark", language) + fill(texts.headline),
        description=fill(texts.description),
        instruction=fill(texts.instruction) or None,
        web=content.web or None,
        contact=content.contact or None,
        parameter=(
            *_parameters(content, envelope, level),
            *parameters(exposed),
            *expected_parameters(expected, language),
        ),
        area=areas,
    )


def _said(content: DraftContent, desk: Desk, kind: str, language: str) -> str:
    """Return how note or mark say that it is an exercise or a test; empty of a real one."""
    year = desk.sender.replay_year
    if year is not None:
        return phrase(f"replay-{kind}", language, year=year)
    word = {"Exercise": "drill", "Test": "test"}.get(content.status)
    return phrase(f"{word}-{kind}", language) if word else ""


def _parameters(content: DraftContent, envelope: Envelope, level: Level) -> Iterator[Parameter]:
    if level > Level.NONE:
        yield Parameter("tocsin:level", level.word)
    yield Parameter("tocsin:hazard", content.hazard)
    if envelope.rule:
        yield Parameter("tocsin:rule", envelope.rule)
    for name, value in sorted(content.parameters.items()):
        yield Parameter(name, value)


def _areas(block: Block, gazetteer: Gazetteer, language: str) -> Iterator[Area]:
    for code in block.area_codes:
        if code not in gazetteer.places:
            continue
        leaves = gazetteer.inside[code]
        yield Area(
            area_desc=say(gazetteer.places[code].names, language),
            polygon=tuple(ring for leaf in leaves for ring in gazetteer.places[leaf].polygons),
            geocode=(Geocode("tocsin:area", code),),
        )
    if block.polygons or block.circles:
        names = [say(gazetteer.places[code].names, language) for code in _reached(block, gazetteer)]
        comma = "、" if language.startswith("zh") else ", "
        yield Area(
            area_desc=phrase("part-of", language, places=comma.join(names))
            if names
            else phrase("drawn", language),
            polygon=block.polygons,
            circle=tuple(Circle(*one) for one in block.circles),
        )


def _areas_of(ended: Alert | None, language: str) -> Iterator[Area]:
    """Give the areas of the message that is ended, each once, in the words of this language."""
    if ended is None:
        return
    own = [one for one in ended.info if one.language == language] or list(ended.info)
    seen: list[Area] = []
    for one in (area for info in own for area in info.area):
        if one not in seen:
            seen.append(one)
            yield one
