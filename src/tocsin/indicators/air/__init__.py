"""Air quality: indices that a law defines from concentrations."""

from tocsin.indicators.air.cn_aqi import cn_iaqi
from tocsin.indicators.air.nowcast import nowcast
from tocsin.indicators.air.of_hours import cn_iaqi_of_hours, us_aqi_of_hours
from tocsin.indicators.air.overall import (
    CN_POLLUTANTS,
    US_POLLUTANTS,
    OverallIndex,
    cn_aqi_overall,
    us_aqi_overall,
)
from tocsin.indicators.air.us_aqi import us_aqi

__all__ = [
    "CN_POLLUTANTS",
    "US_POLLUTANTS",
    "OverallIndex",
    "cn_aqi_overall",
    "cn_iaqi",
    "cn_iaqi_of_hours",
    "nowcast",
    "us_aqi",
    "us_aqi_of_hours",
    "us_aqi_overall",
]
