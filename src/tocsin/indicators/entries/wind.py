"""Wind and visibility in the catalogue."""

from __future__ import annotations

import math

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
        domain={"wind_speed": (0.0, math.inf)},
        decimals=0,
    )


ENTRIES = (
    _beaufort("wind_beaufort", "Wind force", "风力等级", "wind_speed"),
    _beaufort("gust_beaufort", "Gust force", "阵风等级", "wind_speed_of_gust"),
    Indicator(
        id="visibility",
        family="visibility",
        names={"en": "Visibility", "zh-Hans": "能见度"},
        path="tocsin.indicators.visibility.visibility:visibility",
        takes={"visibility_in_air": ("visibility_in_air", "km")},
        unit="km",
        source="As observed; domain after WMO-No. 8",
        domain={"visibility_in_air": (0.0, 300.0)},
        decimals=1,
        direction="low",
    ),
)
