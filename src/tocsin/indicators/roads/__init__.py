"""Roads: where crashes exceed what such roads show."""

from tocsin.indicators.roads.expected_crashes import crash_excess, expected_crashes

__all__ = ["crash_excess", "expected_crashes"]
