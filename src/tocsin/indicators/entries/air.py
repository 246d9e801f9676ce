"""Air quality in the catalogue: an entry a pollutant, since each has its own averaging time."""

from __future__ import annotations

import math

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_PARTICLES = "mass_concentration_of_{}_ambient_aerosol_particles_in_air"
_GASES = {
    "O3": "ozone",
    "CO": "carbon_monoxide",
    "SO2": "sulfur_dioxide",
    "NO2": "nitrogen_dioxide",
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
        domain={"concentration": (0.0, math.inf)},
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
        domain={"concentration": (0.0, math.inf)},
        decimals=1,
    ),
)
