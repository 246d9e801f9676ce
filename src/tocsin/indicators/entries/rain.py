"""Rain in the catalogue."""

from __future__ import annotations

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
        decimals=1,
    )


ENTRIES = (*(_rain(hours) for hours in (1, 3, 6, 12, 24)),)
