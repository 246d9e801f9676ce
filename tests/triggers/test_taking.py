"""The value that a share of an area's surface reaches: by hand, against a plain judge, quickly."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.triggers.make import make_rule
from tocsin.errors import ShapeError
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values
from tocsin.triggers.evidence import evidence
from tocsin.triggers.rules import Level
from tocsin.triggers.taking import share_values

NAN = np.nan
PARTS = {"E1": {0: 0.5, 1: 0.3, 2: 0.2}}


def rule(share: float | None = 0.4, **changed):
    levels = {"blue": 10, "yellow": 20, "red": 30}
    fields = {"indicator": "wind_mean", "unit": "m/s", "levels": levels, "min_share": share}
    return make_rule(**{**fields, **changed})


def grid(*rows: list[float]) -> Grid:
    times = np.datetime64("2020-07-01T00", "h") + np.arange(len(rows))
    here = np.array(rows, float)
    return Grid(times, ("A", "B", "C"), (46.0,) * 3, {"wind_speed": here}, {"wind_speed": "m/s"})


def judged(asked, seen: Grid, shares=PARTS):
    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    values = indicator_values(list(asked.indicators), seen, calendar)
    order = {code: [0] for code in shares}
    return evaluate(asked, values, order, calendar, stations=seen.stations, shares=shares)


# A stands for half of the surface, B for three tenths, C for a fifth.
@pytest.mark.parametrize(
    ("share", "row", "value", "station"),
    [
        (0.2, [10, 20, 30], 30, 2),  # C alone is a fifth
        (0.21, [10, 20, 30], 20, 1),
        (0.5, [10, 20, 30], 20, 1),  # B and C are half
        (0.51, [10, 20, 30], 10, 0),
        (1.0, [10, 20, 30], 10, 0),
        (0.01, [10, 20, 30], 30, 2),
        (0.2, [NAN, 20, 30], 30, 2),  # of the half that is known C is two fifths
        (0.5, [NAN, 20, 30], 20, 1),
        (0.2, [10, NAN, NAN], 10, 0),
        (0.2, [NAN, NAN, 30], NAN, -1),  # a fifth is known, and half has to be
        (0.2, [NAN, NAN, NAN], NAN, -1),
    ],
)
def test_by_hand(share, row, value, station) -> None:
    found = judged(rule(share), grid(row))
    np.testing.assert_array_equal(found.values, [[value]])
    assert found.stations.tolist() == [[station]]


def test_where_low_is_bad_the_lowest_come_first() -> None:
    members, parts = [np.arange(3)], [np.array([0.5, 0.3, 0.2])]
    row = np.array([[1.0, 2.0, 3.0]])
    found = [float(share_values(row, members, parts, s, 0.5, low=True)[0][0, 0]) for s in
             (0.5, 0.51, 0.81)]  # fmt: skip
    assert found == [1.0, 2.0, 3.0]


def test_the_known_share_that_is_asked_for_counts() -> None:
    seen = grid([NAN, 20, 30])
    assert judged(rule(0.2, min_known=0.5), seen).values.tolist() == [[30]]
    assert np.isnan(judged(rule(0.2, min_known=0.6), seen).values).all()


def test_surface_that_no_station_stands_for_is_not_known() -> None:
    found = judged(rule(0.2), grid([10, 20, 30]), {"E1": {0: 0.4}, "W1": {}})
    assert np.isnan(found.values).all()
    assert found.levels.tolist() == [[0, 0]]


def test_a_level_falls_when_too_little_of_the_surface_holds_it() -> None:
    found = judged(rule(0.5), grid([35, 35, 5], [5, 35, 35], [5, 5, 35], [5, 5, 5]))
    assert found.levels[:, 0].tolist() == [Level.RED, Level.RED, Level.NONE, Level.NONE]


def test_silence_is_a_gap_and_no_fall() -> None:
    found = judged(rule(0.5), grid([35, 35, 5], [NAN, NAN, 5], [NAN, NAN, 5], [5, 5, 5]))
    assert found.levels[:, 0].tolist() == [Level.RED, Level.RED, Level.RED, Level.NONE]


def test_evidence_names_the_station_and_the_shares() -> None:
    found = evidence(judged(rule(0.4), grid([35, 35, 5], [5, 25, NAN])), 0, "E1")
    assert (found.station, found.value, found.threshold) == (0, 35.0, 30.0)
    assert found.how_rare_and_wide == {"share": 0.8, "known": 1.0}
    held = evidence(judged(rule(0.3, hold_h=1), grid([5, 25, NAN])), 0, "E1")
    assert (held.station, held.value, held.level) == (1, 25.0, Level.YELLOW)
    assert held.how_rare_and_wide == {"share": 0.375, "known": 0.8}  # 0.3 of the 0.8 that is known


def test_thresholds_in_another_unit_are_met_in_it() -> None:
    # 72 km/h are 20 m/s: the share is counted in the unit of the rule.
    asked = rule(0.4, unit="km/h", levels={"blue": 36, "yellow": 72, "red": 108})
    found = judged(asked, grid([20, 20, 5]))
    assert found.levels.tolist() == [[Level.YELLOW]]
    assert evidence(found, 0, "E1").share == pytest.approx(0.8)


def test_the_backtest_asks_for_shares_once_and_finds_the_same() -> None:
    seen = grid([35, 35, 5], [5, 35, 35], [5, 5, 35], [NAN, NAN, 35])
    calls = []

    def shares():
        calls.append(1)
        return PARTS

    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    archive = Archive(seen, {"E1": [0]}, calendar, shares=shares)
    plain = archive.evaluation(rule(None))
    assert (calls, plain.values.ravel()[:3].tolist()) == ([], [35, 5, 5])
    for share in (0.2, 0.5, 0.2):
        found = archive.evaluation(rule(share))
        np.testing.assert_array_equal(found.values, judged(rule(share), seen).values)
    assert calls == [1]


def test_shares_are_needed_and_min_known_is_nothing_alone() -> None:
    seen = grid([1, 2, 3])
    calendar = Calendar.of(seen.times, ZoneInfo("UTC"))
    values = indicator_values(["wind_mean"], seen, calendar)
    with pytest.raises(ShapeError, match="no shares"):
        evaluate(rule(), values, {"E1": [0]}, calendar)
    with pytest.raises(ValidationError, match="without min_share"):
        rule(None, min_known=0.5)
    with pytest.raises(ValidationError):
        rule(1.1)


amount = st.one_of(st.just(NAN), st.integers(0, 9).map(float))


def reaching(row, parts, value, low) -> float:
    """The share of the surface with a value at which it is as bad as ``value``."""
    there = ~np.isnan(row)
    over = row[there] <= value if low else row[there] >= value
    return parts[there][over].sum() / parts[there].sum()


@pytest.mark.slow
@given(
    st.lists(amount, min_size=1, max_size=70),
    st.floats(0.01, 1.0),
    st.integers(0, 1000),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_it_is_the_worst_value_that_enough_of_the_surface_reaches(row, share, seed, low) -> None:
    chance = np.random.default_rng(seed)
    parts = chance.dirichlet(np.ones(len(row)))
    here = np.array(row)
    known = parts[~np.isnan(here)].sum()
    values, stations = share_values(here[None], [np.arange(len(row))], [parts], share, 0.5, low=low)
    if abs(known - 0.5) < 1e-5:
        return
    if known < 0.5:
        assert np.isnan(values[0, 0])
        assert stations[0, 0] == -1
        return
    value = values[0, 0]
    assert value == here[stations[0, 0]]
    assert reaching(here, parts, value, low) >= share - 2e-6 / known
    worse = here[here < value] if low else here[here > value]
    if worse.size:
        next_worse = worse.max() if low else worse.min()
        assert reaching(here, parts, next_worse, low) < share + 2e-6 / known


@given(st.lists(amount, min_size=2, max_size=12), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_greater_share_is_never_worse(row, seed) -> None:
    parts = np.random.default_rng(seed).dirichlet(np.ones(len(row)))
    here, members = np.array(row)[None], [np.arange(len(row))]
    found = [share_values(here, members, [parts], share, 0.5)[0][0, 0] for share in (0.2, 0.5, 1.0)]
    assert np.isnan(found).all() or found == sorted(found, reverse=True)


@pytest.mark.slow
def test_ten_years_of_a_hundred_stations_take_two_seconds() -> None:
    chance = np.random.default_rng(5)
    hours = 10 * 8766
    values = chance.gamma(1.0, 3.0, (hours, 100))
    values[chance.random((hours, 100)) < 0.03] = NAN
    members = [chance.permutation(100)[:8] for _ in range(60)] + [np.arange(100)]
    parts = [chance.dirichlet(np.ones(one.size)) for one in members]
    share_values(values[:10], members, parts, 0.2, 0.5)  # compiled
    start = time.process_time()
    share_values(values, members, parts, 0.2, 0.5)
    took = time.process_time() - start
    assert took < 4.0  # seconds of the processor; about 2 as written
