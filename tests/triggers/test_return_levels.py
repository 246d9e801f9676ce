"""Levels by return period: against Gumbel's formula, by hand, and the way each area finds them."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.triggers.make import make_rule
from tocsin.errors import ShapeError
from tocsin.indicators.rain import return_period
from tocsin.triggers.backtest import Archive, exceedances
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values
from tocsin.triggers.evidence import evidence
from tocsin.triggers.return_levels import limit_at, record_of, return_level, speaks
from tocsin.triggers.rules import Level, StationRecord

GUMBEL = StationRecord(years=30, first=1991, last=2020, gev=(20.0, 5.0, 0.0))
STEEP = StationRecord(years=30, first=1991, last=2020, gev=(40.0, 10.0, -0.1))


def rule(**changed):
    """Wind by return period at two stations: A has 10 m/s in 2 years by hand, B twice as much."""
    fields = {
        "indicator": "wind_mean", "unit": "m/s", "levels_as": "return-period",
        "levels": {"yellow": 2, "orange": 10},
        "record": {
            "A": {"years": 30, "first": 1991, "last": 2020, "gev": (8.1674, 5.0, 0.0)},
            "B": {"years": 30, "first": 1991, "last": 2020, "gev": (16.335, 10.0, 0.0)},
            "C": {"years": 12, "first": 2009, "last": 2020},
        },
    }  # fmt: skip
    return make_rule(**{**fields, **changed})


def grid(*rows: list[float], stations: tuple[str, ...] = ("A", "B", "C")) -> Grid:
    times = np.datetime64("2020-07-01T00", "h") + np.arange(len(rows))
    here = np.array(rows, float)
    latitudes = (46.0,) * len(stations)
    return Grid(times, stations, latitudes, {"wind_speed": here}, {"wind_speed": "m/s"})


def judged(asked, seen: Grid, order):
    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    values = indicator_values(list(asked.indicators), seen, calendar)
    return evaluate(asked, values, order, calendar, stations=seen.stations)


def test_gumbel_by_hand() -> None:
    # x = 20 - 5 ln(-ln(1 - 1/N)): once in 2 years 21.83, in 10 years 31.25, in 100 years 43.00.
    found = [return_level(years, GUMBEL, "at-or-above") for years in (2, 10, 100)]
    assert found == [21.83, 31.25, 43.0]


def test_a_heavy_tail_by_hand() -> None:
    # x = 40 + 10 ((-ln 0.98)^-0.1 - 1) / 0.1 = 40 + 100 (0.020203^-0.1 - 1) = 87.73
    assert return_level(50, STEEP, "at-or-above") == 87.73


def test_minima_are_maxima_with_the_sign_turned() -> None:
    cold = {1990 + n: -10.0 - 0.5 * ((7 * n) % 30) for n in range(30)}
    warm = {year: -value for year, value in cold.items()}
    low, high = record_of(cold, "at-or-below"), record_of(warm, "at-or-above")
    assert low.gev == high.gev
    assert return_level(10, low, "at-or-below") == -return_level(10, high, "at-or-above")


@pytest.mark.parametrize("years", [19, 0])
def test_a_short_record_has_no_levels(years: int) -> None:
    record = record_of({2000 + n: float(n % 7) for n in range(years)}, "at-or-above")
    assert (record.years, record.gev) == (years, None)
    assert math.isnan(return_level(5, record, "at-or-above"))


def test_years_that_do_not_vary_have_no_levels() -> None:
    assert record_of(dict.fromkeys(range(1990, 2020), 5.0), "at-or-above").gev is None


@given(
    st.lists(st.floats(1, 200), min_size=20, max_size=60, unique=True),
    st.floats(1.2, 200),
    st.floats(1.0, 3.0),
)
def test_rarer_is_never_milder_and_the_period_of_a_level_is_what_was_asked(
    extremes, years, times
) -> None:
    record = record_of(dict(enumerate(extremes, 1950)), "at-or-above")
    if record.gev is None:
        return
    level = return_level(years, record, "at-or-above")
    assert return_level(years * times, record, "at-or-above") >= level
    if level > 1 and record.gev[1] > 0.1 and abs(record.gev[2]) < 0.5 and years < 50:
        back = return_period(level, annual_maxima=np.array(extremes))
        assert back == pytest.approx(years, rel=0.2)  # the level has four digits


def test_an_area_is_judged_by_the_level_of_the_station_it_took() -> None:
    # Once in 2 years: A 10 m/s, B 20 m/s. A falls silent, and 12 m/s is nothing at B.
    asked = rule(max_gap_h=0)
    seen = grid([12, 12, 99], [np.nan, 12, 99], [np.nan, 20, 99])
    found = judged(asked, seen, {"E1": [0, 1]})
    assert [limit_at(asked, 2, one) for one in ("A", "B", "C")][:2] == [10.0, 20.0]
    assert found.levels[:, 0].tolist() == [Level.YELLOW, Level.NONE, Level.YELLOW]
    assert found.own.limits(Level.YELLOW, 0).tolist() == [10.0, 20.0, 20.0]


def test_a_station_without_a_record_is_passed_over() -> None:
    asked = rule()
    found = judged(asked, grid([12, 30, 99]), {"E1": [2, 0], "W1": [2]})
    assert found.stations.tolist() == [[0, -1]]
    assert found.levels.tolist() == [[Level.YELLOW, Level.NONE]]
    assert (speaks(asked, "A"), speaks(asked, "C"), speaks(asked, "D")) == (True, False, False)


def test_seasons_and_areas_have_return_periods_of_their_own() -> None:
    asked = rule(
        levels_by_season=[{"first": "07-02", "last": "08-31", "levels": {"yellow": 5}}],
        levels_by_area={"W1": {"orange": 100}},
    )
    times = np.datetime64("2020-07-01T23", "h") + np.arange(2)
    seen = Grid(
        times, ("A",), (46.0,), {"wind_speed": np.full((2, 1), 12.0)}, {"wind_speed": "m/s"}
    )
    found = judged(asked, seen, {"E1": [0], "W1": [0]})
    assert found.levels.tolist() == [[2, 2], [0, 0]]  # from 2 July on once in 5 years: 15.67 m/s
    assert found.own.return_period(Level.YELLOW, 0, 1) == 5
    assert found.own.limits(Level.ORANGE, 1).tolist() == [limit_at(asked, 100, "A")] * 2


def test_evidence_quotes_value_and_years() -> None:
    found = evidence(judged(rule(), grid([25, 0, 0]), {"E1": [0]}), 0, "E1")
    assert (found.value, found.unit, found.years) == (25.0, "m/s", 10.0)
    assert found.threshold == limit_at(rule(), 10, "A")
    assert found.how_rare_and_wide == {"years": 10.0}


def test_the_backtest_asks_the_same(monkeypatch) -> None:
    seen = grid(*[[value, 0.0, 0.0] for value in (0, 12, 25, 25, 9, 0, 0, 0)])
    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    archive = Archive(seen, {"E1": [0, 1]}, calendar)
    found = archive.evaluation(rule())
    np.testing.assert_array_equal(found.levels, judged(rule(), seen, {"E1": [0, 1]}).levels)
    assert len(exceedances(found, seen.times, Level.ORANGE)) == 1
    # A rule that hears only B, and one of plain values, do not get what was kept for the first.
    only_b = rule(record={"B": rule().record["B"]})
    assert archive.evaluation(only_b).stations.tolist() == [[1]] * 8
    plain = rule(levels_as=None, record=None, levels={"yellow": 9})
    assert archive.evaluation(plain).levels[1].tolist() == [Level.YELLOW]


def test_codes_of_stations_are_needed() -> None:
    seen = grid([12, 30, 99])
    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    values = indicator_values(["wind_mean"], seen, calendar)
    with pytest.raises(ShapeError, match="0 station codes for 3 columns"):
        evaluate(rule(), values, {"E1": [0]}, calendar)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"levels": {"yellow": 10, "orange": 5}}, "must rise"),
        ({"levels": {"yellow": 1, "orange": 5}}, "must be more than 1"),
        ({"min_share": 0.2}, "cannot go together"),
        ({"when": "at-or-below", "levels": {"yellow": 10, "orange": 5}}, "must rise"),
    ],
)
def test_what_cannot_be_is_refused(changed, message) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**changed)


def test_a_rule_of_before_keeps_its_definition() -> None:
    kept = make_rule().model_dump(mode="json", exclude_none=True)
    assert {"levels_as", "record", "min_share", "min_known"}.isdisjoint(kept)
