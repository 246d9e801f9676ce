"""From the threshold to those who know: every moment where it was written down, none guessed."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.office import drafting, factories
from tocsin.office.atlas.timing import SPANS, summary, timings
from tocsin.office.delivery.models import Delivery, Fanout
from tocsin.office.delivery.rules import State
from tocsin.office.places.models import Area
from tocsin.office.warnings_desk.models import Approval, Draft, DraftRevision, Message
from tocsin.office.watch.models import Event

NOW, MINUTE = factories.NOW, timedelta(minutes=1)
PAGE = "/desk/timing/"


@pytest.fixture
def officer(client: Client, region: Any) -> Client:
    client.force_login(factories.make_user("officer", "duty_officer"))
    return client


@pytest.fixture
def message(region: Any) -> Message:
    """A warning whose threshold was crossed an hour before it was issued by hand."""
    warning = factories.make_warning(factories.make_rule(), slug="heat-1")
    row = factories.evidence_row("36061", 3, crossed_at=(NOW - 60 * MINUTE).isoformat())
    return factories.make_message(warning, {"36061": 3}, evidence=[row])


def draft_of(message: Message, **changed: Any) -> Draft:
    """The draft that became ``message``: begun at -50 min, approved twice, sent back once."""
    fields: dict[str, Any] = {
        "kind": "issue", "reason": "issue", "state": "issued", "content": {}, "revision": 2,
        "author": "Duty officer", "created_at": NOW - 50 * MINUTE, "changed_at": NOW,
        "message": message,
    }  # fmt: skip
    draft = Draft.objects.create(**{**fields, **changed})
    for revision, minutes, decision in (
        (1, 40, "approve"), (1, 35, "send_back"), (2, 20, "approve"), (2, 10, "approve"),
    ):  # fmt: skip
        Approval.objects.create(
            draft=draft,
            revision=revision,
            by="Approver",
            at=NOW - minutes * MINUTE,
            decision=decision,
            user=factories.make_user(f"approver{draft.pk}-{minutes}"),
        )
    return draft


def county() -> Area:
    return factories.make_area("36061", "New York", "纽约", lon=-74.1, lat=40.6)


def deliver(message: Message, *outcomes: tuple[str, float | None, float | None]) -> None:
    """Deliveries by state, minutes until sent and minutes until acknowledged."""
    Fanout.objects.create(message=message, made_at=NOW)
    for number, (state, sent, heard) in enumerate(outcomes):
        Delivery.objects.create(
            message=message, channel="webhook", kind="post", target=f"s{number}", rank=6,
            idempotency_key=f"{message.pk} {number}", state=state, queued_at=NOW,
            sent_at=None if sent is None else NOW + sent * MINUTE,
            acknowledged_at=None if heard is None else NOW + heard * MINUTE,
        )  # fmt: skip


def test_every_step_stands_at_the_moment_it_was_recorded(message: Message) -> None:
    draft_of(message)
    deliver(
        message,
        (State.ACKNOWLEDGED.value, 1, 7),
        (State.SENT.value, 4, None),
        (State.GIVEN_UP.value, None, None),
        (State.SUPERSEDED.value, None, None),
    )
    (row,) = timings(Message.objects.all())
    assert row.crossed_at == NOW - 60 * MINUTE
    assert row.drafted_at == NOW - 50 * MINUTE
    assert row.approved_at == NOW - 10 * MINUTE, "the last approval of the revision issued"
    assert row.issued_at == NOW
    assert (row.first_sent_at, row.last_sent_at) == (NOW + MINUTE, NOW + 4 * MINUTE)
    assert row.acknowledged_at == NOW + 7 * MINUTE
    assert (row.targets, row.reached, row.acknowledged) == (3, 2, 1)
    assert [row.between(span) for span in SPANS] == [
        60 * MINUTE, 40 * MINUTE, 10 * MINUTE, 1 * MINUTE, 4 * MINUTE, 7 * MINUTE,
    ]  # fmt: skip


def test_what_did_not_happen_is_empty(message: Message) -> None:
    (row,) = timings(Message.objects.all())
    assert row.is_by_machine
    assert (row.drafted_at, row.approved_at, row.first_sent_at) == (None, None, None)
    assert (row.targets, row.reached) == (0, 0)
    assert [row.between(span) for span in SPANS[1:]] == [None] * 5


def test_a_crossing_belongs_to_the_first_message_or_to_what_the_draft_says(
    message: Message,
) -> None:
    update = factories.make_message(
        message.warning, {"36061": 4}, sent=NOW + 60 * MINUTE, msg_type="Update"
    )
    assert [row.crossed_at is None for row in timings(Message.objects.order_by("number"))] == [
        False, True,
    ]  # fmt: skip
    draft_of(update, threshold_crossed_at=NOW + 30 * MINUTE)
    (_, row) = timings(Message.objects.order_by("number"))
    assert row.crossed_at == NOW + 30 * MINUTE


def test_the_summary_has_median_and_worst_of_what_happened(message: Message) -> None:
    deliver(message, (State.SENT.value, 1, None))
    for number, minutes in ((2, 3), (3, 20)):
        warning = factories.make_warning(message.warning.rule_version, slug=f"heat-{number}")
        deliver(factories.make_message(warning, {"1": 2}), (State.SENT.value, minutes, None))
    found = {one.span.name: one for one in summary(timings(Message.objects.all()))}
    first = found["issued_to_first_delivery"]
    assert (first.count, first.median, first.worst) == (3, 3 * MINUTE, 20 * MINUTE)
    assert first.slowest
    assert first.slowest.slug == "heat-3"
    approved = found["approved_to_issued"]
    assert (approved.count, approved.median, approved.worst, approved.slowest) == (
        0, None, None, None,
    )  # fmt: skip


def test_the_export_has_every_moment_and_every_stretch(officer: Client, message: Message) -> None:
    draft_of(message)
    deliver(message, (State.SENT.value, 1.5, None))
    response = officer.get(PAGE, {"format": "csv", "from": "2013-07-01", "to": "2013-07-31"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["slug"] == "heat-1"
    assert row["level"] == "orange"
    assert datetime.fromisoformat(row["crossed_at"]) == NOW - 60 * MINUTE
    assert datetime.fromisoformat(row["first_sent_at"]) == NOW + 1.5 * MINUTE
    assert row["acknowledged_at"] == ""
    assert (row["crossed_to_issued_s"], row["issued_to_first_delivery_s"]) == ("3600", "90")
    assert row["issued_to_acknowledged_s"] == ""


def test_the_page_of_a_warning_shows_its_steps_with_the_zone(
    officer: Client, message: Message
) -> None:
    draft_of(message)
    deliver(message, (State.SENT.value, 2, None))
    page = officer.get(f"{PAGE}heat-1/").content.decode()
    for words in ("Threshold crossed", "14:00", "15:00", "1 of 1 reached", "America/New_York",
                  "1 h 0 min", "2 min 0 s"):  # fmt: skip
        assert words in page, words
    chinese = officer.get(f"/zh-hans{PAGE}heat-1/").content.decode()
    assert "超过阈值" in chinese
    assert officer.get(f"{PAGE}nothing-of-this-name/").status_code == 404


def test_the_page_names_who_decided_and_what_was_reported(
    officer: Client, message: Message
) -> None:
    draft = draft_of(message)
    area = county()
    for hazard, hours in (("heat", 3), ("heat", -30), ("flood", 3)):
        Event.objects.create(
            hazard=hazard, area=area, first_at=NOW + hours * 60 * MINUTE, level=2,
            last_at=NOW + (hours + 1) * 60 * MINUTE, words=f"{hazard} {hours}", source="A hospital",
            recorded_by="Duty officer", recorded_at=NOW + 300 * MINUTE,
        )  # fmt: skip
    page = officer.get(f"{PAGE}heat-1/").content.decode()
    for words in (
        f"Draft {draft.pk}, begun by Duty officer",
        "sent back by Approver (version 1)",
        "approved by Approver (version 2)",
        "heat 3",
        "3 h 0 min before",
        "A hospital",
    ):
        assert words in page, words
    assert "heat -30" not in page, "over before the warning stood"
    assert "flood 3" not in page, "another hazard"


def test_an_event_that_came_first_says_so(officer: Client, message: Message) -> None:
    Event.objects.create(
        hazard="heat", area=county(), first_at=NOW - 90 * MINUTE, level=2,
        last_at=NOW, words="Two wards full", source="A hospital", recorded_by="x", recorded_at=NOW,
    )  # fmt: skip
    page = officer.get(f"{PAGE}heat-1/").content.decode()
    assert "1 h 30 min after it began" in page
    assert "Issued by the rules themselves" in page


def test_a_drafts_history_lists_the_messages_of_the_rules_as_well(
    officer: Client, message: Message
) -> None:
    update = factories.make_message(
        message.warning, {"36061": 4}, sent=NOW + 60 * MINUTE, msg_type="Update"
    )
    draft = draft_of(update, warning=message.warning, content=drafting.content().as_json())
    DraftRevision.objects.create(
        draft=draft, revision=2, content=draft.content, by="Duty officer", at=NOW
    )
    page = officer.get(f"/desk/drafts/{draft.pk}/history/").content.decode()
    for words in ("message 1 of the ledger", "the rules themselves",
                  f"Draft {draft.pk}, begun by Duty officer", f"{PAGE}heat-1/#m2"):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize("start", ["", "/zh-hans"])
def test_the_period_says_when_it_has_nothing(officer: Client, start: str) -> None:
    page = officer.get(f"{start}{PAGE}").content.decode()
    assert ("此期间没有发布消息" if start else "No message was sent in this period") in page


def test_the_period_lists_its_messages_and_no_others(officer: Client, message: Message) -> None:
    assert "heat-1" in officer.get(PAGE).content.decode()
    later = {"from": "2013-08-01", "to": "2013-08-02"}
    assert "heat-1" not in officer.get(PAGE, later).content.decode()
    assert officer.get(PAGE, {"from": "rubbish"}).status_code == 200


def test_it_is_for_the_desk(client: Client, message: Message) -> None:
    for path in (PAGE, f"{PAGE}heat-1/"):
        assert client.get(path).status_code == 302


def test_a_thousand_messages_take_few_questions(
    officer: Client, message: Message, at_most_queries: Any
) -> None:
    for number in range(40):
        warning = factories.make_warning(message.warning.rule_version, slug=f"w-{number}")
        deliver(factories.make_message(warning, {"1": 2}), (State.SENT.value, 1, None))
    with at_most_queries(5):
        assert len(timings(Message.objects.all())) == 41
