"""What a region's own files say about who and what is exposed, as layers of ``tocsin.exposure``."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely

from tocsin.exposure import Layer, Places, Points, Source, Surfaces
from tocsin.region.model import Facility, Region

__all__ = ["layers_of"]


def layers_of(region: Region) -> list[Layer]:
    """Return people by area, people of settlements, and facilities by kind.

    All of them hold inside the region's outline only. People of an area are taken to live evenly
    spread over it: exact for whole areas, an estimate for parts, and so graded. Facilities made up
    as examples are a layer of their own, graded so.
    """
    parents = {area.parent for area in region.areas}
    leaves = [a for a in region.areas if a.geometry is not None and a.code not in parents]
    extent = shapely.union_all([area.geometry for area in leaves])
    dates = [area.population_date for area in leaves if area.population_date]
    titles = _titles(area.population_source or "" for area in leaves)
    layers: list[Layer] = [
        Surfaces(
            "people",
            [area.geometry for area in leaves],
            Source(
                f"{titles}, spread evenly over each area", min(dates, default=None), "estimated"
            ),
            amounts=[np.nan if a.population is None else float(a.population) for a in leaves],
            unit="person",
            complete_in=extent,
        )
    ]
    if region.settlements:
        layers.append(
            Points(
                "people in towns",
                "person",
                Places([s.lon for s in region.settlements], [s.lat for s in region.settlements]),
                Source(_titles(s.source for s in region.settlements), None),
                counts=[float(s.population) for s in region.settlements],
                complete_in=extent,
            )
        )
    for made_up in (False, True):
        rows = [row for row in region.facilities if row.example == made_up]
        if rows:
            layers.append(_facilities(rows, extent, made_up))
    return layers


def _facilities(rows: list[Facility], extent: shapely.Geometry, made_up: bool) -> Points:
    source = Source(_titles(r.source for r in rows), None, "example" if made_up else "counted")
    places = Places([row.lon for row in rows], [row.lat for row in rows])
    kinds = [row.kind for row in rows]
    return Points("facilities", "", places, source, kinds=kinds, complete_in=extent)


def _titles(sources: Iterable[str]) -> str:
    return "; ".join(sorted(set(sources) - {""}))
