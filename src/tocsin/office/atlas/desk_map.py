"""The desk's map: areas by level, or by an indicator, with the word or number on each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language, gettext

from tocsin.office.places.models import Region
from tocsin.office.received.labels import VERDICTS
from tocsin.office.received.models import ReceivedMessage
from tocsin.office.received.queries import in_force
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.occurrence_models import Occurrence

from .desk_queries import Reading
from .map_levels import levels_reached
from .maps import Drawing, Label, draw, path_of, place_labels
from .occurrence_list import href_of, title_of
from .queries import standing
from .wording import LEVEL_WORDS, said, value_text

__all__ = [
    "DeskMap",
    "area_short_names",
    "map_of_levels",
    "map_of_values",
    "with_occurrences",
    "with_received",
]

LABEL_SIZE, PHONE_LABEL_SIZE = 13, 22  # in units of the map
WIDEST_VALUE = "0000.0"  # room kept under a name


@dataclass(frozen=True, slots=True)
class Filled:
    """An area of the map with its colour and what its title says."""

    code: str
    path: str
    level: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """The outline of another authority's warning."""

    path: str
    message: ReceivedMessage

    @property
    def title(self) -> str:
        """What it says, who sent it, and the verdict on its signature."""
        one = self.message
        words = said(one.headlines) or one.identifier
        return f"{words} · {one.sender} · {VERDICTS.get(one.verdict, one.verdict)}"


@dataclass(frozen=True, slots=True)
class Mark:
    """An earthquake as a ring, a hotspot as a rhomb, at its place."""

    x: float
    y: float
    r: float
    is_quake: bool
    title: str
    href: str

    @property
    def rhomb(self) -> str:
        """The path of a hotspot."""
        r = self.r
        return f"M{self.x:g} {self.y - r:g}l{r:g} {r:g}l{-r:g} {r:g}l{-r:g} {-r:g}z"


@dataclass(frozen=True, slots=True)
class DeskMap:
    """The map as the template draws it."""

    width: int
    height: int
    areas: tuple[Filled, ...]
    labels: tuple[tuple[Label, str], ...]
    narrow: tuple[tuple[Label, str], ...]
    foreign: tuple[Foreign, ...] = ()
    marks: tuple[Mark, ...] = ()


def with_occurrences(
    drawn: DeskMap | None, region: Region, found: Iterable[Occurrence]
) -> DeskMap | None:
    """Mark earthquakes and hotspots on the map; those beyond its edge are left out."""
    drawing, _, _ = _drawn(region.digest, get_language() or "en")
    if drawn is None or drawing is None:
        return drawn
    marks = []
    for one in found:
        x, y = drawing.place(one.lon, one.lat)
        if 0 <= x <= drawing.width and 0 <= y <= drawing.height:
            is_quake = one.kind == Occurrence.EARTHQUAKE
            r = min(max(3.0 * one.value - 4, 4.0), 24.0) if is_quake else 6.0
            marks.append(Mark(x, y, round(r, 1), is_quake, title_of(one), href_of(one)))
    return replace(drawn, marks=tuple(sorted(marks, key=lambda mark: -mark.r)))


def with_received(drawn: DeskMap | None, region: Region, at: datetime) -> DeskMap | None:
    """Lay other authorities' warnings in force over the map; what lies outside is cut by it."""
    drawing, _, _ = _drawn(region.digest, get_language() or "en")
    if drawn is None or drawing is None:
        return drawn
    heeded = [one.message for one in in_force(at, public=False)]
    foreign = (Foreign(path_of(one.geometry or {}, drawing), one) for one in heeded)
    return replace(drawn, foreign=tuple(one for one in foreign if one.path))


def area_short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Return names without brackets and without the ending that all of them share."""
    short = {code: re.sub(r"\s*[(\uff08].*", "", name) for code, name in names.items()}
    if len(short) > 1:
        shared = _shared_ending(list(short.values()))
        if shared.isascii():  # where a language has spaces, only whole words go
            shared = shared[shared.index(" ") :] if " " in shared else ""
        if len(shared) < min(len(name) for name in short.values()):
            short = {code: name.removesuffix(shared) for code, name in short.items()}
    return short


def _shared_ending(names: Sequence[str]) -> str:
    """Return the longest ending that all names have."""
    first, length = names[0], 0
    while length < len(first) and all(name.endswith(first[-length - 1 :]) for name in names):
        length += 1
    return first[len(first) - length :]


@lru_cache(maxsize=8)
def _drawn(
    digest: str, language: str
) -> tuple[Drawing | None, tuple[Label, ...], tuple[Label, ...]]:
    """Return outlines and label places; they change only with the region folder."""
    stands = standing(Region(digest=digest))
    drawing = draw(stands.outlines)
    if drawing is None:
        return None, (), ()
    names = {shape.code: said(stands.areas[shape.code].names) for shape in drawing.shapes}
    texts = {code: (name, WIDEST_VALUE) for code, name in area_short_names(names).items()}
    points = {code: at for code in texts if (at := stands.areas[code].label)}
    wide = place_labels(drawing, texts, points, LABEL_SIZE)
    single = {code: lines[:1] for code, lines in texts.items()}
    narrow = place_labels(drawing, single, points, PHONE_LABEL_SIZE)
    return drawing, tuple(wide), tuple(narrow)


def _map(
    region: Region,
    levels: Mapping[str, int],
    texts: Mapping[str, str],
    phone_texts: Mapping[str, str],
) -> DeskMap | None:
    """Return the map; a phone has room for one word an area: its name, or ``phone_texts``."""
    drawing, wide, narrow = _drawn(region.digest, get_language() or "en")
    if drawing is None:
        return None
    areas = standing(region).areas
    filled = tuple(
        Filled(
            code=shape.code,
            path=shape.path,
            level=levels.get(shape.code, 0),
            name=said(areas[shape.code].names),
            text=texts.get(shape.code, ""),
        )
        for shape in drawing.shapes
    )
    labels = tuple((label, texts.get(label.code, "")) for label in wide)
    phone = tuple((label, phone_texts.get(label.code, label.lines[0])) for label in narrow)
    return DeskMap(drawing.width, drawing.height, filled, labels, phone)


def map_of_levels(region: Region, levels: Mapping[str, int]) -> DeskMap | None:
    """Return the map of the levels in force, None where no area has an outline."""
    texts = {code: str(LEVEL_WORDS[level]) for code, level in levels.items()}  # type: ignore[index]
    return _map(region, levels, texts, {})


def map_of_values(
    region: Region, values: Mapping[str, Reading], versions: Sequence[RuleVersion], at: datetime
) -> DeskMap | None:
    """Return the map of an indicator; the colour is the level that the value alone would reach."""
    levels = levels_reached(values, versions, at, region.zone)
    texts = {
        code: value_text(one.value, one.shown.unit, decimals=one.shown.decimals)
        for code, one in values.items()
    }
    for code in standing(region).areas:
        texts.setdefault(code, gettext("no value"))
    return _map(region, levels, texts, texts)
