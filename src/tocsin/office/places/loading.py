"""The rows of a region folder: written by the thousand, and only where they differ.

The tree of areas is numbered as a whole: siblings by code, without holes, whatever was there
before. A folder loaded over another gives the very tree that it gives in an empty database.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Model
from shapely import STRtree
from shapely.geometry import Point, mapping

from tocsin import region as library
from tocsin.exposure.shares import area_shares
from tocsin.intake import nearest_stations

from .models import Area, Facility, Settlement, Station

__all__ = ["load_places"]

ROWS_A_STATEMENT = 1000
PARKED = "~{:011d}"
"""Where an area stands while others take its place: no path of the tree looks like it."""


def load_places(read: library.Region) -> None:
    """Make stations, areas, facilities and settlements those of the folder; in a transaction.

    What the folder no longer has is taken out, but for stations: their observations are history.
    """
    _put(Station, {one.id: _station_facts(one) for one in read.stations})
    near = nearest_stations(read.areas, read.stations, read.area_method.max_distance_km)
    shares = area_shares(read.areas, read.stations, read.area_method.max_distance_km)
    places = _tree({area.code: area.parent for area in read.areas})
    wanted = {
        area.code: {
            **_area_facts(area, near.get(area.code, [])),
            "shares": shares[area.code],
            **places[area.code],
        }
        for area in read.areas
    }
    _clear_the_way(wanted)
    _put(Area, wanted)
    _load_points(read)
    _take_out(Facility, {one.id for one in read.facilities})
    _take_out(Settlement, {one.id for one in read.settlements})


def _put(model: type[Model], wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Insert the rows that are not there, and write those that are others, by their code."""
    if not wanted:
        return
    fields = list(next(iter(wanted.values())))
    rows = model._default_manager.values_list("code", *fields)
    stored = {row[0]: dict(zip(fields, row[1:], strict=True)) for row in rows}
    differ = [code for code, facts in wanted.items() if stored.get(code) != facts]
    model._default_manager.bulk_create(
        [model(code=code, **wanted[code]) for code in differ],
        batch_size=ROWS_A_STATEMENT,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=fields,
    )


def _tree(parents: Mapping[str, str | None]) -> dict[str, dict[str, Any]]:
    """Return for each area where it stands in the tree: path, depth and number of children."""
    children: dict[str | None, list[str]] = {}
    for code in sorted(parents):
        children.setdefault(parents[code], []).append(code)
    places: dict[str, dict[str, Any]] = {}

    def number(parent: str | None, path: str, depth: int) -> None:
        for step, code in enumerate(children.get(parent, ()), 1):
            own = Area._get_path(path, depth, step)
            places[code] = {
                "path": own,
                "depth": depth,
                "numchild": len(children.get(code, ())),
            }
            number(code, own, depth + 1)

    number(None, "", 1)
    return places


def _clear_the_way(wanted: Mapping[str, Mapping[str, Any]]) -> None:
    """Take areas that move off their paths, which are unique, and those that are gone out."""
    stored = dict(Area.objects.values_list("code", "path"))
    leaving = [code for code, path in stored.items() if path != wanted.get(code, {}).get("path")]
    areas = Area.objects.in_bulk(leaving, field_name="code").values()
    for area in areas:
        # An area by itself: what stands under one that goes may stay.
        area.path, area.depth, area.numchild = PARKED.format(area.pk), 1, 0
    Area.objects.bulk_update(areas, ["path", "depth", "numchild"], batch_size=ROWS_A_STATEMENT)
    _take_out(Area, wanted.keys())


def _take_out(model: type[Model], wanted: Collection[str]) -> None:
    """Delete the rows that the folder no longer has."""
    stored = set(model._default_manager.values_list("code", flat=True))
    gone = sorted(stored.difference(wanted))
    for start in range(0, len(gone), 500):
        model._default_manager.filter(code__in=gone[start : start + 500]).delete()


def _station_facts(station: library.Station) -> dict[str, Any]:
    return {
        "names": station.name,
        "lat": station.lat,
        "lon": station.lon,
        "elevation_m": station.elevation_m,
        "source": station.source,
    }


def _area_facts(area: library.Area, near: Sequence[tuple[str, float]]) -> dict[str, Any]:
    label = area.geometry.representative_point() if area.geometry is not None else None
    shape = mapping(area.geometry) if area.geometry is not None else None
    return {
        "kind": area.kind,
        "names": area.name,
        "population": area.population,
        "population_source": area.population_source or "",
        "geometry": json.loads(json.dumps(shape)),  # lists, as they come back from the database
        "label_lon": label.x if label else None,
        "label_lat": label.y if label else None,
        "stations": [[station, round(km, 1)] for station, km in near],
    }


def _load_points(read: library.Region) -> None:
    shaped = [area for area in read.areas if area.geometry is not None]
    tree = STRtree([area.geometry for area in shaped])
    ids = dict(Area.objects.values_list("code", "pk"))
    parents = {area.parent for area in read.areas}

    def inside(lon: float, lat: float) -> int | None:
        """Return the key of the smallest area that holds the point."""
        hits = [shaped[i] for i in tree.query(Point(lon, lat), predicate="intersects")]
        leaves = [area for area in hits if area.code not in parents]
        return ids[leaves[0].code] if leaves else None

    facilities = {
        one.id: {
            "kind": one.kind,
            "names": one.name,
            "lat": one.lat,
            "lon": one.lon,
            "area_id": inside(one.lon, one.lat),
            "source": one.source,
            "is_example": one.example,
        }
        for one in read.facilities
    }
    settlements = {
        one.id: {
            "names": one.name,
            "lat": one.lat,
            "lon": one.lon,
            "area_id": inside(one.lon, one.lat),
            "population": one.population,
            "source": one.source,
        }
        for one in read.settlements
    }
    _put(Facility, facilities)
    _put(Settlement, settlements)
