"""Air quality: indices that a law defines from concentrations."""

from tocsin.indicators.air.cn_aqi import cn_iaqi
from tocsin.indicators.air.nowcast import nowcast
from tocsin.indicators.air.us_aqi import us_aqi

__all__ = ["cn_iaqi", "nowcast", "us_aqi"]
