"""Heat in the catalogue."""

from __future__ import annotations

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_IN_THE_SUN = {
    "temperature": ("air_temperature", "degC"),
    "relative_humidity": ("relative_humidity", "%"),
    "wind_speed": ("wind_speed", "m/s"),
    "mean_radiant_temperature": ("mean_radiant_temperature", "degC"),
}

ENTRIES = (
    Indicator(
        id="heat_index",
        family="heat",
        names={"en": "Heat index", "zh-Hans": "炎热指数"},
        symbol="HI",
        path="tocsin.indicators.heat.heat_index:heat_index",
        takes={
            "temperature": ("air_temperature", "degC"),
            "relative_humidity": ("relative_humidity", "%"),
        },
        unit="degC",
        source="NWS Weather Prediction Center, after Rothfusz (1990) and Steadman (1979)",
        domain={"relative_humidity": (0.0, 101.0)},
        decimals=1,
    ),
    Indicator(
        id="humidex",
        family="heat",
        names={"en": "Humidex", "zh-Hans": "湿热指数"},
        path="tocsin.indicators.heat.humidex:humidex",
        takes={
            "temperature": ("air_temperature", "degC"),
            "dew_point": ("dew_point_temperature", "degC"),
        },
        unit="degC",
        source="Masterton and Richardson (1979), Environment Canada",
        decimals=1,
    ),
    Indicator(
        id="apparent_temperature",
        family="heat",
        names={"en": "Apparent temperature", "zh-Hans": "体感温度"},
        symbol="AT",
        path="tocsin.indicators.heat.apparent_temperature:apparent_temperature",
        takes={
            "temperature": ("air_temperature", "degC"),
            "relative_humidity": ("relative_humidity", "%"),
            "wind_speed": ("wind_speed", "m/s"),
        },
        unit="degC",
        source="Steadman (1994), Bureau of Meteorology",
        domain={
            "temperature": (-100.0, 100.0),
            "relative_humidity": (0.0, 101.0),
            "wind_speed": (0.0, 150.0),
        },
        decimals=1,
    ),
    Indicator(
        id="wbgt",
        family="heat",
        names={"en": "Wet bulb globe temperature", "zh-Hans": "湿球黑球温度"},
        symbol="WBGT",
        path="tocsin.indicators.heat.wbgt:wbgt",
        takes=_IN_THE_SUN,
        unit="degC",
        source="ISO 7243 weights; Stull (2011); globe balance as in Guo et al. (2018)",
        domain={
            "temperature": (-20.0, 50.0),
            "relative_humidity": (5.0, 99.0),
            "wind_speed": (0.0, 100.0),
        },
        decimals=1,
    ),
    Indicator(
        id="utci",
        family="heat",
        names={"en": "Universal thermal climate index", "zh-Hans": "通用热气候指数"},
        symbol="UTCI",
        path="tocsin.indicators.heat.utci:utci",
        takes=_IN_THE_SUN,
        unit="degC",
        source="Broede et al. (2012)",
        domain={
            "temperature": (-50.0, 50.0),
            "relative_humidity": (0.0, 101.0),
            "wind_speed": (0.0, 17.0),
        },
        decimals=1,
    ),
)
