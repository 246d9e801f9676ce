"""What the catalogue knows of one indicator.

Light on purpose: a function, and with it numba, is fetched when it is first asked for.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Cadence", "Indicator"]

Cadence = Literal[
    "instant", "hourly", "hourly-sum", "daily-noon", "daily", "weekly", "monthly", "sample", "event"
]


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
    """

    id: str
    family: str
    names: Mapping[str, str]
    path: str
    takes: Mapping[str, tuple[str, str]]
    unit: str
    source: str
    decimals: int
    cadence: Cadence = "instant"
    direction: Literal["high", "low"] = "high"
    symbol: str = ""
    state: bool = False
    window_h: int | None = None
    output: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    domain: Mapping[str, tuple[float, float]] = field(default_factory=dict)

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

    def compute(self, **arguments: Any) -> Any:
        """Call the function with this indicator's own options; returns what a rule looks at.

        Of a recursive indicator only the values; call ``function`` itself for the state.
        """
        result = self.function(**arguments, **self.options)
        values = result[0] if self.state else result
        return getattr(values, self.output) if self.output else values


@functools.cache
def _fetch(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function
