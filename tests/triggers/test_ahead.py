"""Futures by hand: observations so far and each member, judged by the path of the past."""

from __future__ import annotations

from datetime import UTC as NO_ZONE
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.triggers.ahead import (
    Ahead,
    ModelRun,
    before_newest,
    futures,
    history_h,
    look_ahead,
    quantities_of,
)
from tocsin.triggers.ahead_past import Outlook
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values
from tocsin.triggers.expected import expected, first_of
from tocsin.triggers.reconcile import InForce, Policy, reconcile
from tocsin.triggers.rules import Level, Rule
from tocsin.triggers.together import evaluate_members

from .make import make_rule

T0, HOUR = np.datetime64("2026-07-15T00", "s"), np.timedelta64(1, "h")
UTC = ZoneInfo("UTC")
TEMPERATURE, HUMIDITY = "air_temperature", "relative_humidity"
UNITS = {TEMPERATURE: "degC", HUMIDITY: "1"}


def hours(first: int, count: int) -> np.ndarray:
    return T0 + HOUR * np.arange(first, first + count)


def warm_rule(**changed: object) -> Rule:
    """Levels straight from the temperature: blue 30, yellow 35, red 40 degC."""
    return make_rule(**{"indicator": "temperature", "lead_h": 6, **changed})


def seen_of(*values: float) -> Grid:
    return Grid(hours(0, len(values)), ("A",), (40.0,), {TEMPERATURE: np.array([values]).T}, UNITS)


def run_of(rows: list[list[float]], *, first: int, **changed: object) -> ModelRun:
    """A run of temperatures at one station whose hours begin at ``first``."""
    values = np.array(rows, np.float64)[:, :, None]
    given = {
        "feed": "ens", "model": "m", "issued": T0, "arrived": T0,
        "times": hours(first, values.shape[1]), "values": {TEMPERATURE: values}, "units": UNITS,
        "members": len(rows),
    }  # fmt: skip
    return ModelRun(**{**given, **changed})  # type: ignore[arg-type]


def ahead_of(
    rule: Rule, seen: Grid, runs: list[ModelRun], at: np.datetime64 | None = None
) -> Ahead | None:
    found = futures(
        seen,
        runs,
        quantities_of([rule]),
        lead_h=rule.lead_h,
        at=seen.times[-1] if at is None else at,
    )
    if found is None:
        return None
    return look_ahead(rule, found, {"X": [0]}, Calendar.of(found.grid.times, UTC))


FOUR = [
    [25, 25, 36, 36, 25, 25],
    [25, 25, 25, 36, 36, 25],
    [25, 25, 25, 25, 25, 31],
    [25, 25, 25, 25, 25, 25],
]


def test_shares_grow_as_members_reach_the_level() -> None:
    """Worked by hand: of four members one reaches yellow at the third hour, two by the fourth."""
    found = ahead_of(warm_rule(), seen_of(25, 25), [run_of(FOUR, first=2)])
    assert found is not None
    assert found.shares[Level.BLUE - 1, :, 0].tolist() == [0, 0, 0.25, 0.5, 0.5, 0.75]
    assert found.shares[Level.YELLOW - 1, :, 0].tolist() == [0, 0, 0.25, 0.5, 0.5, 0.5]
    assert np.isnan(found.shares[Level.ORANGE - 1]).all()
    assert found.level.tolist() == [Level.YELLOW]
    assert found.first.tolist() == [3]


@pytest.mark.parametrize(
    ("probability", "level"),
    [(0.25, Level.YELLOW), (0.5, Level.YELLOW), (0.75, Level.BLUE), (0.8, 0)],
)
def test_the_rules_probability_decides(probability: float, level: int) -> None:
    """Two of four members reach yellow, three blue."""
    rule = warm_rule(probability=probability)
    found = ahead_of(rule, seen_of(25, 25), [run_of(FOUR, first=2)])
    assert found is not None
    assert found.level.tolist() == [level]


def test_the_member_that_is_quoted_is_the_one_that_just_enough_reach() -> None:
    """Peaks 39, 37, 31 and 25: half of the members reach 37, so 37 is said."""
    members = [[25, 39, 25, 25, 25, 25], [25, 25, 37, 36, 25, 25], [31] * 6, [25] * 6]
    found = ahead_of(warm_rule(), seen_of(25, 25), [run_of(members, first=2)])
    assert found is not None
    why = expected(found, "X")
    assert why is not None
    assert (why.level, why.share, why.member) == (Level.YELLOW, 0.5, 1)
    assert (why.evidence.peak, why.evidence.threshold) == (37, 35)
    assert (why.first, why.until, why.evidence.peak_hour) == (4, 5, 4)
    assert (why.present, why.run.members, why.lead_h) == (4, 4, 4.0)


def test_persistence_counts_observed_hours_too() -> None:
    """Three hours in a row: two were measured, the third is expected."""
    rule = warm_rule(persistence_h=3)
    one = [run_of([[36, 25, 25, 25, 25, 25]], first=3)]
    hot = ahead_of(rule, seen_of(25, 36, 36), one)
    cold = ahead_of(rule, seen_of(25, 25, 36), one)
    assert hot is not None
    assert cold is not None
    assert (hot.level[0], hot.first[0], cold.level[0]) == (Level.YELLOW, 0, 0)


def test_a_gap_in_the_past_stays_a_gap() -> None:
    """The run speaks of an hour that was not measured; what is over is not taken from it."""
    rule = warm_rule(persistence_h=2)
    found = ahead_of(rule, seen_of(25, np.nan), [run_of([[36, 25, 25]], first=1)])
    assert found is not None
    assert found.level.tolist() == [0]


def test_an_ensemble_with_missing_members() -> None:
    """Three of eight are too few; four of eight are enough, and the share is of those four."""
    few = ahead_of(warm_rule(), seen_of(25), [run_of([[36] * 3] * 3, first=1, members=8)])
    assert few is None
    enough = ahead_of(
        warm_rule(), seen_of(25), [run_of([[36] * 3] * 3 + [[25] * 3], first=1, members=8)]
    )
    assert enough is not None
    assert enough.shares[Level.YELLOW - 1, 0, 0] == 0.75


def test_half_a_run_leaves_the_older_one_in_place() -> None:
    """The newest run has one of four members yet: the run before it stands."""
    whole = run_of([[36] * 6] * 4, first=1, issued=T0 - 6 * HOUR)
    half = run_of([[25] * 6], first=1, members=4)
    found = ahead_of(warm_rule(), seen_of(25), [half, whole])
    assert found is not None
    assert found.level.tolist() == [Level.YELLOW]
    why = expected(found, "X")
    assert why is not None
    assert why.run.issued == T0 - 6 * HOUR


def test_runs_may_come_in_any_order_and_those_to_come_are_not_used() -> None:
    """The newest issue counts, not the newest arrival; a run that has not arrived does not."""
    old = run_of([[36] * 6], first=1, issued=T0 - 6 * HOUR, arrived=T0)
    new = run_of([[25] * 6], first=1, issued=T0 - HOUR, arrived=T0 - HOUR)
    later = run_of([[41] * 6], first=1, issued=T0, arrived=T0 + HOUR)
    for runs in ([old, new, later], [later, new, old]):
        found = ahead_of(warm_rule(), seen_of(25), runs, T0)
        assert found is not None
        assert found.level.tolist() == [0]
        before = ahead_of(warm_rule(), seen_of(25), before_newest(runs, T0), T0)
        assert before is not None
        assert before.level.tolist() == [Level.YELLOW]


def test_quantities_of_two_runs_are_never_joined() -> None:
    """The new run brings its temperature first: until its humidity is there the old one stands."""
    rule = make_rule(lead_h=3)
    seen = Grid(
        hours(0, 1), ("A",), (40.0,),
        {TEMPERATURE: np.array([[25.0]]), HUMIDITY: np.array([[0.4]])}, UNITS,
    )  # fmt: skip

    def both(temperature: float, humidity: float | None, issued: np.datetime64) -> ModelRun:
        values = {TEMPERATURE: np.full((1, 3, 1), temperature)}
        if humidity is not None:
            values[HUMIDITY] = np.full((1, 3, 1), humidity)
        return ModelRun("f", "m", issued, issued, hours(1, 3), values, UNITS, 1)

    old, half = both(25, 0.4, T0 - 6 * HOUR), both(37, None, T0 - HOUR)
    found = ahead_of(rule, seen, [old, half])
    assert found is not None
    assert found.level.tolist() == [0]
    whole = both(37, 0.4, T0 - HOUR)
    found = ahead_of(rule, seen, [old, whole])
    assert found is not None
    assert found.level.tolist() == [Level.RED]  # 37 degC at 40 % is a heat index of 41


def test_a_single_forecast_stands_in_every_member() -> None:
    """A newer single run covers two hours of an ensemble's four: it is shared by all of them."""
    ensemble = run_of([[25, 25, 36, 36]] * 2 + [[25] * 4] * 2, first=1, issued=T0 - 6 * HOUR)
    single = run_of([[36, 36]], first=1, issued=T0 - HOUR, feed="one")
    found = ahead_of(warm_rule(), seen_of(25), [ensemble, single])
    assert found is not None
    assert found.shares[Level.YELLOW - 1, 0, 0] == 1.0
    why = expected(found, "X")
    assert why is not None
    assert (why.present, why.run.feed) == (1, "one")


def test_without_a_run_nothing_is_said() -> None:
    """No run at all, or one that is over."""
    assert ahead_of(warm_rule(), seen_of(25), []) is None
    assert ahead_of(warm_rule(), seen_of(25, 25, 25), [run_of([[36, 36]], first=1)]) is None


def test_history_is_what_a_rise_needs() -> None:
    """Three hours in a row with gaps of two between; all of it for a record that goes on."""
    assert history_h(warm_rule(persistence_h=3, max_gap_h=2)) == 1 + 3 * 3
    assert history_h(make_rule(indicator="ffmc", unit="1", levels={"blue": 85})) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([20.0, 28.0, 31.0, 34.0, 36.0, 39.0, 41.0]), min_size=12, max_size=30),
    st.integers(1, 3), st.integers(1, 4), st.integers(0, 2), st.integers(1, 9), st.data(),
)  # fmt: skip
def test_a_forecast_that_comes_true_gives_the_level_that_observing_gives(
    values: list[float],
    persistence: int,
    hold: int,
    hysteresis: float,
    lead: int,
    data: st.DataObject,
) -> None:
    """Wanted at h: the highest level observed later from h to h + lead."""
    rule = warm_rule(persistence_h=persistence, hold_h=hold, hysteresis=hysteresis, lead_h=lead)
    hour = data.draw(st.integers(0, len(values) - 2))
    truth = seen_of(*values)
    calendar = Calendar.of(truth.times, UTC)
    levels = evaluate(
        rule, indicator_values(list(rule.indicators), truth, calendar), {"X": [0]}, calendar
    ).levels[:, 0]
    back = max(0, hour - (history_h(rule) or 0))
    seen = Grid(
        truth.times[back : hour + 1], ("A",), (40.0,),
        {TEMPERATURE: truth.values[TEMPERATURE][back : hour + 1]}, UNITS,
    )  # fmt: skip
    found = ahead_of(rule, seen, [run_of([values], first=0)], truth.times[-1])
    assert found is not None
    wanted = max(int(levels[hour]), int(found.level[0]))
    assert wanted == int(levels[hour : hour + lead + 1].max())


def archive_of(rule: Rule, values: list[float], runs: list[ModelRun]) -> Archive:
    truth = seen_of(*values)
    return Archive(
        truth, {"X": [0]}, Calendar.of(truth.times, UTC), timedelta(hours=1), runs=runs, zone=UTC
    )


def by_hand(archive: Archive, rule: Rule, policy: Policy) -> list[tuple[str, int, int]]:
    """Ask the desk's pure functions hour by hour: reason, hour and level of each message."""
    outlook = Outlook(rule, archive.grid, archive.order, UTC, archive.runs)
    levels = archive.evaluation(rule).levels
    standing: list[InForce] = []
    said = []
    for hour in range(archive.grid.times.size):
        moment = archive.grid.times[hour] + HOUR
        now = moment.astype(object).replace(tzinfo=NO_ZONE)
        standing = [row for row in standing if row.expires_at > now]
        stands = standing[0].levels["X"] if standing else Level.NONE
        newest, before = outlook.at(hour, moment)
        asked = 0 if newest is None else int(newest.level[0])
        held = 0 if before is None else min(int(before.level[0]), stands)
        seen = int(levels[hour, 0])
        want = Level(max(seen, asked, held))
        due = 0.0
        if want > seen:
            ahead = before if held > asked else newest
            assert ahead is not None
            first = first_of(ahead, 0, want)
            due = max(0.0, (ahead.times[ahead.begin + 1 + first] - moment) / HOUR)
        wanted = {"heat": {"X": want}} if want else {}
        measured = {"heat": {"X": Level(seen)}} if seen else {}
        for action in reconcile(standing, wanted, now, {"heat": policy}, measured):
            said.append((action.reason, hour, int(want)))
            standing = [] if action.reason == "cancel" else [
                InForce("w", "heat", action.levels, now, now + policy.valid + timedelta(hours=due),
                        frozenset({"X"} if want > seen else ()))
            ]  # fmt: skip
    return said


VALUES = [25.0] * 8 + [36.0] * 3 + [25.0] * 13
TRUE = [run_of([VALUES], first=0, issued=T0 - HOUR)]


def test_a_backtest_warns_as_early_as_the_lead_and_confirms() -> None:
    """Hot from 8 h to 10 h, lead 6 h: expected at 2 h, measured at 8 h, over after 10 h."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    outcome = archive_of(rule, VALUES, TRUE).outcome(rule, policy)
    assert not outcome.without_forecasts
    said = [(one.reason, one.at.hour, one.levels) for one in outcome.course.sent()]
    yellow = {"X": Level.YELLOW}
    assert said == [("issue", 3, yellow), ("confirm", 9, yellow), ("cancel", 12, {})]
    assert outcome.warned[0].first.hour == 3


def test_a_backtest_without_runs_says_so() -> None:
    """The rule is judged by what was measured, and nobody is left to think otherwise."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    outcome = archive_of(rule, VALUES, []).outcome(rule, policy)
    assert outcome.without_forecasts
    assert [(one.reason, one.at.hour) for one in outcome.course.sent()] == [
        ("issue", 9),
        ("cancel", 12),
    ]


DEGREES = (25.0, 31.0, 36.0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([*DEGREES, 41.0]), min_size=24, max_size=24),
    st.lists(
        st.tuples(st.integers(0, 20), st.lists(st.sampled_from(DEGREES), min_size=30, max_size=30)),
        min_size=1, max_size=6, unique_by=lambda one: one[0],
    ),
    st.integers(2, 9),
)  # fmt: skip
def test_the_walk_of_a_backtest_is_the_desk_asked_hour_by_hour(
    values: list[float], forecasts: list[tuple[int, list[float]]], valid: int
) -> None:
    """Whatever runs come and go: the same messages at the same hours."""
    rule, policy = warm_rule(valid_h=valid), Policy(timedelta(hours=valid))
    runs = [
        run_of([row], first=0, issued=T0 + at * HOUR, arrived=T0 + (at + 1) * HOUR)
        for at, row in forecasts
    ]
    archive = archive_of(rule, values, runs)
    outcome = archive.outcome(rule, policy)
    hours, levels = outcome.course.hours.tolist(), outcome.course.levels().max(axis=1).tolist()
    reasons = [one.reason for one in outcome.course.sent()]
    said = list(zip(reasons, hours, levels, strict=True))
    assert said == [(reason, hour, 0 if reason == "cancel" else level)
                    for reason, hour, level in by_hand(archive, rule, policy)]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["all", "any", None]), st.integers(1, 3))
def test_the_quick_way_through_a_past_is_the_look_of_each_hour(
    seed: int, join: str | None, persistence: int
) -> None:
    """Ensembles with gaps over three stations, seasons and thresholds of areas: the same rows."""
    random = np.random.default_rng(seed)

    def weather(*shape: int) -> dict[str, np.ndarray]:
        warm = np.where(random.random(shape) < 0.1, np.nan, random.uniform(22, 42, shape))
        return {TEMPERATURE: warm, HUMIDITY: random.uniform(0.2, 0.9, shape)}

    also = {"indicator": "temperature", "unit": "degC", "levels": {"yellow": 33, "red": 39}}
    joined = {"also": [also], "join": join} if join else {}
    rule = make_rule(
        lead_h=7, persistence_h=persistence, max_gap_h=1, hysteresis=1.0, probability=0.3,
        levels={"yellow": 30, "red": 38}, levels_by_area={"Y": {"yellow": 27, "red": 36}},
        season={"first": "07-16", "last": "06-30"}, **joined,
    )  # fmt: skip
    grid = Grid(hours(0, 40), ("A", "B", "C"), (40.0,) * 3, weather(40, 3), UNITS)
    runs = [
        ModelRun("f", "m", T0 + HOUR * at, T0 + HOUR * (at + 2), hours(at, 20), weather(5, 20, 3),
                 UNITS, 6)
        for at in random.choice(36, 6, replace=False).tolist()
    ]  # fmt: skip
    outlook = Outlook(rule, grid, {"X": [0, 1], "Y": [2], "Z": []}, UTC, runs)
    found = outlook.over(timedelta(hours=1))
    for hour in range(40):
        moment = grid.times[hour] + HOUR
        looks = outlook.at(hour, moment)
        for look, level, later in zip(
            looks, (found.level, found.held), (found.later, found.held_later), strict=True
        ):
            rows = np.zeros(3, np.int8) if look is None else look.level
            assert level[hour].tolist() == rows.tolist()
            for place in np.flatnonzero(rows):
                assert look is not None
                first = first_of(look, int(place), Level(int(rows[place])))
                due = (look.times[look.begin + 1 + first] - moment) / np.timedelta64(1, "s")
                assert later[hour, place] == max(0.0, due)
    assert found.tried > 0


def test_members_judged_together_are_those_judged_one_by_one() -> None:
    """Levels, values, thresholds and stations of each member, as ``evaluate`` gives them."""
    random = np.random.default_rng(7)
    rule, members = warm_rule(levels_by_season=[
        {"first": "07-15", "last": "07-15", "levels": {"blue": 28}}]), 4  # fmt: skip
    values = np.where(random.random((30, 8)) < 0.2, np.nan, random.uniform(20, 45, (30, 8)))
    calendar, order = Calendar.of(hours(0, 30), UTC), {"X": [0, 1], "Y": [1]}
    found = evaluate_members(rule, {"temperature": values}, members, order, calendar)
    for member, one in enumerate(found):
        alone = {"temperature": values[:, 2 * member : 2 * member + 2]}
        wanted = evaluate(rule, alone, order, calendar)
        for name in ("levels", "values", "stations", "computed"):
            np.testing.assert_array_equal(getattr(one, name), getattr(wanted, name))
        np.testing.assert_array_equal(one.own.thresholds, wanted.own.thresholds)


def test_a_look_that_would_take_too_long_is_left_out_and_told() -> None:
    """A page waits for some thousand looks; what was left out is not called missing."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    archive = archive_of(rule, VALUES, TRUE)
    archive.most_looks = 5
    outcome = archive.outcome(rule, policy)
    assert outcome.too_long
    assert outcome.ahead is None
    assert not outcome.without_forecasts
    archive.most_looks = 500
    assert not archive.outcome(rule, policy).too_long
