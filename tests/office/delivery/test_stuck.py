"""A message that cannot be expanded is tried less and less often, and told of once."""

from __future__ import annotations

import pytest

from tests.office import factories
from tocsin.office.delivery.fanout import NotExpandedError, tell_desk
from tocsin.office.delivery.models import DeskNotice
from tocsin.office.delivery.stuck import WAITS_S, Stuck


def test_each_failure_doubles_the_wait_up_to_an_hour() -> None:
    stuck, now, waits, firsts = Stuck(), 1000.0, [], []
    for _ in range(9):
        assert stuck.passing_over(now) == []
        wait_s, is_first = stuck.failed(7, now)
        assert stuck.passing_over(now + wait_s - 1) == [7]
        now += wait_s
        waits.append(wait_s)
        firsts.append(is_first)
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert firsts == [True] + [False] * 8
    assert waits[-1] == WAITS_S[1]


def test_one_does_not_make_another_wait() -> None:
    stuck = Stuck()
    stuck.failed(1, 0.0)
    stuck.failed(1, 60.0)
    assert stuck.failed(2, 60.0) == (60.0, True)
    assert stuck.passing_over(130.0) == [1]


@pytest.mark.django_db
def test_a_note_that_was_taken_is_not_written_again() -> None:
    factories.make_region()
    message = factories.make_message(factories.make_warning(factories.make_rule()), {"1": 2})
    error = NotExpandedError(message)
    error.__cause__ = ValueError("an area without an outline")
    tell_desk(error, factories.NOW)
    DeskNotice.objects.update(noted_at=factories.NOW)
    tell_desk(error, factories.NOW)
    assert DeskNotice.objects.count() == 1
    error.__cause__ = ValueError("something else")
    tell_desk(error, factories.NOW)
    assert DeskNotice.objects.filter(noted_at=None).count() == 1
