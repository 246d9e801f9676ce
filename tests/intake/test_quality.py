from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.intake import QUANTITIES, SeriesValues
from tocsin.intake.quality import LIMITS, Flag, flag_reading, flag_table

T0 = np.datetime64("2020-01-01T00:00:00", "s")


def hours(count: int) -> NDArray[np.datetime64]:
    return T0 + np.arange(count) * np.timedelta64(1, "h")


def flag(
    quantity: str,
    times: NDArray[np.datetime64],
    values: NDArray[np.float64],
    known: NDArray[np.uint16] | None = None,
) -> NDArray[np.uint16]:
    """One series by itself."""
    return flag_table([("EST", quantity)], np.zeros(times.size, np.int64), times, values, known)


def flags_of(quantity: str, *values: float) -> list[int]:
    return flag(quantity, hours(len(values)), np.array(values, np.float64)).tolist()


def make_series(quantity: str, *values: float) -> SeriesValues:
    unit = QUANTITIES[quantity].unit
    none = np.zeros(len(values), np.uint16)
    return SeriesValues("EST", quantity, unit, hours(len(values)), np.array(values, float), none)


def test_every_quantity_has_limits() -> None:
    assert set(LIMITS) == set(QUANTITIES)


@pytest.mark.parametrize(
    ("quantity", "low", "high"),
    [
        ("air_temperature", -60.0, 60.0),
        ("relative_humidity", -0.1, 100.1),
        ("wind_from_direction", -10.0, 361.0),
        ("wind_speed", -1.0, 468.66),  # 1048.36 mph, EWR, 12 February 2013
        ("wind_speed_of_gust", -1.0, 129.0),
        ("air_pressure_at_mean_sea_level", 800.0, 1101.0),
        ("visibility_in_air", -1.0, 161.0),
        ("lwe_thickness_of_precipitation_amount", -0.1, 306.0),
    ],
)
def test_impossible_values_are_flagged(quantity: str, low: float, high: float) -> None:
    assert flags_of(quantity, low)[0] & Flag.RANGE
    assert flags_of(quantity, high)[0] & Flag.RANGE


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        # WMO World Weather and Climate Extremes Archive, outside the poles
        ("air_temperature", 54.4),  # Death Valley, 2020
        ("wind_speed_of_gust", 113.2),  # Barrow Island, 1996
        ("air_pressure_at_mean_sea_level", 870.0),  # Typhoon Tip, 1979
        ("lwe_thickness_of_precipitation_amount", 305.0),  # Holt, 1947
    ],
)
def test_the_worlds_records_are_believed(quantity: str, value: float) -> None:
    assert flags_of(quantity, value) == [0]


def test_spike_is_flagged_and_the_way_back_is_not() -> None:
    # JFK, 9 May 2013
    assert flags_of("air_temperature", 13.9, -10.5, 14.0) == [0, Flag.STEP, 0]


def test_spike_of_two_hours_is_flagged_whole() -> None:
    assert flags_of("air_temperature", 14, -10, -11, 14) == [0, Flag.STEP, Flag.STEP, 0]


def test_new_level_is_believed_after_three_hours() -> None:
    step = Flag.STEP
    assert flags_of("air_temperature", 30, 5, 5, 5, 4, 4) == [0, step, step, step, 0, 0]


def test_slow_change_and_change_over_a_gap_are_believed() -> None:
    assert not any(flags_of("air_temperature", *range(30, -10, -8)))
    times = np.array([T0, T0 + np.timedelta64(10, "h")])
    assert not flag("air_temperature", times, np.array([30.0, 5.0])).any()


def test_squall_is_believed() -> None:
    # LGA, 10 April 2013, 23:00 UTC
    assert not any(flags_of("wind_speed", 7.2, 4.1, 14.9, 5.1))


def test_stuck_sensor_is_flagged_from_its_first_hour() -> None:
    values = [9.0, *[10.0] * 24, 11.0]
    assert flags_of("air_temperature", *values) == [0, *[Flag.STUCK] * 24, 0]
    assert not any(flags_of("air_temperature", 9.0, *[10.0] * 23, 11.0))


def test_missing_hours_do_not_hide_a_stuck_sensor() -> None:
    values = [10.0 if hour % 5 else np.nan for hour in range(40)]
    flagged = np.array(flags_of("air_temperature", *values))
    assert np.count_nonzero(flagged) == 32
    assert not flagged[::5].any(), "a missing value is not a stuck one"


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("lwe_thickness_of_precipitation_amount", 0.0),
        ("wind_speed", 0.0),
        ("wind_from_direction", 0.0),
        ("visibility_in_air", 16.09344),
        ("relative_humidity", 100.0),
    ],
)
def test_what_may_last_for_days_is_not_stuck(quantity: str, value: float) -> None:
    assert not any(flags_of(quantity, *[value] * 400))


def test_known_flags_are_kept_and_not_compared_with() -> None:
    known = np.array([0, Flag.CLOCK, 0], np.uint16)
    got = flag("air_temperature", hours(3), np.array([10.0, 40.0, 11.0]), known)

    assert got.tolist() == [0, Flag.CLOCK, 0]
    assert known.tolist() == [0, Flag.CLOCK, 0], "the caller's array stays as it was"


def test_unknown_quantity_has_no_flags() -> None:
    assert flags_of("sea_surface_temperature", 1e9) == [0]


def test_dew_point_above_temperature_puts_both_in_doubt() -> None:
    reading = [
        make_series("air_temperature", 10, 10, 10, np.nan),
        make_series("dew_point_temperature", 9, 10.9, 12, 12),
    ]
    bad = Flag.INCONSISTENT
    assert [one.tolist() for one in flag_reading(reading)] == [[0, 0, bad, 0], [0, 0, bad, 0]]


def test_gust_below_the_mean_wind_is_doubted() -> None:
    reading = [make_series("wind_speed", 10, 10), make_series("wind_speed_of_gust", 9.5, 8)]

    assert [one.tolist() for one in flag_reading(reading)] == [[0, 0], [0, Flag.INCONSISTENT]]


def test_humidity_of_another_moment_is_doubted() -> None:
    # EWR, 20 July 2013, 21:00 and 22:00 UTC
    reading = [
        make_series("air_temperature", 34.4, 34.0),
        make_series("dew_point_temperature", 20.6, 23.0),
        make_series("relative_humidity", 44.53, 74.25),
    ]
    assert [one.tolist() for one in flag_reading(reading)] == [[0, 0], [0, 0], [0, 64]]


def test_impossible_value_does_not_drag_its_neighbour_along() -> None:
    reading = [make_series("wind_speed", 468.66), make_series("wind_speed_of_gust", 12)]

    assert [one.tolist() for one in flag_reading(reading)] == [[Flag.RANGE], [0]]


@given(
    st.sampled_from(sorted(LIMITS)),
    st.lists(st.floats(-1e4, 1e4) | st.just(float("nan")), max_size=60),
)
def test_flagging_alters_nothing_and_misses_no_impossible_value(
    quantity: str, numbers: list[float]
) -> None:
    values = np.array(numbers, np.float64)
    before = values.copy()
    flags = flag(quantity, hours(values.size), values)

    np.testing.assert_array_equal(values, before)
    assert flags.dtype == np.uint16
    limits = LIMITS[quantity]
    outside = (values < limits.low) | (values > limits.high)
    np.testing.assert_array_equal((flags & Flag.RANGE) > 0, outside)
    assert not flags[np.isnan(values)].any()


def test_values_of_ten_minutes_are_stuck_by_hours_not_by_their_number() -> None:
    times = np.datetime64("2013-07-01", "s") + np.arange(200) * np.timedelta64(600, "s")
    values = np.full(200, 20.3)
    assert not flag("air_temperature", times[:120], values[:120]).any()  # 20 hours
    assert (flag("air_temperature", times, values) == Flag.STUCK).all()  # 33 hours


def test_a_front_within_ten_minutes_is_no_impossible_step() -> None:
    times = np.datetime64("2013-07-01", "s") + np.arange(6) * np.timedelta64(600, "s")
    assert not flag("air_temperature", times, np.array([31.0, 31, 22, 21, 20, 20])).any()
    spike = flag("air_temperature", times, np.array([31.0, 31, 52, 31, 31, 30]))
    assert spike.tolist() == [0, 0, Flag.STEP, 0, 0, 0]
