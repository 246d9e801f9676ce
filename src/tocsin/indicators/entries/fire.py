"""Fire weather in the catalogue."""

from __future__ import annotations

from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]


def _fire(output: str, english: str, chinese: str) -> Indicator:
    return Indicator(
        id=output,
        family="fire",
        names={"en": english, "zh-Hans": chinese},
        symbol=output.upper(),
        path="tocsin.indicators.fire.fwi:fwi",
        takes={
            "temperature": ("air_temperature", "degC"),
            "relative_humidity": ("relative_humidity", "%"),
            "wind_speed": ("wind_speed", "km/h"),
            "rain": ("lwe_thickness_of_precipitation_amount", "mm"),
        },
        unit="1",
        cadence="daily-noon",
        state=True,
        output=output,
        needs=("latitude", "time"),
        source="Van Wagner (1987), Forestry Technical Report 35",
        decimals=1,
    )


ENTRIES = (
    _fire("ffmc", "Fine fuel moisture code", "细小可燃物湿度码"),
    _fire("dmc", "Duff moisture code", "腐殖质湿度码"),
    _fire("dc", "Drought code", "干旱码"),
    _fire("isi", "Initial spread index", "初始蔓延指数"),
    _fire("bui", "Buildup index", "累积指数"),
    _fire("fwi", "Fire weather index", "火险天气指数"),
    _fire("dsr", "Daily severity rating", "日火险严重度"),
)
