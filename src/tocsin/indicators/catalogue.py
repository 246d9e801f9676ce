"""Every indicator Tocsin knows. Rules, pages and the command line speak only of these ids.

Light on purpose: loading it loads no numba, and a function is fetched when it is first asked for.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["CATALOGUE", "Cadence", "Indicator"]

Cadence = Literal["instant", "hourly-sum", "daily-noon"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a rule, a page or a person has to know of one indicator.

    ``takes`` has for each argument of the function the CF standard name of the quantity and the
    unit a bare array is taken to be in. At cadence ``hourly-sum`` the function wants an
    unbroken hourly axis; at ``daily-noon`` one row a day, taken at noon local standard time, with
    amounts summed over the 24 hours before. ``needs`` lists what it wants beside the series.
    """

    id: str
    family: str
    names: Mapping[str, str]
    path: str
    takes: Mapping[str, tuple[str, str]]
    unit: str
    source: str
    decimals: int
    cadence: Cadence = "instant"
    direction: Literal["high", "low"] = "high"
    symbol: str = ""
    state: bool = False
    window_h: int | None = None
    output: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, str]:
        """The CF standard name behind each argument."""
        return {argument: name for argument, (name, _) in self.takes.items()}

    @property
    def input_units(self) -> dict[str, str]:
        """The unit in which a bare array is taken, by argument."""
        return {argument: unit for argument, (_, unit) in self.takes.items()}

    @property
    def function(self) -> Callable[..., Any]:
        """The public function behind this indicator; loads its family (and numba) once."""
        return _fetch(self.path)

    def compute(self, **arguments: Any) -> Any:
        """Call the function with this indicator's own options; returns what a rule looks at.

        Of a recursive indicator only the values; call ``function`` itself for the state.
        """
        result = self.function(**arguments, **self.options)
        values = result[0] if self.state else result
        return getattr(values, self.output) if self.output else values


@functools.cache
def _fetch(path: str) -> Callable[..., Any]:
    module, name = path.split(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


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


def _beaufort(id: str, english: str, chinese: str, quantity: str) -> Indicator:
    return Indicator(
        id=id,
        family="wind",
        names={"en": english, "zh-Hans": chinese},
        path="tocsin.indicators.wind.beaufort:beaufort",
        takes={"wind_speed": (quantity, "m/s")},
        unit="Bft",
        source="WMO-No. 306, code table 1100",
        decimals=0,
    )


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


_ALL = (
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
    *(_rain(hours) for hours in (1, 3, 6, 12, 24)),
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
        decimals=1,
        direction="low",
    ),
    _fire("ffmc", "Fine fuel moisture code", "细小可燃物湿度码"),
    _fire("dmc", "Duff moisture code", "腐殖质湿度码"),
    _fire("dc", "Drought code", "干旱码"),
    _fire("isi", "Initial spread index", "初始蔓延指数"),
    _fire("bui", "Buildup index", "累积指数"),
    _fire("fwi", "Fire weather index", "火险天气指数"),
    _fire("dsr", "Daily severity rating", "日火险严重度"),
)

CATALOGUE: Mapping[str, Indicator] = MappingProxyType({entry.id: entry for entry in _ALL})
"""Every indicator by id."""
