"""Template words of the drafts' pages.

``{{ names|field_word:change.name }}``  ``{{ change.before|said_of:change.name }}``
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.cap.labels import label
from tocsin.triggers.rules import Level, say

from ..texts import hazard_texts
from ..wording import LEVEL_WORDS, when

AREA = "area-"
MOMENTS = ("onset", "expires")
CODES = {
    "urgency": "urgency", "severity": "severity", "certainty": "certainty",
    "category": "category", "response": "responseType",
}  # fmt: skip
"""Fields of CAP's codes -> the element whose codes they are."""
register = template.Library()


@register.filter
def field_word(names: Mapping[str, str], name: str) -> str:
    """Return the words above a field; of an area's field, the area's code."""
    return names.get(name) or name.removeprefix(AREA)


@register.filter
def is_prose(name: str) -> bool:
    """Whether a field says what somebody wrote: what differs in it is shown word by word."""
    return not (name.startswith(AREA) or name in {"level", "hazard", *MOMENTS, *CODES})


@register.filter
def said_of(text: str, name: str) -> str:
    """Return in words what a field of this name says: a level, a local time, codes; prose as is."""
    language = get_language() or "en"
    if not text:
        return ""
    if name == "level" or name.startswith(AREA):
        return say(dict(LEVEL_WORDS[Level.of(text)]), language)
    if name == "hazard":
        known = hazard_texts().get(text)
        return say(known.name, language) if known else text
    if name in MOMENTS:
        return when(timezone.make_aware(datetime.fromisoformat(text)), language)
    if name in CODES:
        return _(", ").join(label(CODES[name], code, language) for code in text.split(", "))
    return text


@register.filter
def moment(text: str) -> datetime:
    """Return the moment of a stored evidence, so that a page can say it in the region's time."""
    return datetime.fromisoformat(text)
