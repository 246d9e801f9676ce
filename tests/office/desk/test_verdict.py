"""Which of two rules is better: by hand, for every way two of them can differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.office.atlas.desk_verdict import judged, overall
from tocsin.triggers.backtest import LevelCount
from tocsin.triggers.rules import Level
from tocsin.triggers.verification import Event, Verdicts, Warned, match

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPELLS = [Event("heat", "E1", NOON + day * 24 * HOUR, NOON + (day * 24 + 5) * HOUR)
          for day in range(3)]  # fmt: skip


def verdicts(days: list[int], *, vain: int = 0, late: int = 0) -> Verdicts:
    """Warnings ``late`` hours into the spells of some days, and some when nothing was."""
    begins = [SPELLS[day].first + late * HOUR for day in days]
    begins += [NOON + (100 + day) * 24 * HOUR for day in range(vain)]
    said = [Warned(str(at), "heat", "E1", Level.BLUE, at, at + 3 * HOUR) for at in begins]
    return match(SPELLS, said)


def count(hours: float = 9.0) -> LevelCount:
    return LevelCount(Level.BLUE, warnings=3, hours=hours, area_hours=hours)


@pytest.mark.parametrize(
    ("tried", "stands", "kind"),
    [
        (verdicts([0, 1, 2]), verdicts([0, 1]), "better"),
        (verdicts([0, 1]), verdicts([0, 1], vain=1), "better"),
        (verdicts([0, 1]), verdicts([0, 1], late=1), "better"),
        (verdicts([0], vain=2), verdicts([0, 1], vain=1), "worse"),
        (verdicts([0, 1], late=2), verdicts([0, 1]), "worse"),
        (verdicts([0, 1, 2], vain=1), verdicts([0, 1]), "choice"),
        (verdicts([0, 1, 2], late=1), verdicts([0, 1]), "choice"),
        (verdicts([0, 1]), verdicts([0, 1]), "same"),
        (verdicts([]), verdicts([0]), "worse"),
    ],
)
def test_a_level_is_better_only_where_nothing_is_lost(tried, stands, kind):
    assert judged(1, (count(), count()), (tried, stands)).kind == kind


def test_hours_decide_only_where_all_else_is_alike():
    alike = (verdicts([0, 1]), verdicts([0, 1]))
    assert judged(1, (count(8.0), count(9.0)), alike).kind == "better"
    assert judged(1, (count(95.0), count(100.0)), alike).kind == "better"
    assert judged(1, (count(96.0), count(100.0)), alike).kind == "same"  # less than a twentieth
    fewer = (verdicts([0]), verdicts([0, 1]))
    assert judged(1, (count(8.0), count(9.0)), fewer).kind == "worse"


def test_what_is_said_of_a_level():
    said = judged(2, (count(4.0), count(9.0)), (verdicts([0, 2], late=1), verdicts([0, 1], vain=1)))
    assert (said.level, said.spells, said.warned, said.in_vain) == (2, 3, (2, 2), (0, 1))
    # only the first day was warned of by both
    assert (said.hours, said.earlier_h, said.later_h) == ((4.0, 9.0), -1.0, 1.0)


def test_the_whole_is_better_only_where_no_level_objects():
    better = judged(1, (count(), count()), (verdicts([0, 1]), verdicts([0])))
    worse = judged(2, (count(), count()), (verdicts([0]), verdicts([0, 1])))
    same = judged(3, (count(), count()), (verdicts([0]), verdicts([0])))
    assert overall([better, same]) == "better"
    assert overall([worse, same, worse]) == "worse"
    assert overall([better, worse]) == "choice"
    assert overall([same]) == overall([]) == "same"
    assert overall([same], alone=1) == "other-levels"
