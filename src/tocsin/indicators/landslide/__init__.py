"""Landslides: rain that has brought slopes down before."""

from tocsin.indicators.landslide.intensity_duration import landslide_rain_ratio
from tocsin.indicators.landslide.lhasa import antecedent_rain_index, landslide_nowcast

__all__ = ["antecedent_rain_index", "landslide_nowcast", "landslide_rain_ratio"]
