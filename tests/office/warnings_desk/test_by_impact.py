"""Levels by likelihood and impact, from the files of a region to the message and its evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.office import matrix_region, small_region
from tocsin import cap
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.replay import replay
from tocsin.region import load_region
from tocsin.region.archive import archive_of, policy_of
from tocsin.triggers.report import as_csv, as_html, rows_of

WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)


def told(info: cap.message.Info) -> dict[str, str]:
    return {one.value_name: one.value for one in info.parameter}


@pytest.mark.slow
@pytest.mark.django_db
def test_a_replay_issues_what_the_matrix_says_of_a_certain_impact(tmp_path: Path) -> None:
    replay(matrix_region.write_region(tmp_path / "small"), at=WALL)
    first, last = Message.objects.order_by("number")
    assert (first.levels, last.reason) == ({"west": 3, "east": 2}, "cancel")
    west = next(row for row in first.evidence if row["area"] == "west")
    # 103.47 degF is 39.7 degC. Severe begins with 60 of 1,000, 36 degC, 96.8 degF.
    assert (west["value"], west["threshold"]) == (pytest.approx(103.47, abs=0.05), 96.8)
    assert (west["impact"]["value"], west["impact"]["probability"]) == (97, 1)
    assert west["impact"]["likelihood"] == {"en": "likely", "zh-Hans": "很可能"}
    assert west["impact"]["class"] == {"en": "severe", "zh-Hans": "严重"}
    infos = cap.parse(bytes(first.raw)).alert.info
    english, chinese = infos[0], infos[1]
    assert "Expected: about 97 people in need of help." in (english.description or "")
    assert "Likelihood: likely; impact: severe." in (english.description or "")
    assert "需要帮助的人" in (chinese.description or "")
    assert told(english)["tocsin:expected-impact"].startswith("97 people in need of help; members")
    assert told(chinese)["tocsin:expected-impact"].startswith("97 需要帮助的人; members 1")
    assert told(english)["tocsin:impact-at-least:60"] == "1"
    east = next(row for row in first.evidence if row["area"] == "east")
    assert east["impact"]["class"] == {"en": "minor", "zh-Hans": "轻微"}
    assert first.impact["expected"]["value"] == pytest.approx(97 + east["impact"]["value"], abs=1)


def test_a_backtest_says_the_same_levels_as_the_thresholds_they_become(tmp_path: Path) -> None:
    found = []
    for make in (matrix_region.write_region, small_region.write_region):
        region = load_region(make(tmp_path / make.__module__))
        (rule,) = region.rules
        outcome = archive_of(region).outcome(rule, policy_of(region, rule))
        rows = {row.level: row for row in rows_of("now", outcome)}
        found.append((rows, as_html(list(rows.values()), period="", names={"heat": rule.name})))
    (matrix, page), (plain, other) = found
    assert list(matrix) == ["blue", "yellow", "orange"]
    for level, row in plain.items():
        mine = matrix[level]
        assert (mine.warnings, mine.hours_under_warning, mine.area_hours, mine.messages) == (
            row.warnings, row.hours_under_warning, row.area_hours, row.messages,
        )  # fmt: skip
    assert matrix["orange"].threshold != matrix["orange"].threshold  # each area has its own
    assert as_csv([matrix["orange"]]).splitlines()[1].startswith("now,heat,orange,,degF,1,")
    assert ("by impact" in page, "by impact" in other) == (True, False)


def test_the_command_line_says_by_impact(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from tocsin.cli import app

    folder = matrix_region.write_region(tmp_path / "small")
    said = CliRunner().invoke(app, ["backtest", str(folder)])
    assert said.exit_code == 0, said.output
    assert said.output.count("by impact") == 3
    assert "nan" not in said.output
