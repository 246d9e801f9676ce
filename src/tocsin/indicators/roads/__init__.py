"""Roads: crashes to be expected, and where more happen than that."""

from tocsin.indicators.roads.black_spots import BlackSpot, black_spots
from tocsin.indicators.roads.expected_crashes import crash_excess, expected_crashes

__all__ = ["BlackSpot", "black_spots", "crash_excess", "expected_crashes"]
