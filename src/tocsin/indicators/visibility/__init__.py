"""Visibility: fog, smoke, dust and snow, as far as one can see."""

from tocsin.indicators.visibility.sand_dust import sand_dust_grade
from tocsin.indicators.visibility.visibility import visibility

__all__ = ["sand_dust_grade", "visibility"]
