"""Whom a warning concerns: subscriptions by area in SQL, by place through ``tocsin.exposure``.

**Areas.** A warning for an area reaches who asked for that area, for anything inside it (a county's
warning reaches its towns) and for anything around it (who asked for the province hears of each of
its counties), never its neighbours. What counts is the highest level among the areas so joined.

**Drawn outlines.** Polygons of a warning that names areas repeat those areas' outlines, simplified.
So only what lies outside the named areas by more than ``OUTLINE_SLACK_KM`` is held against the
outlines of other areas; what is drawn there reaches whoever asked for the areas it touches.

**Places.** A place is known to a cell of about 1 km; it is reached if the warning comes as near to
the cell's middle as anybody in the cell can be to it. Better one more than one too few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import shapely
from django.db.models import Max, Q, QuerySet
from shapely import STRtree
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from tocsin.exposure import REACH_KM, Places, from_circle, from_pairs, grown, turns
from tocsin.office.places.models import Area, Region

from .models import AreaChoice, Cell, Subscription

__all__ = ["BATCH", "Recipient", "recipients"]

BATCH = 5_000  # ids of one window
MOST_CELLS_IN_SQL = 500  # more are held against each row as it is read
OUTLINE_SLACK_KM = 0.5
"""Outlines in messages lie up to 0.003 degrees, 330 m, from the areas' own."""

Pair = Sequence[float]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A subscription to deliver to; its address is opened only when it is sent."""

    subscription_id: int
    channel: str
    language: str


def recipients(
    region: Region,
    *,
    hazard: str,
    level: int,
    levels_by_area: Mapping[str, int],
    polygons: Sequence[Sequence[Pair]] = (),
    circles: Sequence[Sequence[float]] = (),
    at: datetime,
    after_id: int = 0,
) -> Iterator[Recipient]:
    """Yield each subscription concerned once, by rising id, from ``after_id`` on.

    Rows are read in windows of 5,000 ids, two queries each; what was confirmed or ended meanwhile
    counts as it stands when its window is read.

    Parameters
    ----------
    region
        The region that warns.
    hazard
        As in the warning; a subscription that named hazards hears of those only.
    level
        The warning's highest level; holds for polygons, circles and the whole region.
    levels_by_area
        Area code to level, as ``Message.levels``.
    polygons
        Rings as CAP has them: ``[[lat, lon], ...]``.
    circles
        ``[lat, lon, km]``.
    at
        Subscriptions that have expired by then are left out.
    after_id
        The last id that was handed out before an interruption.

    Raises
    ------
    ShapeError
        A polygon or a circle is none.
    """
    drawn = [from_pairs(ring) for ring in polygons] + [from_circle(*one) for one in circles]
    chosen = _levels_of_choices(region, level, levels_by_area, drawn)
    cells = _cells_reached(drawn, circles)
    standing = Subscription.objects.standing(at).filter(
        Q(hazards="") | Q(hazards__contains=f",{hazard},")
    )
    last = Subscription.objects.aggregate(last=Max("pk"))["last"] or 0
    while after_id < last:
        window = {"pk__gt": after_id, "pk__lte": after_id + BATCH}
        found = dict(_by_area(standing.filter(**window), chosen, after_id))
        found.update(_by_place(standing.filter(**window, min_level__lte=level), cells))
        for key in sorted(found):
            yield Recipient(key, *found[key])
        after_id += BATCH


def _by_area(
    rows: QuerySet[Subscription], chosen: Mapping[str, int], after_id: int
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield those of ``rows`` for whom an area is warned of at a level they asked for."""
    codes = defaultdict(list)
    for code, level in chosen.items():
        codes[level].append(code)
    condition = Q(pk__in=())
    for level, of_level in sorted(codes.items()):
        # Bounded like the rows themselves, so that each window reads its own part of the index.
        choices = AreaChoice.objects.filter(
            area_code__in=of_level,
            subscription__gt=after_id,
            subscription__lte=after_id + BATCH,
        )
        condition |= Q(pk__in=choices.values("subscription"), min_level__lte=level)
    for key, channel, language in rows.filter(condition).values_list("pk", "channel", "language"):
        yield key, (channel, language)


def _by_place(
    rows: QuerySet[Subscription], cells: frozenset[int]
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield those of ``rows`` whose cell is reached."""
    if not cells:
        return
    asked = rows.filter(place__in=cells) if len(cells) <= MOST_CELLS_IN_SQL else rows
    placed = asked.exclude(place=None).values_list("pk", "channel", "language", "place_id")
    for key, channel, language, cell in placed:
        if cell in cells:
            yield key, (channel, language)


def _levels_of_choices(
    region: Region,
    level: int,
    levels_by_area: Mapping[str, int],
    drawn: Sequence[BaseGeometry],
) -> dict[str, int]:
    """Return the level at which each area that anybody asked for is warned of."""
    paths = dict(Area.objects.values_list("code", "path"))
    named: dict[str, int] = defaultdict(int)  # path: level, of the warned areas
    around: dict[str, int] = defaultdict(int)  # and of those that hold one
    warned = [
        *levels_by_area.items(),
        *((c, level) for c in _touched(region, levels_by_area, drawn)),
    ]
    for code, reached in warned:
        path = paths.get(code, "")
        named[path] = max(named[path], reached)
        for outer in _prefixes(path)[:-1]:
            around[outer] = max(around[outer], reached)
    named.pop("", None)
    found = {AreaChoice.EVERYWHERE: max(level, *levels_by_area.values(), 0)}
    for code in AreaChoice.objects.values_list("area_code", flat=True).order_by().distinct():
        path = paths.get(code, "")
        levels = [levels_by_area.get(code, 0), around.get(path, 0)]
        levels += [named.get(outer, 0) for outer in _prefixes(path)]
        if highest := max(levels):
            found.setdefault(code, highest)
    return found


def _prefixes(path: str) -> list[str]:
    """Return a path of the tree and those of the areas around it, outermost first."""
    step = Area.steplen
    return [path[:end] for end in range(step, len(path) + 1, step)]


def _touched(
    region: Region, levels_by_area: Mapping[str, int], drawn: Sequence[BaseGeometry]
) -> list[str]:
    """Return the areas touched by what was drawn outside the areas that are named."""
    if not drawn:
        return []
    codes, tree = _outlines(region.digest)
    named = [tree.geometries[i] for i, code in enumerate(codes) if code in levels_by_area]
    covered = shapely.union_all([grown(one, OUTLINE_SLACK_KM) for one in named])
    touched: set[str] = set()
    for outline in drawn:
        for turned in turns(outline):
            rest = turned.difference(covered)
            if rest.area > 0:
                touched.update(codes[i] for i in tree.query(rest, predicate="intersects"))
    return sorted(touched)


@lru_cache(maxsize=2)
def _outlines(_digest: str) -> tuple[list[str], STRtree]:
    """Return the outlines of all areas; they stand until the region folder is loaded anew."""
    rows = Area.objects.exclude(geometry=None).values_list("code", "geometry")
    found = [(code, shapely.make_valid(shape(geometry))) for code, geometry in rows]
    return [code for code, _ in found], STRtree([outline for _, outline in found])


def _cells_reached(
    drawn: Sequence[BaseGeometry], circles: Sequence[Sequence[float]]
) -> frozenset[int]:
    """Return the keys of the cells so near to what is warned that somebody in them may be in it."""
    reached: set[int] = set()
    outlines = [grown(one, REACH_KM) for one in drawn[: len(drawn) - len(circles)]]
    rounds = [from_circle(lat, lon, km + REACH_KM) for lat, lon, km in circles]
    for outline in (*outlines, *rounds):
        for turned in turns(outline):
            west, south, east, north = turned.bounds
            rows = Cell.objects.filter(
                lat__gte=south, lat__lte=north, lon__gte=west, lon__lte=east
            ).values_list("pk", "lon", "lat")
            known = list(rows)
            if known:
                keys, lon, lat = zip(*known, strict=True)
                reached.update(keys[i] for i in Places(lon, lat).inside(turned).tolist())
    return frozenset(reached)
