"""Why a value is undefined, and what drove it: sentences for a person, not only NaN.

``explain("wind_chill", {"temperature": 12.0, "wind_speed": 20.0})`` says that the air is too warm.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.indicator import Indicator
from tocsin.indicators.reasons import Reason, plain, reasons_at

__all__ = ["Driver", "Explanation", "Reason", "explain"]


@dataclass(frozen=True, slots=True)
class Driver:
    """How much of a change one input brought about, in the indicator's unit."""

    argument: str
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The value at the last row, its unit, and reasons if undefined or drivers if asked for.

    ``caution`` says, in each language, what is not verified in the method's tables.
    """

    indicator: str
    value: float
    unit: str
    reasons: tuple[Reason, ...] = ()
    drivers: tuple[Driver, ...] = ()
    caution: Mapping[str, str] = field(default_factory=dict)


def explain(
    indicator: str | Indicator,
    inputs: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    **needs: Any,
) -> Explanation:
    """Compute one value of one place and say why it is undefined or what changed it.

    Parameters
    ----------
    indicator : str or Indicator
        An id of the catalogue.
    inputs : mapping of argument to number, list, numpy or xarray
        As the indicator's function takes them: numbers, or series of one place, of which the last
        row is explained. Bare numbers are in the declared units.
    before : mapping, optional
        Inputs of an earlier moment, as numbers; the change since then is shared out among the
        inputs so that the shares add up to it exactly (the mean over all orders of changing them
        one by one, after Shapley). Only for indicators whose rows stand alone.
    needs
        What the indicator wants beside its series: ``latitude``, ``time``, ...

    Returns
    -------
    Explanation
        ``reasons`` is empty where the value is defined, and never empty where it is not.

    Raises
    ------
    LookupError
        The id is not in the catalogue.
    UnitError, ShapeError
        As the function itself raises them.
    ValueError
        ``before`` is given for an indicator whose rows depend on each other.
    """
    entry = CATALOGUE.get(indicator) if isinstance(indicator, str) else indicator
    if entry is None:
        raise LookupError(f"{indicator!r} is not an indicator; see tocsin.indicators.catalogue.")
    value = _last(entry.compute(**inputs, **needs))
    if math.isnan(value):
        why = reasons_at(entry, inputs, needs)
        return Explanation(entry.id, value, entry.unit, reasons=why, caution=entry.caution)
    drivers = () if before is None else _drivers(entry, before, inputs, needs)
    return Explanation(entry.id, value, entry.unit, drivers=drivers, caution=entry.caution)


def _last(values: Any) -> float:
    flat = np.asarray(values, dtype=np.float64)
    return float(flat if flat.ndim == 0 else flat.reshape(-1)[-1]) if flat.size else math.nan


def _drivers(
    entry: Indicator, before: Mapping[str, Any], now: Mapping[str, Any], needs: Mapping[str, Any]
) -> tuple[Driver, ...]:
    if entry.cadence not in ("instant", "sample", "event"):
        raise ValueError(
            f"explain(): {entry.id} looks back over rows ({entry.cadence}); "
            "drivers are known only for indicators whose rows stand alone."
        )
    arguments = list(entry.takes)
    pairs = {
        name: (_last(plain(entry, name, before[name])), _last(plain(entry, name, now[name])))
        for name in arguments
    }

    def at(changed: frozenset[str]) -> float:
        mixed = {name: pairs[name][name in changed] for name in arguments}
        return _last(entry.compute(**mixed, **needs))

    values = {
        frozenset(subset): at(frozenset(subset))
        for size in range(len(arguments) + 1)
        for subset in itertools.combinations(arguments, size)
    }
    total = dict.fromkeys(arguments, 0.0)
    orders = list(itertools.permutations(arguments))
    for order in orders:
        for position, name in enumerate(order):
            earlier = frozenset(order[:position])
            total[name] += values[earlier | {name}] - values[earlier]
    return tuple(Driver(name, total[name] / len(orders)) for name in arguments)
