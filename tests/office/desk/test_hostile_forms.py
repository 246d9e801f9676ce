"""What an account with a post could type to break the desk: each is an answer, none an error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from tests.office.small_region import write_region
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.csv_file import csv_response
from tocsin.office.watch.models import Event
from tocsin.office.watch.rule_models import RuleProposal

from .test_event_import import HEAD, IMPORT, upload
from .test_rule_pages import CHANGE, fields

HELD = "/desk/watch/feeds/held/"
EVENTS = "/desk/watch/events/"
LONG = "9" * 5000


@pytest.fixture(autouse=True)
def region(db, tmp_path):
    replay(write_region(tmp_path / "small"), at=datetime(2026, 1, 2, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"mode": "text", "text": "a = " + "[" * 3000}, 422),
        ({"mode": "text", "text": f"a = {LONG}"}, 422),
        ({"carried": "[" * 100_000}, 302),
        ({"carried": '{"a":' * 20_000}, 302),
        ({"valid_from": "0001-01-01T00:00+14:00"}, 422),
        ({"valid_from": "9999-12-31T23:59"}, 422),
        ({"over": LONG}, 409),
        ({"headline-yellow-en": "Heat\x01"}, 422),
        ({"source": "\x00"}, 422),
    ],
)
def test_a_rule_made_to_break_the_form_is_told(officer: Client, typed, status: int) -> None:
    sent = fields(officer) | {"source": "Another list."} | typed
    assert officer.post(CHANGE, sent).status_code == status
    assert RuleProposal.objects.exists() is (status == 302)


def test_numbers_without_end_lead_nowhere(officer: Client) -> None:
    assert officer.get(f"{CHANGE}?from={LONG}").status_code == 200
    for holds in (LONG, "9" * 30, ",".join(map(str, range(1, 100_000)))):
        assert officer.post(HELD, {"holds": holds, "verdict": "released"}).status_code == 302


@pytest.mark.parametrize(
    "row",
    [
        "heat,east,0001-01-01T00:00+14:00,2013-07-15T15:00,yellow,x\n",
        "heat,east,2013-07-15T12:00,9999-12-31T23:59-14:00,,\n",
    ],
)
def test_the_ends_of_the_calendar_are_no_times_of_an_event(officer: Client, words, row) -> None:
    answer = upload(officer, HEAD + row)
    assert answer.status_code == 422
    assert "This is not a time." in words(answer)
    assert officer.get(IMPORT).status_code == 200


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_nor_in_the_form_of_one_event(officer: Client, words, moment: str) -> None:
    typed = {"hazard": "heat", "area": "east", "first": moment, "last": moment, "level": 2,
             "words": "x", "source": "y"}  # fmt: skip
    answer = officer.post(EVENTS, typed)
    assert "This is not a time." in words(answer)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\n=1", "＝1+1", "＋1", "＠A1"]
)
def test_no_text_is_a_formula_in_a_table(text: str) -> None:
    sent = b"".join(csv_response("x.csv", ["a"], [[text]])).decode()  # type: ignore[arg-type]
    assert f"'{text}" in sent
