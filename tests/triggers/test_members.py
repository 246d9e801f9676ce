"""All members judged at once are the members judged one by one."""

from __future__ import annotations

import numpy as np

from tocsin.triggers.evaluate import Calendar, evaluate
from tocsin.triggers.members import evaluate_members

from .make_ahead import UTC, hours, warm_rule


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
