"""Earthquakes: how strongly the ground shook where people live."""

from tocsin.indicators.earthquake.allen_2012 import earthquake_intensity
from tocsin.indicators.earthquake.population import population_by_intensity

__all__ = ["earthquake_intensity", "population_by_intensity"]
