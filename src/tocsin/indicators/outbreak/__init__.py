"""Outbreaks: counts by area that are out of line. Counts only, never persons."""

from tocsin.indicators.outbreak.ears import EarsResult, ears

__all__ = ["EarsResult", "ears"]
