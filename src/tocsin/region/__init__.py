"""A region is a folder: who, where, what is measured, and by which rules it warns.

``check_region`` tells everything that is wrong with a folder at once, each fault with file, line,
value and remedy. ``load_region`` gives the region, or refuses the folder with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tocsin.errors import Fault, RegionError, UnitError
from tocsin.intake import nearest_stations
from tocsin.region.checker import Checker
from tocsin.region.feed_file import read_feeds
from tocsin.region.impact_files import read_impacts
from tocsin.region.layer_files import read_layers
from tocsin.region.layers import filled, names_of
from tocsin.region.model import (
    Approval,
    Area,
    AreaMethod,
    Cap,
    Facility,
    Policy,
    Region,
    RegionFile,
    RegionFiles,
    Replay,
    Settlement,
    Station,
)
from tocsin.region.outlines import with_outlines
from tocsin.region.records import read_records
from tocsin.region.rule_files import read_rules
from tocsin.region.tables import read_areas, read_facilities, read_settlements, read_stations
from tocsin.region.toml_lines import Document
from tocsin.units import check_unit

__all__ = [
    "Approval",
    "Area",
    "AreaMethod",
    "Cap",
    "Facility",
    "Policy",
    "Region",
    "RegionFile",
    "RegionFiles",
    "Replay",
    "Settlement",
    "Station",
    "check_region",
    "load_region",
]

_HEAD = "region.toml"
LISTS = frozenset({"files", "layer"})
"""What region.toml only points to: a region holds what was read there."""
_DISPLAY_UNITS = {
    "temperature": "degC",
    "speed": "m s-1",
    "rain": "mm",
    "visibility": "km",
    "pressure": "hPa",
    "distance": "km",
}
"""What pages show in a unit of the region's choice, with the unit used where it says nothing."""


def check_region(folder: Path) -> list[Fault]:
    """Return every fault of a region folder; an empty list means that it can be used."""
    return _examine(folder)[1]


def load_region(folder: Path) -> Region:
    """Return the region in a folder.

    Raises
    ------
    RegionError
        With every fault of the folder.
    """
    region, faults = _examine(folder)
    if region is None or faults:
        raise RegionError(faults)
    return region


def _examine(folder: Path) -> tuple[Region | None, list[Fault]]:
    check = Checker(folder)
    if not folder.is_dir():
        check.fault(str(folder), 0, "folder", None, "There is no such folder.", "Check the path.")
        return None, check.faults
    document = check.toml(_HEAD)
    if document is None:
        return None, check.faults
    head = check.validated(RegionFile, document.data, document, ())
    if head is None:
        _read_on(check, RegionFiles())
        return None, check.faults
    check.languages, check.prepare = head.languages, head.files.prepare
    _check_head(check, head, document)
    check.impacts = read_impacts(check, head.files.curves, names_of(head.layer))
    parts = _read_on(check, head.files)
    parts["impacts"] = check.impacts
    parts["layers"] = read_layers(check, head.layer, document)
    if not check.faults:
        _check_reach(check, head, parts["areas"], parts["stations"])
    if check.faults:
        return None, check.faults
    fields = {name: getattr(head, name) for name in RegionFile.model_fields if name not in LISTS}
    fields["units"] = {**_DISPLAY_UNITS, **head.units}
    return filled(Region(**fields, **parts, folder=folder, digest=check.digest())), []


def _check_head(check: Checker, head: RegionFile, document: Document) -> None:
    """Check units, texts and the prepare script that region.toml names."""
    for dimension, unit in head.units.items():
        at = ("units", dimension)
        if dimension not in _DISPLAY_UNITS:
            check.fault_at(
                document, at, unit, "Pages show no such quantity.",
                f"Use one of {', '.join(sorted(_DISPLAY_UNITS))}.",
            )  # fmt: skip
            continue
        try:
            check_unit(unit, like=_DISPLAY_UNITS[dimension])
        except UnitError:
            check.fault_at(
                document, at, unit, f"This is not a unit of {dimension}.",
                f"Use one like {_DISPLAY_UNITS[dimension]}.",
            )  # fmt: skip
    check.languages_at(document, ("name",), head.name)
    check.languages_at(document, ("area_method", "text"), head.area_method.text)
    if head.files.prepare:
        check.has(head.files.prepare)
    if head.cap.signed and head.replay:
        check.fault_at(
            document, ("cap", "signed"), "true",
            "A replay cannot be signed: a signature is judged at the time of sending, long past.",
            "Take it out, or take out [replay].",
        )  # fmt: skip


def _check_reach(
    check: Checker, head: RegionFile, areas: Sequence[Area], stations: Sequence[Station]
) -> None:
    """Note areas that would never have a value, since no station is near enough."""
    reach = head.area_method.max_distance_km
    order = nearest_stations(areas, stations, reach)
    for area in areas:
        if area.geometry is not None and not order[area.code]:
            check.fault(
                head.files.areas, (check.area_lines or {}).get(area.code, 0), "code", area.code,
                f"No station lies within {reach:g} km of the area's centre.",
                "Add a station, or raise area_method.max_distance_km in region.toml.",
            )  # fmt: skip


def _read_on(check: Checker, files: RegionFiles) -> dict[str, Any]:
    """Read all the other files; where region.toml was wrong, to tell their faults as well."""
    areas = with_outlines(check, files.outlines, read_areas(check, files.areas))
    stations = read_stations(check, files.stations)
    ids = frozenset(one.id for one in stations)
    check.records = read_records(check, files.records, ids) if files.records else ()
    return {
        "areas": areas,
        "stations": stations,
        "records": check.records,
        "facilities": read_facilities(check, files.facilities),
        "settlements": (read_settlements(check, files.settlements) if files.settlements else ()),
        "feeds": read_feeds(check, files.feeds),
        "rules": read_rules(check, files.rules),
    }
