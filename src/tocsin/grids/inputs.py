"""All that one run computes from: fields, fixed numbers, times and the horizontal grid, checked."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.errors import GridError, ShapeError
from tocsin.grids.calendar import check_cadence, check_order, check_same
from tocsin.grids.fields import Field, find_pieces, horizontal, unit_of
from tocsin.grids.files import open_file
from tocsin.grids.grid import SAME, coordinate
from tocsin.indicators.indicator import Indicator
from tocsin.indicators.standards import rows_by_edition

if TYPE_CHECKING:
    import xarray

__all__ = ["NEED_UNITS", "Inputs", "gather"]

NEED_UNITS = {
    "mean_annual_rain": "mm",
    "annual_maxima": "mm",
    "normal_mean": "mm",
    "normal_spread": "mm",
    "season_correction": "1",
    "action": "m",
    "minor": "m",
    "moderate": "m",
    "major": "m",
}
"""Units of what indicators want beside their series, where it may come from a file."""

FROM_AXES = frozenset({"time", "latitude", "first_month"})
"""Wants that the axes of a grid answer."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run computes from."""

    fields: Mapping[str, Field]
    fixed: Mapping[str, Any]
    times: Any
    space: tuple[str, ...]
    shape: tuple[int, ...]
    latitude: Any
    sample: xarray.DataArray

    @property
    def rows(self) -> int:
        """Length of the time axis, 1 if there is none."""
        return 1 if self.times is None else len(self.times)

    @property
    def chunks(self) -> tuple[int, ...]:
        """The largest chunk of any field along each axis, time first."""
        sizes = [f.chunks for f in self.fields.values() if f.times is not None]
        sizes = sizes or [field.chunks for field in self.fields.values()]
        longest = (max(lengths) for lengths in zip(*sizes, strict=True))
        whole = (self.rows, *self.shape)
        return tuple(min(n, c) for n, c in zip(whole, longest, strict=True))


def gather(
    entry: Indicator,
    paths: Sequence[Path],
    variables: Mapping[str, str],
    settings: Mapping[str, Any],
) -> Inputs:
    """Open the files and find every argument of an indicator in them.

    Raises
    ------
    GridError, UnitError, ShapeError
        Something is missing, ambiguous, or does not fit together.
    """
    known = {*entry.takes, *entry.needs}
    if unknown := set(variables) - known:
        raise GridError(
            f"{entry.id} has no argument {sorted(unknown)[0]!r}; it has {', '.join(sorted(known))}."
        )
    allowed = {*known, *inspect.signature(entry.function).parameters} - {"initial"}
    if unknown := set(settings) - allowed:
        raise GridError(
            f"{entry.id} has no setting {sorted(unknown)[0]!r}; it has "
            f"{', '.join(sorted(allowed))}."
        )
    opened = [(path, data) for path in paths for data in open_file(path)]
    fields: dict[str, Field] = {}
    for argument, (quantity, declared) in entry.takes.items():
        if argument not in settings:
            named = variables.get(argument)
            fields[argument] = _field(entry, argument, quantity, declared, opened, named)
    for need in entry.needs:
        if need in settings or (need in FROM_AXES and need not in variables):
            continue
        if need not in variables:
            read = f", or a variable, --variable {need}=NAME" if need in NEED_UNITS else ""
            raise GridError(f"{entry.id} needs {need}: give it, --set {need}=VALUE{read}.")
        if need not in NEED_UNITS:
            raise GridError(f"{entry.id}: {need} cannot come from a file: --set {need}=VALUE.")
        declared = NEED_UNITS[need]
        fields[need] = _field(entry, need, need, declared, opened, variables[need])
    if not fields:
        raise GridError(f"{entry.id}: no argument comes from a file; there is no grid.")
    times = _times(entry, fields, settings)
    if entry.standard and times is not None and "on" not in settings:
        _check_editions(entry, times)
    sample, space = _space(entry, fields)
    fields = {
        name: Field(f.argument, f.pieces, space, f.unit, f.declared) for name, f in fields.items()
    }
    shape = tuple(sample.sizes[dim] for dim in space)
    latitude = _latitude(entry, sample, space, shape, settings)
    return Inputs(fields, dict(settings), times, space, shape, latitude, sample)


def _field(
    entry: Indicator,
    argument: str,
    quantity: str,
    declared: str,
    opened: Sequence[tuple[Path, Any]],
    named: str | None,
) -> Field:
    pieces = find_pieces(entry.id, argument, quantity, opened, named)
    units = {unit_of(entry.id, argument, piece, declared) for piece in pieces}
    if len(units) > 1:
        raise GridError(f"{entry.id}: the files of {argument} differ in unit: {sorted(units)}.")
    flat = [horizontal(piece, leading=argument in entry.needs) for piece in pieces]
    if len(flat) > 1 and any(piece.times is None for piece, _ in flat):
        raise GridError(
            f"{entry.id}: {argument} is in {len(flat)} files without a time axis. Leave one."
        )
    return Field(argument, tuple(p for p, _ in flat), flat[0][1], units.pop(), declared)


def _times(entry: Indicator, fields: Mapping[str, Field], settings: Mapping[str, Any]) -> Any:
    """Return the one time axis of all fields that have one."""
    axis, first = None, ""
    for name, field in fields.items():
        times = field.times
        if times is None:
            continue
        label = f"{name} ({field.pieces[0].name})"
        check_order(label, times)
        if axis is None:
            axis, first = times, label
            step = settings.get("step_h")
            check_cadence(entry.id, times, entry.cadence, round(step * 3600) if step else None)
        else:
            check_same(first, axis, label, times, entry.cadence)
    if axis is None and entry.cadence not in ("instant", "sample", "event"):
        raise ShapeError(f"{entry.id} is {entry.cadence}, and no input has a time axis.")
    return axis


def _check_editions(entry: Indicator, times: Any) -> None:
    """Refuse at once days for which no edition of the indicator's standard is known."""
    try:
        for _ in rows_by_edition(entry.standard, times):
            pass
    except LookupError as error:
        raise GridError(f"{entry.id}: {error}") from error


def _space(entry: Indicator, fields: Mapping[str, Field]) -> tuple[Any, tuple[str, ...]]:
    """Return the array whose grid all others share, and its horizontal axes."""
    widest = max(fields.values(), key=lambda field: len(field.space))
    sample, space = widest.pieces[0].array, widest.space
    for name, field in fields.items():
        for piece in field.pieces:
            _check_same_grid(entry, widest, sample, name, piece.array, piece.name, space)
    return sample, space


def _check_same_grid(
    entry: Indicator, first: Field, sample: Any, name: str, array: Any, label: str,
    space: tuple[str, ...],
) -> None:  # fmt: skip
    horizontal_dims = [dim for dim in array.dims if dim in space]
    if not set(first.space) >= set(horizontal_dims) or (
        len(horizontal_dims) not in (0, len(space))
    ):
        raise GridError(
            f"{entry.id}: {name} ({label}) has the axes {array.dims}, {first.argument} {space}."
        )
    if not horizontal_dims and array.ndim > 1:
        raise GridError(
            f"{entry.id}: the horizontal axes of {name} ({label}) are {array.dims}, those of "
            f"{first.argument} are {space}. Rename them: xarray's rename."
        )
    for dim in horizontal_dims:
        mine, theirs = sample.sizes[dim], array.sizes[dim]
        if mine != theirs:
            raise GridError(
                f"{entry.id}: the grids differ: {dim} has {mine} cells in {first.argument} "
                f"({first.pieces[0].name}) and {theirs} in {name} ({label}). Bring both to one "
                "grid: xarray's interp or sel."
            )
        if dim in sample.coords and dim in array.coords:
            _check_same_axis(entry, dim, sample[dim].values, array[dim].values, first, name, label)


def _check_same_axis(
    entry: Indicator, dim: str, mine: Any, theirs: Any, first: Field, name: str, label: str
) -> None:
    if not np.issubdtype(mine.dtype, np.number) or not np.issubdtype(theirs.dtype, np.number):
        differs = mine != theirs
    else:
        step = float(np.abs(np.diff(mine)).min()) if mine.size > 1 else 1.0
        differs = np.abs(mine - theirs) > SAME * step
    if np.any(differs):
        at = int(np.flatnonzero(differs)[0])
        raise GridError(
            f"{entry.id}: the grids differ: {dim}[{at}] is {mine[at]} in {first.argument} "
            f"({first.pieces[0].name}) and {theirs[at]} in {name} ({label}). Bring both to one "
            "grid: xarray's interp, or sortby if one is upside down."
        )


def _latitude(
    entry: Indicator, sample: Any, space: tuple[str, ...], shape: tuple[int, ...], settings: Any
) -> Any:
    """Return the latitude of each cell, if the indicator wants it."""
    if "latitude" not in entry.needs:
        return None
    if "latitude" in settings:
        given = settings["latitude"]
        if not isinstance(given, int | float) or not abs(given) <= 90.0:
            raise GridError(f"{entry.id}: latitude is {given!r}; give a number from -90 to 90.")
        return np.broadcast_to(np.float64(given), shape)
    found = coordinate(sample, "latitude")
    if found is None:
        raise GridError(
            f"{entry.id} needs the latitude of each cell and {sample.name} has none: no coordinate "
            "with the standard name latitude or in degrees_north. Add one, or give one number for "
            "the whole grid: --set latitude=47.5."
        )
    values = np.asarray(found.values, np.float64)
    if found.ndim and np.nanmax(np.abs(values), initial=0.0) > 90.0:
        worst = float(values.flat[int(np.nanargmax(np.abs(values)))])
        raise GridError(f"{entry.id}: a latitude is {worst:g}; it ends at 90 degrees.")
    order = [space.index(dim) for dim in found.dims]
    if order != sorted(order):
        values = values.transpose(np.argsort(order))
    wide = [n if dim in found.dims else 1 for dim, n in zip(space, shape, strict=True)]
    return np.broadcast_to(values.reshape(wide), shape)


def first_month(times: Any) -> int:
    """Return the calendar month of the first row, 1 to 12."""
    return int(times[0].astype("datetime64[M]").astype(np.int64) % 12) + 1


def cells_of(place: tuple[slice, ...]) -> int:
    """Return how many cells a tile has."""
    return math.prod(part.stop - part.start for part in place)
