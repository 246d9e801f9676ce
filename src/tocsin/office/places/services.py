"""Verbs on the region: load its folder, and stand its clock at an hour."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from shapely import STRtree
from shapely.geometry import Point, mapping

from tocsin import region as library
from tocsin.errors import StateError
from tocsin.intake import nearest_stations
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import require

from .models import Area, Facility, Region, Settlement, Station

__all__ = ["load_region_folder", "set_clock"]


@transaction.atomic
def load_region_folder(folder: Path, *, by: str = MACHINE, at: datetime) -> Region:
    """Read a region folder and make the database say the same; run again, it changes nothing.

    Raises
    ------
    RegionError
        The folder has faults; nothing was written.
    StateError
        This data folder already serves another region.
    """
    read = library.load_region(folder)
    if other := Region.objects.exclude(code=read.id).first():
        raise StateError(
            f"This data folder serves the region {other.code}; give {read.id} another with --data."
        )
    known = Region.objects.select_for_update().filter(code=read.id).first()
    if known and known.digest == read.digest:
        return known
    replay = read.replay
    if known and known.is_replay != (replay is not None):
        was, now = ("a replay", "live") if known.is_replay else ("live", "a replay")
        raise StateError(
            f"This data folder serves {read.id} as {was}, and region.toml makes it {now}: one "
            "ledger cannot hold both. Give it another folder with --data."
        )
    region, _ = Region.objects.update_or_create(
        code=read.id,
        defaults={
            "folder": str(folder.resolve()),
            "names": read.name,
            "languages": list(read.languages),
            "time_zone": read.time_zone,
            "display_units": dict(read.units),
            "sender": read.cap.sender,
            "identifier_prefix": read.cap.identifier_prefix,
            "is_signed": read.cap.signed,
            "approval": read.approvals.model_dump(),
            "area_method": read.area_method.text,
            "is_replay": replay is not None,
            "replay_first": replay.first if replay else None,
            "replay_last": replay.last if replay else None,
            "digest": read.digest,
        },
    )
    _load_stations(read)
    _load_areas(read)
    _load_points(read)
    _leave_out(read)
    record(
        "load_region", region, by=by, at=at, object_id=region.code, detail={"digest": read.digest}
    )
    return region


@transaction.atomic
def set_clock(region: Region, to: datetime, *, by: User | str, moment: datetime) -> Region:
    """Stand a replay region's clock at ``to``; its public pages then show that hour.

    Raises
    ------
    NotAllowedError
        ``by`` is not a duty officer.
    StateError
        The region is live, or ``to`` lies outside what has been replayed.
    """
    actor = require("set_clock", by)
    region = Region.objects.select_for_update().get(pk=region.pk)
    if not region.is_replay or region.replay_first is None:
        raise StateError("A live region has no clock to set: it shows the present.")
    last = region.replayed_until or region.replay_first
    if not region.replay_first <= to <= last:
        raise StateError(
            f"{to:%Y-%m-%d %H:%M} UTC has not been replayed; choose an hour from "
            f"{region.replay_first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC."
        )
    before, region.clock_at = region.clock_at, to
    region.save(update_fields=["clock_at"])
    detail = {"from": before.isoformat() if before else None, "to": to.isoformat()}
    record("set_clock", region, by=actor, at=moment, object_id=region.code, detail=detail)
    return region


def _load_stations(read: library.Region) -> None:
    for station in read.stations:
        Station.objects.update_or_create(
            code=station.id,
            defaults={
                "names": station.name,
                "lat": station.lat,
                "lon": station.lon,
                "elevation_m": station.elevation_m,
                "source": station.source,
            },
        )


def _load_areas(read: library.Region) -> None:
    near = nearest_stations(read.areas, read.stations, read.area_method.max_distance_km)
    nodes: dict[str, Area] = {area.code: area for area in Area.objects.all()}
    for area in read.areas:  # parents come before their children: tocsin.region sees to it
        facts = _area_facts(area, near.get(area.code, []))
        if known := nodes.get(area.code):
            for field, value in facts.items():
                setattr(known, field, value)
            known.save()
        elif area.parent:
            nodes[area.parent].refresh_from_db()
            nodes[area.code] = Area.objects.add_child(
                nodes[area.parent], {"code": area.code, **facts}
            )
        else:
            nodes[area.code] = Area.objects.add_root({"code": area.code, **facts})


def _leave_out(read: library.Region) -> None:
    """Take out what the folder no longer has. Stations stay: their observations are history."""
    Area.objects.exclude(code__in=[area.code for area in read.areas]).delete()
    Facility.objects.exclude(code__in=[one.id for one in read.facilities]).delete()
    Settlement.objects.exclude(code__in=[one.id for one in read.settlements]).delete()


def _area_facts(area: library.Area, near: list[tuple[str, float]]) -> dict[str, Any]:
    label = area.geometry.representative_point() if area.geometry is not None else None
    return {
        "kind": area.kind,
        "names": area.name,
        "population": area.population,
        "population_source": area.population_source or "",
        "geometry": mapping(area.geometry) if area.geometry is not None else None,
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

    for facility in read.facilities:
        Facility.objects.update_or_create(
            code=facility.id,
            defaults={
                "kind": facility.kind,
                "names": facility.name,
                "lat": facility.lat,
                "lon": facility.lon,
                "area_id": inside(facility.lon, facility.lat),
                "source": facility.source,
                "is_example": facility.example,
            },
        )
    for settlement in read.settlements:
        Settlement.objects.update_or_create(
            code=settlement.id,
            defaults={
                "names": settlement.name,
                "lat": settlement.lat,
                "lon": settlement.lon,
                "area_id": inside(settlement.lon, settlement.lat),
                "population": settlement.population,
                "source": settlement.source,
            },
        )
