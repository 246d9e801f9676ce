"""Trying a rule: the archive's answer as it stands and as tried; nothing is changed by asking."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from tests.office.small_region import write_region
from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import RuleVersion

PAGE = "/desk/watch/rules/heat/try/"
WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def region(db, tmp_path):
    """One hot afternoon: 97.3 degF in the east (yellow from 95), 103.5 in the west (orange)."""
    replay(write_region(tmp_path / "small"), at=WALL)


@pytest.mark.usefixtures("region")
def test_as_it_stands_it_counts_what_the_replay_issued(officer, words):
    said = words(officer.get(PAGE))
    assert "Try Heat" in said
    assert "1 warning · 2 messages · 0 turns · median length 5 h" in said
    assert "As tried" not in said
    assert "Both do the same" not in said  # nothing stands beside it


@pytest.mark.usefixtures("region")
def test_a_lower_threshold_is_shown_beside_and_changes_nothing(officer, words):
    before = (RuleVersion.objects.count(), Entry.objects.count())
    said = words(officer.get(PAGE, {"orange": "97"}))
    assert "as tried ≥" not in said
    # The east reaches orange as well then: 5 h with orange in force either way, one more spell met.
    assert "Orange as it stands 100 °F 1 5 1 1 0 as tried 97 °F 1 5 1 1 1" in said
    # In a word, before the tables: one more warning in vain and nothing gained by it.
    assert (
        "As tried it is worse Orange worse as tried · both warn of 1 of 1 spells · in vain: 1 in"
        in (said)
    )
    assert (RuleVersion.objects.count(), Entry.objects.count()) == before


@pytest.mark.usefixtures("region")
def test_htmx_gets_the_answer_alone(officer, words):
    answer = officer.get(PAGE, {"yellow": "110", "orange": "120"}, headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert "0 warnings · 0 messages" in words(answer)


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"yellow": "101"}, "not in order: from blue to red they must rise"),
        ({"yellow": "hot"}, "“hot” is not a number."),
        ({"yellow": "nan"}, "“nan” is not a number."),
        ({"hysteresis": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_tried_is_said_and_the_rule_as_it_stands_is_shown(
    officer, words, asked, why
):
    said = words(officer.get(PAGE, asked))
    assert why in said
    assert "1 warning · 2 messages" in said


@pytest.mark.usefixtures("region")
def test_the_answer_as_csv(officer):
    text = officer.get(PAGE, {"orange": "97", "format": "csv"}).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["rules"], row["level"], row["threshold"]) for row in rows] == [
        ("stands", "yellow", "95.0"),
        ("stands", "orange", "100.0"),
        ("tried", "yellow", "95.0"),
        ("tried", "orange", "97.0"),
    ]


@pytest.mark.usefixtures("region")
def test_a_stranger_and_an_unknown_rule_are_turned_away(client, officer):
    assert client.get(PAGE).status_code == 302
    assert officer.get("/desk/watch/rules/nothing/try/").status_code == 404


def test_a_region_folder_that_is_gone_is_said_in_words(db, tmp_path, officer, words):
    folder = write_region(tmp_path / "moved")
    replay(folder, at=WALL)
    folder.rename(tmp_path / "elsewhere")
    answer = officer.get(PAGE, follow=True)
    assert answer.redirect_chain == [("/desk/watch/rules/heat/", 302)]
    assert "There is no such folder. Check the path." in words(answer)
