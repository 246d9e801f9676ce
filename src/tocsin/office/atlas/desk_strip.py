"""The year under the slider: when warnings were in force. Drawn once a head of the ledger."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tocsin.office.places.models import Region
from tocsin.office.watch.asked import Period

from .desk_charts import year_strip, year_ticks
from .desk_episodes import Facts

__all__ = ["strip_of"]


def strip_of(facts: Facts, span: Period, region: Region) -> SafeString:
    """Return the drawn strip in the language of the page."""
    return _strip(facts.head, span, region.time_zone, get_language() or "en")


@lru_cache(maxsize=8)
def _strip(head: tuple[int, str], span: Period, zone: str, _language: str) -> SafeString:
    found = Facts((), head).episodes
    months = year_ticks(span.start, span.end, ZoneInfo(zone))
    bars = year_strip(found, span.start, span.end)
    return render_to_string("desk/_strip.html", {"strip": bars, "months": months})
