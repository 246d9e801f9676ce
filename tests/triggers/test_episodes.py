"""The compiled walk: the same messages as asking the desk at every hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.triggers.make import make_rule
from tocsin.triggers.episodes import walk
from tocsin.triggers.evaluate import AtAreas, Evaluation
from tocsin.triggers.evidence import wanted_levels
from tocsin.triggers.reconcile import InForce, Policy, reconcile
from tocsin.triggers.rules import Level

BEGIN = datetime(2013, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DELAY = timedelta(minutes=60)


def evaluation(levels) -> tuple[Evaluation, np.ndarray]:
    levels = np.asarray(levels, np.int8)
    hours = np.arange(levels.shape[0])
    areas = tuple(f"a{i}" for i in range(levels.shape[1]))
    station = np.zeros(levels.shape, np.int64)
    rule = make_rule()
    own = AtAreas(rule, levels.astype(float), station, np.full((1, 4, 1), np.nan))
    made = Evaluation(rule, areas, levels, own, (), hours)
    return made, np.datetime64(BEGIN.replace(tzinfo=None), "h") + hours


def every_hour(made: Evaluation, policy: Policy):
    """Ask at each hour, as the live desk does."""
    sent, standing, count = [], None, 0
    for hour in range(made.levels.shape[0]):
        now = BEGIN + hour * HOUR + DELAY
        if standing and standing.expires_at <= now:
            standing = None
        wanted = {"heat": wanted_levels(made, hour)}
        for action in reconcile([standing] if standing else [], wanted, now, {"heat": policy}):
            count += action.warning is None
            sent.append((count, now, action.reason, dict(action.levels)))
            standing = (
                None
                if action.reason == "cancel"
                else InForce("w", "heat", action.levels, now, now + policy.valid)
            )
    return sent


@settings(deadline=None)  # the first call compiles
@given(
    arrays(np.int8, st.tuples(st.integers(1, 60), st.integers(1, 3)), elements=st.integers(0, 4)),
    st.integers(1, 10),
    st.integers(1, 9),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_the_walk_sends_what_the_desk_would(
    levels, repeat, valid, min_update, renew, let_expire
) -> None:
    policy = Policy(valid * HOUR, min_update * HOUR, renew * HOUR, let_expire * HOUR)
    made, times = evaluation(np.repeat(levels, repeat, axis=0))
    course = walk(made, times, policy, delay=DELAY)
    found = [(sent.warning, sent.at, sent.reason, sent.levels) for sent in course.sent()]
    assert found == every_hour(made, policy)


def test_a_quiet_year_sends_nothing() -> None:
    made, times = evaluation(np.zeros((8760, 3)))
    course = walk(made, times, Policy(valid=6 * HOUR))
    assert (course.count, course.sent(), course.warned("heat"), course.flaps()) == (0, [], [], 0)


def test_an_episode_as_rows_for_verification() -> None:
    # 0 at hour 0, yellow 1-3, orange 4-5, yellow 6-9, then nothing; better news waits 3 h.
    made, times = evaluation([[0], [2], [2], [2], [3], [3], [2], [2], [2], [2], [0], [0], [0]])
    course = walk(made, times, Policy(valid=12 * HOUR))
    sent = [(m.reason, (m.at - BEGIN) / HOUR, (m.until - BEGIN) / HOUR) for m in course.sent()]
    assert sent == [("issue", 1, 4), ("raise", 4, 7), ("lower", 7, 10), ("cancel", 10, 10)]
    rows = {
        row.level: ((row.first - BEGIN) / HOUR, (row.last - BEGIN) / HOUR)
        for row in course.warned("heat")
    }
    assert rows == {Level.BLUE: (1, 10), Level.YELLOW: (1, 10), Level.ORANGE: (4, 7)}
    assert (course.highest().tolist(), course.flaps()) == ([3], 1)


def test_a_warning_that_runs_out_stands_until_then() -> None:
    made, times = evaluation([[1], [1], [0], [0], [0], [0]])
    course = walk(made, times, Policy(valid=2 * HOUR, renew_before=0 * HOUR, let_expire=HOUR))
    first, end = course.spans()
    assert (course.count, len(course.sent())) == (1, 1)
    assert ((end - first) / np.timedelta64(1, "h")).tolist() == [2]
