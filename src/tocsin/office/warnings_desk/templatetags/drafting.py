"""Template words of the drafts' pages: ``{{ names|field_word:change.name }}``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import template

from tocsin.triggers.rules import Level

AREA = "area-"
register = template.Library()


@register.filter
def field_word(names: Mapping[str, str], name: str) -> str:
    """Return the words above a field; of an area's field, the area's code."""
    return names.get(name) or name.removeprefix(AREA)


@register.filter
def is_area(name: str) -> bool:
    """Whether a field is the level of an area."""
    return name.startswith(AREA)


@register.filter
def level_of(word: str) -> Level:
    """Return the level of its word in the form: orange."""
    return Level.of(word)


@register.filter
def moment(text: str) -> datetime:
    """Return the moment of a stored evidence, so that a page can say it in the region's time."""
    return datetime.fromisoformat(text)
