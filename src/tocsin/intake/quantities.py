"""The observed quantities Tocsin knows: CF standard name, canonical unit, names for people.

Values are kept in the canonical unit from the moment a reader has read them; pages convert back to
the region's units. ``cell_method`` follows CF: a point value, or the sum or maximum over the time
it stands for; where an hour has several, ``in_an_hour`` says which one is the hour's. Values of a
whole day have their cell method in the name, as the catalogue of indicators writes it; they are
labelled with the last hour of their day.
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
    cell_method: Literal["point", "sum", "maximum", "minimum"] = "point"

    @property
    def in_an_hour(self) -> Literal["last", "sum", "largest", "smallest"]:
        """What stands for an hour that has several values.

        Of a whole day each value is complete in itself: the last one stands.
        """
        if "over a day" in self.id:
            return "last"
        return _IN_AN_HOUR[self.cell_method]


_IN_AN_HOUR: Mapping[str, Literal["last", "sum", "largest", "smallest"]] = MappingProxyType(
    {"point": "last", "sum": "sum", "maximum": "largest", "minimum": "smallest"}
)

_ALL = (
    Quantity("air_temperature", "degC", {"en": "Air temperature", "zh-Hans": "气温"}),
    Quantity("dew_point_temperature", "degC", {"en": "Dew point", "zh-Hans": "露点温度"}),
    Quantity("relative_humidity", "%", {"en": "Relative humidity", "zh-Hans": "相对湿度"}),
    Quantity("wind_from_direction", "degree", {"en": "Wind direction", "zh-Hans": "风向"}),
    Quantity("wind_speed", "m s-1", {"en": "Mean wind", "zh-Hans": "平均风速"}),
    Quantity("wind_speed_of_gust", "m s-1", {"en": "Gust", "zh-Hans": "阵风"}, "maximum"),
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
    Quantity("surface_air_pressure", "hPa", {"en": "Station pressure", "zh-Hans": "本站气压"}),
    Quantity(
        "water_surface_height_above_reference_datum",
        "m",
        {"en": "Water level at the gauge", "zh-Hans": "水位"},
    ),
    Quantity(
        "water_volume_transport_in_river_channel",
        "m3 s-1",
        {"en": "Discharge", "zh-Hans": "流量"},
    ),
    Quantity("surface_snow_thickness", "cm", {"en": "Snow depth", "zh-Hans": "积雪深度"}),
    Quantity("soil_temperature", "degC", {"en": "Soil temperature", "zh-Hans": "土壤温度"}),
    Quantity(
        "surface_downwelling_shortwave_flux_in_air",
        "W m-2",
        {"en": "Global radiation", "zh-Hans": "总辐射"},
    ),
    Quantity(
        "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air",
        "ug m-3",
        {"en": "PM2.5", "zh-Hans": "细颗粒物 PM2.5"},
    ),
    Quantity(
        "mass_concentration_of_pm10_ambient_aerosol_particles_in_air",
        "ug m-3",
        {"en": "PM10", "zh-Hans": "可吸入颗粒物 PM10"},
    ),
    Quantity("mass_concentration_of_ozone_in_air", "ug m-3", {"en": "Ozone", "zh-Hans": "臭氧"}),
    Quantity(
        "mass_concentration_of_nitrogen_dioxide_in_air",
        "ug m-3",
        {"en": "Nitrogen dioxide", "zh-Hans": "二氧化氮"},
    ),
    Quantity(
        "mass_concentration_of_sulfur_dioxide_in_air",
        "ug m-3",
        {"en": "Sulphur dioxide", "zh-Hans": "二氧化硫"},
    ),
    Quantity(
        "mass_concentration_of_carbon_monoxide_in_air",
        "ug m-3",
        {"en": "Carbon monoxide", "zh-Hans": "一氧化碳"},
    ),
    Quantity(
        "mole_fraction_of_carbon_monoxide_in_air",
        "ppb",
        {"en": "Carbon monoxide (ppb)", "zh-Hans": "一氧化碳(ppb)"},
    ),
    Quantity(
        "mole_fraction_of_sulfur_dioxide_in_air",
        "ppb",
        {"en": "Sulphur dioxide (ppb)", "zh-Hans": "二氧化硫(ppb)"},
    ),
    Quantity("mole_fraction_of_ozone_in_air", "ppb", {"en": "Ozone (ppb)", "zh-Hans": "臭氧(ppb)"}),
    Quantity(
        "mole_fraction_of_nitrogen_dioxide_in_air",
        "ppb",
        {"en": "Nitrogen dioxide (ppb)", "zh-Hans": "二氧化氮(ppb)"},
    ),
    Quantity(
        "air_temperature (time: maximum over a day)",
        "degC",
        {"en": "Highest temperature of the day", "zh-Hans": "日最高气温"},
        "maximum",
    ),
    Quantity(
        "air_temperature (time: minimum over a day)",
        "degC",
        {"en": "Lowest temperature of the day", "zh-Hans": "日最低气温"},
        "minimum",
    ),
    Quantity(
        "wind_speed (time: maximum over a day)",
        "m s-1",
        {"en": "Strongest mean wind of the day", "zh-Hans": "日最大风速"},
        "maximum",
    ),
    Quantity(
        "wind_speed_of_gust (time: maximum over a day)",
        "m s-1",
        {"en": "Strongest gust of the day", "zh-Hans": "日极大风速"},
        "maximum",
    ),
    Quantity(
        "lwe_thickness_of_precipitation_amount (time: sum over a day)",
        "mm",
        {"en": "Rain of the day", "zh-Hans": "日降水量"},
        "sum",
    ),
)

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({one.id: one for one in _ALL})
