"""Reconcile: a table of one step each, and that a second run does nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.triggers.reconcile import Action, InForce, Policy, reconcile
from tocsin.triggers.rules import Level

NOW = datetime(2013, 7, 18, 19, tzinfo=UTC)
POLICY = Policy(valid=timedelta(hours=12))
POLICIES = {"heat": POLICY, "fog": POLICY}
B, Y, R = Level.BLUE, Level.YELLOW, Level.RED
ORANGE = Level.ORANGE


def standing(levels, age_h=5, left_h=7, rule="heat", warning="w"):
    hour = timedelta(hours=1)
    return InForce(warning, rule, levels, NOW - age_h * hour, NOW + left_h * hour)


@pytest.mark.parametrize(
    ("row", "wanted", "reason"),
    [
        pytest.param(None, {"kings": Y}, "issue", id="nothing stands"),
        pytest.param(None, {}, None, id="nothing to do"),
        pytest.param(None, {"kings": Level.NONE}, None, id="none is nothing"),
        pytest.param(standing({"kings": Y}), {"kings": Y}, None, id="still the same"),
        pytest.param(
            standing({"kings": Y}, age_h=0), {"kings": ORANGE}, "raise", id="worse: at once"
        ),
        pytest.param(
            standing({"kings": ORANGE}, age_h=0),
            {"kings": ORANGE, "bronx": Y},
            "areas",
            id="more areas",
        ),
        pytest.param(standing({"kings": ORANGE}, age_h=2), {"kings": Y}, None, id="better waits"),
        pytest.param(standing({"kings": ORANGE}, age_h=3), {"kings": Y}, "lower", id="better, due"),
        pytest.param(
            standing({"kings": ORANGE, "bronx": ORANGE}),
            {"kings": ORANGE},
            "areas",
            id="fewer areas, due",
        ),
        pytest.param(
            standing({"kings": ORANGE}, age_h=1, left_h=1), {"kings": Y}, "lower", id="ends soon"
        ),
        pytest.param(standing({"kings": Y}, left_h=1), {"kings": Y}, "extend", id="extended"),
        pytest.param(standing({"kings": Y}), {}, "cancel", id="over"),
        pytest.param(standing({"kings": Y}, left_h=1), {}, None, id="over: runs out by itself"),
        pytest.param(standing({"kings": Y}, left_h=0), {"kings": Y}, "issue", id="expired: new"),
        pytest.param(standing({"kings": Y}, rule="gone"), {}, "cancel", id="rule withdrawn"),
    ],
)
def test_one_step(row, wanted, reason):
    actions = reconcile([row] if row else [], {"heat": wanted}, NOW, POLICIES)
    assert [action.reason for action in actions] == ([reason] if reason else [])


def test_rules_do_not_touch_each_other():
    rows = [standing({"kings": Y}), standing({"kings": B}, rule="fog", warning="f")]
    actions = reconcile(rows, {"heat": {"kings": Y}, "fog": {"kings": R}}, NOW, POLICIES)
    assert actions == [Action("raise", "fog", "f", {"kings": R})]


def test_of_two_warnings_of_one_rule_the_second_is_cancelled():
    rows = [standing({"kings": Y}), standing({"kings": Y}, warning="x")]
    actions = reconcile(rows, {"heat": {"kings": Y}}, NOW, POLICIES)
    assert actions == [Action("cancel", "heat", "x", {})]


areas = st.dictionaries(
    st.sampled_from(["kings", "bronx", "queens"]), st.sampled_from([B, Y, ORANGE, R]), min_size=0
)


@given(
    row=st.none()
    | st.builds(
        standing,
        areas.filter(bool),
        age_h=st.integers(0, 12),
        left_h=st.integers(0, 12),
    ),
    wanted=areas,
)
def test_run_twice_it_does_nothing_the_second_time(row, wanted):
    rows = [row] if row else []
    for action in reconcile(rows, {"heat": wanted}, NOW, POLICIES):
        name = action.warning or "new"
        rows = [kept for kept in rows if kept.warning != name and kept.expires_at > NOW]
        if action.reason != "cancel":
            rows.append(InForce(name, "heat", action.levels, NOW, NOW + POLICY.valid))
    assert reconcile(rows, {"heat": wanted}, NOW, POLICIES) == []
