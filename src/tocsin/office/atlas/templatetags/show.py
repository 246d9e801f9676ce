"""Template words of every page, public and desk: ``{% load show %}``.

``{{ names|say }}``  ``{% level_chip level %}``  ``{{ level|level_word }}``  ``{{ at|local }}``
``{{ at|local_short }}``  ``{% value v unit %}``  ``{% measure v quantity unit %}``
``{{ count|people }}``  ``{% asset "atlas/public.css" %}``  ``{% language_links as links %}``
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext

from tocsin.triggers.rules import LEVELS, Level

from .. import whom, wording

register = template.Library()

_SHAPES = {
    Level.BLUE: "M10 1a9 9 0 1 0 0 18a9 9 0 1 0 0-18Z",
    Level.YELLOW: "M10 2 19.5 18.5H.5Z",
    Level.ORANGE: "M10 .5 19.5 10 10 19.5.5 10Z",
    Level.RED: "M6 1h8l5 5v8l-5 5H6l-5-5V6Z",
}


@register.filter
def say(names: Any) -> str:
    """Return names kept in several languages in the page's language."""
    return wording.said(names)


@register.simple_tag
def exposed_lines(facts: Any) -> list[whom.Line]:
    """Return who and what is inside, a line for each number, with source and day."""
    return whom.lines_of(facts or ())


@register.simple_tag
def expected_said(facts: Any) -> whom.Expected:
    """Return what a warning is expected to do, in words."""
    return whom.expected_said(facts)


@register.filter
def level_word(level: int) -> str:
    """Return the level's word in the page's language."""
    return str(wording.LEVEL_WORDS[Level(level)])


@register.filter
def level_key(level: int) -> str:
    """Return the level as style sheets write it: blue, yellow, orange, red, none."""
    return Level(level).word


@register.simple_tag
def level_shape(level: int) -> SafeString:
    """Draw the level's shape alone; the word must stand beside it."""
    return _shape(Level(level))


@lru_cache
def _shape(level: Level) -> SafeString:
    return format_html(
        '<svg class="shape" viewBox="0 0 20 20" aria-hidden="true">'
        '<path d="{}" fill="var(--lv-{})"/></svg>',
        _SHAPES.get(level, ""),
        level.word,
    )


@register.simple_tag
def level_chip(level: int, text: Any = "") -> SafeString:
    """Draw a level as shape, colour and word, with ``text`` after it: Orange · Heat."""
    here = Level(level)
    return _chip(here, str(wording.LEVEL_WORDS[here]), wording.said(text))


@lru_cache(maxsize=512)
def _chip(level: Level, word: str, text: str) -> SafeString:
    return format_html(
        '<span class="chip c-{}">{}{}{}</span>',
        level.word,
        _shape(level),
        word[:1].upper() + word[1:],
        format_html(" · {}", text) if text else "",
    )


def _time(when: datetime | None, text: str) -> SafeString:
    if when is None:
        return format_html("{}", text)
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), text)


@register.filter
def local(when: datetime | None) -> SafeString:
    """Return a moment in the region's zone, in full, with the zone's abbreviation."""
    return _time(when, wording.time_long(when))


@register.filter
def local_short(when: datetime | None) -> SafeString:
    """Return a moment in the region's zone: weekday, day, month, time."""
    return _time(when, wording.time_short(when))


@register.filter
def local_year(when: datetime | None) -> SafeString:
    """Return a moment in the region's zone: weekday, day, month, year, time."""
    return _time(when, wording.time_short(when, year=True))


@register.simple_tag
def value(amount: float | None, unit: str = "", decimals: int | None = None) -> str:
    """Return a number with its unit, as given."""
    return wording.value_text(amount, unit, decimals=decimals)


@register.simple_tag
def threshold(amount: float | None, unit: str = "") -> str:
    """Return a limit with its unit, as it was given."""
    return wording.limit_text(amount, unit)


@register.filter
def minutes_long(minutes: float) -> str:
    """Return a number of minutes in the largest words that stay honest: 40 min, 7 h, 3 days."""
    return wording.time_span(minutes / 60)


@register.simple_tag
def bound(amount: float | None, unit: str = "", when: str = "at-or-above") -> str:
    """Return a limit as what has to be reached: ``when`` is the rule's."""
    return wording.bound_text(amount, unit, is_low=when == "at-or-below")


@register.simple_tag(takes_context=True)
def measure(context: Context, amount: float | None, quantity: str, unit: str) -> str:
    """Return a stored value converted to the unit the region shows for this quantity."""
    region = context.get("region")
    shown, in_unit = wording.display_value(
        amount, quantity, unit, region.display_units if region else {}
    )
    return wording.value_text(shown, in_unit)


@register.filter
def season(given: Mapping[str, Any]) -> str:
    """Return a season of a rule in words: 1 March to 30 November; 3月1日至11月30日."""
    return wording.season_said(given)


@register.filter
def people(count: float | None) -> str:
    """Return a count of people in words: 1.4 million, 140万."""
    return wording.people_count(count)


@register.filter
def unit(name: str) -> str:
    """Return a unit's sign."""
    return wording.unit_symbol(name)


@register.simple_tag
def all_levels() -> list[Level]:
    """Return the levels, highest first."""
    return list(reversed(LEVELS))


@lru_cache
def _mark(path: str) -> str:
    found = finders.find(path)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10] if found else "0"


@register.simple_tag
def asset(path: str) -> str:
    """Return a static file's address with a mark of its content, so that caches see a change."""
    return f"{static(path)}?v={_mark(path)}"


@register.simple_tag(takes_context=True)
def language_links(context: Context) -> list[dict[str, Any]]:
    """Return this very page in each language of the office."""
    request = context.get("request")
    if request is None:
        return []
    here = request.get_full_path()
    for code, _name in settings.LANGUAGES:
        if here == f"/{code}" or here.startswith(f"/{code}/"):
            here = here[len(code) + 1 :] or "/"
    return [
        {
            "code": code,
            "tag": "zh-Hans" if code == "zh-hans" else code,
            "name": get_language_info(code)["name_local"],
            "href": here if code == settings.LANGUAGE_CODE else f"/{code}{here}",
            "is_current": code == get_language(),
        }
        for code, _name in settings.LANGUAGES
    ]


@register.filter
def tick(amount: float) -> str:
    """Return a number of an axis, as short as it is exact."""
    return wording.number(amount, 2, trim=True)


@register.filter
def day(when: datetime) -> str:
    """Return the day of a local midnight for an axis: 14 Jul, 7月14日."""
    return wording.day_short(when)


@register.filter
def listed(names: Iterable[Any]) -> str:
    """Return names with the language's own comma between them."""
    return gettext(", ").join(str(name) for name in names)
