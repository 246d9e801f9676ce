"""The observed quantities Tocsin knows: CF standard name, canonical unit, names for people.

Values are kept in the canonical unit from the moment a reader has read them; pages convert back to
the region's units. ``cell_method`` follows CF: a point value, or a sum over the hour it labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["QUANTITIES", "Quantity"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One observed quantity."""

    id: str
    unit: str
    names: Mapping[str, str]
    cell_method: Literal["point", "sum"] = "point"


_ALL = (
    Quantity("air_temperature", "degC", {"en": "Air temperature", "zh-Hans": "气温"}),
    Quantity("dew_point_temperature", "degC", {"en": "Dew point", "zh-Hans": "露点温度"}),
    Quantity("relative_humidity", "%", {"en": "Relative humidity", "zh-Hans": "相对湿度"}),
    Quantity("wind_from_direction", "degree", {"en": "Wind direction", "zh-Hans": "风向"}),
    Quantity("wind_speed", "m s-1", {"en": "Mean wind", "zh-Hans": "平均风速"}),
    Quantity("wind_speed_of_gust", "m s-1", {"en": "Gust", "zh-Hans": "阵风"}),
    Quantity(
        "air_pressure_at_mean_sea_level",
        "hPa",
        {"en": "Sea level pressure", "zh-Hans": "海平面气压"},
    ),
    Quantity("visibility_in_air", "km", {"en": "Visibility", "zh-Hans": "能见度"}),
    Quantity(
        "lwe_thickness_of_precipitation_amount",
        "mm",
        {"en": "Hourly rain", "zh-Hans": "小时降水量"},
        "sum",
    ),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({one.id: one for one in _ALL})
