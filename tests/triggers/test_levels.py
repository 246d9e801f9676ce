"""Levels: every row below was worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tocsin.errors import ShapeError
from tocsin.triggers.levels import levels_of, reached, season_mask
from tocsin.triggers.rules import LEVELS

from .make import column, make_rule


def levels(values, rule, in_season):
    """The rule's own condition by its plain thresholds."""
    limits = [np.nan if (limit := rule.threshold(one)) is None else limit for one in LEVELS]
    said = reached(values, np.array(limits)[None, :, None], rule)
    return levels_of(said, rule, in_season)


def walk(rule, *values):
    hours = column(*values)
    return levels(hours, rule, np.ones(len(hours), bool))[:, 0].tolist()


@pytest.mark.parametrize(
    ("changed", "values", "expected"),
    [
        pytest.param({}, [29.9, 30, 34.9, 35, 40, 29], [0, 1, 1, 2, 4, 0], id="at the threshold"),
        pytest.param({}, [41], [4], id="straight to red; the rule has no orange"),
        pytest.param({"persistence_h": 3}, [31, 31, 31, 36, 36], [0, 0, 1, 1, 1], id="persistence"),
        pytest.param(
            {"persistence_h": 2}, [31, 29, 31, 31], [0, 0, 0, 1], id="a break starts it again"
        ),
        pytest.param(
            {"persistence_h": 3}, [31, None, 31, 31], [0, 0, 0, 1], id="a gap does not break"
        ),
        pytest.param({"hysteresis": 2}, [35, 33, 32.9], [2, 2, 1], id="hysteresis"),
        pytest.param({"hysteresis": 2}, [33, 35, 33, 31, 28, 27.9], [1, 2, 2, 1, 1, 0], id="steps"),
        pytest.param({"hold_h": 3}, [36, 20, 20, 20, 20], [2, 2, 2, 0, 0], id="hold"),
        pytest.param({"hold_h": 2}, [36, 20, 36, 20, 20], [2, 2, 2, 2, 0], id="hold starts anew"),
        pytest.param({"hold_h": 2}, [41, 36, 36, 20, 20], [4, 4, 2, 2, 0], id="red to yellow"),
        pytest.param(
            {"max_gap_h": 2}, [36, None, None, None, 36], [2, 2, 2, 0, 2], id="gap too long"
        ),
        pytest.param({}, [None, None], [0, 0], id="never a value"),
    ],
)
def test_levels_by_hand(changed, values, expected):
    assert walk(make_rule(**changed), *values) == expected


def test_low_values_are_bad_where_the_rule_says_so():
    rule = make_rule(when="at-or-below", levels={"blue": 0, "red": -20}, hysteresis=5)
    assert walk(rule, 1, 0, -19.9, -20, -15, -14.9, 5.1) == [0, 1, 1, 4, 4, 1, 0]


def test_a_closed_season_is_none_and_starts_afresh():
    rule = make_rule(persistence_h=2)
    season = np.array([True, True, False, True, True])
    assert levels(column(31, 31, 31, 31, 31), rule, season)[:, 0].tolist() == [0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("05-01", "09-30", [0, 1, 1, 0]), ("11-15", "05-01", [1, 1, 0, 1])],
)
def test_a_season_may_cross_new_year_and_holds_both_ends(first, last, expected):
    rule = make_rule(season={"first": first, "last": last})
    months, days = np.array([1, 5, 9, 12]), np.array([1, 1, 30, 31])
    assert season_mask(months, days, rule.season).astype(int).tolist() == expected


def test_a_wrong_shape_is_refused():
    with pytest.raises(ShapeError, match=r"got values \(3,\) and thresholds \(1, 4, 1\)"):
        levels(np.zeros(3), make_rule(), np.ones(3, bool))
    with pytest.raises(ShapeError, match=r"got levels \(3, 1\) and season \(2,\)"):
        levels(column(31, 31, 31), make_rule(), np.ones(2, bool))


hours = hnp.arrays(
    np.float64, (40, 3), elements=st.one_of(st.just(np.nan), st.floats(20, 45, width=16))
)
patience = st.fixed_dictionaries(
    {
        "persistence_h": st.integers(1, 4),
        "hysteresis": st.floats(0, 4),
        "hold_h": st.integers(0, 6),
        "max_gap_h": st.integers(0, 4),
    }
)


@pytest.mark.slow
@given(hours, patience)
def test_later_hours_never_change_earlier_levels(values, changed):
    """The live cycle, which knows only the past, and a replay of the whole year agree."""
    rule, season = make_rule(**changed), np.ones(40, bool)
    whole = levels(values, rule, season)
    for upto in (1, 7, 23):
        np.testing.assert_array_equal(levels(values[:upto], rule, season[:upto]), whole[:upto])


@given(hours, patience)
def test_places_do_not_touch_each_other(values, changed):
    rule, season = make_rule(**changed), np.ones(40, bool)
    turned = levels(values[:, ::-1].copy(), rule, season)
    np.testing.assert_array_equal(turned[:, ::-1], levels(values, rule, season))


@given(hours, patience)
def test_no_level_without_a_value_that_reached_it(values, changed):
    rule = make_rule(**changed)
    found = levels(values, rule, np.ones(40, bool))
    for place in range(3):
        best = 0
        for hour in range(40):
            met = [k for k, t in ((1, 30), (2, 35), (4, 40)) if values[hour, place] >= t]
            best = max([best, *met])
            assert found[hour, place] <= best
