"""What a draft says before an officer has changed a word: by hand, from a rule, from a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from tocsin.cap.message import Alert, Info
from tocsin.cap.parse import parse
from tocsin.errors import StateError
from tocsin.triggers.rules import LEVELS, Level, Rule, say

from .content import Block, DraftContent, Texts, read_content
from .impact_words import BLANK
from .models import Message
from .outlook import certainty_of, expires_of, urgency_of
from .services import ALL_CLEAR_FOR, Desk
from .wording import LEVEL_WORDS, PHRASES, blanks, phrase, when, why

__all__ = ["KINDS", "blank", "content_of", "from_message", "from_rule", "status_of"]

VALID = timedelta(hours=12)
"""How long a draft by hand holds where nobody says otherwise."""

SHORTEST = timedelta(hours=1)
"""An extension ends at least so much later than what it extends, and lasts at least so long."""

KINDS: Mapping[str, str] = {
    "update": "update",
    "extend": "update",
    "downgrade": "update",
    "upgrade": "update",
    "cancel": "cancel",
    "all_clear": "cancel",
}
"""How a warning goes on -> the kind of the draft."""


def status_of(desk: Desk) -> str:
    """Return what a message of this region is unless an officer says otherwise."""
    return "Exercise" if desk.region.is_replay else "Actual"


def blank(desk: Desk, hazard: str, level: Level, at: datetime) -> DraftContent:
    """Return a content without words and areas; ``event`` names hazard and level."""
    at = at.replace(microsecond=0)  # CAP knows no fractions
    return DraftContent.model_validate(
        {
            "status": status_of(desk),
            "hazard": hazard,
            "blocks": [{"level": level.word}] if level > Level.NONE else [],
            "expires": at + VALID,
            "response_types": ["Monitor"],
            "texts": {
                language: {"event": phrase("event", language, level="{level}", name=hazard)}
                for language in desk.sender.languages
            },
        }
    )


def from_rule(
    desk: Desk, rule: Rule, levels: Mapping[str, Level], row: Mapping[str, Any], at: datetime
) -> DraftContent:
    """Return the rule's own words at its highest level, with the value that reached it.

    ``{people}`` stays: it follows the areas and shapes of the draft until it goes out.
    """
    top, zone = max(levels.values()), desk.sender.zone
    expires = expires_of(rule, [row], at)
    mark = "expected-mark" if row.get("forecast") else ""
    words = rule.text[top.word]  # type: ignore[index]
    texts = {}
    for language in desk.sender.languages:
        station = say(desk.station_names[row["station"]], language)
        fill = blanks(row, station, language, until=expires.astimezone(zone), people=BLANK)
        texts[language] = {
            "event": phrase("event", language, level="{level}", name=_lower(rule, language)),
            "headline": (phrase(mark, language) if mark else "")
            + say(words.headline, language).format(**fill),
            "description": why(row, station, language, level=top, zone=zone),
            "instruction": say(words.instruction, language).format(**fill),
        }
    return DraftContent.model_validate(
        {
            "status": status_of(desk),
            "hazard": rule.hazard,
            "category": rule.cap.category,
            "blocks": _blocks(levels),
            "onset": row["crossed_at"],
            "expires": expires,
            "urgency": urgency_of(row, rule, at),
            "certainty": certainty_of(row, rule),
            "response_types": rule.cap.response,
            "texts": texts,
        }
    )


def from_message(desk: Desk, message: Message, kind: str, at: datetime) -> DraftContent:
    """Return what the next message of a warning says, from what its newest one said."""
    before, at = content_of(desk, message), at.replace(microsecond=0)
    if kind in {"cancel", "all_clear"}:
        return _ending(before, kind, at)
    lasts = max(message.expires_at - message.sent_at, SHORTEST)
    expires = message.expires_at
    if kind == "extend":
        expires = max(at + lasts, message.expires_at + SHORTEST)
    elif expires <= at:
        expires = at + lasts
    blocks = before.blocks
    if kind in {"downgrade", "upgrade"}:
        blocks = tuple(_moved(blocks, -1 if kind == "downgrade" else 1))
    texts = _until(before.texts, message.expires_at, expires, desk)
    return before.model_copy(update={"expires": expires, "blocks": blocks, "texts": texts})


def _until(
    texts: Mapping[str, Texts], old: datetime, new: datetime, desk: Desk
) -> Mapping[str, Texts]:
    """Return the texts with the end that they name moved: a headline must not say the old one."""
    zone = desk.sender.zone
    moved = {}
    for language, words in texts.items():
        gone, comes = (when(end.astimezone(zone), language) for end in (old, new))
        said = {name: text.replace(gone, comes) for name, text in words.model_dump().items()}
        moved[language] = Texts.model_validate(said)
    return moved


def _ending(before: DraftContent, kind: str, at: datetime) -> DraftContent:
    clear = kind == "all_clear"
    texts = {}
    for language, words in before.texts.items():
        name = words.event.replace("{level}", "").strip()
        name = name[:1].upper() + name[1:]
        texts[language] = Texts(
            event=name,
            headline=phrase("ended-event" if clear else "called-off-event", language, name=name),
            description=phrase("all-clear" if clear else "called-off", language),
            instruction=phrase("ended-do", language),
        )
    return before.model_copy(
        update={
            "blocks": (),
            "onset": None,
            "expires": at + ALL_CLEAR_FOR,
            "urgency": "Past",
            "severity": "Minor",
            "certainty": "Observed" if clear else "Unknown",
            "response_types": ("AllClear",) if clear else ("None",),
            "texts": texts,
        }
    )


def content_of(desk: Desk, message: Message) -> DraftContent:
    """Return the content of a message: its draft's, or read from the bytes of the machine's."""
    draft = getattr(message, "draft", None)
    if draft is not None:
        return read_content(draft.content)
    alert = parse(bytes(message.raw)).alert
    first = alert.info[0]
    return DraftContent.model_validate(
        {
            "status": alert.status,
            "hazard": message.warning.hazard,
            "category": first.category,
            "blocks": _blocks({code: Level(level) for code, level in message.levels.items()}),
            "onset": first.onset,
            "expires": message.expires_at,
            "urgency": first.urgency,
            "certainty": first.certainty,
            "response_types": first.response_type,
            "texts": {
                language: _texts(info, Level(message.level), _mark(desk, language))
                for language in desk.sender.languages
                if (info := _in(alert, language))
            },
        }
    )


def _in(alert: Alert, language: str) -> Info | None:
    """Return the first info in a language: that of the highest level."""
    return next((info for info in alert.info if info.language == language), None)


def _texts(info: Info, level: Level, mark: str) -> dict[str, str]:
    word = say(dict(LEVEL_WORDS[level]), info.language or "en")
    event = info.event
    for spelt in (word, word[:1].upper() + word[1:]):
        event = event.replace(spelt, "{level}", 1) if "{level}" not in event else event
    return {
        "event": event,
        "headline": (info.headline or "").removeprefix(mark),
        "description": info.description or "",
        "instruction": info.instruction or "",
    }


def _mark(desk: Desk, language: str) -> str:
    year = desk.sender.replay_year
    return "" if year is None else say(dict(PHRASES["replay-mark"]), language).format(year=year)


def _blocks(levels: Mapping[str, Level]) -> list[dict[str, Any]]:
    return [
        {
            "level": level.word,
            "area_codes": sorted(code for code in levels if levels[code] == level),
        }
        for level in reversed(LEVELS)
        if level in levels.values()
    ]


def _moved(blocks: Sequence[Block], step: int) -> list[Block]:
    """Return the blocks one level lower or higher; blocks that come to one level become one."""
    moved: dict[Level, list[Block]] = {}
    for block in blocks:
        level = Level(min(Level.RED, max(Level.BLUE, Level.of(block.level) + step)))
        moved.setdefault(level, []).append(block)
    if {Level.of(block.level) for block in blocks} == set(moved):
        raise StateError(
            _("Everything in this warning is blue, the lowest level: end it instead.")
            if step < 0
            else _("Everything in this warning is red, the highest level.")
        )
    return [
        Block(
            level=level.word,
            area_codes=tuple(code for one in moved[level] for code in one.area_codes),
            polygons=tuple(ring for one in moved[level] for ring in one.polygons),
            circles=tuple(circle for one in moved[level] for circle in one.circles),
        )
        for level in sorted(moved, reverse=True)
    ]


def _lower(rule: Rule, language: str) -> str:
    """Return the rule's name as it stands inside a sentence."""
    name = say(rule.name, language)
    inside = language.startswith("en") and not name[1:2].isupper()
    return name[:1].lower() + name[1:] if inside else name
