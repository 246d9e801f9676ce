"""Which version of a rule is in force when: the office's newest whose moment has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.triggers.make import make_rule
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_picks import pick, rules_over, waits_behind

NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def version(number: int, words: str, hours: int | None = None, *, off: bool = False) -> RuleVersion:
    """Of the folder without ``hours``; of the office from so many hours after noon on."""
    origin = RuleVersion.FOLDER if hours is None else RuleVersion.OFFICE
    valid = None if hours is None else NOON + hours * HOUR
    return RuleVersion(
        rule="heat", version=number, digest=words, origin=origin, valid_from=valid, is_off=off
    )


FOLDER, OFFICE = version(1, "a"), version(2, "b", 0)


@pytest.mark.parametrize(
    ("versions", "hour", "number"),
    [
        ([FOLDER], 0, 1),
        ([OFFICE], -1, None),  # a rule of the office alone, not yet
        ([FOLDER, OFFICE], -1, 1),
        ([FOLDER, OFFICE], 0, 2),  # from its moment on, inclusive
        ([FOLDER, OFFICE, version(3, "c")], 0, 2),  # the folder changed: the office's stands
        ([FOLDER, OFFICE, version(3, "b")], 0, 3),  # the folder says the same: it leads again
        ([FOLDER, OFFICE, version(3, "b"), version(4, "d")], 0, 4),  # and goes on leading
        ([FOLDER, OFFICE, version(3, "b"), version(4, "e", 0)], 0, 4),  # until the office speaks
        ([FOLDER, version(2, "b", 5), version(3, "c", 0)], 1, 3),  # approved later, valid earlier
        ([FOLDER, version(2, "b", 5), version(3, "c", 0)], 5, 2),
        ([FOLDER, version(2, "b", 0), version(3, "c", 0)], 0, 3),  # of one moment: the higher one
        ([FOLDER, version(2, "a", 0, off=True), version(3, "a")], 0, 2),  # off is not caught up
    ],
)
def test_what_is_in_force(versions, hour, number):
    found = pick(reversed(versions), NOON + hour * HOUR)
    assert (found and found.version) == number


def test_a_newer_text_of_the_folder_waits_and_the_same_text_does_not():
    newer, same = version(3, "c"), version(3, "b")
    assert waits_behind([FOLDER, OFFICE, newer], OFFICE) == newer
    assert waits_behind([FOLDER, OFFICE, same], OFFICE) is None
    assert waits_behind([FOLDER, OFFICE], OFFICE) is None
    assert waits_behind([FOLDER, newer], newer) is None


@pytest.mark.django_db
def test_the_past_has_the_rules_that_stood_then() -> None:
    """A text of the folder counts from when it came, its oldest from ever; not so in a replay."""
    first, office, again = version(1, "a"), version(2, "b", 2), version(3, "c", 6, off=True)
    newer = version(4, "d")
    for one, hours in ((first, 1), (office, 2), (again, 6), (newer, 4)):
        one.kept_at, one.definition, one.hazard = NOON + hours * HOUR, {}, "heat"
        if one.origin == RuleVersion.OFFICE:
            one.definition = make_rule().model_dump(mode="json", exclude_none=True)
        one.save()

    def said(first: int, *, is_replay: bool = False) -> list[tuple[int, list[int]]]:
        stood = rules_over(NOON + first * HOUR, NOON + 9 * HOUR, is_replay=is_replay)
        return [((at - NOON) // HOUR, [one.version for one in some]) for at, some in stood]

    assert said(0) == [(0, [1]), (1, [1]), (2, [2]), (4, [2]), (6, [])]
    assert said(7) == [(7, [])]
    assert said(0, is_replay=True) == [(0, [4]), (1, [4]), (2, [2]), (4, [2]), (6, [])]
