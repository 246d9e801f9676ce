"""Rain: amounts over windows of time."""

from tocsin.indicators.rain.sums import rain_sum, tolerated_gaps

__all__ = ["rain_sum", "tolerated_gaps"]
