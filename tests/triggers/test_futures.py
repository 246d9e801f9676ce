"""Which run stands at each hour to come: late ones, half ones, those of one quantity or member."""

from __future__ import annotations

import numpy as np

from tocsin.triggers.evaluate import Grid
from tocsin.triggers.expected import expected
from tocsin.triggers.futures import ModelRun, before_newest
from tocsin.triggers.rules import Level

from .make import make_rule
from .make_ahead import (
    HOUR,
    HUMIDITY,
    T0,
    TEMPERATURE,
    UNITS,
    ahead_of,
    hours,
    run_of,
    seen_of,
    warm_rule,
)


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
