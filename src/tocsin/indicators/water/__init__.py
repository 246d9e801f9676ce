"""Water quality: classes that a standard defines."""

from tocsin.indicators.water.gb3838 import water_class

__all__ = ["water_class"]
