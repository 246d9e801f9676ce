"""METAR and SYNOP: reports whose values are known from elsewhere, and damaged ones."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.intake.feeds import Named
from tests.intake.readings import SAMPLES, feed_of, series, values
from tocsin.intake import Reading, read
from tocsin.intake.quality import Flag
from tocsin.intake.readers import metar, synop

RAIN = "lwe_thickness_of_precipitation_amount"
CAME = "20190817T120500Z.txt"


def read_text(folder: Path, body: str, reader: str, known: str, **options: object) -> Reading:
    file = folder / CAME
    file.write_text(body)
    return read(feed_of(reader, file, **options), [Named(one) for one in known.split()])


def test_metar_agrees_with_what_its_service_decodes(tmp_path: Path) -> None:
    reading = read_text(tmp_path, (SAMPLES / "metar.txt").read_text(), "metar", "KCNK JFK",
                        stations={"KCNK": "KCNK", "KJFK": "JFK"})  # fmt: skip

    # the same reports as in nws_2019.json, where the service gives their values
    assert values(reading, "KCNK", "air_temperature") == {
        "2019-08-17T10:55": 20.6, "2019-08-17T11:55": 20.0,
    }  # fmt: skip
    assert values(reading, "KCNK", "dew_point_temperature")["2019-08-17T11:55"] == 17.8
    assert values(reading, "KCNK", "air_pressure_at_mean_sea_level") == {
        "2019-08-17T10:55": 1007.0, "2019-08-17T11:55": 1008.1,
    }  # fmt: skip
    assert values(reading, "KCNK", "wind_speed")["2019-08-17T11:55"] == 2.058
    assert values(reading, "KCNK", "wind_from_direction") == {"2019-08-17T11:55": 110.0}
    assert values(reading, "KCNK", RAIN) == {"2019-08-17T10:55": 0.254}
    assert values(reading, "KCNK", "visibility_in_air")["2019-08-17T10:55"] == 16.093
    assert values(reading, "JFK", "visibility_in_air") == {"2019-08-17T11:51": 2.816}
    assert values(reading, "JFK", "wind_speed_of_gust") == {"2019-08-17T11:51": 10.289}
    assert values(reading, "JFK", "air_temperature") == {"2019-08-17T11:51": -2.0}
    assert {fault.value for fault in reading.faults} == {"EGLL", "KSVE", "ZBAA"}


@pytest.mark.parametrize(
    ("groups", "quantity", "value"),
    [
        ("32008KT 9999 15/13 Q1006", "visibility_in_air", (10_000.0, "m")),
        ("32008KT 9999 15/13 Q1006", "air_pressure_at_mean_sea_level", (1006.0, "hPa")),
        ("34009MPS CAVOK 32/M01 Q1002 NOSIG", "wind_speed", (9.0, "m s-1")),
        ("00000KT M1/4SM FG 01/00 A3023", "visibility_in_air", (0.25, "mile")),
        ("36099G115KT 0300 01/ Q0980", "wind_speed_of_gust", (115.0, "knot")),
        ("36005KT 5000 M00/M01 Q0980 TEMPO 0500", "visibility_in_air", (5000.0, "m")),
        ("36005KT 10SM RMK T10051023", "dew_point_temperature", (-2.3, "degC")),
        ("36005KT 10SM RMK SLP982", "air_pressure_at_mean_sea_level", (998.2, "hPa")),
    ],
)
def test_metar_groups(groups: str, quantity: str, value: tuple[float, str]) -> None:
    found, damaged = metar.decode(groups.split())
    assert found[quantity] == value
    assert damaged == []


@pytest.mark.parametrize("group", ["3600KKT", "360055XKT", "A30", "Q10060", "2O/18", "1/0SM"])
def test_damaged_metar_groups_give_nothing(group: str) -> None:
    found, damaged = metar.decode([group])
    assert found == {}
    assert damaged in ([group], [])


def test_metar_without_gust_may_mean_none(tmp_path: Path) -> None:
    body = "KJFK 171151Z 31012KT 10SM 20/10 A3000\n"
    plain = read_text(tmp_path, body, "metar", "KJFK")
    assert "wind_speed_of_gust" not in {one.quantity for one in plain.series}
    meant = read_text(tmp_path, body, "metar", "KJFK", no_gust_is_mean_wind=True)
    assert values(meant, "KJFK", "wind_speed_of_gust") == values(meant, "KJFK", "wind_speed")


def test_a_corrected_metar_stands_and_a_contradiction_is_flagged(tmp_path: Path) -> None:
    first, second = "KJFK 171151Z 31012KT 20/10 A3000\n", "KJFK 171151Z COR 31012KT 22/10 A3000\n"
    corrected = read_text(tmp_path, first + second, "metar", "KJFK")
    assert values(corrected, "KJFK", "air_temperature") == {"2019-08-17T11:51": 22.0}
    assert corrected.faults == []

    doubted = read_text(tmp_path, first + second.replace("COR ", ""), "metar", "KJFK")
    warm = series(doubted, "KJFK", "air_temperature")
    assert (warm.values.tolist(), warm.flags.tolist()) == ([20.0], [Flag.DUPLICATE])
    assert "they differ" in doubted.faults[0].problem


@pytest.mark.parametrize(
    ("came", "report", "at"),
    [
        ("20260101T000500Z", "312351Z", "2025-12-31T23:51"),
        ("20260301T000500Z", "282351Z", "2026-02-28T23:51"),
        ("20260110T120000Z", "111151Z", "2026-01-11T11:51"),  # a clock a day ahead
        ("20260131T223000Z", "010130Z", "2026-02-01T01:30"),  # ahead over the turn of a month
        ("20260110T120000Z", "131151Z", "2025-12-13T11:51"),  # a file of a month of reports
        ("20260301T000500Z", "312351Z", "2026-01-31T23:51"),  # February has no 31st
        ("20260110T120000Z", "101251Z", "2026-01-10T12:51"),
    ],
)
def test_month_and_year_follow_from_when_it_came(
    tmp_path: Path, came: str, report: str, at: str
) -> None:
    file = tmp_path / f"{came}.txt"
    file.write_text(f"KJFK {report} 31012KT 20/10 A3000\n")
    reading = read(feed_of("metar", file), [Named("KJFK")])
    assert list(values(reading, "KJFK", "air_temperature")) == [at]


RAIN = "lwe_thickness_of_precipitation_amount"


def test_an_hours_rain_is_told_once_and_of_its_own_hour(tmp_path: Path) -> None:
    """A special just before the routine report has the same rain; at 12:00 it is that of 11 h."""
    wind = "31012KT 10SM 20/10 A3000 RMK"
    body = f"SPECI KJFK 171047Z {wind} P0005\nMETAR KJFK 171051Z {wind} P0010\n"
    once = read_text(tmp_path, body, "metar", "KJFK")
    assert values(once, "KJFK", RAIN) == {"2019-08-17T10:51": pytest.approx(2.54)}
    turn = read_text(tmp_path, f"METAR KJFK 171200Z {wind} P0010\n", "metar", "KJFK")
    assert list(values(turn, "KJFK", RAIN)) == ["2019-08-17T11:00"]
    assert list(values(turn, "KJFK", "air_temperature")) == ["2019-08-17T12:00"]


def test_a_synop_of_a_clock_ahead_is_of_the_future(tmp_path: Path) -> None:
    """Three hours ahead over the turn of a month: not a value of a month ago."""
    file = tmp_path / "20260131T223000Z.txt"
    file.write_text("AAXX 01011 03772 41480 01210 10120=\n")
    reading = read(feed_of("synop", file, stations={"03772": "A"}), [Named("A")])
    assert list(values(reading, "A", "air_temperature")) == ["2026-02-01T01:00"]


def test_a_file_without_a_stamp_is_judged_by_its_own_age(tmp_path: Path) -> None:
    file = tmp_path / "metar.txt"
    file.write_text("KJFK 312351Z 31012KT 20/10 A3000\n")
    moment = datetime(2026, 1, 1, 0, 5, tzinfo=UTC).timestamp()
    os.utime(file, (moment, moment))
    reading = read(feed_of("metar", file), [Named("KJFK")])
    assert list(values(reading, "KJFK", "air_temperature")) == ["2025-12-31T23:51"]


def test_a_metar_file_cut_in_the_middle_gives_the_whole_reports(tmp_path: Path) -> None:
    body = "KJFK 171051Z 31012KT 20/10 A3000\nKJFK 171151Z 31012KT 2"
    reading = read_text(tmp_path, body, "metar", "KJFK")
    assert list(values(reading, "KJFK", "air_temperature")) == ["2019-08-17T10:51"]
    assert "ends in the middle" in reading.faults[0].problem


def test_synop_is_read_with_its_signs_units_and_hour_of_rain(tmp_path: Path) -> None:
    body = (SAMPLES / "synop.txt").read_text()
    names = {"08522": "FNC", "54511": "PEK", "87736": "BHI", "08579": "LIS"}
    reading = read_text(tmp_path, body, "synop", "FNC PEK BHI LIS", stations=names)

    noon = "2019-08-17T12:00"
    assert reading.faults == []
    assert values(reading, "FNC", "air_temperature") == {noon: 25.0}
    assert values(reading, "FNC", "dew_point_temperature") == {noon: 17.6}
    assert values(reading, "FNC", "surface_air_pressure") == {noon: 1013.1}
    assert values(reading, "FNC", "air_pressure_at_mean_sea_level") == {noon: 1019.9}
    assert values(reading, "FNC", "wind_speed") == {noon: 2.0}
    assert values(reading, "PEK", "dew_point_temperature") == {noon: -1.5}
    assert values(reading, "PEK", "wind_from_direction") == {noon: 340.0}
    assert values(reading, "PEK", "visibility_in_air") == {noon: 20.0}
    assert values(reading, "PEK", RAIN) == {"2019-08-17T11:00": 5.0}
    assert values(reading, "BHI", "relative_humidity") == {noon: 63.0}
    assert (RAIN in {one.quantity for one in reading.series if one.station == "BHI"}) is False
    assert reading.rows_read == 3


@pytest.mark.parametrize(
    ("groups", "quantity", "value"),
    [
        ("32550 00000 10250", "visibility_in_air", (5.0, "km")),
        ("32589 00000 10250", "visibility_in_air", (75.0, "km")),
        ("32594 00000 10250", "visibility_in_air", (1.0, "km")),
        ("32560 13699 00105 10250", "wind_speed", (105.0, "knot")),
        ("32560 13610 69935", "lwe_thickness_of_precipitation_amount", (0.3, "mm")),
        ("32560 13610 333 60125", "lwe_thickness_of_precipitation_amount", (12.0, "mm")),
        ("32560 13610 49871", "air_pressure_at_mean_sea_level", (987.1, "hPa")),
    ],
)
def test_synop_groups(groups: str, quantity: str, value: tuple[float, str]) -> None:
    found, damaged = synop.decode(groups.split(), "knot")
    assert found[quantity] == value
    assert damaged == []


def test_damaged_synop_groups_are_told(tmp_path: Path) -> None:
    body = "AAXX 17121\n08522 32570 49902 1O250 23176 40199=\n08522 32570 499"
    reading = read_text(tmp_path, body, "synop", "08522")
    assert {fault.value for fault in reading.faults} == {"1O250", "23176"}
    assert values(reading, "08522", "air_pressure_at_mean_sea_level") == {
        "2019-08-17T12:00": 1019.9
    }
