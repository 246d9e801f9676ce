"""A warning raised or lowered takes the words of its new level, where they were not its officer's.

The words of the message before are held against what its rule or its hazard says at the old level;
where they are those, with values filled in, the same values go into the words of the new level.
What an officer has written stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

from tocsin.triggers.rules import Level, Rule, say

from .content import DraftContent, Texts
from .models import Warning
from .texts import hazard_texts

__all__ = ["at_new_level", "retold"]

Words = tuple[Mapping[str, str], Mapping[str, str]]
"""A headline and an instruction in each language, with blanks to fill in."""


def at_new_level(content: DraftContent, warning: Warning, before: Level) -> DraftContent:
    """Return ``content``, moved from the level ``before``, in the words of its highest level."""
    after = max(Level.of(block.level) for block in content.blocks)
    old, new = (_words(warning, level) for level in (before, after))
    if old is None or new is None:
        return content
    texts = {}
    for language, said in content.texts.items():
        headline, instruction = (
            retold(text, say(dict(gone), language), say(dict(comes), language))
            for text, gone, comes in zip((said.headline, said.instruction), old, new, strict=True)
        )
        changed = said.model_dump() | {"headline": headline, "instruction": instruction}
        texts[language] = Texts.model_validate(changed)
    return content.model_copy(update={"texts": texts})


def retold(text: str, old: str, new: str) -> str:
    """Return ``new`` filled in as ``old`` was to give ``text``; else the text as it is.

    A mark before the words, as a replay or a drill has it, stays.
    """
    pattern, names = ["(?P<mark_>.*?)"], set()
    for literal, name, _, _ in Formatter().parse(old):
        pattern.append(re.escape(literal))
        if name is not None:
            pattern.append(f"(?P={name})" if name in names else f"(?P<{name}>.+?)")
            names.add(name)
    found = re.fullmatch("".join(pattern), text, re.DOTALL)
    wanted = {name for _, name, _, _ in Formatter().parse(new) if name is not None}
    if found is None or not old or not wanted <= names:
        return text
    filled = found.groupdict()
    return filled.pop("mark_") + new.format(**filled)


def _words(warning: Warning, level: Level) -> Words | None:
    """Return what the rule behind a warning, or its hazard, says at a level."""
    if warning.rule_version is not None:
        by_level = {
            str(word): text
            for word, text in Rule.model_validate(warning.rule_version.definition).text.items()
        }
        words = by_level.get(level.word)
        return None if words is None else (words.headline, words.instruction)
    known = hazard_texts().get(warning.hazard)
    by_word = {str(word): text for word, text in known.level.items()} if known else {}
    said = by_word.get(level.word)
    return None if said is None else (said.headline, said.instruction)
