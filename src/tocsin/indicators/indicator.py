"""What the catalogue knows of one indicator.

Light on purpose: a function, and with it numba, is fetched when it is first asked for.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tocsin.errors import ShapeError
from tocsin.indicators.gaps import Gaps

__all__ = ["Cadence", "Indicator", "Status"]

Cadence = Literal[
    "instant", "hourly", "hourly-sum", "daily-noon", "daily", "weekly", "monthly", "sample", "event"
]
Status = Literal["validated", "regression only", "unverified"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a rule, a page or a person has to know of one indicator.

    ``takes`` has for each argument of the function the CF standard name of the quantity and the
    unit a bare array is taken to be in. ``cadence`` says what a row is: ``instant`` any moment by
    itself; ``hourly`` and ``hourly-sum`` an unbroken hourly axis, the latter with amounts of the
    hour; ``daily-noon`` one row a day at noon local standard time, with amounts of the 24 hours
    before; ``daily``, ``weekly``, ``monthly`` one row a period; ``sample`` a laboratory result or a
    survey; ``event`` something that happened once. ``needs`` lists what it wants beside these.
    ``domain`` has for an argument the limits, in its unit, beyond which the value is undefined.
    ``gaps`` says what a missing value does; ``status`` is that of ``docs/validation.md``;
    ``standard`` names the dated table behind it (``tocsin.indicators.standards``); ``caution`` is
    what a person has to be told beside the number: values that nobody could confirm.
    """

    id: str
    family: str
    names: Mapping[str, str]
    path: str
    takes: Mapping[str, tuple[str, str]]
    unit: str
    source: str
    decimals: int
    gaps: Gaps
    status: Status
    cadence: Cadence = "instant"
    direction: Literal["high", "low"] = "high"
    symbol: str = ""
    state: bool = False
    window_h: int | None = None
    output: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    domain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    standard: str = ""
    caution: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, str]:
        """The CF standard name behind each argument."""
        return {argument: name for argument, (name, _) in self.takes.items()}

    @property
    def input_units(self) -> dict[str, str]:
        """The unit in which a bare array is taken, by argument."""
        return {argument: unit for argument, (_, unit) in self.takes.items()}

    @property
    def function(self) -> Callable[..., Any]:
        """The public function behind this indicator; loads its family (and numba) once."""
        return _fetch(self.path)

    def check_given(self, names: Collection[str]) -> None:
        """Refuse a call in which something is missing that has no default.

        Raises
        ------
        ShapeError
            Names the indicator, the argument, and in which unit it is expected.
        """
        for name in sorted(_required(self.path).difference(names, self.options)):
            unit = self.input_units.get(name, "")
            raise ShapeError(
                f"{self.id}: {name} is missing; expected "
                + (f"{self.inputs[name]} [{unit}]." if unit else "it beside the series.")
            )

    def compute(self, **arguments: Any) -> Any:
        """Call the function with this indicator's own options; returns what a rule looks at.

        Of a recursive indicator only the values; call ``function`` itself for the state. Where a
        ``standard`` is behind it, ``on`` may be an array of times, one a row: each row is then
        judged by the edition in force on its day.

        Raises
        ------
        ShapeError
            An input or a need that has no default is not given; the message says in which unit.
        LookupError
            No edition of the standard was in force on one of the days.
        """
        if self.standard and hasattr(arguments.get("on"), "shape"):
            return self._by_edition(arguments)
        self.check_given({*arguments, *self.options})
        result = self.function(**arguments, **self.options)
        values = result[0] if self.state else result
        return getattr(values, self.output) if self.output else values

    def _by_edition(self, arguments: dict[str, Any]) -> Any:
        """Compute all rows by each edition and keep those of its time; windows stay whole."""
        from tocsin.indicators.standards import rows_by_edition

        values: Any = None
        for day, rows in rows_by_edition(self.standard, arguments["on"]):
            by_this = self.compute(**{**arguments, "on": day})
            if values is None:
                values = by_this
            else:
                values[rows] = by_this[rows]
        return values


@functools.cache
def _required(path: str) -> frozenset[str]:
    parameters = inspect.signature(_fetch(path)).parameters.values()
    return frozenset(one.name for one in parameters if one.default is inspect.Parameter.empty)


@functools.cache
def _fetch(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function
