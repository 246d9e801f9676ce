"""What is exposed, in layers: points with counts, lines, surfaces, rasters; each with its source.

Each layer answers one question, how much of it lies inside an outline, with an ``Amount``: the
number, its unit and source, and how much of the answer is known. Unknown is not zero: a layer that
says nothing about the outline answers None; one that knows a part answers for that part and says
how large it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from tocsin.errors import ShapeError

from .inside import Places
from .measure import length_km, surface_km2
from .outline import turns, whole

__all__ = ["Amount", "Grade", "Layer", "Lines", "Points", "Raster", "Source", "Surfaces", "exposed"]

MAP = shapely.box(-180, -90, 180, 90)

Grade = Literal["counted", "modelled", "estimated", "example"]
"""How good a number is: a census or a survey; a model's; somebody's estimate; made up to show."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: the words for it, of which day it is, and how good it is."""

    title: str
    valid_on: date | None
    grade: Grade = "counted"


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of something lies inside. ``value`` is None where nothing is known.

    ``known`` is the share of the answer that is known, 1 if all: of the places found that have a
    number, and of the outline's surface about which the layer says something. Below 1 the value is
    of the known part alone.
    """

    name: str
    value: float | None
    unit: str
    known: float
    source: Source


class Layer:
    """Anything that can say how much of it lies inside an outline."""

    def inside(self, outline: BaseGeometry) -> tuple[Amount, ...]:
        """Return an amount for each thing the layer counts."""
        return self.inside_each([outline])[0]

    def inside_each(self, outlines: Sequence[BaseGeometry]) -> list[tuple[Amount, ...]]:
        """Return the same for many outlines; a layer has to give one of the two."""
        return [self.inside(outline) for outline in outlines]


@dataclass(frozen=True)
class Points(Layer):
    """Things at points: people of a town, a school. A point on the edge is inside, and whole.

    ``counts`` (place,) is how much stands at each point, NaN if not known; None counts the points.
    ``kinds`` names the kind of each point; every kind of the layer is then answered, with 0 if
    none is inside. ``complete_in`` is where the layer has all there is; None for everywhere.
    """

    name: str
    unit: str
    places: Places
    source: Source
    counts: ArrayLike | None = None
    kinds: Sequence[str] | None = None
    complete_in: BaseGeometry | None = None
    _kinds: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _kind_of: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for what in ("counts", "kinds"):
            given = getattr(self, what)
            if given is not None and len(given) != len(self.places):
                raise ShapeError(
                    f"{self.name}: {len(given)} {what} for {len(self.places)} places; one each."
                )
        told = [self.name] * len(self.places) if self.kinds is None else list(self.kinds)
        kinds = tuple(sorted(set(told))) or (self.name,)
        numbers = {kind: number for number, kind in enumerate(kinds)}
        object.__setattr__(self, "_kinds", kinds)
        object.__setattr__(self, "_kind_of", np.array([numbers[k] for k in told], np.int64))

    def inside(self, outline: BaseGeometry) -> tuple[Amount, ...]:
        """Return the sum of the counts, or one for each kind."""
        found = self.places.inside(outline)
        covered = _covered(outline, self.complete_in)
        counts = np.ones(found.size)
        if self.counts is not None:
            counts = np.asarray(self.counts, np.float64)[found]
        kind_of = self._kind_of[found]
        return tuple(
            self._amount(kind, counts[kind_of == number], covered)
            for number, kind in enumerate(self._kinds)
        )

    def _amount(self, name: str, counts: NDArray[np.float64], covered: float) -> Amount:
        told = np.isfinite(counts)
        known = covered * (told.mean() if told.size else 1.0)
        value = float(counts[told].sum()) if known else None
        return Amount(name, value, self.unit, float(known), self.source)


class _Pieces:
    """Lines or polygons, sorted, each with its measure: only those on an outline's edge are cut."""

    def __init__(self, geometries: list[BaseGeometry], measure: Callable[[Any], Any]) -> None:
        self._tree = shapely.STRtree(geometries)
        self._measure = measure
        self.measures: NDArray[np.float64] = measure(geometries)

    def inside(self, outline: BaseGeometry) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the numbers of the geometries that an outline meets, and how much of each."""
        shapely.prepare(outline)
        near = self._tree.query(outline)
        pieces = self._tree.geometries.take(near)
        within = shapely.covers(outline, pieces)
        cut = ~within & shapely.intersects(outline, pieces)
        parts = self._measure(shapely.intersection(pieces[cut], outline))
        return (
            np.concatenate([near[within], near[cut]]),
            np.concatenate([self.measures[near[within]], parts]),
        )


@dataclass(frozen=True)
class Lines(Layer):
    """Roads, rails, pipes: kilometres of great circle between the corners, the part inside."""

    name: str
    lines: Sequence[BaseGeometry]
    source: Source
    complete_in: BaseGeometry | None = None
    _pieces: _Pieces = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for number, line in enumerate(self.lines):
            if line.geom_type not in {"LineString", "MultiLineString"}:
                raise ShapeError(f"{self.name}: number {number} is a {line.geom_type}, no line.")
            if line.bounds[2] - line.bounds[0] > 180:
                raise ShapeError(
                    f"{self.name}: line {number} runs from {line.bounds[0]:g} to "
                    f"{line.bounds[2]:g} degrees; cut it at the antimeridian."
                )
        object.__setattr__(self, "_pieces", _Pieces(list(self.lines), length_km))

    def inside(self, outline: BaseGeometry) -> tuple[Amount, ...]:
        """Return the kilometres."""
        covered = _covered(outline, self.complete_in)
        _, found = self._pieces.inside(_on_map(outline))
        km = float(found.sum())
        return (Amount(self.name, km if covered else None, "km", covered, self.source),)


@dataclass(frozen=True)
class Surfaces(Layer):
    """Polygons: farmland in km2, or amounts that are spread evenly over each (people of a block).

    ``amounts`` (polygon,) is what each polygon holds, NaN if not known, of which the share of its
    surface inside is taken; None takes the surface itself. Polygons must not overlap.
    """

    name: str
    polygons: Sequence[BaseGeometry]
    source: Source
    amounts: ArrayLike | None = None
    unit: str = "km2"
    complete_in: BaseGeometry | None = None
    _pieces: _Pieces = field(init=False, repr=False, compare=False)
    _density: NDArray[np.float64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = [_on_map(polygon) for polygon in self.polygons]
        pieces = _Pieces(made, surface_km2)
        density = np.ones(len(made))
        if self.amounts is not None:
            amounts = np.asarray(self.amounts, np.float64)
            if amounts.shape != density.shape:
                raise ShapeError(
                    f"{self.name}: {amounts.shape} amounts for {len(made)} polygons; one each."
                )
            density = amounts / pieces.measures
        object.__setattr__(self, "_pieces", pieces)
        object.__setattr__(self, "_density", density)

    def inside(self, outline: BaseGeometry) -> tuple[Amount, ...]:
        """Return the surface inside, or the amounts by their shares of surface inside."""
        numbers, surface = self._pieces.inside(_on_map(outline))
        density = self._density[numbers]
        known = np.isfinite(density)
        total = float((surface * density)[known].sum())
        met = float(surface.sum())
        told = float(surface[known].sum()) / met if met else 1.0
        share = _covered(outline, self.complete_in) * told
        return (Amount(self.name, total if share else None, self.unit, share, self.source),)


class Covered(Protocol):
    """Covered shares of a raster's cells (outline, cell), as ``tocsin.grids.area_weights`` gives.

    ``entries`` is the covered surface behind each entry of the matrix, ``surface`` that of each
    outline, in one unit; what of an outline lies off the raster is in ``surface`` too.
    """

    @property
    def matrix(self) -> Any:
        """CSR matrix (outline, cell) of shares from 0 to 1."""
        ...

    @property
    def entries(self) -> NDArray[np.float64]:
        """Covered surface of each entry, (entry,) in the order of ``matrix.data``."""
        ...

    @property
    def surface(self) -> NDArray[np.float64]:
        """Surface of each outline, (outline,)."""
        ...


@dataclass(frozen=True)
class Raster(Layer):
    """Amounts in cells (people of each), of which the exactly covered share of a cell is taken.

    ``covered`` gives the shares for outlines: ``functools.partial(area_weights, grid)`` of
    ``tocsin.grids``. A cell that is NaN is not known; where a source means nobody by it, as some do
    on the sea, write 0 before.
    """

    name: str
    unit: str
    amounts: ArrayLike
    covered: Callable[[Sequence[BaseGeometry]], Covered]
    source: Source

    def inside_each(self, outlines: Sequence[BaseGeometry]) -> list[tuple[Amount, ...]]:
        """Return for each outline the sum of the amounts by the covered shares.

        Raises
        ------
        ShapeError
            Not one amount for each cell of the raster.
        """
        if not outlines:
            return []
        shares = self.covered([whole(outline) for outline in outlines])
        amounts = np.asarray(self.amounts, np.float64).ravel()
        if amounts.size != shares.matrix.shape[1]:
            raise ShapeError(
                f"{self.name}: {amounts.size} cells have amounts, the raster has "
                f"{shares.matrix.shape[1]}."
            )
        cells, starts = amounts[shares.matrix.indices], shares.matrix.indptr
        told = np.isfinite(cells)
        parts, entries = cells * shares.matrix.data, shares.entries
        found: list[tuple[Amount, ...]] = []
        for row in range(len(outlines)):
            mine = slice(starts[row], starts[row + 1])
            mask = told[mine]
            known = _one(min(float(entries[mine][mask].sum() / shares.surface[row]), 1.0))
            value = float(parts[mine][mask].sum()) if mask.any() else None
            found.append((Amount(self.name, value, self.unit, known, self.source),))
        return found


def exposed(
    layers: Sequence[Layer], outlines: Mapping[str, BaseGeometry]
) -> dict[str, tuple[Amount, ...]]:
    """Return what every layer has inside each outline: a warning's polygon, an area, a grid cell.

    For all areas of a level together give their union (``shapely.union_all``): amounts of areas
    that touch would count what stands on the border twice.
    """
    columns = [layer.inside_each(list(outlines.values())) for layer in layers]
    rows = zip(*columns, strict=True) if columns else ((),) * len(outlines)
    return {
        name: tuple(amount for amounts in row for amount in amounts)
        for name, row in zip(outlines, rows, strict=True)
    }


def _one(share: float) -> float:
    """Return a share with the rounding of sums of surfaces taken off."""
    return 1.0 if math.isclose(share, 1.0, abs_tol=1e-9) else share


def _covered(outline: BaseGeometry, extent: BaseGeometry | None) -> float:
    """Return the share of an outline's surface about which a layer says something."""
    if extent is None:
        return 1.0
    made = _on_map(outline)
    shared, whole_of_it = surface_km2([shapely.intersection(made, _on_map(extent)), made])
    return _one(min(float(shared / whole_of_it), 1.0))


def _on_map(outline: BaseGeometry) -> BaseGeometry:
    """Return an outline as a map from -180 to 180 shows it: in two parts if it crosses its edge."""
    made = whole(outline)
    if made.bounds[0] >= -180 and made.bounds[2] <= 180:
        return made
    return shapely.union_all([shapely.intersection(turned, MAP) for turned in turns(made)])
