"""What the desk's pages of earthquakes and hotspots ask for: rows, filters, marks on the map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from shapely.geometry import shape

from tocsin.office.places.models import Region
from tocsin.office.watch.asked import Asked
from tocsin.office.watch.occurrence_models import Occurrence
from tocsin.office.watch.reached import nearest

from .queries import standing
from .wording import said, time_short

__all__ = [
    "COLUMNS",
    "DAYS",
    "Row",
    "Wanted",
    "csv_rows",
    "found_by",
    "href_of",
    "marked",
    "rows_of",
    "size_text",
    "title_of",
]

COLUMNS = (
    "kind", "id", "time", "lat", "lon", "value", "unit", "depth_km", "place", "state", "updated",
    "corrections", "nearest_area", "km",
)  # fmt: skip
DAYS = (1, 7, 30, 366)
MOST_MARKS = 1000
NEAR_KM = 300.0
"""As far as the relation of intensity reaches."""
KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list."""

    kind: str
    days: int
    is_everywhere: bool
    since: datetime
    until: datetime

    @classmethod
    def read(cls, asked: Asked, at: datetime) -> Wanted:
        """Read them from the query string."""
        kind = asked.choice("kind", (Occurrence.EARTHQUAKE, Occurrence.HOTSPOT))
        days = int(asked.choice("days", [str(one) for one in DAYS], "7"))
        where = asked.choice("where", ("near", "all"), "near")
        return cls(kind, days, where == "all", at - timedelta(days=days), at)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    occurrence: Occurrence
    size: str
    nearest: str
    km: float | None
    revisions: int


def found_by(wanted: Wanted, region: Region) -> QuerySet[Occurrence]:
    """Return what fits the filters, the newest first."""
    found = Occurrence.objects.filter(time__gte=wanted.since, time__lte=wanted.until)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if not wanted.is_everywhere:
        found = found.filter(_near(region))
    found = found.select_related("feed").annotate(revisions=Count("corrections"))
    return found.order_by("-time", "-pk")


def rows_of(found: Iterable[Occurrence], region: Region) -> Iterator[Row]:
    """Return lines with the nearest area and how far it is."""
    for one in found:
        place = nearest(one, region)
        yield Row(
            one, size_text(one), said(place[0]) if place else "", place[1] if place else None,
            getattr(one, "revisions", 0),
        )  # fmt: skip


def csv_rows(found: Iterable[Occurrence], region: Region) -> Iterator[list[Any]]:
    """Return lines for the export: times in UTC, numbers as they are kept."""
    for row in rows_of(found, region):
        one = row.occurrence
        updated = one.updated_at and one.updated_at.astimezone(UTC).isoformat()
        yield [
            one.kind, one.source_id, one.time.astimezone(UTC).isoformat(), one.lat, one.lon,
            one.value, one.unit, one.depth_km, one.facts.get("place", ""), _state(one), updated,
            row.revisions, row.nearest, None if row.km is None else round(row.km, 1),
        ]  # fmt: skip


def marked(first: datetime, last: datetime) -> QuerySet[Occurrence]:
    """Return what a map marks of a time: the newest thousand that were not taken back."""
    found = Occurrence.objects.filter(time__gte=first, time__lte=last, deleted_at=None)
    return found[:MOST_MARKS]


def size_text(one: Occurrence) -> str:
    """Return "M 5.6" or "15.2 MW"."""
    if one.kind == Occurrence.EARTHQUAKE:
        return f"M {one.value:.1f}".replace("-", "\u2212")
    return f"{one.value:.1f} MW"


def title_of(one: Occurrence) -> str:
    """Return what a mark on a map says of itself."""
    word = gettext("Earthquake") if one.kind == Occurrence.EARTHQUAKE else gettext("Hotspot")
    return f"{word} · {size_text(one)} · {time_short(one.time)}"


def href_of(one: Occurrence) -> str:
    """Return the address of its page."""
    return reverse("occurrences:one", args=[one.pk])


def _state(one: Occurrence) -> str:
    if one.deleted_at:
        return "deleted"
    return "unlisted" if one.unlisted_at else str(one.facts.get("status", ""))


def _near(region: Region) -> Q:
    """Return the filter for what lies in a box of 300 km around the region's outlines."""
    outlines: Mapping[str, Any] = standing(region).outlines
    if not outlines:
        return Q()
    west, south, east, north = shapely.union_all([shape(one) for one in outlines.values()]).bounds
    high = NEAR_KM / KM_PER_DEGREE
    far = max(abs(south), abs(north)) + high
    wide = 180.0 if far >= 89 else high / math.cos(math.radians(far))
    return Q(
        lat__gte=south - high, lat__lte=north + high, lon__gte=west - wide, lon__lte=east + wide
    )
