"""The levels of a warning, and words in several languages: what rules and matrices are made of."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import Field

__all__ = ["LEVELS", "WORDS", "Level", "LevelValues", "Text", "say"]

Text = Annotated[dict[str, str], Field(min_length=1)]
"""The same words in each language of the region: ``{en = "Heat", zh-Hans = "高温"}``."""


class Level(IntEnum):
    """What a number means here. The order is the order of severity."""

    NONE = 0
    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @classmethod
    def of(cls, word: str) -> Level:
        """Return the level that ``word`` writes; a ``KeyError`` where none is written so."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        """The level as rule files, CAP parameters and style sheets write it."""
        return self.name.lower()


LEVELS = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)
WORDS = tuple(level.word for level in LEVELS)
LevelValues = dict[Literal["blue", "yellow", "orange", "red"], float]


def say(text: dict[str, str], language: str) -> str:
    """Return the words in ``language``, else in its base language, else in the first there is."""
    base = re.split(r"[-_]", language)[0]
    for key in (language, base):
        if key in text:
            return text[key]
    return next((words for key, words in text.items() if key.split("-")[0] == base), None) or next(
        iter(text.values())
    )
