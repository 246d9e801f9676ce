"""A rule that officers changed, live and in a replay: from its moment on, and named."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.office import live_region
from tests.office.factories import make_user
from tests.office.live_region import MIDNIGHT, cycle, weather, write
from tests.office.small_region import RULES, write_region
from tocsin.cap import parse
from tocsin.office.warnings_desk.models import Message
from tocsin.office.warnings_desk.note_words import told
from tocsin.office.warnings_desk.replay import replay
from tocsin.office.watch import rule_edits
from tocsin.office.watch.models import Cycle, RuleVersion, Trigger
from tocsin.office.watch.rule_edits import Wish

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
AT = MIDNIGHT + 14 * HOUR
"""The hot hour of 13:00 is known: the west orange, the east yellow, by version 1."""


def named(message: Message) -> set[str]:
    """The rule versions that a message's CAP and its evidence name."""
    said = {
        one.value
        for info in parse(bytes(message.raw)).alert.info
        for one in info.parameter
        if one.value_name == "tocsin:rule"
    }
    return said | {row["rule"] for row in message.evidence}


def said(row: Cycle) -> list[str]:
    """What a cycle tells the desk, in words."""
    return [told(one) for one in row.notes]


def change(at: datetime, valid_from: datetime, **wished: Any) -> RuleVersion:
    """Propose and approve a change of the heat rule."""
    newest = RuleVersion.objects.filter(rule="heat").first()
    assert newest is not None
    is_off = wished.pop("is_off", False)
    wish = Wish({**newest.definition, **wished}, "A test.", valid_from, is_off)
    officer, approver = make_user("officer", "duty_officer"), make_user("approver", "approver")
    held = rule_edits.propose(wish, over=newest.version, by=officer, at=at)
    return rule_edits.approve(held, revision=1, by=approver, at=at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A live region on a hot afternoon, after its first warning."""
    folder = live_region.make(tmp_path / "small")
    write(folder, weather(), AT - HOUR)
    assert cycle(folder, AT).messages == 1
    return folder


def test_the_live_watch_takes_it_over_at_its_moment_and_the_update_names_it(folder):
    first = Message.objects.get()
    assert named(first) == {"heat v1"}
    change(AT, AT + HOUR + timedelta(minutes=30), levels={"yellow": 95.0, "orange": 110.0})
    write(folder, weather(), AT)
    early = cycle(folder, AT + HOUR)
    assert (early.messages, early.notes) == (0, [])
    later = cycle(folder, AT + HOUR + timedelta(minutes=31))
    assert said(later) == ["heat v2 is in force from now on, as approved in the office."]
    newest = Message.objects.latest("number")
    assert newest.warning == first.warning
    assert newest.levels == {"east": 2, "west": 2}
    assert named(newest) == {"heat v2"}
    again = cycle(folder, AT + HOUR + timedelta(minutes=32))
    assert (again.messages, again.notes) == (0, [])


def test_a_rule_that_goes_out_of_use_calls_off_what_it_has_in_force(folder):
    change(AT, AT + HOUR, is_off=True)
    write(folder, weather(), AT)
    row = cycle(folder, AT + HOUR)
    assert said(row) == [
        "heat v2 takes the rule out of use from now on, as approved in the office."
    ]
    assert Message.objects.latest("number").msg_type == "Cancel"
    assert row.levels == 0


def test_a_folder_that_changes_meanwhile_is_noted_once_and_waits(folder):
    change(AT, AT, levels={"yellow": 95.0, "orange": 101.0})
    cycle(folder, AT + timedelta(minutes=1))
    (folder / "rules.toml").write_text(RULES.replace("orange = 100", "orange = 98"))
    row = cycle(folder, AT + timedelta(minutes=2))
    assert said(row) == [
        "The folder has a new text of heat, kept as v3; heat v2, approved in the office, stays in "
        "force. Compare them."
    ]
    assert cycle(folder, AT + timedelta(minutes=3)).notes == []
    assert [one.origin for one in RuleVersion.objects.all()] == ["folder", "office", "folder"]


def test_a_version_this_program_cannot_read_stops_no_cycle_and_is_told(folder):
    version = change(AT, AT, levels={"yellow": 95.0, "orange": 110.0})
    RuleVersion.objects.filter(pk=version.pk).update(definition={**version.definition, "moon": 1})
    write(folder, weather(), AT)
    row = cycle(folder, AT + HOUR)
    assert "heat v2 cannot be read by this program and does not count: moon" in said(row)[0]
    assert row.levels == 2
    assert row.errors == []


def test_a_replay_judges_each_hour_by_the_version_of_its_moment(tmp_path):
    folder = write_region(tmp_path / "small")
    wall = datetime.fromisoformat("2026-01-02T03:00:00+00:00")
    replay(folder, at=wall)
    moment = datetime.fromisoformat("2013-07-15T16:30:00-04:00")
    change(moment - HOUR, moment, levels={"yellow": 95.0, "orange": 110.0})
    replay(folder, fresh=True, at=wall)
    found = [(m.reason, m.sent_at, m.levels, named(m)) for m in Message.objects.order_by("number")]
    at = datetime.fromisoformat("2013-07-15T14:00:00-04:00")
    assert found[0] == ("issue", at, {"east": 2, "west": 3}, {"heat v1"})
    assert found[1][1:] == (at + 3 * HOUR, {"east": 2, "west": 2}, {"heat v2"})
    assert found[-1][0] == "cancel"
    triggers = set(Trigger.objects.values_list("rule_version__version", "area__code", "level"))
    assert triggers == {(1, "west", 3), (1, "east", 2), (2, "west", 2), (2, "east", 2)}
