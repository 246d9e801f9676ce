"""Backtest: counts worked out by hand, and the same levels as the live path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.triggers.make import make_rule
from tocsin.errors import ShapeError
from tocsin.triggers.backtest import Archive, exceedances
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.rules import Level

HOUR = timedelta(hours=1)
POLICY = Policy(valid=12 * HOUR, min_update=HOUR)
# Half a day of fog at one of two stations, visibility in km.
FOG = [12, 9, 4, 4, 0.5, 4, 9, 12, 12, 12, 12, 12]
CLEAR = [16] * 12
FOGGY = {"blue": 10, "yellow": 5, "red": 1}


def archive() -> Archive:
    times = np.datetime64("2013-07-18T12", "h") + np.arange(12)
    grid = Grid(
        times,
        ("JFK", "ALB"),
        (40.6, 42.7),
        {"visibility_in_air": np.array([FOG, CLEAR], float).T},
        {"visibility_in_air": "km"},
    )
    calendar = Calendar.of(times, ZoneInfo("America/New_York"))
    return Archive(grid, {"kings": [0, 1], "albany": [1]}, calendar, delay=HOUR)


def rule(**changed):
    fields = {"indicator": "visibility", "unit": "km", "when": "at-or-below", "levels": FOGGY}
    return make_rule(**{**fields, **changed})


def test_counts_worked_out_by_hand() -> None:
    found = archive().outcome(rule(), POLICY)
    # blue from hour 1 (9 km), yellow from 2 (4), red at 4 (0.5), yellow at 5, blue at 6, none at 7.
    assert [
        (s.reason, s.at.hour, s.levels.get("kings", 0)) for s in found.course.sent()
    ] == [
        ("issue", 14, Level.BLUE),
        ("raise", 15, Level.YELLOW),
        ("raise", 17, Level.RED),
        ("lower", 18, Level.YELLOW),
        ("lower", 19, Level.BLUE),
        ("cancel", 20, 0),
    ]  # fmt: skip
    assert (found.warnings, found.messages, found.flaps) == (1, 6, 1)
    assert found.lengths_h.tolist() == [6.0]
    assert [(c.level, c.warnings, c.hours, c.area_hours) for c in found.counts()] == [
        (Level.BLUE, 1, 6.0, 6.0),
        (Level.YELLOW, 1, 4.0, 4.0),
        (Level.RED, 1, 1.0, 1.0),
    ]


def test_the_archive_judges_as_the_live_path_does() -> None:
    kept, asked = archive(), rule(hysteresis=2, hold_h=2)
    values = indicator_values(["visibility"], kept.grid, kept.calendar)
    live = evaluate(asked, values, kept.order, kept.calendar)
    np.testing.assert_array_equal(kept.outcome(asked, POLICY).evaluation.levels, live.levels)


def test_a_changed_threshold_is_asked_of_the_same_archive() -> None:
    kept = archive()
    assert kept.outcome(rule(levels={"blue": 0.2}), POLICY).warnings == 0
    assert kept.outcome(rule(levels={"blue": 0.5}), POLICY).warnings == 1


def test_exceedances_are_joined_over_a_short_gap() -> None:
    found = archive().outcome(rule(), POLICY).evaluation
    times = archive().grid.times
    (one,) = exceedances(found, times, Level.YELLOW)
    begin = datetime(2013, 7, 18, 14, tzinfo=UTC)
    assert (one.area, one.first, one.last) == ("kings", begin, begin + 3 * HOUR)
    with pytest.raises(ValueError, match="no threshold for orange"):
        exceedances(found, times, Level.ORANGE)


def test_a_calendar_of_other_hours_is_refused() -> None:
    kept = archive()
    short = Calendar.of(kept.grid.times[:3], ZoneInfo("UTC"))
    with pytest.raises(ShapeError, match="calendar of 3 hours for a grid of 12"):
        Archive(kept.grid, kept.order, short)
