"""The look ahead by hand: observations so far and each member, judged by the path of the past."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.triggers.ahead import history_h
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values
from tocsin.triggers.expected import expected
from tocsin.triggers.rules import Level

from .make import make_rule
from .make_ahead import TEMPERATURE, UNITS, UTC, ahead_of, run_of, seen_of, warm_rule

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
