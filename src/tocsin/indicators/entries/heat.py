"""Heat in the catalogue."""

from __future__ import annotations

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

ENTRIES = (
    Indicator(
        id="heat_index",
        family="heat",
        names={"en": "Heat index", "zh-Hans": "炎热指数"},
        symbol="HI",
        path="tocsin.indicators.heat.heat_index:heat_index",
        takes={
            "temperature": ("air_temperature", "degC"),
            "relative_humidity": ("relative_humidity", "%"),
        },
        unit="degC",
        source="NWS Weather Prediction Center, after Rothfusz (1990) and Steadman (1979)",
        decimals=1,
    ),
)
