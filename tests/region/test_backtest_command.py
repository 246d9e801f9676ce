"""``tocsin backtest`` as a person meets it: tables, files and periods that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.region.folder import make_region_folder
from tocsin.cli import app

EVENTS = """hazard,area,first,last
cold,E1,2020-01-03,2020-01-03
cold,E1,2019-12-31T10:00,2019-12-31T12:00
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    return make_region_folder(tmp_path / "two-valleys")


def _asked(folder: Path, *words: str):
    return CliRunner().invoke(app, ["backtest", str(folder), *words])


def test_a_narrow_terminal_cuts_nothing_off(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    events = tmp_path / "events.csv"
    events.write_text(EVENTS)
    done = _asked(folder, "--events", str(events))
    assert done.exit_code == 0, done.output
    assert "…" not in done.output
    heads = "rule level rules from warnings hours median h messages turns events POD FAR lead h"
    assert heads in " ".join(done.output.split())
    assert "2020-01-01 01:00 – 2020-12-31 01:00 (Europe/Zurich), 8,761 h" in done.output


def test_events_outside_of_the_period_are_left_out_and_told(folder, tmp_path) -> None:
    events, csv = tmp_path / "events.csv", tmp_path / "out.csv"
    events.write_text(EVENTS)
    done = _asked(folder, "--rule", "cold", "--events", str(events), "--csv", str(csv))
    assert "1 of 2 events lie outside of this period and were left out" in done.output
    head, row = csv.read_text().splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["events"] == "1"


@pytest.mark.parametrize("option", ["--csv", "--html"])
def test_a_file_that_cannot_be_written_is_told(folder, tmp_path, option) -> None:
    done = _asked(folder, option, str(tmp_path / "no" / "such" / "file"))
    assert done.exit_code == 2
    assert "cannot be written" in done.output


def test_a_language_that_the_report_does_not_have_is_refused(folder) -> None:
    assert _asked(folder, "--language", "fr").exit_code == 2


@pytest.mark.parametrize("name", ["now.toml", "now"])
def test_rules_that_are_called_now_stand_beside_those_of_now(folder, tmp_path, name) -> None:
    other = tmp_path / name
    if not other.suffix:
        other.mkdir()
    file = other if other.suffix else other / "cold.toml"
    file.write_text((folder / "rules.toml").read_text().replace("blue = -15", "blue = -20"))
    done = _asked(folder, "--rules", str(other), "--rule", "cold")
    assert f"--rules {name} " in done.output
    assert "-15 degC" in done.output
    assert "-20 degC" in done.output


def test_rules_that_are_not_there_and_an_empty_period_say_what_to_do(folder) -> None:
    gone = _asked(folder, "--rules", "nowhere.toml")
    assert str(gone.exception).endswith("There is no such file or folder. Check the path.")
    empty = _asked(folder, "--from", "2020-02-01", "--to", "2020-02-01")
    assert "would begin 2020-02-01 00:00 and would end 2020-02-01 00:00" in str(empty.exception)
    assert "Let --to be later than --from" in str(empty.exception)


def test_the_page_names_the_region_in_its_language(folder, tmp_path) -> None:
    page = tmp_path / "report.html"
    assert _asked(folder, "--html", str(page), "--language", "zh-Hans").exit_code == 0
    assert "<h1>双谷: 规则回测</h1>" in page.read_text()
