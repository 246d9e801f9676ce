"""Floods: rivers at their gauges."""

from tocsin.indicators.flood.stage import flood_category, stage_rise

__all__ = ["flood_category", "stage_rise"]
