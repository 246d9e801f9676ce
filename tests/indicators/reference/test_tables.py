"""The reference tables that law and order set: a copy kept apart from what the code reads."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tocsin.indicators.air import cn_iaqi, us_aqi
from tocsin.indicators.soil import soil_risk
from tocsin.indicators.standards import standard_on
from tocsin.indicators.water import water_class

HERE = Path(__file__).parent
PH_IN_COLUMN = {"pH<=5.5": 5.5, "5.5<pH<=6.5": 6.5, "6.5<pH<=7.5": 7.5, "pH>7.5": 7.6}
CLASSES = ("I", "II", "III", "IV", "V")


def read(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_us_breakpoints_of_2024():
    """Both ends of each of the 39 rows."""
    rows = read("aqi_us_epa_2024.csv")
    for row in rows:
        ends = [float(row["bp_lo"]), float(row["bp_hi"])]
        got = us_aqi(ends, pollutant=row["pollutant"], on="2024-06-01")
        assert got.tolist() == [float(row["aqi_lo"]), float(row["aqi_hi"])], row
    assert len(rows) == 39


@pytest.mark.parametrize(
    ("table", "day"),
    [("aqi_cn_hj633_2012.csv", "2020-01-01"), ("aqi_cn_hj633_2026.csv", "2026-03-01")],
)
def test_chinese_breakpoints(table, day):
    for row in read(table):
        for pollutant in row["pollutant"].replace("(mg/m3)", "").split(","):
            got = cn_iaqi(float(row["conc"]), pollutant=pollutant, on=day)
            assert got == float(row["iaqi"]), row


def test_what_the_reference_does_not_verify_the_standard_does_not_either():
    doubted = {r["pollutant"] for r in read("aqi_cn_hj633_2026.csv") if "NOT" in r["status"]}
    graded = {
        r["pollutant"]
        for r in standard_on("aqi_cn", "2026-03-01").rows
        if r["grade"].startswith("not verified")
    }
    assert doubted == graded == {"SO2_24h"}


def test_surface_water_limits():
    """A limit belongs to the best class that has it; just beyond it is the next class."""
    rows = [row for row in read("gb3838_2002_table1.csv") if row["item"] != "pH"]
    for row in rows:
        item = row["item"].removesuffix("_min")
        beyond = 1 - 1e-9 if row["item"].endswith("_min") else 1 + 1e-9
        limits = [float(row[name]) for name in CLASSES]
        for number, limit in enumerate(limits, start=1):
            assert water_class(limit, item=item) == limits.index(limit) + 1
            last_equal = max(n for n, other in enumerate(limits, start=1) if other == limit)
            assert water_class(limit * beyond, item=item) == last_equal + 1, (item, number)
    assert len(rows) == 23


LANDS = {"all": ("paddy", "orchard", "other"), "other": ("other",), "paddy": ("paddy",)}


def test_soil_screening_values():
    for row in read("gb15618_2018_screening.csv"):
        for land in LANDS.get(row["land"], (row["land"],)):
            for column, ph in PH_IN_COLUMN.items():
                value = float(row[column])
                got = soil_risk([value, value * (1 + 1e-9)], ph, metal=row["metal"], land=land)
                np.testing.assert_array_equal(np.minimum(got, 1.0), [0.0, 1.0], str(row))


def test_soil_control_values():
    for row in read("gb15618_2018_control.csv"):
        for column, ph in PH_IN_COLUMN.items():
            value = float(row[column])
            got = soil_risk([value, value * (1 + 1e-9)], ph, metal=row["metal"])
            assert got.tolist() == [1.0, 2.0], row
