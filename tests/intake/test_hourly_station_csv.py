from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.intake.feeds import HEADER, STATIONS, make_feed
from tocsin.errors import IntakeError
from tocsin.intake import Feed, Reading, SeriesValues, read
from tocsin.intake.quality import Flag

GOOD = (
    HEADER
    + "EST,2020-01-01T00:00Z,32,36,0\n"
    + "WST,2020-01-01T00:00Z,23,NA,0.5\n"
    + "EST,2020-01-01T01:00Z,50,72,1\n"
    + "EST,2020-01-01T02:00Z,NA,0,\n"
)


def series(reading: Reading, station: str, quantity: str) -> SeriesValues:
    return next(one for one in reading.series if (one.station, one.quantity) == (station, quantity))


def read_text(folder: Path, text: str | bytes, **options: Any) -> Reading:
    return read(make_feed(folder, text, **options), STATIONS)


def test_values_come_in_canonical_units_and_utc(tmp_path: Path) -> None:
    reading = read_text(tmp_path, GOOD)

    assert reading.faults == []
    assert (reading.rows_read, reading.rows_used) == (4, 4)
    assert len(reading.series) == 6
    warm = series(reading, "EST", "air_temperature")
    assert warm.unit == "degC"
    assert warm.times.dtype == "datetime64[s]"
    assert warm.times.tolist() == [
        np.datetime64(f"2020-01-01T0{hour}:00:00").item() for hour in range(3)
    ]
    np.testing.assert_allclose(warm.values, [0, 10, np.nan], atol=1e-12)
    np.testing.assert_allclose(series(reading, "EST", "wind_speed").values, [10, 20, 0])
    rain = series(reading, "WST", "lwe_thickness_of_precipitation_amount")
    assert (rain.unit, rain.values.tolist()) == ("mm", [12.7])
    assert not any(one.flags.any() for one in reading.series)


@pytest.mark.parametrize(
    ("cell", "options", "hour"),
    [
        ("2020-07-01T12:00Z", {}, 12),
        ("2020-07-01T12:00:00+00:00", {}, 12),
        ("2020-07-01 14:00+02:00", {}, 12),
        ("2020-07-01T12:00", {}, 12),
        ("2020-07-01T14:00", {"time_zone": "Europe/Zurich"}, 12),
        ("2020-07-01T13:00Z", {"time_label": "end"}, 12),
        ("01.07.2020 12:00", {"time_format": "%d.%m.%Y %H:%M"}, 12),
    ],
)
def test_time_is_the_start_of_the_hour_in_utc(
    tmp_path: Path, cell: str, options: dict[str, str], hour: int
) -> None:
    reading = read_text(tmp_path, f"{HEADER}EST,{cell},50,0,0\n", **options)

    assert reading.series[0].times.tolist() == [np.datetime64(f"2020-07-01T{hour}:00:00").item()]


@pytest.mark.parametrize(
    ("row", "line", "field", "problem"),
    [
        ("EST,2020-01-01T05:00Z,50,0\n", 6, "wind", "has 4 fields, the header has 5"),
        ("EST,2020-01-01T05:00Z,50,0,0,9\n", 6, "row", "has 6 fields, the header has 5"),
        ("EST,2020-01-01T05:00Z,5", 6, "t", "ends in the middle of this row, after 3 of 5"),
        ("EST,2020-01-01T05:00Z,warm,0,0\n", 6, "t", "not a number"),
        ("EST,2020-01-01T05:00Z,1_0,0,0\n", 6, "t", "not a number"),
        ("EST,2020-01-01T05:00Z,inf,0,0\n", 6, "t", "not a number"),
        ("EST,2020-01-01T05:00Z,nan,0,0\n", 6, "t", "not a number"),
        ("EST,yesterday,50,0,0\n", 6, "at", "not a time"),
        ("EST,2020-01-01T05:51Z,50,0,0\n", 6, "at", "not on the hour"),
        ("NST,2020-01-01T05:00Z,50,0,0\n", 6, "place", "the region does not have"),
        ("WST,2019-12-31T23:00Z,50,0,0\n", 6, "time", "goes backwards"),
        ("EST,2020-01-01T02:00Z,50,0,0\n", 6, "time", "Line 5 is for the same time"),
        ('EST,"2020-01-01T05:00Z,50,0,0\n', 6, "row", "quotation mark is not closed"),
        ("EST,2020-01-01T05:00Z,5\0,0,0\n", 6, "t", "NUL byte"),
        ("EST\udcff,2020-01-01T05:00Z,50,0,0\n", 6, "place", "not UTF-8"),
    ],
)
def test_broken_row_is_told_and_the_rest_goes_on(
    tmp_path: Path, row: str, line: int, field: str, problem: str
) -> None:
    reading = read_text(tmp_path, (GOOD + row).encode(errors="surrogateescape"))

    (fault,) = reading.faults
    assert (fault.file, fault.line, fault.field) == ("values.csv", line, field)
    assert problem in fault.problem
    assert fault.remedy.endswith(".")
    assert fault.value.isprintable() or "\0" in row
    assert reading.rows_read == 5
    assert series(reading, "EST", "wind_speed").values[:3].tolist() == [10, 20, 0]


def test_unreadable_number_costs_one_value(tmp_path: Path) -> None:
    reading = read_text(tmp_path, GOOD + "EST,2020-01-01T03:00Z,warm,36,0\n")

    warm, wind = (series(reading, "EST", name) for name in ("air_temperature", "wind_speed"))
    assert np.isnan(warm.values[3])
    assert warm.flags.tolist() == [0, 0, 0, Flag.UNREADABLE]
    assert wind.values[3] == 10
    assert not wind.flags.any()


def test_clock_going_backwards_is_kept_in_order_and_flagged(tmp_path: Path) -> None:
    text = HEADER + "".join(f"EST,2020-01-01T0{hour}:00Z,50,0,0\n" for hour in (0, 1, 4, 2, 5))
    reading = read_text(tmp_path, text)

    warm = series(reading, "EST", "air_temperature")
    assert [moment.hour for moment in warm.times.tolist()] == [0, 1, 2, 4, 5]
    assert warm.flags.tolist() == [0, 0, Flag.CLOCK, 0, 0]
    assert [fault.line for fault in reading.faults] == [5]


def test_same_time_twice_keeps_the_first_and_flags_it_if_they_differ(tmp_path: Path) -> None:
    reading = read_text(tmp_path, GOOD + "EST,2020-01-01T01:00Z,99,72,1\n")

    warm = series(reading, "EST", "air_temperature")
    np.testing.assert_allclose(warm.values[1], 10)
    assert warm.flags.tolist() == [0, Flag.DUPLICATE, 0]
    assert "says something else" in reading.faults[0].problem


def test_same_row_twice_is_told_but_not_doubted(tmp_path: Path) -> None:
    reading = read_text(tmp_path, GOOD + "EST,2020-01-01T01:00Z,50,72,1\n")

    assert not series(reading, "EST", "air_temperature").flags.any()
    assert "says the same" in reading.faults[0].problem
    assert (reading.rows_read, reading.rows_used) == (5, 4)


def test_unknown_station_is_told_once(tmp_path: Path) -> None:
    rows = "".join(f"NST,2020-01-01T0{hour}:00Z,50,0,0\n" for hour in range(5))
    reading = read_text(tmp_path, GOOD + rows)

    (fault,) = reading.faults
    assert (fault.line, fault.value) == (6, "NST")
    assert "So do 4 more rows" in fault.problem


@pytest.mark.parametrize("cell", ["2020-10-25T02:00", "2020-03-29T02:00"])
def test_local_hour_that_comes_twice_or_never_is_refused(tmp_path: Path, cell: str) -> None:
    text = f"{HEADER}EST,2020-01-01T00:00,50,0,0\nEST,{cell},50,0,0\n"
    reading = read_text(tmp_path, text, time_zone="Europe/Zurich")

    (fault,) = reading.faults
    assert "twice or never" in fault.problem
    assert reading.rows_used == 1


def test_missing_column_of_values_costs_that_quantity(tmp_path: Path) -> None:
    text = GOOD.replace("place,at,t,wind,rain", "place,at,temp,wind,rain")
    reading = read_text(tmp_path, text)

    (fault,) = reading.faults
    assert (fault.line, fault.field, fault.problem) == (1, "t", "The file has no such column.")
    assert "It has place, at, temp, wind, rain." in fault.remedy
    assert {one.quantity for one in reading.series} == {
        "wind_speed",
        "lwe_thickness_of_precipitation_amount",
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (GOOD.encode("utf-16"), "The header has a NUL byte."),
        (
            GOOD.replace("place", "Plätze").encode("latin-1"),
            "The header has bytes that are not UTF-8 text.",
        ),
        (GOOD.replace("place,", "site,").encode(), "The file has no such column."),
        (GOOD.replace(",at,", ",when,").encode(), "The file has no such column."),
        (HEADER.encode(), "Not one row of the file can be used."),
        (b"place,at,at,t\n", "Two columns have this name."),
        (b'place,"at,t\n', "A quotation mark is not closed."),
        (bytes(range(256)) * 40, "The header has a NUL byte."),
    ],
)
def test_unusable_file_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(IntakeError) as refused:
        read_text(tmp_path, content)

    assert refused.value.faults[-1].problem == problem


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    feed = make_feed(tmp_path, GOOD)
    feed.file.unlink()

    with pytest.raises(IntakeError, match="The file is not there"):
        read(feed, STATIONS)


def test_unknown_reader_is_refused(tmp_path: Path) -> None:
    feed = Feed.model_validate({**make_feed(tmp_path, GOOD).model_dump(), "reader": "telepathy"})

    with pytest.raises(IntakeError, match="hourly-station-csv"):
        read(feed, STATIONS)


def test_byte_order_mark_windows_lines_and_quotes_are_no_fault(tmp_path: Path) -> None:
    text = GOOD.replace("EST,", '"EST",').replace("\n", "\r\n")
    reading = read_text(tmp_path, b"\xef\xbb\xbf" + text.encode())

    assert reading.faults == []
    assert reading.rows_used == 4


def test_other_delimiters_and_missing_marks_are_settings(tmp_path: Path) -> None:
    text = GOOD.replace(",", ";").replace("NA", "-999")
    reading = read_text(tmp_path, text, delimiter=";", missing=["", "-999"])

    assert reading.faults == []
    assert np.isnan(series(reading, "EST", "air_temperature").values[2])


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    first, second = (read_text(tmp_path, GOOD) for _ in range(2))

    for one, other in zip(first.series, second.series, strict=True):
        assert (one.station, one.quantity) == (other.station, other.quantity)
        np.testing.assert_array_equal(one.times, other.times)
        np.testing.assert_array_equal(one.values, other.values)


GUSTS = {
    "wind": {"quantity": "wind_speed", "unit": "km/h"},
    "gust": {"quantity": "wind_speed_of_gust", "unit": "m s-1", "empty_means": "wind"},
}


def test_gust_that_is_not_reported_is_the_mean_wind(tmp_path: Path) -> None:
    rows = ["36,15", "36,NA", "NA,NA", "NA,15", "36,x"]
    text = "place,at,wind,gust\n" + "".join(
        f"EST,2020-01-01T0{hour}:00Z,{row}\n" for hour, row in enumerate(rows)
    )
    gust = series(read_text(tmp_path, text, columns=GUSTS), "EST", "wind_speed_of_gust")

    np.testing.assert_allclose(gust.values, [15, 10, np.nan, 15, np.nan])
    assert gust.flags.tolist() == [0, 0, 0, 0, Flag.UNREADABLE]


@pytest.mark.parametrize(
    ("other", "problem"),
    [("gust", "No other column"), ("gusts", "No other column"), ("t", "something else")],
)
def test_empty_cell_means_another_column_of_its_kind(
    tmp_path: Path, other: str, problem: str
) -> None:
    columns = {
        "t": {"quantity": "air_temperature", "unit": "degC"},
        "gust": {"quantity": "wind_speed_of_gust", "unit": "m s-1", "empty_means": other},
    }
    with pytest.raises(IntakeError, match=problem):
        read_text(tmp_path, GOOD, columns=columns)


@pytest.mark.parametrize(
    ("options", "field", "problem"),
    [
        ({"time_label": "middle"}, "feed[stations].options.time_label", "missing or wrong"),
        ({"columns": {}}, "feed[stations].options.columns", "missing or wrong"),
        (
            {"columns": {"t": {"quantity": "air_temperature", "unit": "buckets"}}},
            "feed[stations].options.columns.t.unit",
            "unit is not known",
        ),
        (
            {"columns": {"t": {"quantity": "air_temperature", "unit": "mm"}}},
            "feed[stations].options.columns.t.unit",
            "does not measure air_temperature",
        ),
        ({"time_zone": "Mars/Base"}, "feed[stations].options.time_zone", "no such time zone"),
    ],
)
def test_wrong_settings_are_refused_before_reading(
    tmp_path: Path, options: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(IntakeError) as refused:
        read_text(tmp_path, GOOD, **options)

    (fault,) = refused.value.faults
    assert (fault.file, fault.field) == ("feeds.toml", field)
    assert problem in fault.problem
