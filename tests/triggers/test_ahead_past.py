"""A past with forecasts: what each hour would have seen coming, and what the desk had sent."""

from __future__ import annotations

from datetime import UTC as NO_ZONE
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.triggers.ahead_past import Outlook
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Grid
from tocsin.triggers.expected import first_of
from tocsin.triggers.futures import ModelRun
from tocsin.triggers.reconcile import InForce, Policy, reconcile
from tocsin.triggers.rules import Level, Rule

from .make import make_rule
from .make_ahead import (
    HOUR,
    HUMIDITY,
    T0,
    TEMPERATURE,
    UNITS,
    UTC,
    archive_of,
    hours,
    run_of,
    seen_of,
    warm_rule,
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
TRUTH, TRUE = seen_of(*VALUES), [run_of([VALUES], first=0, issued=T0 - HOUR)]


def test_a_backtest_warns_as_early_as_the_lead_and_confirms() -> None:
    """Hot from 8 h to 10 h, lead 6 h: expected at 2 h, measured at 8 h, over after 10 h."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    outcome = archive_of(TRUTH, TRUE).outcome(rule, policy)
    assert not outcome.without_forecasts
    said = [(one.reason, one.at.hour, one.levels) for one in outcome.course.sent()]
    yellow = {"X": Level.YELLOW}
    assert said == [("issue", 3, yellow), ("confirm", 9, yellow), ("cancel", 12, {})]
    assert outcome.warned[0].first.hour == 3


def test_a_backtest_without_runs_says_so() -> None:
    """The rule is judged by what was measured, and nobody is left to think otherwise."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    outcome = archive_of(TRUTH, []).outcome(rule, policy)
    assert outcome.without_forecasts
    assert [(one.reason, one.at.hour) for one in outcome.course.sent()] == [
        ("issue", 9),
        ("cancel", 12),
    ]


def test_a_look_that_would_take_too_long_is_left_out_and_told() -> None:
    """A page waits for some thousand looks; what was left out is not called missing."""
    rule, policy = warm_rule(), Policy(timedelta(hours=12))
    archive = archive_of(TRUTH, TRUE)
    archive.most_looks = 5
    outcome = archive.outcome(rule, policy)
    assert outcome.too_long
    assert outcome.ahead is None
    assert not outcome.without_forecasts
    archive.most_looks = 500
    assert not archive.outcome(rule, policy).too_long


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
@pytest.mark.slow
def test_the_walk_of_a_backtest_is_the_desk_asked_hour_by_hour(
    values: list[float], forecasts: list[tuple[int, list[float]]], valid: int
) -> None:
    """Whatever runs come and go: the same messages at the same hours."""
    rule, policy = warm_rule(valid_h=valid), Policy(timedelta(hours=valid))
    runs = [
        run_of([row], first=0, issued=T0 + at * HOUR, arrived=T0 + (at + 1) * HOUR)
        for at, row in forecasts
    ]
    archive = archive_of(seen_of(*values), runs)
    outcome = archive.outcome(rule, policy)
    hours, levels = outcome.course.hours.tolist(), outcome.course.levels().max(axis=1).tolist()
    reasons = [one.reason for one in outcome.course.sent()]
    said = list(zip(reasons, hours, levels, strict=True))
    assert said == [(reason, hour, 0 if reason == "cancel" else level)
                    for reason, hour, level in by_hand(archive, rule, policy)]  # fmt: skip


@pytest.mark.slow
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
