"""Earthquakes: how strongly the ground shook where people live."""

from tocsin.indicators.earthquake.allen_2012 import earthquake_intensity

__all__ = ["earthquake_intensity"]
