"""Forecasts of files as runs, and what a backtest says where there are none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.triggers.make_ahead import archive_of, seen_of, warm_rule
from tocsin.cli.backtest import _notes
from tocsin.intake.feed import Feed, Forecast, SeriesValues
from tocsin.region.runs import runs_of
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.report import as_html, rows_of

T0, HOUR = np.datetime64("2026-07-15T00", "s"), np.timedelta64(3600, "s")
FEED = Feed(
    id="f", reader="open-meteo", path="x", delay_min=90, source="test", licence="CC0-1.0",
    options={"members": 3}, folder=Path(),
)  # fmt: skip


def forecast(station: str, member: int | None, values: list[float], run: object = T0) -> Forecast:
    times = T0 + HOUR * np.arange(len(values))
    flags = np.array([value == 99 for value in values], np.uint16)
    series = SeriesValues(station, "air_temperature", "degC", times, np.array(values), flags)
    return Forecast("m", series, run, member)  # type: ignore[arg-type]


def test_members_of_a_run_stand_in_rows_known_when_they_had_come() -> None:
    """A doubted value and a station that nobody asked for are left out; three were promised."""
    parts = [
        forecast("B", 0, [1.0, 2.0]), forecast("B", 1, [3.0, 99.0]), forecast("C", 1, [7.0]),
        forecast("B", 2, [5.0], None),
    ]  # fmt: skip
    (run,) = runs_of(FEED, parts, ("A", "B"))
    assert (run.issued, run.arrived, run.members) == (T0, T0 + 90 * np.timedelta64(60, "s"), 3)
    expected = [[[np.nan, 1], [np.nan, 2]], [[np.nan, 3], [np.nan, np.nan]]]
    np.testing.assert_array_equal(run.values["air_temperature"], expected)


@pytest.mark.parametrize(("language", "said"), [("en", "was not tried"), ("zh-Hans", "未试算")])
def test_the_report_says_that_lead_was_not_tried(language: str, said: str) -> None:
    """The command and the page; with forecasts neither says it."""
    rule = warm_rule()
    outcome = archive_of(seen_of(25, 36, 25), []).outcome(rule, Policy(timedelta(hours=12)))
    assert any("lead_h was not tried" in one for one in _notes("now", outcome))
    rows, names = rows_of("now", outcome), {rule.id: rule.name}
    page = as_html(rows, period="", names=names, language=language, untried=[rule.id])
    assert said in page
    assert said not in as_html(rows, period="", names=names, language=language)
