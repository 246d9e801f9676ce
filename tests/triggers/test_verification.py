"""Matching of warnings and events, against a table worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.triggers.rules import Level
from tocsin.triggers.scores import Table
from tocsin.triggers.verification import Event, Warned, match

DAY = datetime(2013, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def event(first, last, area="kings", level=Level.YELLOW, hazard="heat"):
    return Event(hazard, area, DAY + first * HOUR, DAY + last * HOUR, level)


def warned(name, first, last, area="kings", level=Level.YELLOW, hazard="heat"):
    return Warned(name, hazard, area, level, DAY + first * HOUR, DAY + last * HOUR)


# Worked out by hand. Events: A 10-14 (warned 3 h before by w1), B 40-42 (warned at 41 by w2: lead
# -1 h), C 60-62 (nobody warned), D 80-85 in the Bronx (w4 stood in Kings only), E 100-104 orange
# (w5 was yellow). Warnings: w1, w2 right; w3 nothing came; w4 wrong place; w5 too low.
EVENTS = [
    event(10, 14),
    event(40, 42),
    event(60, 62),
    event(80, 85, area="bronx"),
    event(100, 104, level=Level.ORANGE),
]
WARNINGS = [
    warned("w1", 7, 20),
    warned("w2", 41, 50),
    warned("w3", 200, 210),
    warned("w4", 78, 90),
    warned("w5", 98, 110),
]


def test_a_table_worked_out_by_hand() -> None:
    found = match(EVENTS, WARNINGS)
    assert [m.warned and m.warned.warning for m in found.matches] == ["w1", "w2", None, None, None]
    assert [w.warning for w in found.right] == ["w1", "w2"]
    assert [w.warning for w in found.false_alarms] == ["w3", "w4", "w5"]
    assert found.pod == 2 / 5
    assert found.far == 3 / 5
    assert found.csi == pytest.approx(1 / (5 / 2 + 5 / 2 - 1))  # 0.25: 2 of 2 + 3 + 3
    assert found.csi == pytest.approx(2 / 8)
    assert found.bias == 1.0
    assert found.leads_h == [-1.0, 3.0]


def test_a_lower_warning_counts_where_any_level_does() -> None:
    found = match(EVENTS, WARNINGS, any_level=True)
    assert found.hits == 3
    assert found.leads_h == [-1.0, 2.0, 3.0]


def test_early_and_late_widen_the_window() -> None:
    over = [warned("w", 0, 8)]
    assert match([event(10, 12)], over).hits == 0
    assert match([event(10, 12)], over, early=2 * HOUR).hits == 1
    after = [warned("w", 13, 20)]
    assert match([event(10, 12)], after).hits == 0
    assert match([event(10, 12)], after, late=HOUR).hits == 1


def test_one_warning_of_two_events_is_right_once() -> None:
    found = match([event(10, 11), event(20, 21)], [warned("w", 5, 30)])
    assert (found.hits, len(found.right), found.bias) == (2, 1, 0.5)


def test_without_events_or_warnings_scores_are_not_known() -> None:
    nothing = match([], [])
    assert all(score != score for score in (nothing.pod, nothing.far, nothing.csi, nothing.bias))
    assert match([event(1, 2)], []).pod == 0
    assert match([], [warned("w", 1, 2)]).far == 1


def test_blocks_add_up_to_the_counts() -> None:
    found = match(EVENTS, WARNINGS)
    blocks = found.blocks()
    assert sum(b.hits for b in blocks) == found.hits
    assert sum(b.misses for b in blocks) == len(found.matches) - found.hits
    assert sum(b.false_alarms for b in blocks) == len(found.false_alarms)


def test_areas_that_were_warned_on_one_day_are_one_block_of_far() -> None:
    areas = ("kings", "queens", "bronx")
    storm = [warned(f"w {area}", 5, 12, area) for area in areas]
    later = [warned(f"x {area}", 50, 60, area) for area in areas]
    found = match([event(10, 14, "kings"), event(10, 14, "queens")], [*storm, *later])
    assert found.warned_blocks() == [Table(2, 0, 1), Table(0, 0, 3)]
    assert sum(found.warned_blocks(), Table(0, 0, 0)).far == found.far


def test_an_event_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        event(3, 2)
