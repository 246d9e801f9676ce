"""Snow in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_SNOWFALL = "lwe_thickness_of_snowfall_amount"
_DEPTH = ("surface_snow_thickness", "m")


def _snowfall(window_h: int) -> Indicator:
    return Indicator(
        id=f"snowfall_{window_h}h",
        family="snow",
        names={
            "en": f"Snowfall in {window_h} h, as water",
            "zh-Hans": f"{window_h}小时降雪量（折合水量）",
        },
        path="tocsin.indicators.rain.sums:rain_sum",
        takes={"amount": (_SNOWFALL, "mm")},
        unit="mm",
        cadence="hourly-sum",
        window_h=window_h,
        options={"window_h": window_h},
        source="Moving sum; one hour in six may be missing",
        gaps=Gaps("window", window_h, window_h // 6),
        status="unverified",
        domain={"amount": (0.0, math.inf)},
        decimals=1,
    )


ENTRIES = (
    *(_snowfall(hours) for hours in (6, 12, 24)),
    Indicator(
        id="fresh_snow_depth",
        family="snow",
        names={"en": "Depth of fresh snow", "zh-Hans": "新雪深度"},
        path="tocsin.indicators.snow.fresh_snow:fresh_snow_depth",
        takes={
            "water_equivalent": (_SNOWFALL, "mm"),
            "temperature": ("air_temperature", "degC"),
        },
        unit="cm",
        source="Hedstrom and Pomeroy (1998), at most 120 kg/m3",
        gaps=ROW,
        status="regression only",
        domain={"water_equivalent": (0.0, math.inf), "temperature": (-60.0, 5.0)},
        decimals=1,
    ),
    Indicator(
        id="snow_load",
        family="snow",
        names={"en": "Snow load", "zh-Hans": "雪压"},
        path="tocsin.indicators.snow.load:snow_load",
        takes={"depth": _DEPTH, "density": ("snow_density", "kg/m^3")},
        unit="kPa",
        source="Depth, density and gravity",
        gaps=ROW,
        status="unverified",
        domain={"depth": (0.0, 20.0), "density": (0.0, 917.0)},
        decimals=2,
    ),
    Indicator(
        id="snow_load_by_depth",
        family="snow",
        names={"en": "Snow load by depth and day", "zh-Hans": "雪压（由雪深与日期估算）"},
        path="tocsin.indicators.snow.load:snow_load_by_depth",
        takes={"depth": _DEPTH},
        unit="kPa",
        cadence="daily",
        needs=("snow_class", "time"),
        source="Sturm et al. (2010)",
        gaps=ROW,
        status="regression only",
        domain={"depth": (0.0, 20.0)},
        decimals=2,
    ),
)
