"""Heat: what warm air does to people."""

from tocsin.indicators.heat.heat_index import heat_index

__all__ = ["heat_index"]
