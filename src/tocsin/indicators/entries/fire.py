"""Fire weather in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, STILL, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]


_NOON_WEATHER = {
    "temperature": ("air_temperature", "degC"),
    "relative_humidity": ("relative_humidity", "%"),
    "wind_speed": ("wind_speed", "km/h"),
    "rain": ("lwe_thickness_of_precipitation_amount", "mm"),
}

_WEATHER_DOMAIN = {
    "temperature": (-100.0, 100.0),
    "relative_humidity": (0.0, 101.0),
    "wind_speed": (0.0, 500.0),
    "rain": (0.0, 5000.0),
}


def _fire(output: str, english: str, chinese: str) -> Indicator:
    return Indicator(
        id=output,
        family="fire",
        names={"en": english, "zh-Hans": chinese},
        symbol=output.upper(),
        path="tocsin.indicators.fire.fwi:fwi",
        takes=_NOON_WEATHER,
        unit="1",
        cadence="daily-noon",
        state=True,
        output=output,
        needs=("latitude", "time"),
        source="Van Wagner (1987), Forestry Technical Report 35",
        gaps=STILL,
        status="validated",
        domain=_WEATHER_DOMAIN,
        decimals=1,
    )


_LYT1172 = {
    "en": "Only part of LY/T 1172-95 is confirmed: the scores of dry days are NOT VERIFIED, the "
    "correction by season was NOT FOUND and has to be given.",
    "zh-Hans": "LY/T 1172-95仅部分得到核实：无降水日数得分未经核实，物候订正指数须自行给出。",
}

ENTRIES = (
    _fire("ffmc", "Fine fuel moisture code", "细小可燃物湿度码"),
    _fire("dmc", "Duff moisture code", "腐殖质湿度码"),
    _fire("dc", "Drought code", "干旱码"),
    _fire("isi", "Initial spread index", "初始蔓延指数"),
    _fire("bui", "Buildup index", "累积指数"),
    _fire("fwi", "Fire weather index", "火险天气指数"),
    _fire("dsr", "Daily severity rating", "日火险严重度"),
    Indicator(
        id="hourly_ffmc",
        family="fire",
        names={"en": "Fine fuel moisture code, hourly", "zh-Hans": "逐时细小可燃物湿度码"},
        symbol="FFMC",
        path="tocsin.indicators.fire.hourly_ffmc:hourly_ffmc",
        takes=_NOON_WEATHER,
        unit="1",
        cadence="hourly-sum",
        state=True,
        source="Van Wagner (1977), Information Report PS-X-69",
        gaps=STILL,
        status="validated",
        domain={**_WEATHER_DOMAIN, "rain": (0.0, 1000.0)},
        decimals=1,
    ),
    Indicator(
        id="fire_season",
        family="fire",
        names={"en": "Fire season", "zh-Hans": "防火期（按气温）"},
        path="tocsin.indicators.fire.winter:fire_season",
        takes={"temperature": ("air_temperature", "degC")},
        unit="1",
        cadence="daily-noon",
        state=True,
        source="Wotton and Flannigan (1993), The Forestry Chronicle 69",
        gaps=Gaps("streak"),
        status="unverified",
        decimals=0,
    ),
    Indicator(
        id="dc_after_winter",
        family="fire",
        names={"en": "Drought code after winter", "zh-Hans": "越冬后干旱码"},
        symbol="DC",
        path="tocsin.indicators.fire.winter:drought_code_after_winter",
        takes={
            "autumn_code": ("drought_code", "1"),
            "winter_rain": ("lwe_thickness_of_precipitation_amount", "mm"),
        },
        unit="1",
        cadence="event",
        source="Lawson and Armitage (2008)",
        gaps=ROW,
        status="validated",
        domain={"autumn_code": (0.0, math.inf), "winter_rain": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="kbdi",
        family="fire",
        names={"en": "Keetch-Byram drought index", "zh-Hans": "KBDI干旱指数"},
        symbol="KBDI",
        path="tocsin.indicators.fire.kbdi:kbdi",
        takes={
            "rain": ("lwe_thickness_of_precipitation_amount", "mm"),
            "max_temperature": ("air_temperature (time: maximum)", "degC"),
        },
        unit="mm",
        cadence="daily",
        state=True,
        needs=("mean_annual_rain",),
        source="Keetch and Byram (1968); Finkele et al. (2006)",
        gaps=STILL,
        status="validated",
        domain={"rain": (0.0, 5000.0), "max_temperature": (-100.0, 100.0)},
        decimals=1,
    ),
    Indicator(
        id="drought_factor",
        family="fire",
        names={"en": "Griffiths drought factor", "zh-Hans": "格里菲斯干旱因子"},
        symbol="DF",
        path="tocsin.indicators.fire.drought_factor:drought_factor",
        takes={
            "rain": ("lwe_thickness_of_precipitation_amount", "mm"),
            "soil_moisture_deficit": ("soil_moisture_deficit", "mm"),
        },
        unit="1",
        cadence="daily",
        window_h=480,
        source="Griffiths (1999); Finkele et al. (2006)",
        gaps=Gaps("window", 20, arguments=("rain",)),
        status="validated",
        domain={"rain": (0.0, math.inf), "soil_moisture_deficit": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="ffdi",
        family="fire",
        names={"en": "McArthur forest fire danger index", "zh-Hans": "麦克阿瑟森林火险指数"},
        symbol="FFDI",
        path="tocsin.indicators.fire.ffdi:ffdi",
        takes={
            "drought_factor": ("drought_factor", "1"),
            "temperature": ("air_temperature", "degC"),
            "relative_humidity": ("relative_humidity", "%"),
            "wind_speed": ("wind_speed", "km/h"),
        },
        unit="1",
        source="Noble, Bary and Gill (1980)",
        gaps=ROW,
        status="regression only",
        domain={
            "drought_factor": (0.0, 10.0),
            "temperature": (-100.0, 100.0),
            "relative_humidity": (0.0, 101.0),
            "wind_speed": (0.0, math.inf),
        },
        decimals=1,
    ),
    Indicator(
        id="fire_weather_index_cn",
        family="fire",
        names={"en": "Chinese forest fire-weather index", "zh-Hans": "森林火险天气指数"},
        symbol="HTZ",
        path="tocsin.indicators.fire.lyt1172:fire_weather_index_cn",
        takes={
            "max_temperature": ("air_temperature (time: maximum)", "degC"),
            "min_relative_humidity": ("relative_humidity (time: minimum)", "%"),
            "rain": ("lwe_thickness_of_precipitation_amount (time: sum over a day)", "mm"),
            "max_wind_speed": ("wind_speed (time: maximum)", "m/s"),
        },
        unit="1",
        cadence="daily",
        window_h=240,
        needs=("season_correction",),
        source="LY/T 1172-95, as secondary pages quote it",
        standard="lyt1172",
        gaps=Gaps("spell", 10, arguments=("rain",)),
        status="unverified",
        caution=_LYT1172,
        domain={
            "max_temperature": (-100.0, 100.0),
            "min_relative_humidity": (0.0, 101.0),
            "rain": (0.0, math.inf),
            "max_wind_speed": (0.0, math.inf),
        },
        decimals=0,
    ),
    Indicator(
        id="fire_weather_grade_cn",
        family="fire",
        names={"en": "Chinese forest fire-weather grade", "zh-Hans": "森林火险天气等级"},
        path="tocsin.indicators.fire.lyt1172:fire_weather_grade_cn",
        takes={"index": ("fire_weather_index_cn", "1")},
        unit="1",
        source="LY/T 1172-95, as secondary pages quote it",
        standard="lyt1172",
        gaps=ROW,
        status="regression only",
        caution=_LYT1172,
        decimals=0,
    ),
)
