"""Skill of runs by hand: two hours, two runs, four members."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tocsin.office.atlas.reliability_chart import picture
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar
from tocsin.triggers.rules import Level
from tocsin.triggers.scores import reliability
from tocsin.triggers.skill import skill_of

from .test_ahead import HOUR, T0, UTC, run_of, seen_of, warm_rule


def test_brier_and_skill_agree_with_a_table_worked_by_hand() -> None:
    """Yellow from 35: said 0.75, 0.25, 1, 0; came 1, 0, 1, 0.

    Squares: 0.0625 + 0.0625 + 0 + 0 = 0.125; a quarter of it is 0.03125. It came in half of the
    cases: always saying 0.5 has 0.25. Skill: 1 - 0.03125 / 0.25 = 0.875.
    """
    values = [25.0, 36, 25, 36, 25]
    runs = [
        run_of([[36, 36], [36, 25], [36, 25], [25, 25]], first=1, issued=T0 + HOUR),
        run_of([[36, 25]] * 4, first=3, issued=T0 + 3 * HOUR),
    ]
    truth = seen_of(*values)
    archive = Archive(
        truth, {"X": [0]}, Calendar.of(truth.times, UTC), timedelta(hours=1), runs=runs, zone=UTC
    )
    found = skill_of(archive, warm_rule(), Level.YELLOW, edges_h=(0, 1, 24))
    assert found is not None
    assert (found.runs, found.whole.cases, found.whole.happened) == (2, 4, 0.5)
    assert found.whole.brier == pytest.approx(0.03125)
    assert found.whole.skill == pytest.approx(0.875)
    first, later = found.leads
    assert (first.cases, first.happened, first.brier) == (2, 1.0, pytest.approx(0.03125))
    assert np.isnan(first.skill)  # it always happened at the first hour
    assert (later.cases, later.happened) == (2, 0.0)
    assert found.whole.reliability.count.tolist() == [1, 0, 1, 0, 0, 0, 0, 1, 0, 1]


def test_without_runs_or_a_threshold_there_is_no_skill() -> None:
    """Nothing to compare, or no such level."""
    truth = seen_of(25, 36)
    calendar = Calendar.of(truth.times, UTC)
    bare = Archive(truth, {"X": [0]}, calendar, zone=UTC)
    assert skill_of(bare, warm_rule(), Level.YELLOW) is None
    assert skill_of(bare, warm_rule(), Level.ORANGE) is None


def test_the_picture_stands_where_the_numbers_say() -> None:
    """Half said and half came is the middle of the square; a bar for each bin with cases."""
    drawn = picture(reliability([0.5, 0.5, 0.95, 0.95, 0.95], [1, 0, 1, 1, 1]))
    assert drawn is not None
    half, sure = drawn.points
    assert (half.x, half.y) == ((drawn.left + drawn.right) / 2, (drawn.top + drawn.floor) / 2)
    assert (half.said, half.came, half.count, half.from_, half.to) == (50, 50, 2, 50, 60)
    assert (sure.came, sure.y) == (100, drawn.top)
    assert sure.bar_height > half.bar_height
    assert picture(reliability([], [])) is None
