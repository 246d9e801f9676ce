"""Heat in the catalogue."""

from __future__ import annotations

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_IN_THE_SUN = {
    "temperature": ("air_temperature", "degC"),
    "relative_humidity": ("relative_humidity", "%"),
    "wind_speed": ("wind_speed", "m/s"),
    "mean_radiant_temperature": ("mean_radiant_temperature", "degC"),
}


def _highest(id: str, english: str, chinese: str, days: int, *, by_day: bool) -> Indicator:
    """Return the highest temperature of a day, or the one that each of some days reached."""
    what = {"window_h": 24} if days == 1 else {"days": days}
    return Indicator(
        id=id,
        family="heat",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.heat.highest:"
        + ("highest_temperature" if days == 1 else "lasting_heat"),
        takes={"temperature": ("air_temperature" + _DAY * by_day, "degC")},
        unit="degC",
        cadence="hourly",
        window_h=24 * days,
        options={**what, "max_missing": 23} if by_day else what,
        source="Daily maximum as reported; stands for 24 h"
        if by_day
        else "Moving maximum; one hour in six may be missing",
        gaps=Gaps("day", 24 * days, 23) if by_day else Gaps("window", 24 * days, 4),
        status="unverified",
        domain={"temperature": (-100.0, 100.0)},
        decimals=1,
    )


_DAY = " (time: maximum over a day)"

ENTRIES = (
    Indicator(
        id="temperature",
        family="heat",
        names={"en": "Temperature", "zh-Hans": "气温（实测）"},
        path="tocsin.indicators.as_measured:temperature",
        takes={"temperature": ("air_temperature", "degC")},
        unit="degC",
        source="As observed",
        gaps=ROW,
        domain={"temperature": (-100.0, 100.0)},
        status="unverified",
        decimals=1,
    ),
    _highest("tmax_24h", "Highest temperature in 24 h", "24小时最高气温", 1, by_day=False),
    _highest(
        "tmax_3d", "Highest temperature of each of 3 days", "连续3天最高气温均达到", 3, by_day=False
    ),
    _highest("day_tmax", "Highest temperature of the day", "日最高气温", 1, by_day=True),
    _highest(
        "day_tmax_3d", "Daily maximum of each of 3 days", "连续3天日最高气温均达到", 3, by_day=True
    ),
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
        gaps=ROW,
        status="validated",
        domain={"temperature": (-100.0, 100.0), "relative_humidity": (0.0, 101.0)},
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
        gaps=ROW,
        status="validated",
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
        gaps=ROW,
        status="validated",
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
        gaps=ROW,
        status="validated",
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
        gaps=ROW,
        status="validated",
        domain={
            "temperature": (-50.0, 50.0),
            "relative_humidity": (0.0, 101.0),
            "wind_speed": (0.0, 17.0),
        },
        decimals=1,
    ),
)
