"""Issuing: what one transaction writes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin import cap
from tocsin.errors import CapError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.warnings_desk.services import Desk, issue, start_over
from tocsin.triggers.reconcile import Action
from tocsin.triggers.rules import Level, Rule

from ..factories import NOW, evidence_row, make_area, make_region, make_rule

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
STATIONS = {"JFK": {"en": "Kennedy", "zh-Hans": "肯尼迪"}}


@pytest.fixture
def desk():
    region = make_region(clock_at=None, replayed_until=None)
    make_area("36061", "New York", "纽约县", lon=-74.2, lat=40.7)
    make_area("36081", "Queens", "皇后县", lon=-73.9, lat=40.7)
    return Desk.of(region, STATIONS)


@pytest.fixture
def send(desk):
    version = make_rule()
    rule = Rule.model_validate(version.definition)

    def at(hours, reason, levels, warning=None):
        rows = [evidence_row(area, int(level)) for area, level in levels.items()]
        action = Action(reason, "heat", warning, levels)
        return issue(desk, action, rule, version, rows, at=NOW + hours * HOUR)

    return at


def alert(message):
    return cap.parse(bytes(message.raw)).alert


def test_an_issue_writes_the_warning_the_message_and_the_audit_row_together(send):
    message = send(0, "issue", {"36061": Level.YELLOW})
    assert message.number == 1
    assert message.warning.slug == "heat-2013-07-18"
    entry = Entry.objects.get(verb="issue_message")
    assert entry.object_id == message.identifier
    assert entry.detail["sha256"] == message.sha256


def test_an_update_refers_to_every_message_that_has_not_expired(send):
    first = send(0, "issue", {"36061": Level.YELLOW})
    slug = first.warning.slug
    second = send(3, "raise", {"36061": Level.ORANGE}, slug)
    third = send(13, "extend", {"36061": Level.ORANGE}, slug)  # the first expired at 12
    assert alert(second).references == (alert(first).reference,)
    assert alert(third).references == (alert(second).reference,)
    assert [alert(m).msg_type for m in (first, second, third)] == ["Alert", "Update", "Update"]


def test_a_second_episode_of_one_day_has_an_address_of_its_own(send):
    first = send(0, "issue", {"36061": Level.YELLOW})
    send(1, "cancel", {}, first.warning.slug)
    assert send(2, "issue", {"36061": Level.YELLOW}).warning.slug == "heat-2013-07-18-2"


def test_after_the_all_clear_nothing_more_can_be_sent(send):
    slug = send(0, "issue", {"36061": Level.YELLOW}).warning.slug
    send(1, "cancel", {}, slug)
    with pytest.raises(StateError, match=r"can take no message .* \(Cancel\)"):
        send(2, "raise", {"36061": Level.RED}, slug)


def test_after_it_expired_nothing_more_can_be_sent(send):
    slug = send(0, "issue", {"36061": Level.YELLOW}).warning.slug
    with pytest.raises(StateError, match="stands until 2013-07-19 07:00"):
        send(12, "extend", {"36061": Level.YELLOW}, slug)


def test_two_messages_of_one_warning_cannot_have_the_same_time(send):
    slug = send(0, "issue", {"36061": Level.YELLOW}).warning.slug
    with pytest.raises(StateError):
        send(0, "raise", {"36061": Level.RED}, slug)


def test_a_message_that_breaks_the_standard_leaves_nothing_behind(desk, send):
    spoiled = replace(desk, sender=replace(desk.sender, sender="two words"))
    version = make_rule(version=2)
    rule = Rule.model_validate(version.definition)
    action = Action("issue", "heat", None, {"36061": Level.YELLOW})
    with pytest.raises(CapError, match="sender"):
        issue(spoiled, action, rule, version, [evidence_row("36061", 2)], at=NOW)
    assert not Warning.objects.exists()
    assert not Message.objects.exists()
    assert not Entry.objects.exists()


def test_a_live_region_sends_actual_messages_without_the_mark(desk):
    desk.region.is_replay = False
    live = Desk.of(desk.region, STATIONS)
    version = make_rule(version=2)
    rule = Rule.model_validate(version.definition)
    action = Action("issue", "heat", None, {"36061": Level.YELLOW})
    sent = alert(issue(live, action, rule, version, [evidence_row("36061", 2)], at=NOW))
    assert (sent.status, sent.note) == ("Actual", None)
    assert not sent.info[0].headline.startswith("REPLAY")


def test_what_is_in_force_follows_from_the_ledger_at_any_moment(send):
    slug = send(0, "issue", {"36061": Level.YELLOW}).warning.slug
    send(3, "raise", {"36061": Level.RED}, slug)
    send(5, "cancel", {}, slug)

    def in_force(hours):
        return [m.level for m in Message.objects.in_force(NOW + hours * HOUR)]

    assert in_force(-1) == []
    assert in_force(0) == [2]
    assert in_force(2.99) == [2]
    assert in_force(3) == [4]
    assert in_force(5) == []


def test_the_ledger_of_a_live_region_is_never_emptied(send, desk):
    send(0, "issue", {"36061": Level.YELLOW})
    desk.region.is_replay = False
    desk.region.save()
    with pytest.raises(StateError, match="never emptied"):
        start_over(desk.region, at=NOW)
    assert Message.objects.count() == 1


def test_impact_sums_people_and_names_its_source(send):
    message = send(0, "issue", {"36061": Level.YELLOW, "36081": Level.ORANGE})
    assert message.impact["people"] == 2_000_000
    assert message.impact["people_source"] == (
        "US Census Bureau, 2010 Census, spread evenly over each area"
    )
