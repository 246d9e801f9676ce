"""Outbreaks: counts by area that are out of line. Counts only, never persons."""

from tocsin.indicators.outbreak.ears import EarsResult, ears
from tocsin.indicators.outbreak.farrington import FarringtonResult, farrington

__all__ = ["EarsResult", "FarringtonResult", "ears", "farrington"]
