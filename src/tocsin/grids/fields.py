"""What an indicator is computed from, found in files: each argument's variable, unit and axes.

A variable is known by its CF standard name (and cell method, where the catalogue states one), else
by what the person says. Everything that can be wrong with the axes is refused here, at the door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.errors import GridError, ShapeError, UnitError
from tocsin.grids.plan import spans
from tocsin.units import check_unit, convert

if TYPE_CHECKING:
    import xarray

__all__ = ["Field", "Piece", "find_pieces", "horizontal", "time_of", "unit_of"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One variable of one file; its rows follow those of the piece before."""

    path: Path
    array: xarray.DataArray
    time_dim: str | None
    times: Any

    @property
    def name(self) -> str:
        """How errors call it."""
        return f"{self.array.name} of {self.path.name}"


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of an indicator: where its numbers lie, and the unit they have there."""

    argument: str
    pieces: tuple[Piece, ...]
    space: tuple[str, ...]
    unit: str
    declared: str

    @property
    def times(self) -> Any:
        """The time axis over all pieces, None if it has none."""
        parts = [piece.times for piece in self.pieces if piece.times is not None]
        return np.concatenate(parts) if parts else None

    @property
    def chunks(self) -> tuple[int, ...]:
        """Rows and cells of a chunk of the file: what has to be unpacked together."""
        piece = self.pieces[0]
        sizes = dict(piece.array.sizes)
        stored = piece.array.encoding.get("preferred_chunks") or _stored_chunks(piece.array)
        rows = stored.get(piece.time_dim, 1) if piece.time_dim else 1
        return (rows, *(stored.get(dim, sizes.get(dim, 1)) for dim in self.space))

    def read(self, rows: slice, place: tuple[slice, ...], dtype: Any, out: Any = None) -> Any:
        """Return the numbers of a block in the declared unit: (row, cell), or (cell,) if fixed.

        Raises
        ------
        GridError
            The file cannot be read there: damaged, or gone.
        """
        cells = int(np.prod([part.stop - part.start for part in place]))
        if self.times is None:
            return self._slab(self.pieces[0], None, place, dtype)
        if out is None:
            out = np.empty((rows.stop - rows.start, cells), dtype)
        first = 0
        for piece in self.pieces:
            last = first + len(piece.times)
            wanted = slice(max(rows.start, first) - first, min(rows.stop, last) - first)
            if wanted.start < wanted.stop:
                for part in spans(wanted, self.chunks[0], cells):
                    to = slice(part.start + first - rows.start, part.stop + first - rows.start)
                    out[to] = self._slab(piece, part, place, out.dtype)
            first = last
        return out

    def _slab(self, piece: Piece, rows: slice | None, place: Any, dtype: Any) -> Any:
        array = piece.array
        at = dict(zip(self.space, place, strict=True))
        shape = [part.stop - part.start for part in place]
        chosen = {dim: part for dim, part in at.items() if dim in array.dims}
        if rows is not None:
            chosen[str(piece.time_dim)] = rows
        try:
            values = array.isel(chosen).transpose(..., *(d for d in self.space if d in array.dims))
            numbers = np.asarray(values.values)
        except (OSError, RuntimeError, ValueError, EOFError) as error:
            raise GridError(
                f"{piece.path}: {array.name} cannot be read at {_where(chosen)}: {error}. "
                "The file may be damaged: fetch it again and compute with --fresh."
            ) from error
        missing = [axis for axis, dim in enumerate(self.space) if dim not in array.dims]
        numbers = np.expand_dims(numbers, [axis - len(self.space) for axis in missing])
        lead = numbers.shape[: numbers.ndim - len(self.space)]
        numbers = np.broadcast_to(numbers, (*lead, *shape)).reshape(*lead, -1)
        if self.unit != self.declared:
            numbers = convert(numbers.astype(np.float64, copy=False), self.unit, self.declared)
        return numbers.astype(dtype, copy=False)


def _stored_chunks(array: xarray.DataArray) -> dict[Any, int]:
    """Return the chunk lengths a file tells, in whichever way its reader passes them on."""
    stored = array.encoding.get("chunksizes") or array.encoding.get("chunks")
    if stored and len(stored) == array.ndim:
        return dict(zip(array.dims, (int(size) for size in stored), strict=True))
    if any(str(key).startswith("GRIB_") for key in array.attrs):  # a message is a whole map
        return {}
    return dict.fromkeys(array.dims[:-1], 1)  # without chunks: any row can be read by itself


def _where(chosen: Mapping[Any, slice]) -> str:
    return ", ".join(f"{dim} {part.start} to {part.stop - 1}" for dim, part in chosen.items())


def time_of(array: xarray.DataArray, path: Path) -> tuple[str | None, Any]:
    """Return the dimension that is time, and its moments; (None, None) if there is none."""
    for dim in array.dims:
        for name, values in array.coords.items():
            if values.dims != (dim,):
                continue
            if np.issubdtype(values.dtype, np.datetime64):
                return str(dim), values.values.astype("datetime64[ns]")
            if values.dtype == object:
                raise GridError(
                    f"{path}: {name} is in the calendar {getattr(values.dt, 'calendar', '?')!r}. "
                    "Convert it first: xarray's convert_calendar('standard')."
                )
    if "time" in array.dims:
        raise GridError(
            f"{path}: the dimension time of {array.name} has no coordinate with dates. Add one."
        )
    return None, None


def horizontal(piece: Piece, *, leading: bool = False) -> tuple[Piece, tuple[str, ...]]:
    """Return a piece without idle axes of length one, and the names of its horizontal axes.

    ``leading`` allows axes before them, as a record of annual maxima has.

    Raises
    ------
    GridError
        An axis is left that is neither time nor horizontal.
    """
    array = piece.array
    rest = [str(dim) for dim in array.dims if dim != piece.time_dim]
    idle = [dim for dim in rest if array.sizes[dim] == 1]
    while len(rest) > 2 and idle:
        array, dim = array.isel({idle[0]: 0}), idle.pop(0)
        rest.remove(dim)
    if len(rest) > 2 and not leading:
        extra = rest[0]
        raise GridError(
            f"{piece.path}: {array.name} has the axis {extra} of {array.sizes[extra]} beside time "
            f"and {' and '.join(rest[-2:])}. Select one first."
        )
    return Piece(piece.path, array, piece.time_dim, piece.times), tuple(rest[-2:])


def find_pieces(
    indicator: str,
    argument: str,
    quantity: str,
    opened: Sequence[tuple[Path, xarray.Dataset]],
    named: str | None,
) -> list[Piece]:
    """Return the variable of an argument, from every file that has it, by time.

    Raises
    ------
    GridError
        None is found, or two in one file: says which there are and how to choose.
    """
    base, _, method = quantity.partition(" (")
    method = " ".join(method.rstrip(")").split()[:2])  # "time: maximum", "time: sum"
    found: list[tuple[Path, xarray.DataArray]] = []
    for path, data in opened:
        for name, array in data.data_vars.items():
            if named is None:
                chosen = array.attrs.get("standard_name") == base and method in str(
                    array.attrs.get("cell_methods", "")
                )
            else:
                chosen = name == named
            if chosen:
                found.append((path, array))
    names = sorted({str(array.name) for _, array in found})
    if len(names) == 1:
        pieces = [Piece(path, array, *time_of(array, path)) for path, array in found]
        for piece in pieces:
            if piece.times is not None and not len(piece.times):
                raise ShapeError(f"{argument} ({piece.name}) has no row: its time axis is empty.")
        return sorted(pieces, key=lambda p: p.times[0] if p.times is not None else 0)
    if named is not None:
        problem = f"no input has a variable {named!r}"
    elif names:
        problem = f"{' and '.join(names)} are all {quantity}"
    else:
        problem = f"no variable has the standard name {quantity!r}"
    raise GridError(
        f"{indicator}: {argument} is not clear: {problem}. {_there_is(opened)} "
        f"Say which it is: --variable {argument}=NAME."
    )


def _there_is(opened: Sequence[tuple[Path, xarray.Dataset]]) -> str:
    names = {
        f"{name} ({array.attrs.get('standard_name') or 'no standard name'})"
        for _, data in opened
        for name, array in data.data_vars.items()
    }
    return f"There is {', '.join(sorted(names)) or 'no variable at all'}."


def unit_of(indicator: str, argument: str, piece: Piece, declared: str) -> str:
    """Return the unit of a variable, refused if it measures something else.

    Raises
    ------
    UnitError
        Names the argument, what it got and what was expected.
    """
    got = piece.array.attrs.get("units")
    if got is None:
        raise UnitError(
            f"{indicator}: {argument} ({piece.name}) has no units attribute, "
            f"expected one like {declared!r}."
        )
    try:
        return check_unit(str(got), like=declared)
    except UnitError as error:
        raise UnitError(
            f"{indicator}: {argument} ({piece.name}) is in {got!r}, expected {declared!r}."
        ) from error
