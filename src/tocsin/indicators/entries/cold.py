"""Cold in the catalogue."""

from __future__ import annotations

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

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
        decimals=1,
        direction="low",
    ),
)
