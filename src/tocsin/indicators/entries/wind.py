"""Wind, visibility, dust and lightning in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]


def _beaufort(id: str, english: str, chinese: str, quantity: str) -> Indicator:
    return Indicator(
        id=id,
        family="wind",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.wind.beaufort:beaufort",
        takes={"wind_speed": (quantity, "m/s")},
        unit="Bft",
        source="WMO-No. 306, code table 1100",
        gaps=ROW,
        status="validated",
        domain={"wind_speed": (0.0, math.inf)},
        decimals=0,
    )


def _force_cn(id: str, english: str, chinese: str, quantity: str) -> Indicator:
    return Indicator(
        id=id,
        family="wind",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.wind.force_cn:wind_force_cn",
        takes={"wind_speed": (quantity, "m/s")},
        unit="Bft",
        source="GB/T 28591-2012, as public code has it",
        gaps=ROW,
        status="validated",
        domain={"wind_speed": (0.0, math.inf)},
        decimals=0,
    )


_DUST_OF_2025 = {
    "en": "GB/T 20480-2025, in force since 2025-12-01, was not at hand: its limits are NOT "
    "VERIFIED and repeat those of 2017.",
    "zh-Hans": "现行GB/T 20480-2025（2025年12月1日起实施）未取得原文，限值未经核实，沿用2017年版。",
}


def _lightning(name: str, english: str, chinese: str, unit: str, hours: int) -> Indicator:
    return Indicator(
        id=f"lightning_{name}_{hours}h",
        family="lightning",
        names={"en": f"{english} in {hours} h", "zh-Hans": f"{hours}小时{chinese}"},
        path=f"tocsin.indicators.lightning.strokes:lightning_{name}",
        takes={"strokes": ("number_of_lightning_strokes", "1")},
        unit=unit,
        cadence="hourly",
        window_h=hours,
        options={"window_h": hours},
        source="Plain count within 10 km",
        gaps=Gaps("window", hours),
        status="unverified",
        domain={"strokes": (0.0, math.inf)},
        decimals=0 if name == "count" else 3,
    )


def _plain(id: str, english: str, chinese: str, quantity: str) -> Indicator:
    return Indicator(
        id=id,
        family="wind",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.as_measured:speed",
        takes={"wind_speed": (quantity, "m/s")},
        unit="m/s",
        source="As observed",
        gaps=ROW,
        status="unverified",
        domain={"wind_speed": (0.0, math.inf)},
        decimals=1,
    )


def _highest(id: str, english: str, chinese: str, quantity: str, *, by_day: bool) -> Indicator:
    return Indicator(
        id=id,
        family="wind",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.wind.highest_wind:highest_wind",
        takes={"wind_speed": (quantity + " (time: maximum over a day)" * by_day, "m/s")},
        unit="m/s",
        cadence="hourly",
        window_h=24,
        options={"window_h": 24, "max_missing": 23} if by_day else {"window_h": 24},
        source="Daily maximum as reported; stands for 24 h"
        if by_day
        else "Moving maximum; one hour in six may be missing",
        gaps=Gaps("day", 24, 23) if by_day else Gaps("window", 24, 4),
        status="unverified",
        domain={"wind_speed": (0.0, math.inf)},
        decimals=1,
    )


ENTRIES = (
    _plain("wind_mean", "Mean wind", "平均风速（实测）", "wind_speed"),
    _plain("wind_gust", "Gust", "阵风风速（实测）", "wind_speed_of_gust"),
    _highest(
        "wind_24h", "Strongest mean wind in 24 h", "24小时最大风速", "wind_speed", by_day=False
    ),
    _highest("day_wind", "Strongest mean wind of the day", "日最大风速", "wind_speed", by_day=True),
    _highest(
        "day_gust", "Strongest gust of the day", "日极大风速", "wind_speed_of_gust", by_day=True
    ),
    Indicator(
        id="humidity_low",
        family="visibility",
        names={"en": "Relative humidity", "zh-Hans": "相对湿度（实测）"},
        path="tocsin.indicators.as_measured:humidity",
        takes={"relative_humidity": ("relative_humidity", "%")},
        unit="%",
        source="As observed",
        gaps=ROW,
        status="unverified",
        domain={"relative_humidity": (0.0, 101.0)},
        decimals=0,
        direction="low",
    ),
    _beaufort("wind_beaufort", "Wind force", "风力等级", "wind_speed"),
    _beaufort("gust_beaufort", "Gust force", "阵风等级", "wind_speed_of_gust"),
    _force_cn("wind_force_cn", "Chinese wind force", "风力等级（至17级）", "wind_speed"),
    _force_cn("gust_force_cn", "Chinese gust force", "阵风等级（至17级）", "wind_speed_of_gust"),
    Indicator(
        id="visibility",
        family="visibility",
        names={"en": "Visibility", "zh-Hans": "能见度"},
        path="tocsin.indicators.visibility.visibility:visibility",
        takes={"visibility_in_air": ("visibility_in_air", "km")},
        unit="km",
        source="As observed; domain after WMO-No. 8",
        gaps=ROW,
        status="unverified",
        domain={"visibility_in_air": (0.0, 300.0)},
        decimals=1,
        direction="low",
    ),
    Indicator(
        id="sand_dust_grade",
        family="visibility",
        names={"en": "Grade of sand and dust weather", "zh-Hans": "沙尘天气等级"},
        path="tocsin.indicators.visibility.sand_dust:sand_dust_grade",
        takes={
            "visibility_in_air": ("visibility_in_air", "km"),
            "wind_speed": ("wind_speed", "m/s"),
            "dust": ("dust_reported", "1"),
        },
        unit="1",
        source="GB/T 20480-2017",
        standard="gbt20480",
        gaps=ROW,
        status="unverified",
        caution=_DUST_OF_2025,
        domain={
            "visibility_in_air": (0.0, math.inf),
            "wind_speed": (0.0, math.inf),
            "dust": (0.0, math.inf),
        },
        decimals=0,
    ),
    _lightning("count", "Lightning strokes near by", "附近闪电次数", "1", 1),
    _lightning("count", "Lightning strokes near by", "附近闪电次数", "1", 3),
    _lightning("density", "Density of lightning strokes", "闪电密度", "1/km^2", 1),
)
