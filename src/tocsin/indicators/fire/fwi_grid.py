"""The fire weather codes for a million cells at a time: float32, vector units, threads.

Source: as ``fwi``, whose equations and tables these are. Checked against: ``fwi`` itself, in
tests/indicators/fire/test_fwi_grid.py
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError, UnitError
from tocsin.indicators.fire._fwi_blocks import run_blocks
from tocsin.indicators.fire.fwi import (
    DEFAULT_STATE,
    MOISTURE_SCALE,
    TABLES,
    FireWeatherState,
    months_of,
)
from tocsin.units import is_labelled

__all__ = ["CODES", "fwi_grid"]

CODES = ("ffmc", "dmc", "dc", "isi", "bui", "fwi")
"""What the first axis of the result holds, in this order."""


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
    return [np.ascontiguousarray(_unmasked(values).reshape(days, -1)) for values in given]


def _unmasked(values: Any) -> Any:
    """Return float32 with NaN under a mask: beneath it lies any number."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(np.float32), np.nan)
    return np.asarray(values, dtype=np.float32)


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

    Against ``fwi`` the index differs by less than 5e-4, or by 1e-5 of its value above 50; except
    where rounding falls on the other side of a step in the equations themselves (a duff moisture
    code of 33 or 65 before rain, a buildup index of 80): about four cell-days in a million, by up
    to 0.2, as a change of the weather in its seventh digit would.

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
        All processors if not given.

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
    latitudes = np.broadcast_to(np.asarray(latitude, dtype=np.float64), cells).ravel()
    scale = MOISTURE_SCALE[variant]
    run_blocks(tuple(weather), months, TABLES, latitudes, scale, state, out.reshape(shape), threads)
    return out, FireWeatherState(*(row.reshape(cells) for row in state))
