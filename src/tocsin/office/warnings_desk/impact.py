"""Whom a warning concerns: who and what lies inside its areas and drawn shapes, with sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from tocsin.cap.message import Polygon
from tocsin.errors import ShapeError
from tocsin.exposure import Amount, exposed, from_circle, from_pairs, kinds_inside
from tocsin.office.places.models import Area, Region

from .compose import Place
from .content import Block
from .impact_layers import Exposed, exposure_of
from .impact_words import WHOLE, facts_of, people_in

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
    exposed: Exposed

    @classmethod
    def read(cls, region: Region) -> Gazetteer:
        """Return the places of a region, those read before where nothing was loaded since."""
        return _read(exposure_of(region))

    def amounts(self, blocks: Iterable[Block]) -> tuple[Amount, ...]:
        """Return who and what lies inside whole areas, rings and circles taken together."""
        blocks = list(blocks)
        codes = frozenset(leaf for one in blocks for leaf in self._leaves(one.area_codes))
        if not any(one.polygons or one.circles for one in blocks):
            return self.amounts_of(codes)
        outline = self._outline(codes, blocks)
        return () if outline is None else self.exposed.amounts(outline)

    def amounts_of(self, codes: Iterable[str]) -> tuple[Amount, ...]:
        """Return who and what lies inside areas, by their codes."""
        return self.exposed.amounts_of(frozenset(self._leaves(codes)))

    def impact(self, areas: Iterable[str]) -> dict[str, Any]:
        """Return the facts that a message about whole areas keeps about whom it concerns."""
        codes = [code for code in areas if code in self.places]
        leaves = frozenset(self._leaves(codes))
        return self._facts(codes, self.amounts_of(leaves), self._outline(leaves, ()))

    def impact_of(self, blocks: Sequence[Block], reached: Iterable[str]) -> dict[str, Any]:
        """Return the same of a draft's blocks, drawn shapes by what lies inside of them.

        ``reached`` are the areas named whole and those that a shape reaches into.
        """
        drawn = any(one.polygons or one.circles for one in blocks)
        if not drawn:
            return self.impact(reached) | {"by_level": self._by_level(blocks)}
        codes = frozenset(leaf for one in blocks for leaf in self._leaves(one.area_codes))
        facts = self._facts(list(reached), self.amounts(blocks), self._outline(codes, blocks))
        return facts | {"drawn": True, "by_level": self._by_level(blocks)}

    def inside_each(
        self, blocks: Sequence[Block], reached: Iterable[str]
    ) -> dict[str, BaseGeometry]:
        """Return of each area reached the part that the blocks hold: all of it, or what is drawn.

        An area of which nothing can be said, for a shape that nobody can use, is left out.
        """
        whole = {leaf for one in blocks for leaf in self._leaves(one.area_codes)}
        drawn = self._outline(frozenset(), blocks)
        found: dict[str, BaseGeometry] = {}
        for code in reached:
            own = self.exposed.outlines.get(code)
            if own is not None and code in whole:
                found[code] = own
            elif own is not None and drawn is not None:
                part = _polygons_only(shapely.intersection(own, drawn))
                if not part.is_empty:
                    found[code] = part
        return found

    def layer_inside(
        self, name: str, blocks: Sequence[Block], reached: Iterable[str]
    ) -> dict[str, float | None]:
        """Return how much of one layer lies inside the blocks in each area, None if unknown."""
        reached = list(reached)
        found: dict[str, float | None] = dict.fromkeys(reached)
        layer = self.exposed.layer(name)
        parts = self.inside_each(blocks, reached)
        if layer is not None and parts:
            for code, amounts in exposed([layer.layer], parts).items():
                if amounts and amounts[0].known >= WHOLE:
                    found[code] = amounts[0].value
        return found

    def _facts(
        self, codes: Sequence[str], amounts: Sequence[Amount], outline: BaseGeometry | None
    ) -> dict[str, Any]:
        people = people_in(amounts)
        value = people.value if people else None
        kinds, towns = _named_inside(self.exposed, outline)
        return {
            "people": None if value is None else round(value),
            "people_known": round(people.known, 4) if people else 0,
            "people_by_area": {code: self.places[code].people for code in codes},
            "people_source": people.source.title if people else "",
            "facilities": kinds,
            "facilities_source": "; ".join(
                sorted({one.source.title for one in amounts if one.name in kinds})
            ),
            "settlements": towns[:SETTLEMENTS_NAMED],
            "amounts": facts_of(amounts, self.exposed.titles),
        }

    def _by_level(self, blocks: Sequence[Block]) -> dict[str, dict[str, Any]]:
        told = {block.level: people_in(self.amounts([block])) for block in blocks}
        return {
            level: {
                "people": None if one is None or one.value is None else round(one.value),
                "known": round(one.known, 4) if one else 0,
            }
            for level, one in told.items()
        }

    def _leaves(self, codes: Iterable[str]) -> Iterable[str]:
        return (leaf for code in codes for leaf in self.inside.get(code, ()))

    def _outline(self, codes: frozenset[str], blocks: Iterable[Block]) -> BaseGeometry | None:
        """Return all of it as one outline; None of nothing, and of shapes nobody can use."""
        parts = [self.exposed.union(codes)] if codes else []
        try:
            for block in blocks:
                parts += [from_pairs(ring) for ring in block.polygons]
                parts += [from_circle(*circle) for circle in block.circles]
        except ShapeError:
            return None  # the draft is told so where its shapes are checked
        if not parts:
            return None
        parts = [one for one in parts if not one.is_empty]
        made = parts[0] if len(parts) == 1 else _polygons_only(shapely.union_all(parts))
        return None if made.is_empty else made


@lru_cache(maxsize=2)
def _read(here: Exposed) -> Gazetteer:
    areas = list(Area.objects.order_by("path"))
    return Gazetteer(
        places={
            area.code: Place(area.code, area.names, _polygons(area), area.population)
            for area in areas
        },
        inside={area.code: _inside(area, areas) for area in areas},
        exposed=here,
    )


def _named_inside(
    here: Exposed, outline: BaseGeometry | None
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the codes of facilities by kind and of settlements, the largest first."""
    if outline is None:
        return {}, []
    places, codes, kinds = here.facilities
    found = kinds_inside(places, kinds, outline)
    towns, names, people = here.settlements
    inside = sorted(((people[n], names[n]) for n in towns.inside(outline).tolist()), reverse=True)
    by_kind = {kind: sorted(codes[n] for n in rows) for kind, rows in found.items()}
    return by_kind, [name for _, name in inside]


def _polygons_only(geometry: Any) -> BaseGeometry:
    """Return the surfaces of what is left after cutting: where outlines only touch, lines are."""
    parts = [one for one in getattr(geometry, "geoms", [geometry]) if one.area > 0]
    return shapely.union_all(parts)


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
