"""What a region's own files say about who and what is exposed, as layers of ``tocsin.exposure``."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import numpy as np
import shapely

from tocsin.exposure import Layer, Lines, Places, Points, Raster, Source, Surfaces
from tocsin.region.impact_files import with_amounts
from tocsin.region.layer_files import LayerRead
from tocsin.region.layer_spec import LayerFile
from tocsin.region.model import Region
from tocsin.triggers.rules import Rule, Text

__all__ = [
    "PEOPLE",
    "TOWNS",
    "Named",
    "filled",
    "filled_rules",
    "layer_named",
    "layers_of",
    "named_layers",
    "names_of",
]

PEOPLE, TOWNS = "people", "people in towns"


class _Area(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def geometry(self) -> Any: ...
    @property
    def population(self) -> int | None: ...
    @property
    def population_source(self) -> str | None: ...
    @property
    def population_date(self) -> date | None: ...


class _Place(Protocol):
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def source(self) -> str: ...


class _Settlement(_Place, Protocol):
    @property
    def population(self) -> int: ...


class _Facility(_Place, Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def example(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Named:
    """A layer with the word that stands for it on pages; None where its name serves."""

    name: str
    layer: Layer
    title: Text | None = None


def layers_of(region: Region) -> list[Layer]:
    """Return people by area, people of settlements, facilities by kind, and the layers' files.

    All of them hold inside the region's outline only, unless a file says otherwise. People of an
    area are taken to live evenly spread over it: exact for whole areas, an estimate for parts, and
    so graded. Facilities made up as examples are a layer of their own, graded so.
    """
    return [
        one.layer
        for one in named_layers(region.areas, region.settlements, region.facilities, region.layers)
    ]


def layer_named(region: Region, name: str) -> Layer | None:
    """Return the layer of a name, None where the region has none."""
    found = named_layers(region.areas, region.settlements, (), region.layers)
    return next((one.layer for one in found if one.name == name), None)


def names_of(files: Sequence[LayerFile]) -> list[str]:
    """Return the layers that a rule's impact can name: those that answer with one number."""
    return [PEOPLE, TOWNS, *(one.name for one in files if one.kinds is None and one.name != PEOPLE)]


def filled(region: Region) -> Region:
    """Return the region with how much is exposed in each area put into rules with an impact."""
    return region.model_copy(update={"rules": filled_rules(region, region.rules)})


def filled_rules(region: Region, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return rules with how much of their layers is in each area of a region."""
    outlines = {area.code: area.geometry for area in region.areas if area.geometry is not None}
    made = []
    for rule in rules:
        layer = layer_named(region, rule.impact.layer) if rule.impact else None
        made.append(rule if layer is None else with_amounts(rule, layer, outlines))
    return tuple(made)


def named_layers(
    areas: Sequence[_Area],
    settlements: Sequence[_Settlement],
    facilities: Sequence[_Facility],
    files: Sequence[LayerRead] = (),
) -> list[Named]:
    """Return the layers, people first; a file named "people" stands in for the people of areas."""
    parents = {area.parent for area in areas}
    leaves = [a for a in areas if a.geometry is not None and a.code not in parents]
    extent = shapely.union_all([area.geometry for area in leaves])
    made = [_from_file(one, areas, extent) for one in files]
    layers = [one for one in made if one.name == PEOPLE] or [Named(PEOPLE, _people(leaves, extent))]
    if settlements:
        layers.append(Named(TOWNS, _towns(settlements, extent)))
    layers += [one for one in made if one.name != PEOPLE]
    for made_up in (False, True):
        rows = [row for row in facilities if row.example == made_up]
        if rows:
            layers.append(Named("facilities", _facilities(rows, extent, made_up)))
    return layers


def _people(leaves: Sequence[_Area], extent: shapely.Geometry) -> Surfaces:
    dates = [area.population_date for area in leaves if area.population_date]
    titles = _titles(area.population_source or "" for area in leaves)
    return Surfaces(
        PEOPLE,
        [area.geometry for area in leaves],
        Source(f"{titles}, spread evenly over each area", min(dates, default=None), "estimated"),
        amounts=[np.nan if a.population is None else float(a.population) for a in leaves],
        unit="person",
        complete_in=extent,
    )


def _towns(settlements: Sequence[_Settlement], extent: shapely.Geometry) -> Points:
    return Points(
        TOWNS,
        "person",
        Places([s.lon for s in settlements], [s.lat for s in settlements]),
        Source(_titles(s.source for s in settlements), None),
        counts=[float(s.population) for s in settlements],
        complete_in=extent,
    )


def _facilities(rows: Sequence[_Facility], extent: shapely.Geometry, made_up: bool) -> Points:
    source = Source(_titles(r.source for r in rows), None, "example" if made_up else "counted")
    places = Places([row.lon for row in rows], [row.lat for row in rows])
    kinds = [row.kind for row in rows]
    return Points("facilities", "", places, source, kinds=kinds, complete_in=extent)


def _from_file(read: LayerRead, areas: Sequence[_Area], extent: shapely.Geometry) -> Named:
    spec = read.spec
    source = Source(spec.source, spec.date, spec.grade)
    complete = _complete_in(spec.complete_in, areas, extent)
    layer: Layer
    if read.raster is not None:
        from tocsin.grids.areas import area_weights  # numba's kernels: only where a raster is

        covered = functools.partial(area_weights, read.raster.grid)
        layer = Raster(spec.name, spec.unit, read.raster.amounts, covered, source)
    elif spec.kind == "points":
        lon, lat = shapely.get_coordinates(list(read.geometries)).T
        layer = Points(
            spec.name, spec.unit, Places(lon, lat), source,
            counts=read.amounts, kinds=read.kinds, complete_in=complete,
        )  # fmt: skip
    elif spec.kind == "lines":
        layer = Lines(spec.name, read.geometries, source, complete_in=complete)
    else:
        layer = Surfaces(
            spec.name, read.geometries, source,
            amounts=read.amounts, unit=spec.unit or "km2", complete_in=complete,
        )  # fmt: skip
    return Named(spec.name, layer, spec.title)


def _complete_in(
    codes: Sequence[str] | None, areas: Sequence[_Area], extent: shapely.Geometry
) -> shapely.Geometry | None:
    """Return where a file has all there is: the region, some of its areas, or everywhere."""
    if codes is None:
        return extent
    if "*" in codes:
        return None
    inside = _below(codes, {area.code: area.parent for area in areas})
    there = [a.geometry for a in areas if a.code in inside and a.geometry is not None]
    return shapely.union_all(there)


def _below(codes: Iterable[str], parents: Mapping[str, str | None]) -> set[str]:
    """Return the codes and all areas beneath them."""
    found = set(codes)
    for code in parents:
        way, above = [code], parents.get(code)
        while above is not None and way[-1] not in found:
            way.append(above)
            above = parents.get(above)
        if way[-1] in found:
            found.update(way)
    return found


def _titles(sources: Iterable[str]) -> str:
    return "; ".join(sorted(set(sources) - {""}))
