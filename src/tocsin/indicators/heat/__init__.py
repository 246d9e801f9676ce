"""Heat: what warm air does to people."""

from tocsin.indicators.heat.apparent_temperature import apparent_temperature
from tocsin.indicators.heat.heat_index import heat_index
from tocsin.indicators.heat.highest import highest_temperature, lasting_heat
from tocsin.indicators.heat.humidex import humidex
from tocsin.indicators.heat.utci import utci
from tocsin.indicators.heat.wbgt import wbgt

__all__ = [
    "apparent_temperature",
    "heat_index",
    "highest_temperature",
    "humidex",
    "lasting_heat",
    "utci",
    "wbgt",
]
