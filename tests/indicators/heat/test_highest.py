"""The highest of a day and heat that lasts, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.heat import highest_temperature, lasting_heat

NAN = np.nan


def days(*maxima):
    """Return hourly values: 20 degC, and each day's maximum at 15 o'clock."""
    hours = np.full(24 * len(maxima), 20.0)
    hours[15::24] = maxima
    return hours


def test_the_highest_of_three_hours_by_hand():
    got = highest_temperature([1, 5, 2, NAN, 3], window_h=3, max_missing=1)
    np.testing.assert_array_equal(got, [NAN, 5, 5, 5, 3])


def test_a_day_with_five_hours_missing_has_no_maximum():
    hours = days(30.0)
    hours[:4] = NAN
    assert highest_temperature(hours)[-1] == 30.0
    hours[4] = NAN
    assert np.isnan(highest_temperature(hours)[-1])


def test_three_hot_days_last_and_two_do_not():
    assert lasting_heat(days(36, 38, 35))[-1] == 35.0
    assert lasting_heat(days(36, 34, 39))[-1] == 34.0
    assert np.isnan(lasting_heat(days(36, 38))[-1])
    reached = lasting_heat(days(20, 36, 38, 35, 20)) >= 35
    assert np.flatnonzero(reached).tolist() == list(range(3 * 24 + 15, 4 * 24 + 15))


def test_one_value_a_day_stands_until_the_next():
    sparse = np.full(96, NAN)
    sparse[23::24] = [30, 36, 37, 38]
    got = CATALOGUE["day_tmax"].compute(temperature=sparse)
    assert np.isnan(got[:23]).all()
    assert got[23:48].tolist() == [30.0] * 24 + [36.0]
    lasting = CATALOGUE["day_tmax_3d"].compute(temperature=sparse)
    assert lasting[95] == 36.0
    assert lasting[94] == 30.0


@pytest.mark.parametrize(
    ("call", "given"), [(highest_temperature, "window_h"), (lasting_heat, "days")]
)
def test_nothing_is_no_stretch_of_time(call, given):
    with pytest.raises(ShapeError, match="give at least 1"):
        call([1.0], **{given: 0})
