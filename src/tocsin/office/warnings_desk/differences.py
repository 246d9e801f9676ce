"""What differs between two versions of a draft, field by field and word by word. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Change", "changes", "words_changed"]

_WORD = re.compile(r"[\u3400-\u9fff]|\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Change:
    """One field with what it said and says; ``parts`` are (kept, gone or new, text)."""

    name: str
    before: str
    after: str
    parts: tuple[tuple[str, str], ...]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return the fields that differ, in the order of the form.

    >>> [change.name for change in changes({"web": "a"}, {"web": "b"})]
    ['web']
    """
    found = []
    for name in dict.fromkeys([*after, *before]):
        old, new = _text(before.get(name)), _text(after.get(name))
        if old != new:
            found.append(Change(name, old, new, tuple(words_changed(old, new))))
    return found


def words_changed(before: str, after: str) -> list[tuple[str, str]]:
    """Return ("same" | "gone" | "new", text) from start to end; a Chinese sign is a word."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            parts.append(("gone", "".join(old[a:b])))
        if c < d:
            parts.append(("new", "".join(new[c:d])))
    return parts


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else ""
    return str(value or "")
