"""A day of every feed that is asked over HTTP and answers with one file, in its own format."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.answers import Renderer, renderers

from .http_day import MOODS, HttpDay, check

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]


@pytest.mark.parametrize("renderer", renderers(), ids=lambda one: one.reader)
def test_a_day_is_kept_to_the_last_value(
    tmp_path: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow, 304, 500, half bodies, lying labels, a clock ahead, doubles, revisions, restarts."""
    day = HttpDay(tmp_path, renderer, monkeypatch)
    day.run()
    check(day)
    assert day.crashes >= 4
    assert len(day.problems) >= 6
    assert day.server.asked > len(MOODS)
    is_revised = renderer.reader != "firms-csv"  # it shows a hotspot once and as it is
    assert bool(day.reckoning.corrected + day.reckoning.events_corrected) == is_revised
