"""A day of daily values: few of them, the last day revised in the morning, no half day taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.answers import daily_renderer

from .http_day import HttpDay, check

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]


def test_a_day_is_kept_to_the_last_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = HttpDay(tmp_path, daily_renderer(), monkeypatch)
    day.run()
    check(day)
    assert len(day.renderer.seen) == 4
    # One day was revised in the morning, of the other the empty cell was filled.
    assert day.reckoning.corrected == 2
