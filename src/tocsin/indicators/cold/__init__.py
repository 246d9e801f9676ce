"""Cold: what cold air and wind do to people and crops."""

from tocsin.indicators.cold.wind_chill import wind_chill

__all__ = ["wind_chill"]
