"""Air quality indices worked by hand, their editions, and the NowCast against EPA's example."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import UnitError
from tocsin.indicators.air import cn_iaqi, nowcast, us_aqi
from tocsin.indicators.standards import standard_on

NAN = np.nan


@pytest.mark.parametrize(
    ("pollutant", "value", "index"),
    [
        ("PM2.5_24h", 35.9, 102),  # 101 + 49 / 19.9 * 0.4 = 101.98
        ("PM2.5_24h", 35.49, 100),  # truncated to 35.4
        ("PM2.5_24h", 9.0, 50),
        ("PM2.5_24h", 9.05, 50),  # truncated to 9.0
        ("PM2.5_24h", 9.1, 51),
        ("PM2.5_24h", 0.0, 0),
        ("PM2.5_24h", 400.0, 500),
        ("O3_8h", 0.07853333, 126),  # 101 + 49 / 0.014 * 0.007 = 125.5
        ("O3_8h", 0.0709, 100),  # truncated to 0.070
        ("O3_8h", 0.201, NAN),  # the hourly table rules
        ("O3_1h", 0.1, NAN),  # the 8 h table rules
        ("O3_1h", 0.125, 101),
        ("CO_8h", 8.4, 90),  # 51 + 49 / 4.9 * 3.9
        ("SO2_1h", 305.0, NAN),  # the 24 h table rules
        ("NO2_1h", 53.9, 50),
        ("PM10_24h", -1.0, NAN),
        ("PM10_24h", np.inf, NAN),
    ],
)
def test_us_index_by_hand(pollutant, value, index):
    np.testing.assert_equal(us_aqi(value, pollutant=pollutant), index)


def test_every_us_breakpoint_meets_its_index():
    for row in standard_on("aqi_us").rows:
        ends = [float(row["lowest"]), float(row["highest"])]
        expected = [float(row["index_from"]), float(row["index_to"])]
        assert us_aqi(ends, pollutant=row["pollutant"]).tolist() == expected, row


@pytest.mark.parametrize(
    ("pollutant", "value", "on", "index"),
    [
        ("PM2.5_24h", 75.0, "2026-02-28", 100),
        ("PM2.5_24h", 75.0, "2026-03-01", 114),  # 100 + 50 / 55 * 15 = 113.6, upwards
        ("PM2.5_24h", 60.0, None, 100),
        ("PM2.5_24h", 600.0, None, 500),
        ("O3_8h", 160.1, "2020-01-01", 101),  # upwards
        ("O3_8h", 801.0, None, NAN),
        ("SO2_1h", 801.0, None, NAN),
        ("CO_24h", 3.0, "2020-01-01", 75),
        ("CO_24h", -0.1, None, NAN),
    ],
)
def test_chinese_index_by_hand(pollutant, value, on, index):
    np.testing.assert_equal(cn_iaqi(value, pollutant=pollutant, on=on), index)


def test_every_chinese_breakpoint_meets_its_index():
    for day in ("2020-01-01", "2026-03-01"):
        for row in standard_on("aqi_cn", day).rows:
            value = float(row["concentration"])
            assert cn_iaqi(value, pollutant=row["pollutant"], on=day) == float(row["index"]), row


@given(st.floats(0, 700), st.floats(0, 100))
def test_indices_never_fall_with_the_concentration(value, more):
    for index in (us_aqi, cn_iaqi):
        assert index(value + more, pollutant="PM10_24h") >= index(value, pollutant="PM10_24h")


def test_the_edition_is_chosen_by_date():
    assert standard_on("aqi_cn", "2026-02-28").name == "HJ 633-2012"
    assert standard_on("aqi_cn", "2026-03-01").name == "HJ 633-2026"
    assert standard_on("aqi_cn").name == "HJ 633-2026"


def test_what_is_not_confirmed_says_so():
    rows = [row for row in standard_on("aqi_cn").rows if row["pollutant"] == "SO2_24h"]
    assert {row["grade"] for row in rows} == {"not verified: values of 2012"}


@pytest.mark.parametrize(
    ("family", "day", "message"),
    [
        ("aqi_us", "2013-07-01", "No edition of 'aqi_us' is known for 2013-07-01; the oldest"),
        ("aqi_xx", None, "'aqi_xx' is not a standard that is known here"),
    ],
)
def test_no_edition_is_refused(family, day, message):
    with pytest.raises(LookupError, match=message):
        standard_on(family, day)


@pytest.mark.parametrize("index", [us_aqi, cn_iaqi])
def test_an_unknown_pollutant_is_refused(index):
    with pytest.raises(LookupError, match="pollutant is 'Pb_24h'; "):
        index(1.0, pollutant="Pb_24h")


def test_the_unit_follows_the_pollutant():
    xarray = pytest.importorskip("xarray")
    ozone = xarray.DataArray([70.0], attrs={"units": "ppb"})
    assert us_aqi(ozone, pollutant="O3_8h").values == [100.0]
    with pytest.raises(UnitError, match="concentration is in 'ppb', expected 'ug/m3'"):
        us_aqi(ozone, pollutant="PM10_24h")


def test_nowcast_of_epa(table):
    for row in table("nowcast.csv"):
        hours = np.array([float(row[f"h{n}"]) for n in range(12, 0, -1)])
        assert nowcast(hours)[-1] == pytest.approx(row["nowcast"], rel=1e-14)


@pytest.mark.parametrize(
    ("last_three", "defined"),
    [([1, 1, 1], True), ([1, NAN, 1], True), ([NAN, NAN, 1], False), ([1, -5, NAN], False)],
)
def test_nowcast_needs_two_of_the_last_three_hours(last_three, defined):
    assert np.isfinite(nowcast([5.0, 5.0, *last_three])[-1]) == defined


@given(st.lists(st.floats(0, 500), min_size=3, max_size=30))
def test_nowcast_stays_between_the_extremes(hours):
    got = nowcast(hours)[-1]
    assert min(hours[-12:]) - 1e-9 <= got <= max(hours[-12:]) + 1e-9
