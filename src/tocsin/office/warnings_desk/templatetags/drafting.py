"""Template words of the drafts' pages: ``{{ names|field_word:change.name }}``."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def field_word(names: Mapping[str, str], name: str) -> str:
    """Return the words above a field; of an area's field, the area's code."""
    return names.get(name) or name.removeprefix("area-")
