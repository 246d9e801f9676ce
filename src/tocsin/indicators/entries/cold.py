"""Cold in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]


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
        decimals=1,
    )


ENTRIES = (
    Indicator(
        id="wind_chill",
        family="cold",
        names={"en": "Wind chill", "zh-Hans": "风寒温度"},
        symbol="WCT",
        path="tocsin.indicators.cold.wind_chill:wind_chill",
        takes={"temperature": ("air_temperature", "degC"), "wind_speed": ("wind_speed", "km/h")},
        unit="degC",
        source="OFCM FCM-R19-2003 (JAG/TI 2001)",
        domain={"temperature": (-math.inf, 10.0), "wind_speed": (4.8, math.inf)},
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
        decimals=1,
        direction="low",
    ),
)
