"""Soil quality: limits that a standard defines."""

from tocsin.indicators.soil.gb15618 import soil_risk

__all__ = ["soil_risk"]
