"""Why a value is undefined, and what drove it: sentences for a person, not only NaN.

``explain("wind_chill", {"temperature": 12.0, "wind_speed": 20.0})`` says that the air is too warm.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.indicator import Indicator
from tocsin.units import convert, is_labelled

__all__ = ["Driver", "Explanation", "Reason", "explain"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why the value is undefined: a code for programs, a sentence in each language."""

    code: str
    argument: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Driver:
    """How much of a change one input brought about, in the indicator's unit."""

    argument: str
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The value at the last row, its unit, and reasons if undefined or drivers if asked for."""

    indicator: str
    value: float
    unit: str
    reasons: tuple[Reason, ...] = ()
    drivers: tuple[Driver, ...] = ()


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
        return Explanation(entry.id, value, entry.unit, reasons=_reasons(entry, inputs))
    drivers = () if before is None else _drivers(entry, before, inputs, needs)
    return Explanation(entry.id, value, entry.unit, drivers=drivers)


def _plain(entry: Indicator, argument: str, values: Any) -> Any:
    """Return bare numbers in the declared unit, time first."""
    if is_labelled(values) and "units" in values.attrs:
        values = convert(values, str(values.attrs["units"]), entry.input_units[argument])
    return np.asarray(values, dtype=np.float64)


def _last(values: Any) -> float:
    flat = np.asarray(values, dtype=np.float64)
    return float(flat if flat.ndim == 0 else flat.reshape(-1)[-1]) if flat.size else math.nan


def _reasons(entry: Indicator, inputs: Mapping[str, Any]) -> tuple[Reason, ...]:
    found = []
    for argument in entry.takes:
        series = _plain(entry, argument, inputs[argument])
        found += [reason for reason in _of_last_row(entry, argument, series) if reason]
        found += _of_window(entry, argument, series)
    return tuple(found) or (
        Reason(
            "undefined-combination",
            "",
            {
                "en": "The method is not defined for these values together; see its description.",
                "zh-Hans": "该方法对这组数值没有定义，参见方法说明。",
            },
        ),
    )


def _of_last_row(entry: Indicator, argument: str, series: Any) -> list[Reason]:
    value = _last(series)
    unit = entry.input_units[argument]
    if math.isnan(value):
        text = {"en": f"{argument} is missing.", "zh-Hans": f"缺少 {argument}。"}
        return [Reason("missing", argument, text)]
    low, high = entry.domain.get(argument, (-math.inf, math.inf))
    if low <= value <= high and not (math.isinf(value) and argument in entry.domain):
        return []
    limit, english, chinese = (low, "below", "低于") if value < low else (high, "above", "高于")
    if value in (low, high):
        english, chinese = "at", "等于"
    return [
        Reason(
            "outside-domain",
            argument,
            {
                "en": f"{argument} is {value:g} {unit}, {english} the limit of {limit:g} {unit}.",
                "zh-Hans": f"{argument} 为 {value:g} {unit}，{chinese}界限 {limit:g} {unit}。",
            },
        )
    ]


def _of_window(entry: Indicator, argument: str, series: Any) -> list[Reason]:
    if entry.window_h is None or series.ndim == 0:
        return []
    rows = entry.window_h if entry.cadence.startswith("hourly") else entry.window_h // 24
    window = series[-rows:]
    low, _ = entry.domain.get(argument, (-math.inf, math.inf))
    bad = int((~(window >= low)).sum())
    short = rows - len(window)
    if not bad and not short:
        return []
    return [
        Reason(
            "gaps",
            argument,
            {
                "en": f"Of the last {rows} rows of {argument}, {bad} are missing or impossible "
                f"and {short} lie before the start.",
                "zh-Hans": f"{argument} 最近 {rows} 个时次中，{bad} 个缺测或不合理，"
                f"{short} 个早于序列起点。",
            },
        )
    ]


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
        name: (_last(_plain(entry, name, before[name])), _last(_plain(entry, name, now[name])))
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
