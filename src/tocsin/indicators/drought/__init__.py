"""Drought: days and months without rain, against what the same season usually brings."""

from tocsin.indicators.drought.edi import Normals, edi, effective_precipitation, normals_of
from tocsin.indicators.drought.spi import spei, spi

__all__ = ["Normals", "edi", "effective_precipitation", "normals_of", "spei", "spi"]
