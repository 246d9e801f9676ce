"""Air quality in the catalogue: an entry a pollutant, since each has its own averaging time."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_PARTICLES = "mass_concentration_of_{}_ambient_aerosol_particles_in_air"
_GASES = {
    "O3": "ozone",
    "CO": "carbon_monoxide",
    "SO2": "sulfur_dioxide",
    "NO2": "nitrogen_dioxide",
}

_SO2_OF_2026 = {
    "en": "The breakpoints of SO2 over 24 h of 2026 are NOT VERIFIED: they repeat those of 2012.",
    "zh-Hans": "2026年版SO2 24小时限值未经核实，沿用2012年版数值。",
}


def _quantity(pollutant: str, by: str) -> str:
    """Return the CF name of a pollutant, with the averaging time behind it."""
    substance, time = pollutant.split("_")
    if substance.startswith("PM"):
        name = _PARTICLES.format(substance.lower().replace(".", "p"))
    else:
        name = f"{by}_of_{_GASES[substance]}_in_air"
    return f"{name} (time: mean over {time})"


def _id(pollutant: str) -> str:
    return pollutant.lower().replace(".", "")


def _us(pollutant: str, unit: str) -> Indicator:
    return Indicator(
        id=f"us_aqi_{_id(pollutant)}",
        family="air",
        names={
            "en": f"US air quality index, {pollutant.replace('_', ' over ')}",
            "zh-Hans": f"美国空气质量指数（{pollutant.replace('_', '，')}）",
        },
        symbol="AQI",
        path="tocsin.indicators.air.us_aqi:us_aqi",
        takes={"concentration": (_quantity(pollutant, "mole_fraction"), unit)},
        unit="1",
        options={"pollutant": pollutant},
        source="US EPA, 40 CFR Part 58 Appendix G, PM2.5 breakpoints of 2024",
        standard="aqi_us",
        gaps=ROW,
        status="regression only",
        domain={"concentration": (0.0, math.inf)},
        decimals=0,
    )


def _cn(pollutant: str, unit: str) -> Indicator:
    return Indicator(
        id=f"cn_iaqi_{_id(pollutant)}",
        family="air",
        names={
            "en": f"Chinese air quality index, {pollutant.replace('_', ' over ')}",
            "zh-Hans": f"空气质量分指数（{pollutant.replace('_', '，')}）",
        },
        symbol="IAQI",
        path="tocsin.indicators.air.cn_aqi:cn_iaqi",
        takes={"concentration": (_quantity(pollutant, "mass_concentration"), unit)},
        unit="1",
        options={"pollutant": pollutant},
        source="HJ 633-2026 and HJ 633-2012, by date",
        standard="aqi_cn",
        gaps=ROW,
        status="regression only",
        caution=_SO2_OF_2026 if pollutant == "SO2_24h" else {},
        domain={"concentration": (0.0, math.inf)},
        decimals=0,
    )


def _of_hours(country: str, pollutant: str, unit: str, tolerated: int) -> Indicator:
    """Return the index of a pollutant whose concentration comes by the hour."""
    substance, time = pollutant.split("_")
    hours = int(time.removesuffix("h"))
    by = "mass_concentration" if country == "cn" else "mole_fraction"
    call = "cn_iaqi" if country == "cn" else "us_aqi"
    english, chinese = {
        "cn": ("Chinese air quality index", "空气质量分指数"),
        "us": ("US air quality index", "美国空气质量指数"),
    }[country]
    return Indicator(
        id=f"{call}_{_id(substance)}_hours",
        family="air",
        names={
            "en": f"{english}, {substance} over the last {hours} h",
            "zh-Hans": f"{chinese}（{substance}，最近{hours}小时）",
        },
        symbol="IAQI" if country == "cn" else "AQI",
        path=f"tocsin.indicators.air.of_hours:{call}_of_hours",
        takes={"concentration": (_quantity(pollutant, by).partition(" (")[0], unit)},
        unit="1",
        cadence="hourly",
        window_h=hours,
        options={"pollutant": pollutant, "window_h": hours, "max_missing": tolerated},
        source="Moving mean; HJ 633-2026"
        if country == "cn"
        else "Moving mean; US EPA, PM2.5 breakpoints of 2024",
        standard=f"aqi_{country}",
        gaps=Gaps("mean", hours, tolerated),
        status="regression only",
        caution=_SO2_OF_2026 if (country, pollutant) == ("cn", "SO2_24h") else {},
        domain={"concentration": (0.0, math.inf)},
        decimals=0,
    )


_US_DAY = {
    "PM2.5_24h": "ug/m3", "PM10_24h": "ug/m3", "O3_8h": "ppm", "CO_8h": "ppm", "SO2_1h": "ppb",
    "NO2_1h": "ppb",
}  # fmt: skip
_CN_DAY = {
    "PM2.5_24h": "ug/m3", "PM10_24h": "ug/m3", "SO2_24h": "ug/m3", "NO2_24h": "ug/m3",
    "CO_24h": "mg/m3", "O3_8h": "ug/m3",
}  # fmt: skip


def _overall(
    country: str,
    by: str,
    pollutants: Mapping[str, str],
    english: str,
    chinese: str,
    caution: Mapping[str, str],
) -> Indicator:
    return Indicator(
        id=f"{country}_aqi",
        family="air",
        names={"en": f"{english} of a place", "zh-Hans": f"{chinese}（各污染物最高）"},
        symbol="AQI",
        path=f"tocsin.indicators.air.overall:{country}_aqi_overall",
        takes={_id(one): (_quantity(one, by), unit) for one, unit in pollutants.items()},
        unit="1",
        output="index",
        source="US EPA-454/B-24-002" if country == "us" else "HJ 633-2026 and HJ 633-2012, by date",
        standard=f"aqi_{country}",
        gaps=Gaps("any"),
        status="regression only",
        caution=caution,
        domain={_id(one): (0.0, math.inf) for one in pollutants},
        decimals=0,
    )


ENTRIES = (
    _us("PM2.5_24h", "ug/m3"),
    _us("PM10_24h", "ug/m3"),
    _us("O3_8h", "ppm"),
    _us("CO_8h", "ppm"),
    _us("SO2_1h", "ppb"),
    _us("NO2_1h", "ppb"),
    _cn("PM2.5_24h", "ug/m3"),
    _cn("PM10_24h", "ug/m3"),
    _cn("SO2_24h", "ug/m3"),
    _cn("NO2_24h", "ug/m3"),
    _cn("CO_24h", "mg/m3"),
    _cn("O3_8h", "ug/m3"),
    _cn("O3_1h", "ug/m3"),
    _cn("PM2.5_1h", "ug/m3"),
    _cn("PM10_1h", "ug/m3"),
    _cn("SO2_1h", "ug/m3"),
    _cn("NO2_1h", "ug/m3"),
    _cn("CO_1h", "mg/m3"),
    *(_of_hours("cn", one, unit, 2 if one == "O3_8h" else 4) for one, unit in _CN_DAY.items()),
    *(
        _of_hours("us", one, unit, {"24h": 6, "8h": 2, "1h": 0}[one.split("_")[1]])
        for one, unit in _US_DAY.items()
    ),
    Indicator(
        id="nowcast_pm25",
        family="air",
        names={"en": "NowCast of PM2.5", "zh-Hans": "PM2.5即时预报浓度（NowCast）"},
        path="tocsin.indicators.air.nowcast:nowcast",
        takes={"concentration": (_PARTICLES.format("pm2p5"), "ug/m3")},
        unit="ug/m3",
        cadence="hourly",
        window_h=12,
        source="US EPA-454/B-24-002",
        gaps=Gaps("recent", 12),
        status="validated",
        domain={"concentration": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="nowcast_pm10",
        family="air",
        names={"en": "NowCast of PM10", "zh-Hans": "PM10即时预报浓度（NowCast）"},
        path="tocsin.indicators.air.nowcast:nowcast",
        takes={"concentration": (_PARTICLES.format("pm10"), "ug/m3")},
        unit="ug/m3",
        cadence="hourly",
        window_h=12,
        source="US EPA-454/B-24-002",
        gaps=Gaps("recent", 12),
        status="validated",
        domain={"concentration": (0.0, math.inf)},
        decimals=0,
    ),
    _overall("us", "mole_fraction", _US_DAY, "US air quality index", "美国空气质量指数", {}),
    _overall("cn", "mass_concentration", _CN_DAY, "Chinese AQI", "空气质量指数", _SO2_OF_2026),
)
