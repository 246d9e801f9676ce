"""What issuing puts into the outbox, and the subscribers' own notices; the commands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiohttp import web
from typer.testing import CliRunner

from tests.office.factories import NOW, evidence_row, make_area, make_region, make_rule
from tocsin.errors import StateError
from tocsin.office.delivery.models import Delivery, Fanout
from tocsin.office.delivery.queries import status_lines
from tocsin.office.delivery.trying import try_channel
from tocsin.office.subscribers.models import Notice
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.services import Desk, issue
from tocsin.triggers.reconcile import Action
from tocsin.triggers.rules import Level, Rule

from .cast import live_region, queued_message, subscription

pytestmark = pytest.mark.django_db


def issued(region, at=NOW) -> Message:
    make_area("36061", "New York", "纽约县", lon=-74.2, lat=40.7)
    version = make_rule()
    desk = Desk.of(region, {"JFK": {"en": "Kennedy", "zh-Hans": "肯尼迪"}})
    action = Action("issue", "heat", None, {"36061": Level.ORANGE})
    rule = Rule.model_validate(version.definition)
    return issue(desk, action, rule, version, [evidence_row("36061", 3)], at=at)


def test_issuing_writes_one_row_however_many_subscribe():
    region = live_region()
    for number in range(50):
        subscription(f"http://127.0.0.1/{number}")
    message = issued(region)
    assert list(Fanout.objects.values_list("message", "expanded_at")) == [(message.pk, None)]
    assert not Delivery.objects.exists()


def test_a_replay_queues_nothing():
    issued(make_region(clock_at=None, replayed_until=None))
    assert Message.objects.count() == 1
    assert not Fanout.objects.exists()


def test_an_outbox_that_cannot_be_written_undoes_the_issue(monkeypatch):
    def full(**_fields: object) -> None:
        raise StateError("the disk is full")

    region = live_region()
    monkeypatch.setattr(Fanout.objects, "create", full)
    with pytest.raises(StateError, match="the disk is full"):
        issued(region)
    assert not Message.objects.exists()


def test_a_confirmation_goes_out_by_the_same_channel_and_is_marked(live, sink, work, clock):
    row = subscription(sink.url, state="pending")
    notice = Notice.objects.create(
        subscription=row, kind="confirm", language="en", created_at=NOW, due_at=NOW
    )
    sink.answer = lambda _request: web.Response(status=500)
    work()
    notice.refresh_from_db()
    assert notice.sent_at is None
    assert notice.due_at > NOW
    sink.answer = lambda _request: web.Response()
    clock.at = notice.due_at + timedelta(seconds=1)
    work()
    notice.refresh_from_db()
    assert notice.sent_at is not None
    assert b"confirm" in sink.got[-1][2]


def test_status_says_what_waits_and_that_nobody_sends(live):
    queued_message()
    said = "\n".join(status_lines())
    assert "Workers running: 0" in said
    assert "Messages being expanded: 1" in said
    assert "webhook    set up" in said
    assert "mqtt       not set up" in said


def test_a_channel_is_tried_with_a_message_that_says_it_is_a_test(live, sink, monkeypatch):
    monkeypatch.setenv("TOCSIN_ALLOW_TARGETS", "127.0.0.1")
    assert try_channel("webhook", sink.url, "zh-Hans").kind == "sent"
    body = sink.got[0][2].decode()
    assert "<status>Test</status>" in body
    assert "测试：没有危险" in body
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("fax", "1", "There is no channel 'fax'; there are email"),
        ("webhook", "", "webhook needs an address"),
        ("sms", "+15550100", r"sms is not set up: add \[channels.sms\]"),
    ],
)
def test_a_test_that_cannot_be_sent_says_why(live, name, address, words):
    with pytest.raises(StateError, match=words):
        try_channel(name, address, "en")


def test_the_commands_are_there():
    from tocsin.cli import app

    said = CliRunner().invoke(app, ["deliver", "--help"]).output
    assert all(word in said for word in ("run", "status", "try"))
