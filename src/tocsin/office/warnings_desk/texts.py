"""What a draft by hand says to begin with: words for each hazard and level, from ``texts/*.toml``.

A file is a hazard. ``{until}`` and ``{areas}`` stay in the words until they are filled in: an
officer sees and changes the finished sentence, never a placeholder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tocsin.triggers.rules import Level, say

from .content import DraftContent, LevelWord
from .openings import blank
from .services import Desk
from .wording import phrase, when

__all__ = ["HazardTexts", "hazard_texts", "opening_by_hand"]

FOLDER = Path(__file__).with_name("texts")
Said = Annotated[dict[str, str], Field(min_length=2)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelTexts(_Strict):
    """The words at one level."""

    headline: Said
    instruction: Said
    response: tuple[str, ...]


class HazardTexts(_Strict):
    """One hazard: its names, what CAP calls it, and its words at each level."""

    name: Said
    category: str
    description: Said
    level: dict[LevelWord, LevelTexts]


@cache
def hazard_texts() -> Mapping[str, HazardTexts]:
    """Return every hazard that has a file, by its word."""
    return {
        path.stem: HazardTexts.model_validate(tomllib.loads(path.read_text("utf-8")))
        for path in sorted(FOLDER.glob("*.toml"))
    }


def opening_by_hand(desk: Desk, hazard: str, level: Level, at: datetime) -> DraftContent:
    """Return the words of hazard and level, filled in; of an unknown hazard, a blank."""
    content = blank(desk, hazard, level, at)
    known = hazard_texts().get(hazard)
    if known is None or level == Level.NONE or content.expires is None:
        return content
    words = known.level[level.word]  # type: ignore[index]
    texts: dict[str, Any] = {}
    for language in desk.sender.languages:
        until = when(content.expires.astimezone(desk.sender.zone), language)
        name = say(known.name, language)
        texts[language] = {
            "event": phrase("event", language, level="{level}", name=name),
            "headline": say(words.headline, language).format(until=until),
            "description": say(known.description, language).format(until=until),
            "instruction": say(words.instruction, language).format(until=until),
        }
    return DraftContent.model_validate(
        content.as_json()
        | {"category": [known.category], "response_types": words.response, "texts": texts}
    )
