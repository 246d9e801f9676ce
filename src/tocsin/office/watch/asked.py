"""What a page was asked for: moments, periods and choices read from a query string.

Nothing here raises on what a visitor wrote. Whatever cannot be used is replaced by the nearest
thing that can, and a sentence in ``notes`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from tocsin.office.places.current import moment
from tocsin.office.places.models import Region

__all__ = ["LONGEST", "Asked", "Period", "bounds", "whole_number"]

LONGEST = timedelta(days=400)
"""The longest period a page or an export reaches over."""
SHOWN = 60  # characters of a wrong value that a note repeats
HOUR = timedelta(hours=1)
YEARS = (1900, 2200)
T = TypeVar("T")


def whole_number(given: object) -> int:
    """Return a whole number that a visitor sent, of nine digits at most; 0 for anything else."""
    text = str(given).strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, not including, ``end``; both aware UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """Whole hours in the period."""
        return int((self.end - self.start) / HOUR)


def bounds(region: Region) -> Period:
    """Return what there is to look at: the replayed time, or the year before now."""
    if region.is_replay and region.replay_first:
        last = region.replayed_until or region.replay_last or moment(region)
        return Period(region.replay_first, max(last, region.replay_first + HOUR))
    now = moment(region)
    return Period(now - timedelta(days=366), now)


@dataclass
class Asked:
    """A query string being read, and the notes on what of it could not be used."""

    query: Mapping[str, str]
    region: Region
    notes: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a free text, trimmed and of bearable length."""
        return str(self.query.get(name, "")).replace("\0", "").strip()[:SHOWN]

    def choice(self, name: str, known: Mapping[str, T] | Iterable[str], default: str = "") -> str:
        """Return one of ``known``, else ``default`` with a note."""
        given = self.text(name)
        if not given or given in known:
            return given or default
        self.notes.append(_("“%s” is not known here; it was left out.") % given)
        return default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        given = self.text(name)
        if not given:
            return default
        try:
            wanted = int(given)
        except ValueError:
            self.notes.append(_("“%s” is not a whole number.") % given)
            return default
        return min(max(wanted, low), high)

    def moment(self) -> datetime:
        """Return the hour asked for: ``hour`` from the first one, or ``at``; else the clock's.

        Of a live region the clock's is not cut to the hour: what went out ten minutes ago counts.
        """
        span = bounds(self.region)
        if self.text("hour"):
            return span.start + HOUR * self.number("hour", 0, 0, span.hours)
        given = self._time("at")
        if given is None and not self.region.is_replay:
            return span.end
        at = given or moment(self.region)
        at = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if not span.start <= at <= span.end:
            self.notes.append(
                _("There is nothing at that time; this is the nearest hour there is.")
            )
        return min(max(at, span.start), span.end)

    def period(self, days: int = 7) -> Period:
        """Return the period from ``from`` to ``to``; without them the ``days`` before now."""
        span = bounds(self.region)
        end = self._time("to", is_end=True)
        start = self._time("from")
        end = end or (start + timedelta(days=days) if start else moment(self.region))
        start = start or end - timedelta(days=days)
        if start >= end:
            self.notes.append(_("The period ends before it begins; the two were exchanged."))
            start, end = end, start + HOUR
        if end - start > LONGEST:
            self.notes.append(_("The period was cut to %d days.") % LONGEST.days)
            start = end - LONGEST if end <= span.end else start
            end = min(end, start + LONGEST)
        if end <= span.start or start >= span.end:
            self.notes.append(_("There are no values in that period."))
        return Period(start, end)

    def _time(self, name: str, *, is_end: bool = False) -> datetime | None:
        """Read a moment; one without a zone is in the region's, a bare end day counts whole."""
        given = self.text(name)
        if not given:
            return None
        read: datetime | None
        try:
            if len(given) <= len("2013-07-18"):
                day = date.fromisoformat(given) + timedelta(days=1 if is_end else 0)
                read = datetime.combine(day, time(), self.region.zone)
            else:
                read = datetime.fromisoformat(given.replace(" ", "+"))
            if read.tzinfo is None:
                read = read.replace(tzinfo=self.region.zone)
        except (ValueError, OverflowError):
            read = None
        if read is not None and YEARS[0] <= read.year <= YEARS[1]:
            return read.astimezone(UTC)
        self.notes.append(
            _("“%s” is not a date; write year-month-day, for example 2013-07-18.") % given
        )
        return None
