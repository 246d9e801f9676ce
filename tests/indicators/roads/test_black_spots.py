"""Ranking of road sections."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.roads import black_spots, crash_excess


def test_by_hand():
    """Excess is (1 - w) (observed - predicted) with w = 1 / (1 + 0.5 2) = 0.5 in all sections."""
    got = black_spots([2, 8, 8, 5], [2, 2, 2, 2], 0.5, length_km=[1, 1, 2, 1])
    assert [(spot.rank, spot.section, spot.excess_per_km) for spot in got] == [
        (1, 1, 3.0), (2, 2, 1.5), (2, 3, 1.5), (4, 0, 0.0),
    ]  # fmt: skip


def test_sections_without_a_value_are_left_out():
    got = black_spots([np.nan, 5, 5], [2, 2, 2], 0.5, length_km=[1, 0, 1])
    assert [spot.section for spot in got] == [2]
    assert got[0].excess_per_km == crash_excess(5.0, 2.0, 0.5)


def test_sections_and_lengths_that_differ_are_refused():
    with pytest.raises(ShapeError, match=r"length_km \(2,\); give one number a section"):
        black_spots([1, 2, 3], [1, 1, 1], 0.5, length_km=[1, 2])
