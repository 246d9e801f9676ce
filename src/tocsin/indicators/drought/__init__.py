"""Drought: months without rain, against what the same months usually bring."""

from tocsin.indicators.drought.spi import spei, spi

__all__ = ["spei", "spi"]
