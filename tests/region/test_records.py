"""Records of stations: every wrong row told at its line, whole years found, doubts, the command."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.region.folder import REGION, RULES, make_region_folder
from tests.triggers.make import make_rule
from tocsin.cli import app
from tocsin.region import check_region, load_region
from tocsin.region.place_doubts import doubts_of_place
from tocsin.region.records import Extreme, as_csv, by_station, extremes_of, with_records
from tocsin.triggers.evaluate import Calendar

HEAD = "indicator,station,year,extreme,unit,source\n"
RARE = RULES.replace(
    "levels = { yellow = 95, red = 105 }",
    'levels_as = "return-period"\nlevels = { yellow = 5, red = 60 }',
)


def row(**changed: object) -> str:
    cells = {
        "indicator": "heat_index", "station": "EST", "year": 2001, "extreme": 38.5, "unit": "degC",
        "source": "a yearbook",
    }  # fmt: skip
    return ",".join(str(one) for one in {**cells, **changed}.values()) + "\n"


def years(station: str, count: int, **changed: object) -> str:
    """Made for the tests: extremes of so many years that vary by a tenth of a degree."""
    return "".join(
        row(station=station, year=1980 + n, extreme=35 + (7 * n % 25) / 10, **changed)
        for n in range(count)
    )


def folder(tmp_path: Path, rows: str, rules: str = RARE, more: str = "") -> Path:
    head = REGION.replace("[cap]", '[files]\nrecords = "records.csv"\n\n[cap]')
    return make_region_folder(
        tmp_path / "two-valleys",
        {"region.toml": head + more, "records.csv": rows, "rules.toml": rules},
    )


@pytest.mark.parametrize(
    ("rows", "line", "where", "problem", "remedy"),
    [
        (HEAD + row(indicator="heat_indx"), 2, "indicator", "No indicator", "heat_index?"),
        (HEAD + row() + row(station="EXT", year=2002), 3, "station", "No station", "EST?"),
        (HEAD + row(unit="mm"), 2, "unit", "no unit of heat_index", "degC"),
        (HEAD + row(unit="hotness"), 2, "unit", "no unit of heat_index", "degC"),
        (HEAD + row(year="2001.5"), 2, "year", "whole number", "digits"),
        (HEAD + row(year="1"), 2, "year", "too small", "1600"),
        (HEAD + row(extreme="hot"), 2, "extreme", "not a number", "digits"),
        (HEAD + row(extreme="nan"), 2, "extreme", "not a number", "digits"),
        (HEAD + row(source=""), 2, "source", "missing", "source"),
        (HEAD + row() + row(), 3, "year", "Line 2 has this year", "one of the two"),
        ("indicator,station,year\nheat_index,EST,2001\n", 1, "extreme", "missing", "columns are"),
        (HEAD.replace("source", "origin") + row(), 1, "origin", "not known", "source"),
        ("", 1, "header", "empty", ""),
    ],
)
def test_a_wrong_row_is_told_at_its_line(tmp_path, rows, line, where, problem, remedy) -> None:
    faults = check_region(folder(tmp_path, rows))
    told = [one for one in faults if one.file == "records.csv"]
    assert told, faults
    assert (told[0].line, told[0].field) == (line, where)
    assert problem in told[0].problem
    assert remedy in told[0].remedy


def test_a_file_that_is_named_must_be_there(tmp_path) -> None:
    place = folder(tmp_path, HEAD)
    (place / "records.csv").unlink()
    assert [one.file for one in check_region(place)] == ["records.csv"]


def test_rules_carry_what_the_records_say_in_their_own_unit(tmp_path) -> None:
    region = load_region(folder(tmp_path, HEAD + years("EST", 25) + years("WST", 10)))
    heat, cold = region.rules
    assert heat.record is not None
    assert cold.record is None
    assert [(name, one.years, one.gev is None) for name, one in heat.record.items()] == [
        ("EST", 25, False), ("WST", 10, True),
    ]  # fmt: skip
    location, scale, _ = heat.record["EST"].gev or (0.0, 0.0, 0.0)
    assert 95 < location < 99  # 35 to 37.4 degC are 95 to 99.3 degF
    assert scale < 3
    assert by_station(region.records, "heat_index", "degF")["EST"][1980] == 95.0


def test_what_a_folder_says_by_hand_is_replaced(tmp_path) -> None:
    by_hand = RARE.replace(
        'areas = ["E1", "W1"]',
        'areas = ["E1", "W1"]\nrecord = { EST = { years = 99, first = 1, last = 99 } }',
    )
    region = load_region(folder(tmp_path, HEAD + years("EST", 25), by_hand))
    assert {name: one.years for name, one in (region.rules[0].record or {}).items()} == {"EST": 25}


def test_a_rule_without_return_periods_is_left_alone() -> None:
    plain = make_rule()
    assert with_records(plain, []) is plain


def test_joined_conditions_have_records_of_their_own() -> None:
    also = {
        "indicator": "wind_mean", "unit": "km/h", "levels": {"blue": 5, "yellow": 6, "red": 7},
        "levels_as": "return-period",
    }  # fmt: skip
    rule = make_rule(also=[also], join="all")
    rows = [
        Extreme(indicator="wind_mean", station="A", year=1980 + n, extreme=10 + n % 7, unit="m/s",
                source="made for a test")
        for n in range(30)
    ]  # fmt: skip
    found = with_records(rule, rows)
    assert found.record is None
    assert found.also is not None
    assert (found.also[0].record or {})["A"].years == 30


def test_placeholders_of_years_and_share_stand_only_where_they_can_be_filled(tmp_path) -> None:
    asking = RULES.replace('en = "Hot: {value}"', 'en = "Hot: {years}, {share}"')
    told = [one.value for one in check_region(folder(tmp_path, HEAD, asking))]
    assert told == ["{years}", "{share}"]
    rare = RARE.replace('en = "Hot: {value}"', 'en = "Hot: {years}"')
    assert check_region(folder(tmp_path, HEAD, rare)) == []
    wide = asking.replace("{years}, ", "").replace("hazard =", "min_share = 0.2\nhazard =", 1)
    assert check_region(folder(tmp_path, HEAD, wide)) == []


@pytest.mark.parametrize(
    ("line", "where"),
    [("min_share = 0.2", "rule[1].min_share"), ("min_known = 0.2", "rule[1].min_known")],
)
def test_what_cannot_go_together_is_told_at_its_line(tmp_path, line, where) -> None:
    (fault,) = check_region(
        folder(tmp_path, HEAD, RARE.replace("hazard =", f"{line}\nhazard =", 1))
    )
    assert (fault.field, fault.line) == (where, 5)


def test_short_and_far_records_are_doubts(tmp_path) -> None:
    region = load_region(folder(tmp_path, HEAD + years("EST", 25) + years("WST", 10)))
    told = {one.kind: str(one) for one in doubts_of_place(region.rules[0], region)}
    assert set(told) == {"short-record", "far-period"}
    assert "WST has no record of 20 years of heat_index" in told["short-record"]
    assert (
        "red, once in 60 years, lies beyond twice the record of EST (25 years)"
        in (told["far-period"])
    )
    assert doubts_of_place(region.rules[1], region) == []


def test_no_record_at_all_is_a_doubt_with_the_way_out(tmp_path) -> None:
    region = load_region(make_region_folder(tmp_path / "two", {"rules.toml": RARE}))
    (doubt,) = doubts_of_place(region.rules[0], region)
    assert doubt.kind == "no-record"
    assert "tocsin records REGION --rule heat" in doubt.remedy


def test_surface_that_one_station_or_none_stands_for_is_a_doubt(tmp_path) -> None:
    # 10.5 km round a station are 346 of the 681 square km of a valley.
    wide = RULES.replace("hazard =", "min_share = 0.2\nmin_known = 0.6\nhazard =", 1)
    near = REGION.replace("max_distance_km = 50", "max_distance_km = 10.5")
    region = load_region(
        make_region_folder(tmp_path / "two", {"rules.toml": wide, "region.toml": near})
    )
    (dark,) = doubts_of_place(region.rules[0], region)
    assert (dark.kind, "E1, W1: less than 60%" in dark.problem) == ("no-surface", True)


HOURS = 3 * 8784
TIMES = np.datetime64("2019-06-30T22", "h") + np.arange(HOURS)


def test_whole_years_count_and_part_years_do_not() -> None:
    calendar = Calendar.of(TIMES, ZoneInfo("Europe/Zurich"))
    values = np.sin(np.arange(HOURS) / 8766 * 2 * np.pi)[:, None] * np.array([10.0, 20.0, 30.0])
    year = TIMES.astype("datetime64[Y]").astype(int) + 1970
    values[(year == 2021) & (np.arange(HOURS) % 5 == 0), 1] = np.nan  # as many on every day
    values[(np.datetime64("2021-03-01T00") < TIMES) & (year == 2021), 2] = np.nan
    found = extremes_of("temperature", values, calendar, ("A", "B", "C"), "made")
    assert [(one.station, one.year) for one in found] == [
        ("A", 2020), ("B", 2020), ("C", 2020), ("A", 2021), ("B", 2021),
    ]  # fmt: skip
    assert [one.extreme for one in found[:3]] == [10.0, 20.0, 30.0]


def test_one_value_a_day_is_a_whole_year_and_minima_are_minima() -> None:
    calendar = Calendar.of(TIMES, ZoneInfo("UTC"))
    values = np.full((HOURS, 1), np.nan)
    values[1::24, 0] = 5 + np.arange(values[1::24, 0].size) % 11
    found = extremes_of("visibility", values, calendar, ("A",), "made")
    assert [(one.year, one.extreme, one.unit) for one in found] == [
        (2020, 5.0, "km"), (2021, 5.0, "km"),
    ]  # fmt: skip


def test_the_command_writes_the_file_and_keeps_what_is_there(tmp_path) -> None:
    place = folder(tmp_path, HEAD + row(year=2020, extreme=41.0))
    hours = np.datetime64("2020-01-01T00", "h") + np.arange(2 * 8784 - 24)
    lines = ["place,at,t,rain"]
    lines += [f"EST,{hour}:00Z,{20 + n % 24 * 0.5:g},0" for n, hour in enumerate(hours)]
    (place / "values.csv").write_text("\n".join(lines) + "\n")
    asked = ["records", str(place), "--indicator", "temperature", "--rule", "cold",
             "--from", "2020-01-01", "--to", "2021-12-31"]  # fmt: skip
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "whole years found" in done.output
    written = (place / "records.csv").read_text()
    assert row(year=2020, extreme=41) in written
    assert "temperature,EST,2020,31.5,degC,Computed from Weather office\n" in written
    assert check_region(place) == []
    refused = CliRunner().invoke(app, ["records", str(place), "--indicator", "tempratur"])
    assert refused.exit_code == 2


def test_what_is_written_reads_back_the_same(tmp_path) -> None:
    region = load_region(folder(tmp_path, HEAD + years("EST", 25)))
    assert load_region(folder(tmp_path, as_csv(region.records))).records == region.records
