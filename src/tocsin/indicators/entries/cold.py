"""Cold in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import ROW, Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_AIR = {"temperature": (-100.0, 100.0)}
"""Beyond it a number is no temperature on earth, but a code for missing."""


def _drop(hours: int) -> Indicator:
    return Indicator(
        id=f"temperature_drop_{hours}h",
        family="cold",
        names={"en": f"Fall of temperature in {hours} h", "zh-Hans": f"{hours}小时降温幅度"},
        path="tocsin.indicators.cold.temperature_drop:temperature_drop",
        takes={"temperature": ("air_temperature", "degC")},
        unit="delta_degC",
        cadence="hourly",
        window_h=hours,
        options={"hours": hours},
        source="Difference against the same hour",
        gaps=Gaps("ends", hours + 1),
        domain=_AIR,
        status="unverified",
        decimals=1,
    )


_DAY = " (time: minimum over a day)"


def _fall_of_minimum(id: str, days: int, *, by_day: bool) -> Indicator:
    hours = 24 * days
    rows = 24 * (days + 1)
    return Indicator(
        id=id,
        family="cold",
        names={
            "en": f"Fall of the daily minimum in {hours} h",
            "zh-Hans": f"{hours}小时最低气温降幅",
        },
        path="tocsin.indicators.cold.fall_of_minimum:fall_of_minimum",
        takes={"temperature": ("air_temperature" + _DAY * by_day, "degC")},
        unit="delta_degC",
        cadence="hourly",
        window_h=rows,
        options={"days": days, "max_missing": 23} if by_day else {"days": days},
        source="Difference of minima; wording of CMA Order No. 16 (2007)",
        gaps=Gaps("day", rows, 23) if by_day else Gaps("window", rows, 4),
        domain=_AIR,
        status="unverified",
        decimals=1,
    )


ENTRIES = (
    *(_fall_of_minimum(f"tmin_fall_{24 * days}h", days, by_day=False) for days in (1, 2)),
    *(_fall_of_minimum(f"day_tmin_fall_{24 * days}h", days, by_day=True) for days in (1, 2)),
    Indicator(
        id="day_tmin",
        family="cold",
        names={"en": "Lowest temperature of the day", "zh-Hans": "日最低气温"},
        path="tocsin.indicators.cold.frost:lowest_temperature",
        takes={"temperature": ("air_temperature" + _DAY, "degC")},
        unit="degC",
        cadence="hourly",
        window_h=24,
        options={"window_h": 24, "max_missing": 23},
        source="Daily minimum as reported; stands for 24 h",
        gaps=Gaps("day", 24, 23),
        domain=_AIR,
        status="unverified",
        decimals=1,
        direction="low",
    ),
    Indicator(
        id="wind_chill",
        family="cold",
        names={"en": "Wind chill", "zh-Hans": "风寒温度"},
        symbol="WCT",
        path="tocsin.indicators.cold.wind_chill:wind_chill",
        takes={"temperature": ("air_temperature", "degC"), "wind_speed": ("wind_speed", "km/h")},
        unit="degC",
        source="OFCM FCM-R19-2003 (JAG/TI 2001)",
        gaps=ROW,
        status="validated",
        domain={"temperature": (-100.0, 10.0), "wind_speed": (4.8, math.inf)},
        decimals=1,
        direction="low",
    ),
    *(_drop(hours) for hours in (24, 48)),
    Indicator(
        id="frost_24h",
        family="cold",
        names={"en": "Lowest temperature in 24 h", "zh-Hans": "24小时最低气温"},
        path="tocsin.indicators.cold.frost:lowest_temperature",
        takes={"temperature": ("air_temperature", "degC")},
        unit="degC",
        cadence="hourly",
        window_h=24,
        options={"window_h": 24},
        source="Moving minimum; one hour in six may be missing",
        gaps=Gaps("window", 24, 4),
        domain=_AIR,
        status="unverified",
        decimals=1,
        direction="low",
    ),
    Indicator(
        id="ground_frost_24h",
        family="cold",
        names={"en": "Lowest ground temperature in 24 h", "zh-Hans": "24小时最低地面温度"},
        path="tocsin.indicators.cold.frost:lowest_temperature",
        takes={"temperature": ("surface_temperature", "degC")},
        unit="degC",
        cadence="hourly",
        window_h=24,
        options={"window_h": 24},
        source="Moving minimum; one hour in six may be missing",
        gaps=Gaps("window", 24, 4),
        domain=_AIR,
        status="unverified",
        decimals=1,
        direction="low",
    ),
)
