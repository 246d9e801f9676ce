"""The fire weather codes for a million cells at a time: float32, vector units, threads.

Source: as ``fwi``, whose equations and tables these are. Checked against: ``fwi`` itself, in
tests/indicators/fire/test_fwi_grid.py
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.fire._fwi_grid_kernels import block_codes
from tocsin.indicators.fire.fwi import (
    DAY_FACTOR_NORTH_OF,
    DAY_FACTORS,
    DAY_LENGTH_NORTH_OF,
    DAY_LENGTHS,
    DEFAULT_STATE,
    MOISTURE_SCALE,
    FireWeatherState,
    months_of,
)
from tocsin.units import is_labelled

__all__ = ["CODES", "fwi_grid"]

CODES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")
"""What the first axis of the result holds, in this order."""

BLOCK = 65_536
"""Cells a thread takes at a time; measured best at a million cells."""

LANES = 64
"""The compiled loop does cells by vectors and left-over cells one by one, which may round
otherwise. Only whole multiples of this are given to it: a cell's number never depends on its place.
"""


def _zones(latitude: Any, north_of: tuple[float, ...], cells: tuple[int, ...]) -> Any:
    """Return the table row of each cell; the row after the last stands for a missing latitude."""
    places = np.broadcast_to(np.asarray(latitude, dtype=np.float64), cells).ravel()
    zone = np.zeros(places.size, dtype=np.int8)
    for limit in north_of:
        zone += places <= limit
    zone[np.isnan(places)] = len(north_of) + 1
    return zone


def _with_missing(table: Any) -> Any:
    """Append a row of NaN to a table of day lengths."""
    return np.vstack([table, np.full(12, np.nan)]).astype(np.float32)


def _weather(names: tuple[str, ...], given: tuple[Any, ...]) -> list[Any]:
    """Return contiguous float32 arrays (day, cell) and refuse what is labelled or misshapen."""
    for name, values in zip(names, given, strict=True):
        if is_labelled(values):
            raise UnitError(
                f"fwi_grid(): {name} is a DataArray; give bare numpy arrays in degC, %, km/h and "
                "mm, or use fwi(), which converts."
            )
        if np.shape(values) != np.shape(given[0]) or np.ndim(values) < 2:
            raise ShapeError(
                f"fwi_grid(): {name} has shape {np.shape(values)}; all four need one shape, days "
                f"first, then cells (the first has {np.shape(given[0])})."
            )
    days = np.shape(given[0])[0]
    return [
        np.ascontiguousarray(np.asarray(values, dtype=np.float32).reshape(days, -1))
        for values in given
    ]


def _output(given: Any, shape: tuple[int, ...]) -> Any:
    """Return the array to write to, made here or checked."""
    if given is None:
        return np.empty(shape, dtype=np.float32)
    if given.shape != shape or given.dtype != np.float32:
        raise ShapeError(
            f"fwi_grid(): out is {given.dtype} {given.shape}, expected float32 {shape}."
        )
    if not given.flags.c_contiguous:
        raise ShapeError("fwi_grid(): out is not contiguous.")
    return given


def _rest(
    weather: list[Any], months: Any, tables: Any, zones: Any, scale: Any, state: Any, out: Any,
    first: int,
) -> None:  # fmt: skip
    """Compute the last cells, too few for a whole vector, among as many idle ones."""

    def padded(values: Any) -> Any:
        rest = values[..., first:]
        return np.pad(rest, [(0, 0)] * (rest.ndim - 1) + [(0, LANES - rest.shape[-1])])

    part, ending = padded(out), padded(state)
    block_codes(
        tuple(padded(values) for values in weather),
        months, tables, padded(zones), scale, ending, part, 0, LANES,
    )  # fmt: skip
    out[..., first:] = part[..., : out.shape[-1] - first]
    state[..., first:] = ending[..., : state.shape[-1] - first]


def fwi_grid(
    temperature: Any,
    relative_humidity: Any,
    wind_speed: Any,
    rain: Any,
    *,
    time: Any,
    latitude: Any,
    initial: FireWeatherState = DEFAULT_STATE,
    variant: Literal["exact", "147.2"] = "exact",
    out: Any = None,
    threads: int | None = None,
) -> tuple[Any, FireWeatherState]:
    """Six fire weather codes over a grid, in single precision.

    Against ``fwi`` the index differs by less than 5e-4, or by 1e-5 of its value above 50.

    Parameters
    ----------
    temperature, relative_humidity, wind_speed, rain : numpy (day, cells...) [degC, %, km/h, mm]
        As in ``fwi``. Float32 and contiguous arrays are used as they are, others are copied.
    time : array of dates
        The local day of each row, rising.
    latitude : number or array of the shape of the cells [degree]
        Chooses the tables of day length.
    initial : FireWeatherState
        The codes of the day before.
    variant : {"exact", "147.2"}
        As in ``fwi``.
    out : numpy float32 (6, day, cells...), optional
        Where to write; made if not given.
    threads : int, optional
        All processors if not given. Each takes blocks of 65,536 cells.

    Returns
    -------
    codes : numpy float32 (6, day, cells...) [1]
        In the order of ``CODES``. NaN as in ``fwi``, and the state stands still there.
    state : FireWeatherState of float32 arrays [1]
        After the last day.

    Raises
    ------
    UnitError
        An input is labelled: this function takes bare arrays only.
    ShapeError
        Shapes do not fit together, or the days do not rise.
    """
    if variant not in MOISTURE_SCALE:
        raise ValueError(f"fwi_grid(): variant is {variant!r}; give 'exact' or '147.2'.")
    names = ("temperature", "relative_humidity", "wind_speed", "rain")
    weather = _weather(names, (temperature, relative_humidity, wind_speed, rain))
    cells = np.shape(temperature)[1:]
    months = months_of(time, temperature, "fwi_grid")
    shape = (len(CODES), *weather[0].shape)
    out = _output(out, (len(CODES), months.size, *cells))
    state = np.empty((3, shape[-1]), dtype=np.float32)
    for row, code in zip(state, initial, strict=True):
        row[:] = np.broadcast_to(np.asarray(code, dtype=np.float32), cells).ravel()
    zones = np.stack(
        [_zones(latitude, north, cells) for north in (DAY_LENGTH_NORTH_OF, DAY_FACTOR_NORTH_OF)]
    )
    tables = (_with_missing(DAY_LENGTHS), _with_missing(DAY_FACTORS))
    scale = np.float32(MOISTURE_SCALE[variant])
    flat = out.reshape(shape)

    def one_block(first: int) -> None:
        last = min(first + BLOCK, whole)
        block_codes(tuple(weather), months, tables, zones, scale, state, flat, first, last)

    whole = shape[-1] - shape[-1] % LANES
    starts = range(0, whole, BLOCK)
    workers = min(len(starts), threads or os.cpu_count() or 1)
    if workers < 2:
        for first in starts:
            one_block(first)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one_block, starts))
    if whole < shape[-1]:
        _rest(weather, months, tables, zones, scale, state, flat, whole)
    return out, FireWeatherState(*(row.reshape(cells) for row in state))
