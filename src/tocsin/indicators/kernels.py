"""Typed doors to numba, and the two ways a kernel meets an array: elementwise and along time.

Kernels know floats and indices only. What is lazy stays lazy, what is labelled stays labelled.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np

from tocsin.errors import ShapeError
from tocsin.units import is_labelled

__all__ = [
    "along_time", "elementwise", "kernel", "over_arrays", "per_element", "possible_temperature",
    "rows",
]  # fmt: skip

_vectorize: Callable[..., Any] = numba.vectorize

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a loop over bare arrays; kept on disk, releases the GIL, divides like numpy."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def per_element(arguments: int) -> Callable[[F], F]:
    """Compile a function of ``arguments`` floats into a ufunc, for float32 and for float64.

    Compiled (or read from disk) at the first call: importing a family must stay quick.
    """
    signatures = [f"{kind}({', '.join([kind] * arguments)})" for kind in ("float32", "float64")]

    def decorate(function: F) -> F:
        @functools.cache
        def compiled() -> Callable[..., Any]:
            ufunc: Callable[..., Any] = _vectorize(signatures, nopython=True, cache=True)(function)
            return ufunc

        @functools.wraps(function)
        def first_compile(*arrays: Any) -> Any:
            with np.errstate(all="ignore"):  # NaN is an answer here, not an accident
                return compiled()(*arrays)

        return cast(F, first_compile)

    return decorate


def over_arrays(loop: F) -> F:
    """Give a compiled loop over flat arrays, the last one its result, the manners of a ufunc.

    For a kernel without branches: LLVM vectorises such a loop, but not the one numba makes.
    Float32 in, float32 out; all else is float64.
    """

    @functools.wraps(loop)
    def called(*arrays: Any) -> Any:
        single = np.result_type(*arrays) == np.float32
        kind = np.float32 if single else np.float64
        wide = np.broadcast_arrays(*(np.asarray(array, dtype=kind) for array in arrays))
        out = np.empty(wide[0].size, dtype=kind)
        loop(*(np.ascontiguousarray(array).reshape(-1) for array in wide), out)
        return out.reshape(wide[0].shape)[()]

    return cast(F, called)


def rows(values: Any) -> Any:
    """Return an array (..., time) as a matrix (place, time)."""
    return values.reshape(math.prod(values.shape[:-1]), values.shape[-1])


def possible_temperature(values: Any) -> Any:
    """Return temperatures in degC, NaN where there is none on earth: -9999 stands for missing."""
    return np.where(np.abs(values) <= 100.0, values, np.nan)


def _is_dask(values: Any) -> bool:
    return type(values).__module__.startswith("dask.")


def elementwise(ufunc: Callable[..., Any], *arguments: Any) -> Any:
    """Apply a ``per_element`` kernel to numbers, numpy, dask (lazily) or xarray."""
    if any(is_labelled(argument) for argument in arguments):
        import xarray  # already loaded by whoever made the argument

        return xarray.apply_ufunc(
            ufunc, *arguments, dask="parallelized", output_dtypes=[np.float64], keep_attrs=False
        )
    if any(_is_dask(argument) for argument in arguments):
        import dask.array  # already loaded by whoever made the argument

        map_blocks: Callable[..., Any] = dask.array.map_blocks
        return map_blocks(ufunc, *arguments, dtype=np.float64)
    return ufunc(*arguments)


def along_time(
    function: Callable[..., Any],
    series: Sequence[Any],
    *,
    places: Sequence[Any] = (),
    outputs: Sequence[bool] = (True,),
    time_first: bool = False,
) -> Any:
    """Apply ``function(*series, *places)`` whose arrays have time as their last axis.

    Parameters
    ----------
    function
        Takes float64 arrays (..., time) and (...), returns as many arrays as ``outputs``.
    series
        Bare arrays with time as their first axis, or DataArrays with a dimension ``time``.
    places
        Numbers, arrays without the time axis, or DataArrays without the dimension.
    outputs
        For each result whether it keeps the time axis.
    time_first
        The function wants, and returns, time as the first axis: many places, one day at a time.

    Raises
    ------
    ShapeError
        A series has no time axis, or the shapes do not fit together.
    """
    if any(is_labelled(values) for values in (*series, *places)):
        return _along_time_labelled(function, series, places, outputs, time_first)
    if any(_is_dask(values) for values in (*series, *places)):
        return _along_time_dask(function, series, places, outputs, time_first)
    arrays = [np.asarray(values, dtype=np.float64) for values in series]
    if any(array.ndim == 0 for array in arrays):
        raise ShapeError("A series is a single number; give arrays with time as the first axis.")
    try:
        at = 0 if time_first else -1
        arrays = [np.ascontiguousarray(np.moveaxis(a, 0, at)) for a in np.broadcast_arrays(*arrays)]
        shape = arrays[0].shape[1:] if time_first else arrays[0].shape[:-1]
        fixed = [np.broadcast_to(np.asarray(p, dtype=np.float64), shape) for p in places]
    except ValueError as error:
        shapes = ", ".join(str(np.shape(values)) for values in (*series, *places))
        raise ShapeError(f"Shapes do not fit together: {shapes}; time comes first.") from error
    results = function(*arrays, *fixed)
    if len(outputs) == 1:
        return np.moveaxis(results, at, 0) if outputs[0] else results
    return tuple(
        np.moveaxis(result, at, 0) if timed else result
        for result, timed in zip(results, outputs, strict=True)
    )


def _along_time_labelled(
    function: Callable[..., Any], series: Sequence[Any], places: Sequence[Any], outputs: Any,
    time_first: bool,
) -> Any:  # fmt: skip
    import xarray  # already loaded by whoever made the argument

    first = next(values for values in series if is_labelled(values))
    if any(is_labelled(values) and "time" not in values.dims for values in series):
        raise ShapeError(f"A series has no dimension 'time'; it has {first.dims}.")
    if not all(is_labelled(values) for values in series):
        raise ShapeError("Give all series as DataArrays, or none.")

    def on_blocks(*arrays: Any) -> Any:
        timed, fixed = arrays[: len(series)], arrays[len(series) :]
        shape = np.broadcast_shapes(*(a.shape for a in timed))
        at = 0 if time_first else -1
        wide = [
            np.ascontiguousarray(np.moveaxis(np.broadcast_to(a, shape), -1, at), dtype=np.float64)
            for a in timed
        ]
        got = function(*wide, *(np.broadcast_to(np.float64(p), shape[:-1]) for p in fixed))
        if not time_first:
            return got
        if len(outputs) == 1:
            return np.moveaxis(got, 0, -1) if outputs[0] else got
        return tuple(
            np.moveaxis(result, 0, -1) if timed else result
            for result, timed in zip(got, outputs, strict=True)
        )

    results = xarray.apply_ufunc(
        on_blocks,
        *(values.chunk({"time": -1}) if values.chunks else values for values in series),
        *places,
        input_core_dims=[["time"]] * len(series) + [[]] * len(places),
        output_core_dims=[["time"] if timed else [] for timed in outputs],
        dask="parallelized",
        output_dtypes=[np.float64] * len(outputs),
    )
    if len(outputs) == 1:
        return results.transpose(*first.dims, ...) if outputs[0] else results
    return tuple(
        result.transpose(*first.dims, ...) if timed else result
        for result, timed in zip(results, outputs, strict=True)
    )


def _along_time_dask(
    function: Callable[..., Any], series: Sequence[Any], places: Sequence[Any], outputs: Any,
    time_first: bool,
) -> Any:  # fmt: skip
    import xarray  # the labelled path knows how to keep dask lazy

    def label(values: Any, timed: bool) -> Any:
        names = [f"axis{n}" for n in range(values.ndim - timed, 0, -1)] if values.ndim else []
        return xarray.DataArray(values, dims=["time", *names] if timed else names)

    labelled = [label(values, True) for values in series]
    fixed = [label(np.asarray(p) if not _is_dask(p) else p, False) for p in places]
    results = _along_time_labelled(function, labelled, fixed, outputs, time_first)
    if len(outputs) == 1:
        return results.data
    return tuple(result.data for result in results)
