"""Chinese fire-weather scores and grades against the copies of their tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from tocsin.errors import ShapeError
from tocsin.indicators.fire import fire_weather_grade_cn, fire_weather_index_cn
from tocsin.indicators.standards import standard_on

NAN = np.nan
REFERENCE = Path(__file__).parent.parent / "reference"
COOL, MOIST, WET, CALM = 0.0, 80.0, 1.0, 0.0  # each scores 0


def read(name):
    lines = (REFERENCE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def score(t=COOL, h=MOIST, p=WET, w=CALM, correction=0.0, days=11):
    series = [np.full(days, float(value)) for value in (t, h, p, w)]
    return fire_weather_index_cn(*series, season_correction=correction)[-1]


def ends(text, beyond):
    """Return the lowest and the highest value of a bin as the table writes it."""
    low, high = re.fullmatch(r"(?:([\d.]+)-|>=|>|<=)?([\d.]+)", text).groups()
    if text.startswith("<="):
        return [0.0, float(high)]
    if text.startswith(">="):
        return [float(high), beyond]
    if text.startswith(">"):
        return [float(high) + 0.1, beyond]
    return [float(low or high), float(high)]


SPEED_OF_FORCE = [0.0, 0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2]  # WMO code table 1100


def test_every_score_that_was_found():
    tested = 0
    for row in read("lyt1172_95_scores_partial.csv"):
        factor, points = row["factor"][0], row["score"]
        if factor == "E":
            assert row["status"] == "NOT FOUND"
            continue
        for value in ends(row["bin"], 99.0):
            if factor == "A":
                got = score(t=value)
            elif factor == "B":
                got = score(h=value)
            elif factor == "D":
                got = score(w=SPEED_OF_FORCE[int(value)])
            else:
                rain = np.full(30, 5.0)
                rain[30 - int(value) :] = 0.1
                other = [np.full(30, one) for one in (COOL, MOIST, CALM)]
                got = fire_weather_index_cn(
                    other[0], other[1], rain, other[2], season_correction=0.0
                )[-1]
            assert got == float(points), row
            tested += 1
    assert tested == 64


def test_the_grades():
    for row in read("lyt1172_95_classes.csv"):
        low, high = float(row["index_lo"]), float(row["index_hi"] or 130)
        assert fire_weather_grade_cn([low, high]).tolist() == [float(row["grade"])] * 2
    np.testing.assert_equal(fire_weather_grade_cn([25.5, -5.0, NAN, np.inf]), [1, 1, NAN, NAN])


def test_the_worst_day_and_its_correction():
    assert score(t=30.0, h=10.0, p=0.0, w=20.0) == 20 + 20 + 50 + 40
    assert score(t=30.0, h=10.0, p=0.0, w=20.0, correction=15.0) == 115


def test_a_missing_day_counts_only_until_the_last_wet_day():
    rain = np.zeros(30)
    rain[[5, 20]] = NAN, 9.0
    others = [np.full(30, one) for one in (COOL, MOIST, CALM)]
    got = fire_weather_index_cn(others[0], others[1], rain, others[2], season_correction=0.0)
    assert np.isnan(got[:15]).all()  # ten days before the start, then ten after the gap
    assert got[15] == 50.0
    assert got[20] == 0.0
    assert got[21] == 5.0


@pytest.mark.parametrize("bad", [{"h": 101.1}, {"h": -1}, {"w": -1}, {"t": 101}, {"p": -1}])
def test_impossible_weather_is_undefined(bad):
    assert np.isnan(score(**bad))


def test_what_was_not_found_is_said():
    standard = standard_on("lyt1172")
    assert "not verified" in standard.grade
    doubted = {row["factor"] for row in standard.rows if row["grade"].startswith("not verified")}
    assert doubted == {"dry_days"}


def test_days_that_do_not_follow_one_another_are_refused():
    xarray = pytest.importorskip("xarray")
    days = np.array(["2020-04-01", "2020-04-03"], dtype="datetime64[ns]")
    units = ("degC", "%", "mm", "m/s")
    series = [
        xarray.DataArray([1.0, 1.0], dims="time", coords={"time": days}, attrs={"units": unit})
        for unit in units
    ]
    with pytest.raises(ShapeError, match="time is not daily after 2020-04-01"):
        fire_weather_index_cn(*series, season_correction=0.0)
