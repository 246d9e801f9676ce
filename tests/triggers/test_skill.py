"""Skill of runs by hand: two hours, two runs, four members."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.triggers.evaluate import Grid
from tocsin.triggers.futures import ModelRun
from tocsin.triggers.rules import Level, StationRecord
from tocsin.triggers.skill import skill_of

from .make_ahead import HOUR, T0, TEMPERATURE, UNITS, archive_of, hours, run_of, seen_of, warm_rule


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
    archive = archive_of(seen_of(*values), runs)
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


def test_thresholds_of_another_hour_are_those_of_that_hour() -> None:
    """From the second day on yellow is from 40: 36 degC is an event on the first day alone."""
    rule = warm_rule(
        levels={"yellow": 35},
        levels_by_season=[{"first": "07-16", "last": "07-16", "levels": {"yellow": 40}}],
    )
    archive = archive_of(seen_of(*[36.0] * 48), [run_of([[36.0] * 47], first=1, issued=T0 + HOUR)])
    found = skill_of(archive, rule, Level.YELLOW, edges_h=(0, 48))
    assert found is not None
    assert (found.whole.cases, found.whole.brier) == (47, 0.0)
    assert found.whole.happened == pytest.approx(23 / 47)


def test_an_area_that_changes_station_has_the_threshold_of_each() -> None:
    """Once in 10 years: about 30 at A, 40 at B. A falls silent; 35 at B is no event."""

    def record(around: float) -> StationRecord:
        return StationRecord(years=30, first=1990, last=2019, gev=(around, 1.0, 0.0))

    rule = warm_rule(
        levels={"yellow": 10}, levels_as="return-period",
        record={"A": record(28.0), "B": record(38.0)},
    )  # fmt: skip
    warm = np.full((10, 2), 35.0)
    warm[4:, 0] = np.nan
    grid = Grid(hours(0, 10), ("A", "B"), (40.0,) * 2, {TEMPERATURE: warm}, UNITS)
    run = ModelRun(
        "f", "m", T0 + HOUR, T0 + HOUR, hours(1, 9), {TEMPERATURE: warm[None, 1:]}, UNITS, 1
    )
    found = skill_of(archive_of(grid, [run], (0, 1)), rule, Level.YELLOW, edges_h=(0, 48))
    assert found is not None
    assert (found.whole.cases, found.whole.brier) == (9, 0.0)
    assert found.whole.happened == pytest.approx(3 / 9)


def test_without_runs_or_a_threshold_there_is_no_skill() -> None:
    """Nothing to compare, or no such level."""
    bare = archive_of(seen_of(25, 36), [])
    assert skill_of(bare, warm_rule(), Level.YELLOW) is None
    assert skill_of(bare, warm_rule(), Level.ORANGE) is None
