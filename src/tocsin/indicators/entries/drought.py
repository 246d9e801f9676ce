"""Drought in the catalogue."""

from __future__ import annotations

import math

from tocsin.indicators.gaps import Gaps
from tocsin.indicators.indicator import Indicator

__all__ = ["ENTRIES"]

_RAIN = ("lwe_thickness_of_precipitation_amount (time: sum over a month)", "mm")
_EVAPORATION = ("potential_evapotranspiration (time: sum over a month)", "mm")


def _spi(months: int) -> Indicator:
    return Indicator(
        id=f"spi_{months}",
        family="drought",
        names={
            "en": f"Standardised precipitation index, {months} months",
            "zh-Hans": f"标准化降水指数（{months}个月）",
        },
        symbol="SPI",
        path="tocsin.indicators.drought.spi:spi",
        takes={"precipitation": _RAIN},
        unit="1",
        cadence="monthly",
        options={"scale_months": months},
        needs=("first_month",),
        source="McKee, Doesken and Kleist (1993)",
        domain={"precipitation": (0.0, math.inf)},
        gaps=Gaps("months", months),
        status="validated",
        decimals=2,
        direction="low",
    )


def _spei(months: int) -> Indicator:
    return Indicator(
        id=f"spei_{months}",
        family="drought",
        names={
            "en": f"Standardised precipitation evapotranspiration index, {months} months",
            "zh-Hans": f"标准化降水蒸散指数（{months}个月）",
        },
        symbol="SPEI",
        path="tocsin.indicators.drought.spi:spei",
        takes={"precipitation": _RAIN, "evapotranspiration": _EVAPORATION},
        unit="1",
        cadence="monthly",
        options={"scale_months": months},
        needs=("first_month",),
        source="Vicente-Serrano et al. (2010), with a Pearson III",
        domain={"precipitation": (0.0, math.inf)},
        gaps=Gaps("months", months),
        status="validated",
        decimals=2,
        direction="low",
    )


ENTRIES = (
    *(_spi(months) for months in (1, 3, 6, 12)),
    *(_spei(months) for months in (3, 6, 12)),
    Indicator(
        id="edi",
        family="drought",
        names={"en": "Effective drought index", "zh-Hans": "有效干旱指数"},
        symbol="EDI",
        path="tocsin.indicators.drought.edi:edi",
        takes={"rain": ("lwe_thickness_of_precipitation_amount (time: sum over a day)", "mm")},
        unit="1",
        cadence="daily",
        window_h=365 * 24,
        needs=("normal_mean", "normal_spread"),
        source="Byun and Wilhite (1999)",
        domain={"rain": (0.0, math.inf)},
        gaps=Gaps("window", 365, 10),
        status="unverified",
        decimals=2,
        direction="low",
    ),
)
