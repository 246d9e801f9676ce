"""Rain: amounts over windows of time, and what they mean."""

from tocsin.indicators.rain.antecedent import antecedent_precipitation_index
from tocsin.indicators.rain.return_period import Gev, fit_gev, l_moments, return_period
from tocsin.indicators.rain.sums import rain_sum, tolerated_gaps

__all__ = [
    "Gev",
    "antecedent_precipitation_index",
    "fit_gev",
    "l_moments",
    "rain_sum",
    "return_period",
    "tolerated_gaps",
]
