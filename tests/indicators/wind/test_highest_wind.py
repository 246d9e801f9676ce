"""The strongest wind of a day, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.wind import highest_wind

NAN = np.nan


def test_the_strongest_of_three_hours_by_hand():
    got = highest_wind([3, 9, -1, NAN, 4, 2], window_h=3, max_missing=1)
    np.testing.assert_array_equal(got, [NAN, 9, 9, NAN, NAN, 4])


def test_nothing_is_no_stretch_of_time():
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1"):
        highest_wind([1.0], window_h=0)
