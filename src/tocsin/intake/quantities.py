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

CellMethod = Literal["point", "sum", "maximum", "minimum"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One observed quantity: CF standard name, canonical unit, its name in each language."""

    id: str
    unit: str
    names: Mapping[str, str]
    cell_method: CellMethod = "point"

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


def _row(
    id_: str, unit: str, english: str, chinese: str, cell_method: CellMethod = "point"
) -> Quantity:
    return Quantity(id_, unit, {"en": english, "zh-Hans": chinese}, cell_method)


_ALL = (
    _row("air_temperature", "degC", "Air temperature", "气温"),
    _row("dew_point_temperature", "degC", "Dew point", "露点温度"),
    _row("relative_humidity", "%", "Relative humidity", "相对湿度"),
    _row("wind_from_direction", "degree", "Wind direction", "风向"),
    _row("wind_speed", "m s-1", "Mean wind", "平均风速"),
    _row("wind_speed_of_gust", "m s-1", "Gust", "阵风", "maximum"),
    _row("air_pressure_at_mean_sea_level", "hPa", "Sea level pressure", "海平面气压"),
    _row("visibility_in_air", "km", "Visibility", "能见度"),
    _row("lwe_thickness_of_precipitation_amount", "mm", "Hourly rain", "小时降水量", "sum"),
    _row("surface_air_pressure", "hPa", "Station pressure", "本站气压"),
    _row("water_surface_height_above_reference_datum", "m", "Water level at the gauge", "水位"),
    _row("water_volume_transport_in_river_channel", "m3 s-1", "Discharge", "流量"),
    _row("surface_snow_thickness", "cm", "Snow depth", "积雪深度"),
    _row("soil_temperature", "degC", "Soil temperature", "土壤温度"),
    _row("surface_downwelling_shortwave_flux_in_air", "W m-2", "Global radiation", "总辐射"),
    _row("mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air",
         "ug m-3", "PM2.5", "细颗粒物 PM2.5"),
    _row("mass_concentration_of_pm10_ambient_aerosol_particles_in_air",
         "ug m-3", "PM10", "可吸入颗粒物 PM10"),
    _row("mass_concentration_of_ozone_in_air", "ug m-3", "Ozone", "臭氧"),
    _row("mass_concentration_of_nitrogen_dioxide_in_air", "ug m-3", "Nitrogen dioxide", "二氧化氮"),
    _row("mass_concentration_of_sulfur_dioxide_in_air", "ug m-3", "Sulphur dioxide", "二氧化硫"),
    _row("mass_concentration_of_carbon_monoxide_in_air", "ug m-3", "Carbon monoxide", "一氧化碳"),
    _row("mole_fraction_of_carbon_monoxide_in_air",
         "ppb", "Carbon monoxide (ppb)", "一氧化碳(ppb)"),
    _row("mole_fraction_of_sulfur_dioxide_in_air", "ppb", "Sulphur dioxide (ppb)", "二氧化硫(ppb)"),
    _row("mole_fraction_of_ozone_in_air", "ppb", "Ozone (ppb)", "臭氧(ppb)"),
    _row("mole_fraction_of_nitrogen_dioxide_in_air",
         "ppb", "Nitrogen dioxide (ppb)", "二氧化氮(ppb)"),
    _row("air_temperature (time: maximum over a day)",
         "degC", "Highest temperature of the day", "日最高气温", "maximum"),
    _row("air_temperature (time: minimum over a day)",
         "degC", "Lowest temperature of the day", "日最低气温", "minimum"),
    _row("wind_speed (time: maximum over a day)",
         "m s-1", "Strongest mean wind of the day", "日最大风速", "maximum"),
    _row("wind_speed_of_gust (time: maximum over a day)",
         "m s-1", "Strongest gust of the day", "日极大风速", "maximum"),
    _row("lwe_thickness_of_precipitation_amount (time: sum over a day)",
         "mm", "Rain of the day", "日降水量", "sum"),
)  # fmt: skip

QUANTITIES: Mapping[str, Quantity] = MappingProxyType({one.id: one for one in _ALL})
"""By CF standard name, in the order of the table."""
