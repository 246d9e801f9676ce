"""``tocsin indicators compute`` as a person meets it: columns, units, gaps, states, faults."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.indicators.catalogue import CATALOGUE

from .test_contract import NEEDS, sample

HEAT = "station,time,air_temperature [degF],relative_humidity [%]\n"


@pytest.fixture
def compute(tmp_path):
    """Return a function (indicator, text of the file, options) -> result, rows of the output."""

    def run(indicator, text, *options):
        path = tmp_path / "in.csv"
        path.write_text(text, encoding="utf-8")
        call = ["indicators", "compute", indicator, str(path), *map(str, options)]
        result = CliRunner().invoke(app, call)
        return result, list(csv.DictReader(io.StringIO(result.stdout)))

    return run


def faults(result):
    return [str(fault) for fault in result.exception.faults]


def test_columns_by_cf_name_and_units_from_the_header(compute):
    result, rows = compute("heat_index", HEAT + "JFK,2013-07-18T15:00,95,60\n")
    assert result.exit_code == 0
    expected = CATALOGUE["heat_index"].compute(temperature=35.0, relative_humidity=60.0)
    assert rows == [
        {
            "station": "JFK",
            "time": "2013-07-18T15:00",
            "heat_index [degC]": f"{float(expected):.10g}",
        }
    ]


def test_columns_and_units_can_be_named(compute):
    result, rows = compute(
        "heat_index", "t2m,rh\n308.15,0.6\n", "--column", "temperature=t2m", "--column",
        "relative_humidity=rh", "--unit", "temperature=K", "--unit", "relative_humidity=1",
    )  # fmt: skip
    expected = CATALOGUE["heat_index"].compute(temperature=35.0, relative_humidity=60.0)
    assert float(rows[0]["heat_index [degC]"]) == pytest.approx(float(expected), rel=1e-9)
    assert result.stderr == ""


def test_a_unit_that_is_taken_for_granted_is_said(compute):
    result, _ = compute("wind_beaufort", "wind_speed\n5.5\n")
    assert "in.csv: wind_speed: no unit is given, taken as m/s." in result.stderr


def test_reasons_in_both_languages(compute):
    text = HEAT + "JFK,2013-07-18T15:00,95,120\nJFK,2013-07-18T16:00,,50\n"
    _, rows = compute("heat_index", text, "--explain")
    assert rows[0]["reason"].startswith("outside-domain: relative_humidity is 120 %, above")
    assert rows[1]["reason"] == "missing: temperature is missing."
    _, rows = compute("heat_index", text, "--explain", "--language", "zh-Hans")
    assert rows[1]["reason"] == "missing: 缺少 temperature。"


def test_what_is_not_verified_is_said(compute):
    name = CATALOGUE["cn_iaqi_so2_24h"].inputs["concentration"]
    result, _ = compute("cn_iaqi_so2_24h", f'"{name} [ug/m3]"\n100\n')
    assert "NOT VERIFIED" in result.stderr


def test_every_fault_has_file_line_column_value_and_remedy(compute):
    text = HEAT + "JFK,yesterday,9x,60\nJFK,2013-07-18T16:00,80,60,1\n"
    result, _ = compute("heat_index", text)
    assert result.exit_code == 1
    got = faults(result)
    assert any(line.startswith("in.csv:3: ") for line in got)
    assert (
        "in.csv:2: air_temperature [degF] = 9x: This is not a number. "
        "Write 12.5, or leave the cell empty where nothing was measured."
    ) in got
    assert any("in.csv:2: time = yesterday: This is not a time." in line for line in got)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "in.csv:1: temperature: There is no such column. Name a column temperature"),
        ("", "in.csv:1: header: The file is empty."),
        (HEAT, "in.csv: rows: The file has a header and no rows."),
    ],
)
def test_files_without_the_columns_or_without_rows(compute, text, words):
    result, _ = compute("heat_index", text)
    assert result.exit_code == 1
    assert any(line.startswith(words) for line in faults(result))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (["2020-07-01T01", "2020-07-01T01"], "in.csv:3: time = 2020-07-01T01: This time is given"),
        (["2020-07-01T02", "2020-07-01T01"], "in.csv:3: time = 2020-07-01T01: It follows 2020-07"),
        (["2020-07-01T01", "2020-07-01T01:30"], "This is not a full hour. Give hourly rows."),
    ],
)
def test_a_time_axis_that_is_unsorted_or_double_is_refused(compute, times, words):
    text = "time,amount [mm]\n" + "".join(f"{time},1\n" for time in times)
    result, _ = compute("rain_1h", text)
    assert result.exit_code == 1
    assert words in "\n".join(faults(result))


def test_hours_that_are_left_out_count_as_missing_and_are_said(compute):
    text = "time,amount [mm]\n2020-07-01T00,1\n2020-07-01T01,1\n2020-07-01T04,1\n"
    result, rows = compute("rain_3h", text, "--explain")
    assert [row["rain_3h [mm]"] for row in rows] == ["", "", ""]
    assert "2 row(s) are not in the file and count as missing." in result.stderr
    assert "2 are missing or impossible" in rows[2]["reason"]


def test_a_wrong_unit_is_refused_by_name(compute):
    result, _ = compute("rain_1h", "time,amount [degC]\n2020-07-01T00,1\n")
    assert result.exit_code == 1
    assert "'degC' cannot be converted to 'mm'" in str(result.exception)


FIRE = (
    "station,time,latitude,temperature [degC],relative_humidity [%],wind_speed [km/h],rain [mm]\n"
)


def fire_rows(days, seed=1):
    rng = np.random.default_rng(seed)
    return [
        f"{who},2020-06-{day:02},{latitude},{rng.uniform(10, 30):.1f},{rng.uniform(20, 90):.0f},"
        f"{rng.uniform(3, 30):.0f},{rng.choice([0, 0, 4.2])}\n"
        for who, latitude in (("north", 60.0), ("south", -40.0))
        for day in days
    ]


def test_a_run_goes_on_from_a_saved_state(compute, tmp_path):
    """Two stations at two latitudes; ten days at once, then six and four."""
    kept = tmp_path / "state.json"
    whole = fire_rows(range(1, 11))
    _, expected = compute("fwi", FIRE + "".join(whole))
    first = [row for row in whole if int(row.split(",")[1][-2:]) <= 6]
    rest = [row for row in whole if row not in first]
    result, _ = compute("fwi", FIRE + "".join(first), "--save-state", kept)
    assert result.exit_code == 0
    assert json.loads(kept.read_text())["after"] == "2020-06-06"
    _, got = compute("fwi", FIRE + "".join(rest), "--state", kept)
    late = [row for row in expected if int(row["time"][-2:]) > 6]
    assert got == late
    again, _ = compute("fwi", FIRE + "".join(first), "--state", kept)
    assert "The state stands after 2020-06-06, the file begins at 2020-06-01" in str(
        again.exception
    )


def test_a_variant_and_a_latitude_for_all(compute):
    text = FIRE.replace("latitude,", "") + "x,2020-06-01,20,40,10,0\n"
    _, exact = compute("ffmc", text, "--set", "latitude=40")
    _, older = compute("ffmc", text, "--set", "latitude=40", "--variant", "147.2")
    assert exact != older
    result, _ = compute("ffmc", text)
    assert "ffmc: latitude is missing; expected it beside the series." in str(result.exception)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "latitude"], "is not like name=value"),
        (["--set", "height=3"], "'height' is not of rain_1h; it has: max_missing"),
        (["--column", "rain=x"], "'rain' is not of rain_1h; it has: amount"),
        (["--variant", "b"], "'variant' is not of rain_1h"),
        (["--save-state", "x.json"], "rain_1h has no state"),
    ],
)
def test_options_that_do_not_fit_are_refused(compute, options, words):
    result, _ = compute("rain_1h", "time,amount [mm]\n2020-07-01T00,1\n", *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_grid_goes_to_a_store_with_the_same_numbers(tmp_path):
    """A day of two cells through NetCDF and Zarr; stores are kept in single precision."""
    xarray = pytest.importorskip("xarray")
    weather = {
        "air_temperature": ([[35.0, 28.0]], "degC"), "relative_humidity": ([[60.0, 40.0]], "%")
    }  # fmt: skip
    grid = xarray.Dataset(
        {
            name: (
                ("time", "y", "x"),
                np.asarray([values]),
                {"units": unit, "standard_name": name},
            )
            for name, (values, unit) in weather.items()
        },
        coords={"time": [np.datetime64("2020-07-01T12", "ns")], "y": [40.0], "x": [0.0, 1.0]},
    )
    grid.to_netcdf(tmp_path / "noon.nc")
    call = ["indicators", "compute", "heat_index", str(tmp_path / "noon.nc"), "--out"]
    result = CliRunner().invoke(app, [*call, str(tmp_path / "out.zarr")])
    assert result.exit_code == 0, result.exception or result.output
    with xarray.open_zarr(tmp_path / "out.zarr") as store:
        got = store["heat_index"].values.ravel()
    expected = CATALOGUE["heat_index"].compute(
        temperature=np.array([35.0, 28.0]), relative_humidity=np.array([60.0, 40.0])
    )
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_a_grid_needs_a_store_and_a_lost_file_is_said(tmp_path):
    lost = CliRunner().invoke(app, ["indicators", "compute", "utci", str(tmp_path / "no.csv")])
    assert lost.exit_code == 2
    result = CliRunner().invoke(app, ["indicators", "compute", "utci", "era5.nc"])
    assert "tocsin grids compute utci era5.nc" in " ".join(result.stderr.replace("│", " ").split())


def test_words_stand_in_a_column_too(compute):
    text = "content [mg/kg],ph,land\n0.35,5.0,paddy\n0.35,5.0,other\n0.35,6.0,paddy\n,5.0,paddy\n"
    result, rows = compute("soil_risk_cd", text, "--unit", "ph=1", "--explain")
    assert [row["soil_risk_cd [1]"] for row in rows] == ["1", "1", "0", ""]
    assert rows[3]["reason"] == "missing: content is missing."
    assert result.stderr == ""
    snow = "time,depth [m],snow_class\n2020-01-01,1,alpine\n2020-01-02,1,{}\n"
    result, rows = compute("snow_load_by_depth", snow.format("alpine"))
    assert result.exit_code == 0
    assert float(rows[0]["snow_load_by_depth [kPa]"]) > 2.0
    result, _ = compute("snow_load_by_depth", snow.format("taiga"))
    assert "in.csv:3: snow_class = taiga: The rows before it have alpine." in faults(result)[0]


def test_the_output_goes_to_a_file(compute, tmp_path):
    out = tmp_path / "out.csv"
    result, _ = compute("wind_beaufort", "wind_speed [m/s]\n5.5\n", "--out", out)
    assert result.stdout == ""
    assert out.read_text() == "wind_beaufort [Bft]\n4\n"


STEP = {"hourly": "h", "hourly-sum": "h", "daily": "D", "daily-noon": "D", "weekly": "W",
        "monthly": "M"}  # fmt: skip
GIVEN = {"latitude": "40", "mean_annual_rain": "800", "land": "other", "normal_mean": "1600",
         "normal_spread": "90", "action": "2", "minor": "3", "moderate": "4", "major": "5",
         "snow_class": "alpine", "season_correction": "0"}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_indicator_computes_a_table_as_its_function_does(compute, name):
    entry = CATALOGUE[name]
    inputs = sample(entry)
    unit = STEP.get(entry.cadence, "D")
    rows = len(next(iter(inputs.values())))
    steps = np.arange(rows).astype(f"timedelta64[{unit}]")
    first = "2026-04" if entry.standard else "1990-01"  # no standard here is older than 1995
    times = (
        (np.datetime64(first, unit) + steps)
        if unit != "W"
        else (np.datetime64("1990-01-01") + np.arange(rows) * 7)
    )
    head = ",".join(["time", *(f"{a} [{u}]" for a, u in entry.input_units.items())])
    body = "".join(
        ",".join([str(time), *(f"{series[n]:.17g}" for series in inputs.values())]) + "\n"
        for n, time in enumerate(times)
    )
    given = {**NEEDS, "time": times}
    settings = []
    for need in entry.needs:
        if need == "annual_maxima":
            settings += ["--set", "annual_maxima=" + ",".join(map(repr, given[need].tolist()))]
        elif need not in ("time", "first_month"):
            settings += ["--set", f"{need}={GIVEN[need]}"]
    result, got = compute(name, f"{head}\n{body}", *settings)
    assert result.exit_code == 0, result.exception
    expected = np.asarray(
        entry.compute(**inputs, **{need: given[need] for need in entry.needs}), dtype=np.float64
    )
    values = [float(row[f"{name} [{entry.unit}]"] or "nan") for row in got]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("indicator", "header", "options", "words"),
    [
        ("ffmc", "temperature,relative_humidity,wind_speed,rain", ["--set", "latitude=40",
         "--variant", "old"], "variant is 'old'; give 'exact' or '147.2'"),
        ("soil_risk_cd", "time,content,ph", ["--set", "land=moon"], "land is 'moon'; give one of"),
    ],
)  # fmt: skip
def test_a_setting_the_method_does_not_have_is_a_sentence_not_a_traceback(
    compute, indicator, header, options, words
):
    columns = ["time", *header.replace("time,", "").split(",")]
    text = ",".join(columns) + "\n2026-07-18" + ",5" * (len(columns) - 1) + "\n"
    result, _ = compute(indicator, text, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_latitude_that_is_a_word_is_named(compute):
    text = "time,temperature,relative_humidity,wind_speed,rain\n2026-07-18,20,40,10,0\n"
    result, _ = compute("fwi", text, "--set", "latitude=north")
    assert "latitude has to be numbers in 'degree', and it is 'north'" in str(result.exception)


def test_a_time_with_an_offset_is_refused(compute):
    result, _ = compute(
        "heat_index",
        HEAT + "JFK,2013-07-18T15:00+08:00,95,60\nJFK,NaT,95,60\nJFK,1970-01-01,95,60\n",
    )
    assert [fault.split(": This is not a time.")[0] for fault in faults(result)] == [
        "in.csv:2: time = 2013-07-18T15:00+08:00", "in.csv:3: time = NaT",
    ]  # fmt: skip


def test_a_variant_reaches_a_grid_as_a_name(monkeypatch):
    """Settings of a grid are JSON, in which 147.2 would be a number and no name."""
    asked = {}
    monkeypatch.setattr("tocsin.cli.grids.compute", lambda *_, **given: asked.update(given))
    call = ["indicators", "compute", "fwi", "era5.nc", "--out", "o.zarr", "--variant", "147.2"]
    assert CliRunner().invoke(app, call).exit_code == 0
    assert asked["set_"] == ['variant="147.2"']


def test_each_row_is_judged_by_the_edition_of_its_day(compute):
    """70 ug/m3 of PM2.5 are 94 by HJ 633-2012 (35 to 75 is 50 to 100) and more from March 2026."""
    text = "time,concentration [ug/m3]\n2026-02-28,70\n2026-03-01,70\n2020-01-01T05:00,70\n"
    _, rows = compute("cn_iaqi_pm25_24h", text)
    by_2026 = float(CATALOGUE["cn_iaqi_pm25_24h"].compute(concentration=70.0, on="2026-03-01"))
    assert by_2026 > 94.0
    assert [float(row["cn_iaqi_pm25_24h [1]"]) for row in rows] == [94.0, by_2026, 94.0]
    _, rows = compute("cn_iaqi_pm25_24h", text, "--set", "on=2026-03-01")
    assert {float(row["cn_iaqi_pm25_24h [1]"]) for row in rows} == {by_2026}


def test_a_day_before_every_edition_is_refused(compute):
    result, _ = compute("us_aqi_pm25_24h", "time,concentration [ug/m3]\n2020-01-01,70\n")
    assert result.exit_code == 2
    said = " ".join(result.stderr.replace("│", " ").split())
    assert "is known for 2020-01-01" in said
    assert "Choose one by its day: on=2024-05-06" in said


def test_a_place_that_cannot_be_written_is_said_and_no_state_passes_it_over(compute, tmp_path):
    text = "time,rain,max_temperature\n2026-07-18,0,30\n"
    more = ["--set", "mean_annual_rain=800", "--save-state", tmp_path / "state.json"]
    result, _ = compute("kbdi", text, *more, "--out", tmp_path / "none" / "out.csv")
    assert result.exit_code == 2
    assert "cannot be written: No such file" in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "state.json").exists()
    assert compute("kbdi", text, *more, "--out", tmp_path / "out.csv")[0].exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv", "state.json"]


def test_the_pollutants_that_are_there_decide(compute):
    head = "time,pm25_24h [ug/m3],pm10_24h [ug/m3]\n"
    result, rows = compute("cn_aqi", head + "2020-01-01,70,\n2020-01-02,,\n", "--explain")
    assert result.exit_code == 0, result.exception
    assert rows[0]["cn_aqi [1]"] == "94"
    assert rows[1]["cn_aqi [1]"] == ""
    assert "pm25_24h is missing." in rows[1]["reason"]
    assert "o3_8h: there is no such column, taken as missing." in result.stderr
    nothing, _ = compute("cn_aqi", "time\n2020-01-01\n")
    assert len(faults(nothing)) == 6
    mistyped, _ = compute("cn_aqi", head + "2020-01-01,70,\n", "--column", "o3_8h=ozone")
    assert [fault.split(": There is")[0] for fault in faults(mistyped)] == [
        "in.csv:1: o3_8h = ozone"
    ]
