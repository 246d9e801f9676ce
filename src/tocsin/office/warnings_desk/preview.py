"""What each channel would show of a draft at this moment: plain values for a template. Pure.

The message itself is ``drafts.examine``'s; here it is only looked at from each channel's side.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.cap.catalogue import Finding
from tocsin.cap.message import Alert, Info
from tocsin.triggers.rules import Level

from .compose_draft import levels_of
from .content import DraftContent
from .forms import PHONE_TEXTS, field_of
from .impact import Gazetteer
from .issuing import Examined
from .models import Message
from .preview_text import WEA_LIMITS, SmsLength, cut_to, sms_length

__all__ = [
    "Card",
    "Phone",
    "Sms",
    "Whom",
    "cards",
    "faults_by_field",
    "finding_field",
    "mail_subject",
    "overlaps",
    "phones",
    "reach_query",
    "sms",
    "whom",
]

SMS_LONGEST, SUBJECT_LONGEST = 480, 200
"""What the channels themselves cut to: ``delivery/channels/sms`` and ``email``."""
_INFO = re.compile(r"alert/info\[(\d+)\](?:/(\w+)(?:\[(\d+)\])?)?")
_FIELDS = {
    "event": "text", "headline": "text", "description": "text", "instruction": "text",
    "expires": "expires", "onset": "onset", "web": "web", "contact": "contact", "area": "areas",
    "urgency": "urgency", "severity": "severity", "certainty": "certainty",
    "category": "category", "responseType": "response",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """The public page's card in one language at one level."""

    level: Level
    language: str
    info: Info
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sms:
    """The SMS in one language."""

    language: str
    text: str
    length: SmsLength


@dataclass(frozen=True, slots=True)
class Phone:
    """A wireless alert's text and what phones show of it; ``is_own`` if the officer wrote it."""

    name: str
    text: str
    limit: int
    is_own: bool

    @property
    def is_long(self) -> bool:
        """Whether a phone would refuse it."""
        return len(self.text) > self.limit


@dataclass(frozen=True, slots=True)
class Whom:
    """Who and what is inside, whole areas and drawn shapes taken together."""

    facts: Sequence[Mapping[str, Any]]
    """Each number with its unit, source, day, grade and the share that is known."""
    settlements: tuple[str, ...]
    has_shapes: bool
    note: str
    """Why layers of files are left out: "changed", "unreadable"; empty where none is."""


def cards(alert: Alert) -> list[Card]:
    """Return the cards of the public page, the highest level first."""
    return [
        Card(
            level=_level(info),
            language=info.language or "en",
            info=info,
            areas=tuple(area.area_desc for area in info.area),
        )
        for info in alert.info
    ]


def _level(info: Info) -> Level:
    word = next((one.value for one in info.parameter if one.value_name == "tocsin:level"), "none")
    return Level.of(word)


def sms(alert: Alert) -> list[Sms]:
    """Return the SMS of each language: headline and instruction of the highest level."""
    found = []
    for info in _first_of_each(alert):
        whole = " ".join(f"{info.headline or info.event} {info.instruction or ''}".split())
        text = cut_to(whole, SMS_LONGEST)
        found.append(Sms(info.language or "en", text, sms_length(text)))
    return found


def mail_subject(alert: Alert) -> list[tuple[str, str]]:
    """Return language and subject of the e-mail."""
    return [
        (info.language or "en", " ".join((info.headline or info.event).split())[:SUBJECT_LONGEST])
        for info in _first_of_each(alert)
    ]


def phones(alert: Alert, content: DraftContent) -> list[Phone]:
    """Return the short and the long wireless text; one nobody wrote is cut from the message."""
    first = next(iter(alert.info), None)
    if first is None:
        return []
    whole = " ".join(f"{first.headline or first.event} {first.instruction or ''}".split())
    made = []
    for name in PHONE_TEXTS:
        own = content.parameters.get(name, "")
        made.append(
            Phone(name, own or cut_to(whole, WEA_LIMITS[name]), WEA_LIMITS[name], bool(own))
        )
    return made


def _first_of_each(alert: Alert) -> list[Info]:
    """Return the first info of each language: infos stand by level, the highest first."""
    first: dict[str, Info] = {}
    for info in alert.info:
        first.setdefault(info.language or "en", info)
    return list(first.values())


def finding_field(finding: Finding, alert: Alert) -> str:
    """Return the form's field that causes a finding, empty where none does.

    The path names an info by its number; the info's language names the field.
    """
    found = _INFO.match(finding.path)
    if found is None or found[2] is None:
        return ""
    info = alert.info[int(found[1]) - 1]
    if found[2] == "parameter":
        number = int(found[3] or 1) - 1
        name = info.parameter[number].value_name if number < len(info.parameter) else ""
        return name if name in PHONE_TEXTS else ""
    kind = _FIELDS.get(found[2], "")
    return f"text-{info.language}-{found[2]}" if kind == "text" else kind


def faults_by_field(
    examined: Examined, content: DraftContent, language: str
) -> dict[str, list[tuple[str, str]]]:
    """Return field -> (severity, sentence): gaps, CAP findings, phone texts that are too long.

    A required text that is empty is told once, as a gap; CAP's own finding about it stays out.
    """
    said: dict[str, list[tuple[str, str]]] = {}
    for gap in examined.gaps:
        said.setdefault(field_of(gap.field), []).append(("error", f"{gap.problem} {gap.remedy}"))
    gone = set(said)
    for finding in examined.findings:
        name = finding_field(finding, examined.alert)
        sentence = (finding.severity, " ".join(finding.words(language)))
        if name in gone and finding.rule in {
            "missing",
            "empty",
            "expires-missing",
            "area-unplaced",
        }:
            continue
        if sentence not in said.setdefault(name, []):
            said[name].append(sentence)
    return {name: rows for name, rows in said.items() if rows}


def whom(content: DraftContent, gazetteer: Gazetteer, names: Mapping[str, str]) -> Whom:
    """Return who is inside. ``names``: code -> name of each settlement."""
    impact = gazetteer.impact_of(content.blocks, levels_of(content, gazetteer))
    return Whom(
        facts=impact["amounts"],
        settlements=tuple(names[code] for code in impact["settlements"] if code in names),
        has_shapes="drawn" in impact,
        note=gazetteer.exposed.note,
    )


def overlaps(
    content: DraftContent,
    gazetteer: Gazetteer,
    in_force: Iterable[Message],
    own: int | None,
) -> list[tuple[Message, tuple[str, ...]]]:
    """Return messages in force that share areas with the draft; ``own`` is its own warning."""
    mine: Collection[str] = levels_of(content, gazetteer)
    found = []
    for message in in_force:
        shared = tuple(sorted(set(mine) & set(message.levels)))
        if shared and message.warning_id != own:
            found.append((message, shared))
    return found


def reach_query(content: DraftContent, gazetteer: Gazetteer) -> Mapping[str, Any]:
    """Return what ``delivery:reach`` is asked with: each area's level, shapes as CAP has them."""
    levels = levels_of(content, gazetteer)
    return {
        "hazard": content.hazard,
        "level": content.level.word,
        "area": [f"{code}:{level.word}" for code, level in sorted(levels.items())],
        "polygons": [ring for block in content.blocks for ring in block.polygons],
        "circles": [circle for block in content.blocks for circle in block.circles],
    }
