"""Wind: how strong it is, in words people know."""

from tocsin.indicators.wind.beaufort import beaufort
from tocsin.indicators.wind.force_cn import wind_force_cn
from tocsin.indicators.wind.highest_wind import highest_wind

__all__ = ["beaufort", "highest_wind", "wind_force_cn"]
