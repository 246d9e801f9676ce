"""The command line as a person meets it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli import app, seen_at

from .office.small_region import RULES, write_region

MESSAGES = Path(__file__).parent / "cap" / "messages"


def run(*arguments):
    return CliRunner(env={"COLUMNS": "400"}).invoke(app, [str(argument) for argument in arguments])


def test_check_passes_a_good_folder(tmp_path):
    result = run("check", write_region(tmp_path / "small"))
    assert result.exit_code == 0
    assert "no faults" in result.output


def test_check_prints_every_fault_with_file_line_value_and_remedy(tmp_path):
    rules = RULES.replace("heat_index", "heat_indx")
    folder = write_region(tmp_path / "small", rules=rules)
    result = run("check", folder)
    assert result.exit_code == 1
    assert "rules.toml:7: rule[1].indicator = heat_indx" in result.output
    assert "fault(s)" in result.output


def test_a_rule_on_something_that_is_not_hourly_is_refused(tmp_path):
    rules = RULES.replace("heat_index", "spi_3").replace('"degF"', '"1"')
    result = run("check", write_region(tmp_path / "small", rules=rules))
    assert result.exit_code == 1
    assert "A rule cannot look at it yet: it is computed by monthly." in result.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{value} at {place}", "{value at {place}", "brace"),
        ("orange = 100", "orange = inf", "This is not a number"),
    ],
)
def test_texts_that_cannot_be_filled_in_and_endless_thresholds_are_refused(
    tmp_path, old, new, words
):
    result = run("check", write_region(tmp_path / "small", rules=RULES.replace(old, new)))
    assert result.exit_code == 1
    assert words in result.output


def test_verifying_a_folder_without_a_ledger_says_so(tmp_path):
    result = run("ledger", "verify", "--data", tmp_path)
    assert result.exit_code == 2
    assert "holds no ledger" in " ".join(result.output.replace("│", " ").split())  # it is wrapped
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["wind_chill", "fwi"])
def test_indicators_are_described_with_inputs_units_and_source(name):
    result = run("indicators", "describe", name)
    assert result.exit_code == 0
    assert "air_temperature [degC]" in result.output
    assert "Source:" in result.output


def test_an_unknown_indicator_is_refused_with_the_way_out():
    result = run("indicators", "describe", "nonsense")
    assert result.exit_code == 2
    assert "tocsin indicators list" in result.output


def test_the_list_for_rules_leaves_out_what_needs_months():
    everything, for_rules = run("indicators", "list"), run("indicators", "list", "--for-rules")
    assert "spi_3" in everything.output
    assert "spi_3" not in for_rules.output
    assert "heat_index" in for_rules.output


def test_cap_check_ends_with_1_where_a_message_is_wrong():
    good, bad = (sorted((MESSAGES / kind).glob("*.xml")) for kind in ("good", "bad"))
    assert run("cap", "check", good[0]).exit_code == 0
    result = run("cap", "check", good[0], bad[0])
    assert result.exit_code == 1
    assert bad[0].name in result.output


def test_cap_show_speaks_to_a_person():
    result = run("cap", "show", *sorted((MESSAGES / "good").glob("*.xml"))[:1])
    assert result.exit_code == 0
    assert "<" not in result.output


def test_a_file_that_is_not_there_is_named():
    result = run("cap", "check", "nowhere.xml")
    assert result.exit_code == 2
    assert "nowhere.xml" in result.output


@pytest.mark.slow
def test_replay_and_verify_from_the_shell(tmp_path):
    """In processes of their own, as a person runs them; the second replay has nothing to do."""
    folder, data = write_region(tmp_path / "small"), tmp_path / "data"
    environment = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }

    def tocsin(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from tocsin.cli import main; main()", *map(str, arguments)],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip

    first = tocsin("replay", folder, "--data", data)
    assert first.returncode == 0, first.stderr
    assert "Mon 15 Jul 2013 16:00 EDT" in first.stdout
    again = tocsin("replay", folder, "--data", data)
    assert "0 hourly cycles, 0 new values" in again.stdout
    assert (
        "2 messages, every hash and link is right"
        in tocsin("ledger", "verify", "--data", data).stdout
    )
    wrong = tocsin("replay", folder, "--data", data, "--from", "2013-07-17", "--to", "2013-07-16")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("Refused: The replay would end")
    assert "Traceback" not in wrong.stderr


@pytest.mark.slow
def test_a_live_region_is_loaded_and_told_from_a_replay(tmp_path):
    folder, data = write_region(tmp_path / "small"), tmp_path / "data"
    head = folder / "region.toml"
    environment = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }

    def tocsin(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from tocsin.cli import main; main()", *map(str, arguments)],
            capture_output=True, text=True, check=False, env=environment,
            input="a long enough word\n" * 2,
        )  # fmt: skip

    replay = head.read_text()
    live = re.sub(r"\[replay\].*?(?=\[cap\])", "", replay, flags=re.S)
    head.write_text(live + '\n[approval]\nblue = "auto"\n')
    loaded = tocsin("load", folder, "--data", data)
    assert "small is loaded: live, 3 areas." in loaded.stdout, loaded.stderr
    assert "blue auto" in loaded.stdout
    assert "red two" in loaded.stdout
    head.write_text(replay)
    refused = tocsin("load", folder, "--data", data)
    assert refused.stderr.startswith("Refused: This data folder serves small as live")
    post = ("people", "give-post", "eve", "--role", "approver", "--title", "East", "--data", data)
    assert "no area 'nowhere'" in tocsin(*post, "--area", "nowhere").stderr
    assert "holds the post 'East' (approver for east)" in tocsin(*post, "--area", "east").stdout


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("127.0.0.1", "http://127.0.0.1:8123"),
        ("0.0.0.0", "http://127.0.0.1:8123"),  # noqa: S104
        ("::", "http://[::1]:8123"),
        ("::1", "http://[::1]:8123"),
        ("desk.example.org", "http://desk.example.org:8123"),
    ],
)
def test_links_lead_to_where_it_is_served(host: str, seen: str) -> None:
    assert seen_at(host, 8123) == seen
