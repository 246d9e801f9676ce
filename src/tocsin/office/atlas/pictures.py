"""The map of the region as the templates print it, drawn once for each state and language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language

from tocsin.office.places.models import Region
from tocsin.triggers.rules import Level

from . import maps, wording
from .cards import DrawnShape, area_names
from .queries import Standing

__all__ = ["Picture", "region_map"]

WIDE_TYPE, NARROW_TYPE = 14, 24  # in units of the map, which is shown about 590 and 330 px wide
MAP_WIDTH = 640
KEPT = 64


@dataclass(frozen=True, slots=True)
class Place:
    """An area on the map with its level and words."""

    path: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Picture:
    """The map; ``wide`` are the labels of a large screen, ``narrow`` of a phone."""

    width: int
    height: int
    places: tuple[Place, ...]
    wide: tuple[maps.Label, ...]
    narrow: tuple[maps.Label, ...]
    stations: tuple[tuple[str, float, float], ...]
    drawn: tuple[tuple[Level, str], ...] = ()


_drawings: dict[str, maps.Drawing | None] = {}
_Key = tuple[str, str, tuple[tuple[str, int], ...], tuple[DrawnShape, ...]]
_pictures: dict[_Key, Picture | None] = {}


def region_map(
    region: Region,
    standing: Standing,
    levels: Mapping[str, int],
    drawn: tuple[DrawnShape, ...] = (),
) -> Picture | None:
    """Return the map with ``levels`` and drawn shapes; None where no area has an outline."""
    key = (region.digest, get_language() or "en", tuple(sorted(levels.items())), drawn)
    if key not in _pictures:
        if len(_pictures) >= KEPT:
            _pictures.clear()
        _pictures[key] = _picture(_drawing(region.digest, standing), standing, levels, drawn)
    return _pictures[key]


def _drawing(digest: str, standing: Standing) -> maps.Drawing | None:
    if digest not in _drawings:
        _drawings.clear()
        _drawings[digest] = maps.draw(standing.outlines, MAP_WIDTH)
    return _drawings[digest]


def _picture(
    drawing: maps.Drawing | None,
    standing: Standing,
    levels: Mapping[str, int],
    drawn: tuple[DrawnShape, ...],
) -> Picture | None:
    if drawing is None:
        return None
    names = area_names(standing)
    points = {area.code: area.label for area in standing.areas.values() if area.label}
    words = {
        code: (_bare(name), str(wording.LEVEL_WORDS[Level(levels[code])]))
        if levels.get(code)
        else (_bare(name),)
        for code, name in names.items()
    }
    narrow = {code: (_bare(name),) for code, name in names.items()}
    return Picture(
        width=drawing.width,
        height=drawing.height,
        places=tuple(
            Place(shape.path, names[shape.code], Level(levels.get(shape.code, 0)))
            for shape in drawing.shapes
        ),
        wide=tuple(maps.place_labels(drawing, words, points, WIDE_TYPE)),
        narrow=tuple(maps.place_labels(drawing, narrow, points, NARROW_TYPE)),
        stations=tuple(
            (wording.said(one.names), *drawing.place(one.lon, one.lat))
            for one in standing.stations.values()
        ),
        drawn=tuple(
            (Level(one.level), maps.path_of(json.loads(one.geometry), drawing)) for one in drawn
        ),
    )


def _bare(name: str) -> str:
    """Return a name without what stands in brackets after it: a map has little room."""
    return name.split("（", 1)[0].split(" (", 1)[0]
