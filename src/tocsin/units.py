"""Quantities and units at the door: everything behind it may trust its numbers.

Conversions are exact fractions, taken once per pair of units from pint and kept; pint itself is
loaded only when a pair is first met, since it costs more than the rest of the library together.
Units are written as pint or as CF writes them: ``degC``, ``%``, ``km/h``, ``m s-1``, ``ug/m3``.
"""

from __future__ import annotations

import functools
import inspect
import os
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from tocsin.errors import ShapeError, UnitError

if TYPE_CHECKING:
    import pint

__all__ = ["check_unit", "convert", "expect_unit", "is_labelled", "quantities", "same_dimension"]

P = ParamSpec("P")
R = TypeVar("R")

_SPELLINGS = {
    "": "dimensionless",
    "1": "dimensionless",
    "%": "percent",
    # CF's own words for the axes; the direction is in their names.
    **dict.fromkeys(("degrees_north", "degree_north", "degrees_east", "degree_east"), "degree"),
    # What udunits, and so many a CF file, also calls the two scales.
    **dict.fromkeys(
        ("degrees_C", "degree_C", "deg_C", "degrees_Celsius", "degrees_celsius", "Celsius", "℃"),
        "degC",
    ),
    **dict.fromkeys(("degrees_F", "degree_F", "deg_F", "degrees_Fahrenheit"), "degF"),
    "Kelvin": "kelvin",
}
_EXPONENT = re.compile(r"(?<=[A-Za-z])(-?\d+)(?![\w.])")


_DAMAGED = (OSError, EOFError, ValueError, AttributeError, ImportError, pickle.UnpicklingError)


def _cache_folder() -> Path | None:
    """Return where pint may keep its parsed definitions, which quarters the time to load them.

    A folder of the user's own; none where it cannot be made or written, as in a sealed container.
    """
    import platformdirs  # pint brings it

    folder = Path(platformdirs.user_cache_dir("tocsin", appauthor=False)) / "units"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint  # here, not above: loading it takes a third of a second

    try:
        registry: pint.UnitRegistry[Any] = pint.UnitRegistry(
            non_int_type=Fraction, cache_folder=_cache_folder()
        )
    except _DAMAGED:  # cut off while it was written: without it only the start is slower
        registry = pint.UnitRegistry(non_int_type=Fraction)
    registry.define("beaufort = [] = Bft")
    registry.define("ppb = 1e-9")
    return registry


@functools.cache
def _parse(name: str) -> Any:
    """Return pint's unit for a name as pint or CF writes it."""
    spelled = _SPELLINGS.get(name.strip())
    if spelled is None:
        spelled = _EXPONENT.sub(r"**\1", name.strip().replace("%", "percent"))
        spelled = re.sub(r"\s*([*/])\s*(?!\*)", r"\1", spelled)
        spelled = re.sub(r"\s+", "*", spelled)
    try:
        return _registry().parse_units(spelled)
    except Exception as error:  # pint raises a dozen kinds, some not its own
        raise UnitError(
            f"{name!r} is not a unit that is known here. "
            "Write it as pint or CF does: degC, mm, m s-1, km/h, %, hPa."
        ) from error


@functools.cache
def _line(from_unit: str, to_unit: str) -> tuple[float, float]:
    """Return (scale, offset) of the straight line from one unit to the other."""
    source, target = _parse(from_unit), _parse(to_unit)
    if to_unit.startswith("mm"):
        source = _as_depth_of_water(source, target)
    if source.dimensionality != target.dimensionality:
        raise UnitError(
            f"{from_unit!r} cannot be converted to {to_unit!r}: "
            "they measure different things. Give a unit of the same dimension."
        )
    registry = _registry()
    zero = Fraction(registry.convert(Fraction(0), source, target))
    one = Fraction(registry.convert(Fraction(1), source, target))
    return float(one - zero), float(zero)


def _as_depth_of_water(source: Any, target: Any) -> Any:
    """Return mass per surface as its depth: models give rain in kg m-2, which is 1 mm of water.

    By the density of 1000 kg m-3 that CF's lwe_thickness_of_... stands on. Only where millimetres
    are asked for, since those are of water throughout; the depth of snow is in m and is refused.
    """
    depth = source * _parse("mm m2 kg-1")
    return depth if depth.dimensionality == target.dimensionality else source


def check_unit(name: str, like: str | None = None) -> str:
    """Return ``name`` if it is a unit, and one of the same dimension as ``like`` where given.

    Raises
    ------
    UnitError
        The name is no unit, or measures something else than ``like`` does.
    """
    if like is None:
        _parse(name)
    elif name != like:
        _line(name, like)
    return name


def same_dimension(first: str, second: str) -> bool:
    """Whether both units measure the same thing; raises UnitError where one is no unit at all."""
    return bool(_parse(first).dimensionality == _parse(second).dimensionality)


def convert(values: Any, from_unit: str, to_unit: str) -> Any:
    """Return ``values`` in another unit: same kind, same shape, float64; dask stays lazy.

    Parameters
    ----------
    values : number, list, numpy, dask or xarray [from_unit]
        Lists become numpy arrays. A labelled array gets the new unit into ``attrs["units"]``.

    Raises
    ------
    UnitError
        A unit is unknown, or the two measure different things.
    """
    if isinstance(values, list | tuple):
        values = np.asarray(values, dtype=np.float64)
    if from_unit == to_unit:
        return values
    scale, offset = _line(from_unit, to_unit)
    changed = values if (scale, offset) == (1.0, 0.0) else values * scale + offset
    if is_labelled(values):
        changed = changed.assign_attrs({**values.attrs, "units": to_unit})
    return changed


def is_labelled(values: Any) -> bool:
    """Whether ``values`` is an xarray DataArray, asked without importing xarray."""
    return type(values).__module__.startswith("xarray.") and hasattr(values, "attrs")


def expect_unit(function: str, argument: str, values: Any, unit: str) -> Any:
    """Return one argument of ``function`` in its declared unit, or refuse it by name.

    For an indicator whose unit depends on another argument; else use ``quantities``.
    """
    if isinstance(values, str | list | tuple | None) or (
        isinstance(values, np.ndarray) and values.dtype.kind in "OSU"
    ):
        return _numbers(function, argument, values, unit)
    if isinstance(values, np.ma.MaskedArray):  # beneath a mask lies any number: it is a gap
        return np.ma.filled(values.astype(np.result_type(values, np.float32)), np.nan)
    if not is_labelled(values):
        return values
    got = values.attrs.get("units")
    if got is None:
        raise UnitError(
            f"{function}(): {argument} has no units attribute. "
            f'Set {argument}.attrs["units"] to a unit like {unit!r}.'
        )
    try:
        return convert(values, str(got), unit)
    except UnitError as error:
        raise UnitError(f"{function}(): {argument} is in {got!r}, expected {unit!r}.") from error


def _numbers(function: str, argument: str, values: Any, unit: str) -> Any:
    """Return lists as numbers, or refuse by name words and rows of different length."""
    why = f"it is {values!r}"
    if values is not None and not isinstance(values, str):
        try:
            return np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            why = str(error).rstrip(".")
    raise ShapeError(f"{function}(): {argument} has to be numbers in {unit!r}, and {why}.")


def _check_axes(function: str, series: dict[str, Any]) -> None:
    """Refuse labelled arrays that differ in the length or in the labels of an axis they share."""
    seen: dict[Any, tuple[str, Any]] = {}
    for argument, values in series.items():
        for axis, size in values.sizes.items():
            first, other = seen.setdefault(axis, (argument, values))
            same = size == other.sizes[axis]
            if same and axis in values.indexes and axis in other.indexes:
                same = values.indexes[axis].equals(other.indexes[axis])
            if not same:
                raise ShapeError(
                    f"{function}(): {argument} has {size} along {axis!r}, expected the "
                    f"{other.sizes[axis]} of {first} with the same coordinates. Bring both to one "
                    "axis: xarray's align or reindex."
                )


def _check_shapes(function: str, series: dict[str, Any]) -> None:
    """Refuse bare arrays whose shapes do not fit; labelled ones fit by the names of their axes."""
    _check_axes(function, {name: values for name, values in series.items() if is_labelled(values)})
    fitting, first = (), ""
    for argument, values in series.items():
        shape = getattr(values, "shape", ())
        if is_labelled(values) or any(size != size for size in shape):  # dask may not know its own
            continue
        try:
            fitting = np.broadcast_shapes(fitting, shape)
        except ValueError as error:
            raise ShapeError(
                f"{function}(): {argument} has shape {shape}, expected one that fits {fitting} of "
                f"{first}; time comes first, then places."
            ) from error
        first = first or (argument if shape else "")


def _left_out(parameter: inspect.Parameter, value: Any) -> bool:
    """Whether None was given where None is what the argument is when it is not given."""
    return value is None and parameter.default is None


def _not_bound(
    function: str, signature: inspect.Signature, units: dict[str, str], given: Any, error: TypeError
) -> Exception:
    """Return what to raise for a call that does not fit: ShapeError where something is missing."""
    args, kwargs = given
    try:
        there = signature.bind_partial(*args, **kwargs).arguments
    except TypeError:  # too many or unknown arguments, which no data brings about
        return TypeError(f"{function}(): {error}")
    missing = next(
        name
        for name, parameter in signature.parameters.items()
        if name not in there and parameter.default is inspect.Parameter.empty
    )
    unit = f" in {units[missing]!r}" if missing in units else ""
    return ShapeError(f"{function}(): {missing} is missing; expected it{unit}.")


def quantities(
    *, returns: str | None = None, **units: str
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the unit of each argument of an indicator; check and convert at each call.

    Bare arrays and numbers are taken to be in the declared unit. A DataArray must say its unit
    and is converted to the declared one. ``returns`` is written on a DataArray result. Arguments
    that may be given by position are series, whose shapes have to fit together.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        series = [
            name
            for name, parameter in signature.parameters.items()
            if name in units and parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        if unknown := set(units) - set(signature.parameters):
            raise TypeError(f"{function.__name__} has no argument {sorted(unknown)[0]}")

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                given = (args, kwargs)
                raise _not_bound(function.__name__, signature, units, given, error) from None
            for argument, unit in units.items():
                if argument in bound.arguments and not _left_out(
                    signature.parameters[argument], bound.arguments[argument]
                ):
                    bound.arguments[argument] = expect_unit(
                        function.__name__, argument, bound.arguments[argument], unit
                    )
            _check_shapes(function.__name__, {name: bound.arguments.get(name) for name in series})
            result = function(*bound.args, **bound.kwargs)
            if returns is not None and is_labelled(result):
                result.attrs["units"] = returns  # type: ignore[attr-defined]
            return result

        return checked

    return decorate
