"""What passes through as measured, and where it does not."""

from __future__ import annotations

import numpy as np

from tocsin.indicators.as_measured import humidity, speed, temperature

NAN, INF = np.nan, np.inf


def test_values_pass_and_impossible_ones_do_not():
    np.testing.assert_array_equal(temperature([-40.0, 0.0, -9999.0, NAN]), [-40.0, 0.0, NAN, NAN])
    np.testing.assert_array_equal(speed([0.0, 12.5, -0.1, INF]), [0.0, 12.5, NAN, NAN])
    np.testing.assert_array_equal(humidity([0.0, 101.0, 101.1, -1.0]), [0.0, 100.0, NAN, NAN])
