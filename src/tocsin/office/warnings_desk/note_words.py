"""The words of what a cycle told the desk, in the reader's language; made when they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from tocsin.office.watch.labels import quantity_name
from tocsin.office.watch.notes import Note
from tocsin.triggers.rules import Level, say

from .wording import LEVEL_WORDS, unit_symbol

__all__ = ["NOTES", "told"]

NOTES: Mapping[str, Any] = {
    "expected": ngettext_lazy(
        "Expected by forecasts, not measured yet: %(areas)d area.",
        "Expected by forecasts, not measured yet: %(areas)d areas.",
        "areas",
    ),
    "in-force": _("%(version)s is in force from now on, as approved in the office."),
    "out-of-use": _(
        "%(version)s takes the rule out of use from now on, as approved in the office."
    ),
    "folder-waits": _(
        "The folder has a new text of %(rule)s, kept as %(newer)s; %(version)s, approved in the "
        "office, stays in force. Compare them."
    ),
    "unreadable": _(
        "%(version)s cannot be read by this program and does not count: %(why)s Propose it anew."
    ),
    "held": _(
        "%(feed)s: %(quantity)s %(before)s → %(after)s %(unit)s. At %(stations)s the values moved "
        "as if %(sent)s were now sent for %(taken)s. They are held for review."
    ),
    "says-less": _(
        "Draft %(draft)d (%(rule)s) is in hand, and the machine issued by itself: it says less "
        "than the values ask for. Compare the two before anything more is issued; withdraw the "
        "draft, or make it an update."
    ),
    "lay-idle": _(
        "Draft %(draft)d (%(rule)s) is in hand, and the machine issued by itself: nobody touched "
        "it for %(minutes)d minutes. Compare the two before anything more is issued; withdraw the "
        "draft, or make it an update."
    ),
    "waits": _(
        "Draft %(draft)d is in hand and says what the machine would issue by itself; the machine "
        "waits for it until %(until)s UTC."
    ),
    "left": _(
        "Draft %(draft)d (%(version)s) is in hand and was left as it is; the rule now sees "
        "%(levels)s."
    ),
}
"""A note's code -> its sentence, filled with the facts of the note."""


def told(note: Note | str) -> str:
    """Return the sentence of a note; a cycle of an older program has the sentence itself."""
    if isinstance(note, str):
        return note
    facts = {name: _SAID.get(name, _as_it_is)(fact) for name, fact in note.items()}
    return str(NOTES[note["code"]] % facts)


def _as_it_is(fact: Any) -> Any:
    return fact


def _levels(levels: Mapping[str, int]) -> str:
    language = get_language() or "en"
    words = [
        f"{area} {say(dict(LEVEL_WORDS[Level(level)]), language)}" for area, level in levels.items()
    ]
    return str(_(", ")).join(words) or str(_("no area any more"))


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _stations(codes: list[str]) -> str:
    return str(_(", ")).join(codes)


_SAID: Mapping[str, Callable[[Any], Any]] = {
    "quantity": quantity_name,
    "unit": unit_symbol,
    "sent": unit_symbol,
    "taken": unit_symbol,
    "before": _number,
    "after": _number,
    "stations": _stations,
    "levels": _levels,
    "until": lambda moment: f"{datetime.fromisoformat(moment):%H:%M}",
}
"""How a fact of this name is said; any other stands as it is."""
