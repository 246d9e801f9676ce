"""Wind: force of the mean wind and of gusts."""

from tocsin.indicators.wind.beaufort import beaufort

__all__ = ["beaufort"]
