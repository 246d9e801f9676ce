"""What a draft says when it begins: by hand, from a rule that was set off, in a replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin import cap
from tocsin.errors import StateError
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.ledger import verify
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch.models import Trigger
from tocsin.triggers.rules import Level

from .. import drafting, factories
from ..small_region import write_region

pytestmark = pytest.mark.django_db
WALL = datetime(2026, 1, 2, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def edt(day, hour):
    return datetime(2013, 7, day, 4, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def replayed(tmp_path):
    """The small region: hot on 15 July from 13:00 to 16:59; its warning from 14:00 to 19:00."""
    replay(write_region(tmp_path / "small"), at=WALL)
    return Region.objects.get()


@pytest.fixture
def duty(db):
    return factories.make_user("duty", "duty_officer")


def test_a_blank_names_hazard_and_level_and_is_not_ready(db):
    office = drafting.make_office()
    one = drafts.start_by_hand(office.region, "flood", Level.RED, by=office.duty, at=drafting.NOW)
    said = read_content(one.content)
    assert (said.status, said.hazard, said.level) == ("Actual", "flood", Level.RED)
    assert said.texts["en"].event == "{level} flood warning"
    found = drafts.examine(one, drafts.Desk.here(office.region), at=drafting.NOW)
    assert {"blocks.0", "texts.en.headline"} <= {fault.field for fault in found.gaps}


def test_a_trigger_becomes_a_draft_with_its_areas_words_and_evidence(replayed, duty):
    trigger = Trigger.objects.get(area__code="west")
    one = drafts.start_from_trigger(trigger, by=duty, at=edt(15, 14))
    said = read_content(one.content)
    assert said.levels == {"west": Level.ORANGE, "east": Level.YELLOW}
    assert one.threshold_crossed_at == edt(15, 13)
    assert said.texts["en"].headline == "Dangerous heat, 103.5 °F at West Field"
    assert "until Mon 15 Jul 22:00 EDT" in said.texts["en"].instruction
    west = next(row for row in one.trigger_evidence if row["area"] == "west")
    assert (west["station"], round(west["value"], 1), west["threshold"]) == ("AAA", 103.5, 100.0)
    one = drafts.submit(one, revision=1, by=duty, at=edt(15, 14))
    message = drafts.issue_draft(one, by=duty, at=edt(15, 14))
    assert message.warning.rule_version == trigger.rule_version
    assert {row["area"] for row in message.evidence} == {"west", "east"}
    assert message.status == "Exercise"
    assert verify() == 3


def test_what_was_not_known_yet_is_in_no_draft(replayed, duty):
    trigger = Trigger.objects.get(area__code="west")
    with pytest.raises(StateError, match="Nothing of this trigger was known"):
        drafts.start_from_trigger(trigger, by=duty, at=edt(15, 13))


def test_a_replay_takes_an_officers_message_in_the_midst_of_its_past(replayed, duty):
    """The clock stands at 16:00; the machine's cancel of 19:00 is in the ledger already."""
    at = edt(15, 16)
    warning = Message.objects.get(number=1).warning
    one = drafts.start_from_warning(warning, "upgrade", by=duty, at=at)
    assert read_content(one.content).texts["en"].event == "{level} heat warning"
    assert not read_content(one.content).texts["en"].headline.startswith("REPLAY")
    one = drafts.submit(one, revision=1, by=duty, at=at)
    message = drafts.issue_draft(one, by=duty, at=at)
    alert = cap.parse(bytes(message.raw)).alert
    assert alert.references == (
        cap.parse(bytes(Message.objects.get(number=1).raw)).alert.reference,
    )
    assert alert.info[0].headline.startswith("REPLAY OF 2013: Dangerous heat")
    assert (message.number, message.levels) == (3, {"east": 3, "west": 4})
    for moment, newest in ((edt(15, 15), 1), (at, 3), (edt(15, 18), 3), (edt(15, 19), 2)):
        assert Message.objects.latest_of_each(moment).get().number == newest
    assert verify() == 3


def test_a_standing_clock_takes_message_after_message(replayed, duty):
    at = edt(15, 16)
    warning = Message.objects.get(number=1).warning
    for kind in ("upgrade", "extend", "all_clear"):
        one = drafts.start_from_warning(warning, kind, by=duty, at=at)
        one = drafts.submit(one, revision=1, by=duty, at=at)
        drafts.issue_draft(one, by=duty, at=at)
    assert not Message.objects.in_force(at).exists()
    with pytest.raises(StateError, match="can take no message"):
        drafts.start_from_warning(warning, "update", by=duty, at=at)


def test_a_warning_by_hand_stays_the_officers_when_the_replay_goes_on(tmp_path, duty):
    folder = write_region(tmp_path / "small")
    replay(folder, last=edt(15, 15), at=WALL)
    region = Region.objects.get()
    said = drafting.content(status="Exercise", expires=edt(16, 15))
    one = drafts.start_by_hand(region, "heat", Level.NONE, content=said, by=duty, at=edt(15, 15))
    drafts.submit(one, revision=1, by=duty, at=edt(15, 15))
    by_hand = drafts.issue_draft(one, by=duty, at=edt(15, 15))
    replay(folder, at=WALL)
    assert [m.reason for m in Message.objects.all()] == ["issue", "issue", "cancel"]
    assert Message.objects.in_force(edt(15, 20)).get() == by_hand


@pytest.mark.parametrize(
    ("level", "kind", "words"),
    [("blue", "downgrade", "blue, the lowest level: end it"), ("red", "upgrade", "red, the high")],
)
def test_beyond_the_ends_of_the_scale_there_is_nothing(db, level, kind, words):
    office = drafting.make_office()
    message = drafting.issued(office, drafting.content(level))
    with pytest.raises(StateError, match=words):
        drafts.start_from_warning(message.warning, kind, by=office.duty, at=drafting.NOW + HOUR)


def test_levels_that_meet_become_one(db):
    office = drafting.make_office()
    blocks = [
        {"level": "yellow", "area_codes": ["west"]},
        {"level": "blue", "area_codes": ["east"]},
    ]
    message = drafting.issued(office, drafting.content(blocks=blocks))
    one = drafts.start_from_warning(
        message.warning, "downgrade", by=office.duty, at=drafting.NOW + HOUR
    )
    (block,) = read_content(one.content).blocks
    assert (block.level, set(block.area_codes)) == ("blue", {"west", "east"})


def test_a_copy_is_a_new_draft_of_a_new_warning(db):
    office = drafting.make_office()
    message = drafting.issued(office)
    one = drafts.copy(message.draft, by=office.approver, at=drafting.NOW)
    assert (one.state, one.kind, one.warning, one.author) == ("draft", "issue", None, "Approver")
    assert one.content == message.draft.content


def test_a_warning_goes_on_in_known_ways_only(db):
    office = drafting.make_office()
    message = drafting.issued(office)
    with pytest.raises(StateError, match="“forget” is no way for a warning to go on"):
        drafts.start_from_warning(message.warning, "forget", by=MACHINE, at=drafting.NOW)


def test_times_of_a_draft_are_whole_seconds(db):
    office = drafting.make_office()
    at = drafting.NOW + timedelta(microseconds=7)
    one = drafts.start_by_hand(office.region, "flood", Level.RED, by=office.duty, at=at)
    expires = read_content(one.content).expires
    assert expires == drafting.NOW + timedelta(hours=12)
