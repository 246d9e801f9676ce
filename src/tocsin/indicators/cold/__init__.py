"""Cold: what cold air and wind do to people and crops."""

from tocsin.indicators.cold.fall_of_minimum import fall_of_minimum
from tocsin.indicators.cold.frost import lowest_temperature
from tocsin.indicators.cold.temperature_drop import temperature_drop
from tocsin.indicators.cold.wind_chill import wind_chill

__all__ = ["fall_of_minimum", "lowest_temperature", "temperature_drop", "wind_chill"]
