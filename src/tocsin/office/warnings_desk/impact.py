"""Whom a warning concerns: people, facilities and settlements inside its areas, with sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape

from tocsin.cap.message import Polygon
from tocsin.office.places.models import Area, Facility, Settlement

from .compose import Place

__all__ = ["Gazetteer"]

OUTLINE_TOLERANCE_DEG = 0.003
"""Outlines in messages may lie this far from the source's, about 300 m: they stay small."""
SETTLEMENTS_NAMED = 8


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All places of the region, read once for as many messages as are issued."""

    places: dict[str, Place]
    inside: dict[str, tuple[str, ...]]
    """Area -> the areas with an outline at or below it: what a message about it reaches."""
    sources: dict[str, str]
    facilities: dict[str, dict[str, list[str]]]
    facility_sources: tuple[str, ...]
    settlements: dict[str, list[tuple[int, str]]]

    @classmethod
    def read(cls) -> Gazetteer:
        """Read areas, facilities and settlements from the database."""
        areas = list(Area.objects.order_by("path"))
        facilities: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for code, kind, area in Facility.objects.values_list("code", "kind", "area__code"):
            facilities[area][kind].append(code)
        settlements: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for code, people, area in Settlement.objects.values_list(
            "code", "population", "area__code"
        ):
            settlements[area].append((people, code))
        return cls(
            places={
                area.code: Place(area.code, area.names, _polygons(area), area.population or 0)
                for area in areas
            },
            inside={area.code: _inside(area, areas) for area in areas},
            sources={area.code: area.population_source for area in areas},
            facilities=facilities,
            facility_sources=tuple(
                sorted(set(Facility.objects.order_by("source").values_list("source", flat=True)))
            ),
            settlements=settlements,
        )

    def impact(self, areas: Iterable[str]) -> dict[str, Any]:
        """Return the facts a message keeps about whom it concerns."""
        codes = [code for code in areas if code in self.places]
        kinds: dict[str, list[str]] = defaultdict(list)
        for code in codes:
            for kind, inside in self.facilities.get(code, {}).items():
                kinds[kind].extend(inside)
        named = sorted((row for c in codes for row in self.settlements.get(c, [])), reverse=True)
        return {
            "people": sum(self.places[code].people for code in codes),
            "people_by_area": {code: self.places[code].people for code in codes},
            "people_source": "; ".join(sorted({self.sources[code] for code in codes} - {""})),
            "facilities": {kind: sorted(inside) for kind, inside in sorted(kinds.items())},
            "facilities_source": "; ".join(self.facility_sources),
            "settlements": [code for _, code in named[:SETTLEMENTS_NAMED]],
        }


def _inside(area: Area, areas: list[Area]) -> tuple[str, ...]:
    if area.geometry is not None:
        return (area.code,)
    return tuple(
        one.code for one in areas if one.geometry is not None and one.path.startswith(area.path)
    )


def _polygons(area: Area) -> tuple[Polygon, ...]:
    """Return the outline's outer rings as CAP has them: latitude first, closed, four decimals."""
    if area.geometry is None:
        return ()
    whole = shape(area.geometry).simplify(OUTLINE_TOLERANCE_DEG, preserve_topology=True)
    parts = getattr(whole, "geoms", [whole])
    rings = ([(round(y, 4), round(x, 4)) for x, y in part.exterior.coords] for part in parts)
    return tuple(tuple(ring) for ring in rings if len(set(ring)) > 2)
