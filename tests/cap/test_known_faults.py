"""What the warning tools of today get wrong, one test each, as far as a library can have it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cap.test_sign import DESK
from tocsin.cap import Alert, Area, Reference, check, parse, write
from tocsin.cap.chain import chain, in_force
from tocsin.cap.commands import sign as sign_command
from tocsin.cap.feeds import Entry, atom, json_feed, rss
from tocsin.cap.message import Circle, EventCode
from tocsin.cap.sign import sign
from tocsin.errors import CapError

GOOD = Path(__file__).parent / "messages" / "good"
NOW = datetime(2013, 7, 18, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "hidden", [{"status": "Draft"}, {"scope": "Private"}, {"scope": "Restricted"}]
)
def test_a_draft_or_private_alert_never_stands_in_a_feed(
    alert: Alert, hidden: dict[str, str]
) -> None:
    entries = [Entry(replace(alert, **hidden), "https://example.org/1")]  # type: ignore[arg-type]
    with pytest.raises(CapError, match="Leave it out"):
        atom("W", "id", NOW, entries, "https://example.org/feed")
    with pytest.raises(CapError, match="Leave it out"):
        rss("W", NOW, entries, "https://example.org/rss", "https://example.org/")
    with pytest.raises(CapError, match="Leave it out"):
        json_feed("W", entries, "https://example.org/json")


def test_a_draft_is_never_in_force(alert: Alert) -> None:
    assert in_force([replace(alert, status="Draft")], NOW, statuses=["Draft", "Actual"]) == ()


def test_a_signing_failure_is_never_swallowed(alert: Alert) -> None:
    with pytest.raises(CapError):
        sign(write(alert), b"", DESK.pem)
    signed, outcome = sign_command(write(alert), b"", DESK.pem)
    assert signed is None
    assert outcome.code == 1


def test_the_bytes_of_an_alert_never_change(alert: Alert) -> None:
    again = parse(write(alert)).alert
    assert write(alert) == write(again) == write(replace(alert))


def test_sent_cannot_move_after_publishing(alert: Alert) -> None:
    with pytest.raises(FrozenInstanceError):
        alert.sent = NOW  # type: ignore[misc]


def test_the_predecessor_of_an_update_is_not_active(alert: Alert) -> None:
    update = replace(
        alert, identifier="heat-2", sent=alert.sent + HOUR, msg_type="Update",
        references=(alert.reference,),
    )  # fmt: skip
    assert [s.alert.identifier for s in in_force([alert, update], NOW + HOUR)] == ["heat-2"]


def test_a_cancel_takes_the_warning_away(alert: Alert) -> None:
    cancel = replace(
        alert, identifier="heat-2", sent=alert.sent + HOUR, msg_type="Cancel",
        references=(alert.reference,), info=(),
    )  # fmt: skip
    assert in_force([alert, cancel], NOW + HOUR) == ()


def test_alerts_stay_in_the_history_after_they_expire(alert: Alert) -> None:
    states = chain([alert], NOW + 1000 * HOUR).states
    assert [state.alert for state in states] == [alert]
    assert states[0].infos[0].word == "expired"


def test_every_category_response_code_polygon_and_circle_is_kept(alert: Alert) -> None:
    triangle = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0))
    moved = tuple((lat + 5, lon) for lat, lon in triangle)
    area = Area("x", (triangle, moved), (Circle(0, 0, 1), Circle(1, 1, 2)))
    info = replace(
        alert.info[0],
        category=("Met", "Health"),
        response_type=("Monitor", "Avoid"),
        event_code=(EventCode("a", "1"), EventCode("a", "2")),
        area=(area, area),
    )
    full = replace(alert, code=("one", "two"), info=(info, replace(info, language="fr")))
    assert parse(write(full)).alert == full


def test_nothing_of_one_alert_leaks_into_the_next(alert: Alert) -> None:
    full = parse((GOOD / "heat-new-york.xml").read_bytes()).alert
    bare = parse((GOOD / "bare-cancel.xml").read_bytes()).alert
    assert full.code
    assert full.info
    assert bare.code == bare.incidents == bare.info == ()


def test_a_cancel_without_headline_description_or_area_is_accepted() -> None:
    checked = check((GOOD / "bare-cancel.xml").read_bytes())
    assert checked.findings == ()


def test_a_reference_keeps_the_moment_whatever_its_offset(alert: Alert) -> None:
    moved = alert.sent.astimezone(NOW.tzinfo)
    cancel = replace(
        alert, identifier="c", sent=NOW, msg_type="Cancel", info=(),
        references=(Reference(alert.sender, alert.identifier, moved),),
    )  # fmt: skip
    assert in_force([alert, parse(write(cancel)).alert], NOW) == ()
