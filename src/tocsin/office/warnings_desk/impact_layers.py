"""The layers of exposure of the region, indexed, once for each process and state of the region.

Areas, facilities and settlements are the database's. Layers from files, and the days of
populations, are read in the region folder, if it still is the one that the database was loaded
from; if not, they are left out and ``note`` says so: what is not known is not counted as nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from tocsin import region as library
from tocsin.errors import RegionError
from tocsin.exposure import Amount, Places, exposed
from tocsin.office.places.models import Area, Facility, Region, Settlement
from tocsin.region.layers import Named, named_layers

__all__ = ["Exposed", "exposure_of"]

log = logging.getLogger(__name__)
KEPT = 2
"""States of the region kept at once: the present one, and the one before while requests end."""
SETS = 512
"""Sets of areas whose union and amounts are remembered: hours of a replay ask for the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """Who and what is exposed in the region, ready to be asked; itself a key of what is kept."""

    layers: tuple[Named, ...]
    outlines: Mapping[str, BaseGeometry]
    """Area code -> outline, as exact as the region has it."""
    facilities: tuple[Places, tuple[str, ...], tuple[str, ...]]
    """Where facilities are, their codes and their kinds, in one order."""
    settlements: tuple[Places, tuple[str, ...], tuple[int, ...]]
    """Where settlements are, their codes and their people, the largest first."""
    note: str = ""
    """Why layers of files are left out: "changed", "unreadable"; empty where none is."""
    _unions: dict[frozenset[str], BaseGeometry] = field(default_factory=dict, repr=False)
    _found: dict[frozenset[str] | bytes, tuple[Amount, ...]] = field(
        default_factory=dict, repr=False
    )

    def amounts(self, outline: BaseGeometry) -> tuple[Amount, ...]:
        """Return what every layer has inside an outline, people first."""
        key = shapely.to_wkb(outline)  # a preview asks for one shape several times
        if key not in self._found:
            found = exposed([one.layer for one in self.layers], {"it": outline})["it"]
            self._keep(key, found)
        return self._found[key]

    def amounts_of(self, codes: frozenset[str]) -> tuple[Amount, ...]:
        """Return what every layer has inside areas; nothing of areas that have no outline."""
        if codes not in self._found:
            outline = self.union(codes)
            found = () if outline.is_empty else self.amounts(outline)
            self._keep(codes, found)
        return self._found[codes]

    def _keep(self, key: frozenset[str] | bytes, found: tuple[Amount, ...]) -> None:
        if len(self._found) >= SETS:
            self._found.clear()
        self._found[key] = found

    def union(self, codes: frozenset[str]) -> BaseGeometry:
        """Return the outlines of areas as one; empty of areas that have none."""
        if codes not in self._unions:
            parts = [self.outlines[code] for code in sorted(codes) if code in self.outlines]
            if len(self._unions) >= SETS:
                self._unions.clear()
            self._unions[codes] = shapely.union_all(parts)
        return self._unions[codes]

    def layer(self, name: str) -> Named | None:
        """Return the layer of a name, None where the region has none."""
        return next((one for one in self.layers if one.name == name), None)

    @property
    def titles(self) -> dict[str, dict[str, str]]:
        """Return the words of layers that have their own, by name."""
        return {one.name: dict(one.title) for one in self.layers if one.title}


def exposure_of(region: Region) -> Exposed:
    """Return the layers of a region, those read before where neither it nor its folder changed."""
    return _exposure(region.pk, region.digest, region.folder, _stamp(Path(region.folder)))


@lru_cache(maxsize=KEPT)
def _exposure(_key: int, digest: str, folder: str, stamp: tuple[int, int]) -> Exposed:
    files, days, note = _of_folder(folder, digest, stamp)
    rows = list(Area.objects.order_by("path"))
    codes = {area.path: area.code for area in rows}
    areas = [
        SimpleNamespace(
            code=area.code,
            parent=codes.get(area.path[: -area.steplen]),
            geometry=shape(area.geometry) if area.geometry is not None else None,
            population=area.population,
            population_source=area.population_source,
            population_date=days.get(area.code),
        )
        for area in rows
    ]
    facilities = list(Facility.objects.all())
    settlements = list(Settlement.objects.all())
    made = [
        SimpleNamespace(kind=f.kind, lat=f.lat, lon=f.lon, source=f.source, example=f.is_example)
        for f in facilities
    ]
    return Exposed(
        tuple(named_layers(areas, settlements, made, files)) if _has_outline(areas) else (),
        {area.code: area.geometry for area in areas if area.geometry is not None},
        (_places(facilities), tuple(f.code for f in facilities), tuple(f.kind for f in facilities)),
        (
            _places(settlements),
            tuple(s.code for s in settlements),
            tuple(s.population for s in settlements),
        ),
        note,
    )


def _has_outline(areas: Sequence[Any]) -> bool:
    return any(area.geometry is not None for area in areas)


def _places(rows: Sequence[Facility] | Sequence[Settlement]) -> Places:
    return Places([row.lon for row in rows], [row.lat for row in rows])


def _stamp(folder: Path) -> tuple[int, int]:
    """Return what changes when somebody writes region.toml; zeros where it cannot be seen."""
    try:
        seen = (folder / "region.toml").stat()
    except OSError:
        return 0, 0
    return seen.st_mtime_ns, seen.st_size


def _of_folder(
    folder: str, digest: str, stamp: tuple[int, int]
) -> tuple[Sequence[Any], Mapping[str, Any], str]:
    """Return the layers of files and the days of populations, or why they are left out."""
    read = _region_in(folder, stamp)
    if read is None:
        return (), {}, "unreadable"
    if read.digest != digest:
        return (), {}, "changed" if read.layers else ""
    return read.layers, {area.code: area.population_date for area in read.areas}, ""


@lru_cache(maxsize=KEPT)
def _region_in(folder: str, stamp: tuple[int, int]) -> library.Region | None:
    if not stamp[0]:
        log.warning("The region folder %s cannot be seen here: its layers are left out.", folder)
        return None
    try:
        return library.load_region(Path(folder))
    except (RegionError, OSError) as error:
        log.warning("The region folder %s cannot be read now: %s", folder, error)
        return None
