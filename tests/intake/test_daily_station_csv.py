"""Daily values: each stands at the last hour of its local day, and nothing else is made of it."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.errors import IntakeError
from tocsin.intake import Feed, read
from tocsin.intake.quality import Flag

TMAX = "air_temperature (time: maximum over a day)"
RAIN = "lwe_thickness_of_precipitation_amount (time: sum over a day)"
FILE = """city,date,high,precip
Beijing,2016-07-19,86,0
Beijing,2016-07-20,77,4.96
Beijing,2016-07-21,90,
"""


class Station:
    id = "BJ"


def reading(tmp_path, text=FILE, **changes):
    (tmp_path / "days.csv").write_text(text, encoding="utf-8")
    options = {
        "station_column": "city",
        "date_column": "date",
        "time_zone": "Asia/Shanghai",
        "stations": {"Beijing": "BJ"},
        "columns": {
            "high": {"quantity": TMAX, "unit": "degF"},
            "precip": {"quantity": RAIN, "unit": "inch"},
        },
        **changes,
    }
    feed = Feed(
        id="days", reader="daily-station-csv", path="days.csv", delay_min=60, source="x",
        licence="CC0-1.0", options=options, folder=tmp_path,
    )  # fmt: skip
    return read(feed, [Station()])


def series(found, quantity):
    return next(one for one in found.series if one.quantity == quantity)


def test_a_day_stands_at_its_last_hour(tmp_path):
    found = reading(tmp_path)
    assert found.faults == []
    assert (found.rows_read, found.rows_used) == (3, 3)
    highs = series(found, TMAX)
    assert highs.station == "BJ"
    assert highs.times.astype(str).tolist() == [
        "2016-07-19T15:00:00", "2016-07-20T15:00:00", "2016-07-21T15:00:00",
    ]  # fmt: skip
    np.testing.assert_allclose(highs.values, [30.0, 25.0, 32.2222], atol=1e-4)
    np.testing.assert_allclose(series(found, RAIN).values, [0.0, 125.984, np.nan], atol=1e-3)


def test_a_day_of_23_hours_ends_with_its_own_last_hour(tmp_path):
    text = FILE.replace("2016-07-19", "2016-03-27").replace("2016-07-20", "2016-03-26")
    times = series(reading(tmp_path, text, time_zone="Europe/Zurich"), TMAX).times
    assert times[:2].astype(str).tolist() == ["2016-03-26T22:00:00", "2016-03-27T21:00:00"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2016-07-20", "20 July", "This is not a day written %Y-%m-%d."),
        ("4.96", "T", "This is not a number."),
        ("2016-07-20,77", "2016-07-19,77", "two values of this station for one time"),
        ("Beijing,2016-07-20", "Chicago,2016-07-20", "The region does not have this station."),
        ("77,4.96", "77", "The row has 3 fields, the header has 4."),
        ("86,0", '86,"0', "A quotation mark is not closed."),
    ],
)
def test_a_broken_row_costs_itself(tmp_path, old, new, told):
    found = reading(tmp_path, FILE.replace(old, new, 1))
    assert any(told in fault.problem for fault in found.faults), found.faults
    assert series(found, TMAX).values.size >= 2


def test_what_is_no_number_is_flagged_and_not_guessed(tmp_path):
    rain = series(reading(tmp_path, FILE.replace("4.96", "T")), RAIN)
    assert np.isnan(rain.values[1])
    assert rain.flags.tolist() == [0, Flag.UNREADABLE, 0]


def test_a_file_cut_in_the_middle_keeps_its_whole_rows(tmp_path):
    found = reading(tmp_path, FILE[:-12])
    assert series(found, TMAX).values.size == 2
    assert "ends in the middle" in found.faults[0].problem


def test_reading_twice_gives_the_same(tmp_path):
    one, two = reading(tmp_path), reading(tmp_path)
    for first, second in zip(one.series, two.series, strict=True):
        np.testing.assert_array_equal(first.values, second.values)


@pytest.mark.parametrize("text", ["", "city,day\nBeijing,2016-01-01\n"])
def test_nothing_to_read_is_an_error(tmp_path, text):
    with pytest.raises(IntakeError):
        reading(tmp_path, text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Asia/Peking"},
        {"columns": {"high": {"quantity": "air_temperature", "unit": "degF"}}},
        {"columns": {"high": {"quantity": TMAX, "unit": "mm"}}},
        {"columns": {n: {"quantity": TMAX, "unit": "degF"} for n in ("high", "precip")}},
    ],
)
def test_wrong_settings_are_refused_before_reading(tmp_path, wrong):
    with pytest.raises(IntakeError, match=r"options\."):
        reading(tmp_path, **wrong)
