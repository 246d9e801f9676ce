"""Snow: how much fell, how deep it lies fresh, what it weighs."""

from tocsin.indicators.snow.fresh_snow import fresh_snow_density, fresh_snow_depth
from tocsin.indicators.snow.load import SNOW_CLASSES, snow_load, snow_load_by_depth

__all__ = [
    "SNOW_CLASSES",
    "fresh_snow_density",
    "fresh_snow_depth",
    "snow_load",
    "snow_load_by_depth",
]
