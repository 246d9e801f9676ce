"""Rain in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]


def _rain(window_h: int) -> Indicator:
    return Indicator(
        id=f"rain_{window_h}h",
        family="rain",
        names={"en": f"Rain in {window_h} h", "zh-Hans": f"{window_h}小时降水量"},
        path="tocsin.indicators.rain.sums:rain_sum",
        takes={"amount": ("lwe_thickness_of_precipitation_amount", "mm")},
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


_DAY = "lwe_thickness_of_precipitation_amount (time: sum over a day)"
_RAIN = "lwe_thickness_of_precipitation_amount"

ENTRIES = (
    *(_rain(hours) for hours in (1, 3, 6, 12, 24)),
    Indicator(
        id="day_rain",
        family="rain",
        names={"en": "Rain of the day", "zh-Hans": "日降水量"},
        path="tocsin.indicators.rain.sums:rain_sum",
        takes={"amount": (_DAY, "mm")},
        unit="mm",
        cadence="hourly",
        window_h=24,
        options={"window_h": 24, "max_missing": 23},
        source="Daily amount as reported; stands for 24 h",
        gaps=Gaps("day", 24, 23),
        status="unverified",
        domain={"amount": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="antecedent_precipitation_index",
        family="rain",
        names={"en": "Antecedent precipitation index", "zh-Hans": "前期影响雨量"},
        symbol="API",
        path="tocsin.indicators.rain.antecedent:antecedent_precipitation_index",
        takes={"rain": (_RAIN, "mm")},
        unit="mm",
        cadence="daily",
        state=True,
        source="Kohler and Linsley (1951); recession 0.85 a day",
        gaps=Gaps("recedes"),
        status="unverified",
        domain={"rain": (0.0, math.inf)},
        decimals=1,
    ),
    Indicator(
        id="rain_return_period",
        family="rain",
        names={"en": "Return period of an amount of rain", "zh-Hans": "降水量重现期"},
        path="tocsin.indicators.rain.return_period:return_period",
        takes={"amount": (_RAIN, "mm")},
        unit="year",
        needs=("annual_maxima",),
        source="Hosking, Wallis and Wood (1985): GEV by L-moments",
        gaps=ROW,
        status="validated",
        domain={"amount": (0.0, math.inf)},
        decimals=0,
    ),
)
