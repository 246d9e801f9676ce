"""Strokes counted around places, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.lightning import lightning_count, lightning_density, strokes_by_hour

HOURS = np.datetime64("2020-07-01T00") + np.arange(3).astype("timedelta64[h]")
ONE_DEGREE_KM = math.pi * 6371.0088 / 180


def count(times, latitudes, longitudes, **options):
    return strokes_by_hour(times, latitudes, longitudes, hours=HOURS, **options)


def test_an_hour_begins_at_its_start_and_ends_before_the_next():
    times = ["2020-06-30T23:59:59", "2020-07-01T00:00", "2020-07-01T00:59:59", "2020-07-01T01:00"]
    got = count(times, [40.0] * 4, [116.0] * 4, places=[(40.0, 116.0)])
    assert got[:, 0].tolist() == [2.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("radius", "seen"), [(ONE_DEGREE_KM + 0.01, 1.0), (ONE_DEGREE_KM - 0.01, 0.0)]
)
def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres(radius, seen):
    got = count(HOURS[:1], [41.0], [116.0], places=[(40.0, 116.0)], radius_km=radius)
    assert got[0, 0] == seen


def test_the_date_line_is_no_border():
    got = count(HOURS[:1], [0.0], [-179.99], places=[(0.0, 179.99)])
    assert got[0, 0] == 1.0


def test_places_count_for_themselves_and_lost_positions_nowhere():
    got = count(HOURS[:2], [40.0, np.nan], [116.0, 116.0], places=[(40.0, 116.0), (50.0, 10.0)])
    assert got.tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


def test_arrays_of_different_length_are_refused():
    with pytest.raises(ShapeError, match=r"latitudes have shape \(1,\), expected \(2,\)"):
        count(HOURS[:2], [40.0], [116.0], places=[(40.0, 116.0)])


def test_hours_with_a_hole_are_refused():
    with pytest.raises(ShapeError, match="time is not hourly after"):
        strokes_by_hour([], [], [], hours=HOURS[[0, 2]], places=[(0.0, 0.0)])


def test_a_window_and_its_density():
    strokes = [1.0, 2.0, 3.0, np.nan, 4.0]
    assert lightning_count(strokes, window_h=2).tolist()[1:3] == [3.0, 5.0]
    assert np.isnan(lightning_count(strokes, window_h=2)[[0, 3, 4]]).all()
    got = lightning_density(strokes, radius_km=2.0)
    assert got[2] == pytest.approx(3.0 / (4 * math.pi))


def test_impossible_windows_and_radii_are_refused():
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1 hour"):
        lightning_count([1.0], window_h=0)
    with pytest.raises(ShapeError, match="window_h is 0; give at least 1 hour"):
        lightning_density([1.0], window_h=0)
    with pytest.raises(ValueError, match="radius_km is 0; give a radius above 0"):
        lightning_density([1.0], radius_km=0)
