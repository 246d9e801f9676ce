"""One block: read its numbers, call the catalogue's function, return what is to be kept.

Fire weather takes the fast road in single precision. Every other indicator is computed in double
precision, in strips of few cells, so that a block needs little more than its numbers; the result
is kept in single precision. On both roads a cell's number depends on its own series only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.errors import GridError, TocsinError
from tocsin.grids.inputs import FROM_AXES, Inputs, cells_of, first_month
from tocsin.grids.journal import Record, Tally
from tocsin.grids.plan import Cost
from tocsin.indicators.indicator import Indicator

__all__ = ["Method", "compute_block", "method_of"]

STRIP_VALUES = 65_536
STRIP_BYTES = 200
"""Of a value in a strip: the copies the functions make. Held against every entry by a test."""

STANDING_ALONE = ("instant", "sample", "event")


@dataclass(frozen=True, slots=True)
class Method:
    """What is computed in one go: entries of the catalogue that share a function and its inputs."""

    entries: tuple[Indicator, ...]

    @property
    def first(self) -> Indicator:
        """The entry that stands for all in questions about inputs."""
        return self.entries[0]

    @property
    def fast(self) -> bool:
        """Whether the six fire weather codes in single precision serve."""
        from tocsin.indicators.fire.fwi_grid import CODES

        return self.first.path == "tocsin.indicators.fire.fwi:fwi" and all(
            entry.output in CODES for entry in self.entries
        )

    @property
    def whole_series(self) -> bool:
        """Whether time cannot be cut: the function looks back, and has no state to go on from."""
        entry = self.first
        if entry.cadence in STANDING_ALONE:
            return False
        return not entry.state

    @property
    def dtype(self) -> Any:
        """In which precision numbers are held and computed."""
        return np.float32 if self.fast else np.float64

    def cost(self, inputs: Inputs) -> Cost:
        """Return what a block of this method takes in memory."""
        size = np.dtype(self.dtype).itemsize
        timed = sum(field.times is not None for field in inputs.fields.values())
        others = len(inputs.fields) - timed
        leads = sum(
            int(np.prod([n for dim, n in f.pieces[0].array.sizes.items() if dim not in f.space]))
            for f in inputs.fields.values()
            if f.times is None
        )
        results = 6 if self.fast else len(self.entries)
        strips = 0 if self.fast else max(STRIP_VALUES, inputs.rows) * STRIP_BYTES
        return Cost(
            per_value=timed * size + results * 4,
            per_cell=64 + (others + leads) * size * 2,
            fixed=strips + 8_000_000,
        )


def method_of(entries: Sequence[Indicator]) -> Method:
    """Return the method behind some entries of the catalogue.

    Raises
    ------
    GridError
        They have different functions or options: they are different runs.
    """
    first = entries[0]
    for entry in entries[1:]:
        if (entry.path, entry.options, entry.takes) != (first.path, first.options, first.takes):
            raise GridError(
                f"{first.id} and {entry.id} are computed by different functions. Compute them one "
                "after the other."
            )
    return Method(tuple(entries))


def compute_block(
    method: Method, inputs: Inputs, rows: slice, place: tuple[slice, ...], before: Record
) -> tuple[list[Any], Record]:
    """Compute a block.

    Returns
    -------
    results : list of float32 arrays (row, cell), or (cell,) where nothing has a time axis
        One an entry.
    record : Record
        As it stands after this block.
    """
    given = {name: field.read(rows, place, method.dtype) for name, field in inputs.fields.items()}
    tally = Tally()
    tally.add(before.tally)
    tally.add(_count(method.first, given))
    cells = cells_of(place)
    wants = _wants(method.first, inputs, rows, place)
    try:
        if method.fast:
            results, state = _fire_codes(method, inputs, given, wants, before.state)
        else:
            results, state = _by_strips(method, inputs, given, wants, before.state, cells)
    except ValueError as error:  # a setting the function does not take
        if isinstance(error, TocsinError):
            raise
        raise GridError(f"{method.first.id}: {error}") from error
    return results, Record(before.segments + 1, state, tally)


def _wants(
    entry: Indicator, inputs: Inputs, rows: slice, place: tuple[slice, ...]
) -> dict[str, Any]:
    """Return what the axes answer: latitude of each cell, times, first month."""
    wants: dict[str, Any] = {}
    for need in FROM_AXES.intersection(entry.needs):
        if need in inputs.fixed or need in inputs.fields:
            continue
        if need == "time":
            wants[need] = inputs.times[rows]
        elif need == "first_month":
            wants[need] = first_month(inputs.times)
    if entry.standard and inputs.times is not None and "on" not in inputs.fixed:
        wants["on"] = inputs.times[rows]
    if inputs.latitude is not None:
        wants["latitude"] = np.ascontiguousarray(inputs.latitude[place]).ravel()
    return wants


def _fire_codes(
    method: Method, inputs: Inputs, given: Mapping[str, Any], wants: Any, before: tuple[Any, ...]
) -> tuple[list[Any], tuple[Any, ...]]:
    from tocsin.indicators.fire.fwi import DEFAULT_STATE, FireWeatherState
    from tocsin.indicators.fire.fwi_grid import CODES, fwi_grid

    fixed = {k: v for k, v in inputs.fixed.items() if k not in wants}
    shape = np.broadcast_shapes(*(values.shape for values in given.values()))
    weather: dict[str, Any] = {
        name: np.broadcast_to(np.float32(given.get(name, fixed.pop(name, None))), shape)
        for name in method.first.takes
    }
    initial = FireWeatherState(*before) if before else DEFAULT_STATE
    settings: dict[str, Any] = {"initial": initial, **fixed, **wants}
    codes, state = fwi_grid(**weather, **settings, threads=1)
    return [codes[CODES.index(str(entry.output))] for entry in method.entries], tuple(state)


def _by_strips(
    method: Method, inputs: Inputs, given: Mapping[str, Any], wants: Any,
    before: tuple[Any, ...], cells: int,
) -> tuple[list[Any], tuple[Any, ...]]:  # fmt: skip
    entry = method.first
    rows = max((len(v) for n, v in given.items() if inputs.fields[n].times is not None), default=0)
    shape = (rows, cells) if rows else (cells,)
    results = [np.empty(shape, np.float32) for _ in method.entries]
    ended: list[list[Any]] = []
    width = max(1, STRIP_VALUES // max(1, rows))
    for first in range(0, cells, width):
        strip = slice(first, min(cells, first + width))
        arguments = {name: values[..., strip] for name, values in given.items()}
        arguments |= {**entry.options, **inputs.fixed}
        arguments |= {name: v[strip] if name == "latitude" else v for name, v in wants.items()}
        if before:
            state = tuple(part[strip] for part in before)
            arguments["initial"] = state if len(state) > 1 else state[0]
        if "on" in wants:  # each row by the edition of its day; none of these has a state
            asked = {name: v for name, v in arguments.items() if name not in entry.options}
            for one, out in zip(method.entries, results, strict=True):
                out[..., strip] = one.compute(**asked)
            continue
        returned = entry.function(**arguments)
        values, state = returned if entry.state else (returned, ())
        for one, out in zip(method.entries, results, strict=True):
            out[..., strip] = getattr(values, one.output) if one.output else values
        parts = state if isinstance(state, tuple) else (state,)
        ended.append([np.broadcast_to(part, strip.stop - strip.start) for part in parts])
    return results, tuple(np.concatenate(parts) for parts in zip(*ended, strict=True))


def _count(entry: Indicator, given: Mapping[str, Any]) -> Tally:
    """Count the values that are missing and those outside the indicator's domain."""
    from tocsin.grids._counting import count_bad

    tally = Tally()
    for name, values in given.items():
        low, high = entry.domain.get(name, (-np.inf, np.inf))
        missing, outside = count_bad(np.ascontiguousarray(values).ravel(), low, high)
        tally.missing[name], tally.outside[name] = int(missing), int(outside)
    return tally
