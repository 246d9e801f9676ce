"""What a cycle has to tell the desk, as it is stored: a code and its facts, no sentence.

The sentence is made when somebody reads it, in that reader's language: see
``warnings_desk/note_words.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Note", "note"]

Note = Mapping[str, Any]


def note(code: str, **facts: Any) -> Note:
    """Return a note as a cycle keeps it, in JSON."""
    return {"code": code, **facts}
