"""Words of the timing pages: ``{{ length|span }}``, ``{{ row|moment_of:"issued_at" }}``."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.translation import gettext as _

from ..timing import Timing

register = template.Library()


@register.filter
def span(length: timedelta | None) -> str:
    """Return a length of time in its two largest units; a dash for none."""
    if length is None:
        return "–"
    seconds = round(length.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return _("%(d)d d %(h)d h") % {"d": days, "h": hours % 24}
    if hours:
        return _("%(h)d h %(m)d min") % {"h": hours, "m": minutes % 60}
    if minutes:
        return _("%(m)d min %(s)d s") % {"m": minutes, "s": seconds % 60}
    return _("%(s)d s") % {"s": seconds}


@register.filter
def moment_of(row: Timing, name: str) -> datetime | None:
    """Return one of a row's moments by its name."""
    found: datetime | None = getattr(row, name)
    return found
