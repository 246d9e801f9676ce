"""Quantities and units at the door: everything behind it may trust its numbers.

Conversions are exact fractions, taken once per pair of units from pint and kept; pint itself is
loaded only when a pair is first met, since it costs more than the rest of the library together.
Units are written as pint or as CF writes them: ``degC``, ``%``, ``km/h``, ``m s-1``, ``ug/m3``.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from tocsin.errors import UnitError

if TYPE_CHECKING:
    import pint

__all__ = ["check_unit", "convert", "expect_unit", "is_labelled", "quantities", "same_dimension"]

P = ParamSpec("P")
R = TypeVar("R")

_SPELLINGS = {"": "dimensionless", "1": "dimensionless", "%": "percent"}
_EXPONENT = re.compile(r"(?<=[A-Za-z])(-?\d+)(?![\w.])")


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint  # here, not above: loading it takes a third of a second

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(non_int_type=Fraction)
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
    if source.dimensionality != target.dimensionality:
        raise UnitError(
            f"{from_unit!r} cannot be converted to {to_unit!r}: "
            "they measure different things. Give a unit of the same dimension."
        )
    registry = _registry()
    zero = Fraction(registry.convert(Fraction(0), source, target))
    one = Fraction(registry.convert(Fraction(1), source, target))
    return float(one - zero), float(zero)


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
    if isinstance(values, list | tuple):
        return np.asarray(values, dtype=np.float64)
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


def quantities(
    *, returns: str | None = None, **units: str
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the unit of each argument of an indicator; check and convert at each call.

    Bare arrays and numbers are taken to be in the declared unit. A DataArray must say its unit
    and is converted to the declared one. ``returns`` is written on a DataArray result.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(function)
        if unknown := set(units) - set(signature.parameters):
            raise TypeError(f"{function.__name__} has no argument {sorted(unknown)[0]}")

        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            bound = signature.bind(*args, **kwargs)
            for argument, unit in units.items():
                if bound.arguments.get(argument) is not None:
                    bound.arguments[argument] = expect_unit(
                        function.__name__, argument, bound.arguments[argument], unit
                    )
            result = function(*bound.args, **bound.kwargs)
            if returns is not None and is_labelled(result):
                result.attrs["units"] = returns  # type: ignore[attr-defined]
            return result

        return checked

    return decorate
