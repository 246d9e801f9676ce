"""Fire weather: how easily vegetation burns, from the weather of the days before."""

from tocsin.indicators.fire.fwi import DEFAULT_STATE, FireWeather, FireWeatherState, fwi

__all__ = ["DEFAULT_STATE", "FireWeather", "FireWeatherState", "fwi"]
