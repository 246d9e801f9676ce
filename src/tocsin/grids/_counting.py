"""Counting bad values in one pass."""

from __future__ import annotations

from typing import Any

from tocsin.indicators.kernels import kernel

__all__ = ["count_bad"]


@kernel
def count_bad(values: Any, low: float, high: float) -> tuple[int, int]:
    """Return how many values are missing, and how many lie outside ``low`` to ``high``."""
    missing = outside = 0
    for value in values:
        missing += value != value  # NaN alone differs from itself
        outside += (value < low) | (value > high)
    return missing, outside
