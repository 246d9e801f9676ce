"""From draft to message: the way that a warning takes when nothing goes wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin import cap
from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import Block
from tocsin.office.warnings_desk.ledger import verify
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.texts import opening_by_hand
from tocsin.triggers.rules import Level

from .. import drafting
from ..drafting import NOW, approved, content, go_on, issued

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def office(db):
    return drafting.make_office()


def alert(message):
    return cap.parse(bytes(message.raw)).alert


def test_a_draft_by_hand_becomes_an_actual_message(office):
    message = issued(office)
    said = alert(message)
    assert (said.status, said.msg_type, said.note) == ("Actual", "Alert", None)
    assert [info.language for info in said.info] == ["en", "zh-Hans"]
    assert said.info[0].event == "Orange heat warning"
    assert said.info[1].event == "高温橙色预警"
    assert said.info[0].severity == "Severe"
    assert said.info[0].area[0].geocode[0].value == "west"
    assert message.levels == {"west": 3}
    assert message.warning.slug == "heat-2026-07-18"
    assert message.warning.names["en"] == "Heat warning"
    assert verify() == 1
    assert [row.verb for row in Entry.objects.order_by("pk")] == [
        "start_draft", "submit_draft", "approve_draft", "issue_message",
    ]  # fmt: skip


def test_the_draft_knows_its_message_and_the_message_its_draft(office):
    one = approved(office)
    message = drafts.issue_draft(one, by=office.duty, at=NOW)
    one.refresh_from_db()
    assert (one.state, one.message, one.warning) == ("issued", message, message.warning)
    assert message.draft == one


@pytest.mark.parametrize(
    ("kind", "msg_type", "reason", "level"),
    [
        ("update", "Update", "update", 3),
        ("extend", "Update", "extend", 3),
        ("downgrade", "Update", "lower", 2),
        ("upgrade", "Update", "raise", 4),
        ("cancel", "Cancel", "cancel", 0),
        ("all_clear", "Cancel", "cancel", 0),
    ],
)
def test_a_warning_goes_on_with_the_right_references(office, kind, msg_type, reason, level):
    first = issued(office)
    second = go_on(office, first, "extend", hours=1)
    third = go_on(office, first, kind, hours=12.5)  # the first has expired, the second has not
    assert alert(second).references == (alert(first).reference,)
    assert alert(third).references == (alert(second).reference,)
    assert (third.msg_type, third.reason, third.level) == (msg_type, reason, level)
    assert third.identifier.endswith("heat-2026-07-18.3")


def test_a_cancel_names_the_areas_that_are_over_and_an_all_clear_says_so(office):
    first = issued(office, content("orange", "west", "east"))
    ended = alert(go_on(office, first, "all_clear"))
    assert {code.value for area in ended.info[0].area for code in area.geocode} == {"west", "east"}
    assert ended.info[0].response_type == ("AllClear",)
    assert ended.info[0].headline == "Ended: Heat warning"
    assert ended.info[1].headline == "高温预警：已解除"
    assert not Message.objects.in_force(NOW + 2 * HOUR).exists()


def test_an_extension_holds_as_long_again(office):
    first = issued(office)
    assert go_on(office, first, "extend", hours=2).expires_at == NOW + 14 * HOUR


def test_an_extension_of_what_was_sent_just_now_ends_later_all_the_same(office):
    first = issued(office)
    second = go_on(office, first, "extend", hours=0.01)
    assert second.expires_at == first.expires_at + HOUR


def test_the_end_that_the_words_name_moves_with_an_extension(office):
    at = NOW + timedelta(microseconds=7)
    first = opening_by_hand(drafts.Desk.here(office.region), "heat", Level.YELLOW, at)
    west = Block(level="yellow", area_codes=("west",))
    message = issued(office, first.model_copy(update={"blocks": (west,)}))
    assert alert(message).info[0].headline == "Very hot until Sun 19 Jul 03:00 EDT"
    extended = alert(go_on(office, message, "extend", hours=2))
    assert extended.info[0].headline == "Very hot until Sun 19 Jul 05:00 EDT"
    assert extended.info[1].headline == "天气炎热，至7月19日05:00 EDT"
