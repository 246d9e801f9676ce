"""How far back the rows in memory reach, as the rules in force need it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.office.warnings_desk.live import RECENT, RECURSIVE
from tocsin.office.watch.recent_rows import RecentRows

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 15, tzinfo=UTC)


def test_a_rule_that_only_the_office_has_may_need_a_longer_memory() -> None:
    """What is longer is read anew; until then the database is asked, never a short memory."""
    recent = RecentRows(RECENT)
    recent.move_on(AT)
    assert recent.begin == AT - RECENT
    recent.reach(RECURSIVE)
    assert recent.begin is None
    recent.move_on(AT)
    assert recent.begin == AT - RECURSIVE
    recent.reach(RECURSIVE)
    assert recent.begin == AT - RECURSIVE
    assert timedelta(0) < RECENT < RECURSIVE
