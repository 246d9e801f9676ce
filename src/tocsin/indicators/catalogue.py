"""Every indicator Tocsin knows. Rules, pages and the command line speak only of these ids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tocsin.indicators.entries import (
    air,
    cold,
    drought,
    fire,
    ground,
    heat,
    rain,
    snow,
    water,
    wind,
)
from tocsin.indicators.indicator import Cadence, Indicator

__all__ = ["CATALOGUE", "Cadence", "Indicator"]

_FAMILIES = (heat, cold, rain, snow, wind, fire, air, water, ground, drought)

CATALOGUE: Mapping[str, Indicator] = MappingProxyType(
    {entry.id: entry for family in _FAMILIES for entry in family.ENTRIES}
)
"""Every indicator by id."""
