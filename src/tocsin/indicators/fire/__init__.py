"""Fire weather: how easily vegetation burns, from the weather of the days before."""

from tocsin.indicators.fire.drought_factor import drought_factor
from tocsin.indicators.fire.ffdi import ffdi
from tocsin.indicators.fire.fwi import DEFAULT_STATE, FireWeather, FireWeatherState, fwi
from tocsin.indicators.fire.fwi_grid import fwi_grid
from tocsin.indicators.fire.hourly_ffmc import hourly_ffmc
from tocsin.indicators.fire.kbdi import KbdiState, kbdi
from tocsin.indicators.fire.lyt1172 import fire_weather_grade_cn, fire_weather_index_cn
from tocsin.indicators.fire.winter import SeasonState, drought_code_after_winter, fire_season

__all__ = [
    "DEFAULT_STATE",
    "FireWeather",
    "FireWeatherState",
    "KbdiState",
    "SeasonState",
    "drought_code_after_winter",
    "drought_factor",
    "ffdi",
    "fire_season",
    "fire_weather_grade_cn",
    "fire_weather_index_cn",
    "fwi",
    "fwi_grid",
    "hourly_ffmc",
    "kbdi",
]
