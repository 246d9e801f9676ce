"""Several values in one hour: the strongest gust, the sum of the rain, the last temperature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.intake.readings import read_bytes, values
from tocsin.intake import QUANTITIES
from tocsin.intake.hours import RAIN, stand_on_hours, tells_whole_hour
from tocsin.intake.quality import LIMITS


def hour_of(quantity: str, *given: float, there: float = np.nan) -> float:
    grid = np.array([[np.nan, np.nan], [np.nan, there]])
    size = len(given)
    stand_on_hours(
        quantity, grid, np.ones(size, np.int64), np.ones(size, np.int64), np.array(given)
    )
    assert np.isnan(grid[0]).all()
    assert np.isnan(grid[1, 0])
    return float(grid[1, 1])


@pytest.mark.parametrize(
    ("quantity", "wanted"),
    [
        ("wind_speed_of_gust", 9.0),
        ("wind_speed", 4.0),
        ("air_temperature", 4.0),
        (RAIN, 15.0),
        ("something_else", 4.0),
        ("air_temperature (time: minimum over a day)", 4.0),
        ("lwe_thickness_of_precipitation_amount (time: sum over a day)", 4.0),
    ],
)
def test_what_stands_for_an_hour_with_several_values(quantity: str, wanted: float) -> None:
    assert hour_of(quantity, 2.0, 9.0, 4.0) == wanted


def test_what_another_feed_brought_for_the_hour_counts_as_earlier() -> None:
    assert hour_of("wind_speed_of_gust", 3.0, there=8.0) == 8.0
    assert hour_of(RAIN, 3.0, 1.0, there=8.0) == 12.0
    assert hour_of("air_temperature", 3.0, there=8.0) == 3.0


def test_every_quantity_says_what_stands_for_an_hour() -> None:
    said = {one.id: one.in_an_hour for one in QUANTITIES.values()}
    assert said.keys() == QUANTITIES.keys()
    assert {name for name, how in said.items() if how == "sum"} == {RAIN}
    assert {name for name, how in said.items() if how == "largest"} == {"wind_speed_of_gust"}
    assert LIMITS.keys() == QUANTITIES.keys()


@pytest.mark.parametrize(("minute", "whole"), [(44, False), (51, True), (0, True), (6, False)])
def test_routine_reports_are_known_by_their_minute(minute: int, whole: bool) -> None:
    assert tells_whole_hour(minute) is whole


def test_the_rain_of_a_special_is_not_added_to_the_hour(tmp_path: Path) -> None:
    """At 14:51 the routine report tells the whole hour, what the special told included."""
    text = "".join(
        f"KEST 01{time}Z 00000KT 10SM 05/01 A3000 RMK AO2 P{rain}\n"
        for time, rain in (("1410", "0007"), ("1451", "0012"), ("1551", "0001"))
    )
    reading = read_bytes(
        tmp_path, "20260101T160000Z.txt", text, "metar", "EST", stations={"KEST": "EST"}
    )
    assert values(reading, "EST", RAIN) == {"2026-01-01T14:51": 3.048, "2026-01-01T15:51": 0.254}
    assert len(values(reading, "EST", "air_temperature")) == 3
