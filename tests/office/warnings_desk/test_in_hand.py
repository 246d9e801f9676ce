"""Where nobody has to approve, the machine does not double what a person is about to issue."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.models import Draft, Message, Warning
from tocsin.office.warnings_desk.note_words import told

from .. import factories, live_region
from ..live_region import AUTO, MIDNIGHT, cycle, weather, write

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HOT = MIDNIGHT + 13 * HOUR
AT = HOT + HOUR
pytestmark = pytest.mark.django_db


@pytest.fixture
def duty() -> Any:
    return factories.make_user("duty", "duty_officer")


@pytest.fixture
def orange(tmp_path: Path) -> Path:
    """Orange asks for one person: the machine has opened a draft. Later the policy changes."""
    folder = live_region.make(tmp_path / "small", AUTO.replace('orange = "auto"', 'orange = "one"'))
    write(folder, weather(), HOT)
    assert cycle(folder, AT).drafts == 1
    return folder


@pytest.fixture
def in_force(tmp_path: Path) -> Path:
    """Nobody has to approve anything; a warning of orange and yellow has been issued."""
    folder = live_region.make(tmp_path / "small")
    write(folder, weather(), HOT)
    assert cycle(folder, AT).messages == 1
    return folder


def make_auto(folder: Path) -> None:
    """Change the policy: from now on nobody has to approve orange."""
    file = folder / "region.toml"
    file.write_text(file.read_text().replace('orange = "one"', 'orange = "auto"'))


def touch(draft: Draft, duty: Any, at: Any) -> None:
    """Save the draft as it is: somebody is at work on it."""
    content = read_content(draft.content)
    drafts.save(draft, content, revision=draft.revision, by=duty, at=at)


def verbs() -> list[str]:
    wanted = ("draft_waited_for", "draft_overtaken")
    return list(Entry.objects.filter(verb__in=wanted).order_by("pk").values_list("verb", flat=True))


def test_it_waits_for_a_draft_that_says_as_much_and_is_told_once(orange: Path, duty: Any) -> None:
    at = HOT + 2 * HOUR
    touch(Draft.objects.get(), duty, at - 5 * MINUTE)
    make_auto(orange)
    row = cycle(orange, at)
    assert (row.messages, row.errors) == (0, [])
    assert "waits for it until 19:10 UTC" in told(row.notes[0])
    row = cycle(orange, at + MINUTE)
    assert (row.messages, row.notes) == (0, [])
    assert Draft.objects.get().state == "draft"
    assert verbs() == ["draft_waited_for"]


def test_what_the_person_issues_is_not_issued_again(orange: Path, duty: Any) -> None:
    at = HOT + 2 * HOUR
    draft = Draft.objects.get()
    touch(draft, duty, at - 5 * MINUTE)
    draft.refresh_from_db()
    approver = factories.make_user("ann", "approver")
    draft = drafts.submit(draft, revision=draft.revision, by=duty, at=at)
    draft = drafts.approve(draft, revision=draft.revision, by=approver, at=at)
    make_auto(orange)
    assert cycle(orange, at).messages == 0
    drafts.issue_draft(draft, by=duty, at=at + MINUTE)
    row = cycle(orange, at + 2 * MINUTE)
    assert (row.messages, row.notes) == (0, [])
    assert [message.reason for message in Message.objects.all()] == ["issue"]
    assert verbs() == ["draft_waited_for"]


def test_it_waits_no_longer_than_a_quarter_of_an_hour(orange: Path, duty: Any) -> None:
    at = HOT + 2 * HOUR
    touch(Draft.objects.get(), duty, at)
    make_auto(orange)
    assert cycle(orange, at + 14 * MINUTE).messages == 0
    row = cycle(orange, at + 15 * MINUTE)
    assert row.messages == 1
    assert "nobody touched it for 15 minutes" in told(row.notes[0])
    assert Draft.objects.get().state == "draft"
    assert cycle(orange, at + 16 * MINUTE).messages == 0
    assert verbs() == ["draft_waited_for", "draft_overtaken"]


def test_it_does_not_wait_for_less_than_the_values_ask_for(in_force: Path, duty: Any) -> None:
    warning = Warning.objects.get()
    drafts.start_from_warning(warning, "update", by=duty, at=AT + 50 * MINUTE)
    write(in_force, {**weather(), ("BBB", HOT + HOUR): 97.0}, HOT + HOUR)
    row = cycle(in_force, AT + HOUR)
    assert row.messages == 1
    assert "it says less than the values ask for" in told(row.notes[0])
    assert Message.objects.latest("number").levels == {"west": 3, "east": 3}
    assert Draft.objects.get().state == "draft"


def test_an_all_clear_in_hand_is_waited_for(in_force: Path, duty: Any) -> None:
    at = MIDNIGHT + 19 * HOUR
    write(in_force, weather(), MIDNIGHT + 16 * HOUR)
    cycle(in_force, MIDNIGHT + 17 * HOUR)
    count = Message.objects.count()
    drafts.start_from_warning(Warning.objects.get(), "cancel", by=duty, at=at - MINUTE)
    write(in_force, weather(), MIDNIGHT + 18 * HOUR)
    assert cycle(in_force, at).messages == 0
    assert Message.objects.count() == count
    assert cycle(in_force, at + 20 * MINUTE).messages == 1
    assert Message.objects.latest("number").msg_type == "Cancel"


def test_a_draft_of_the_machine_is_not_waited_for(orange: Path) -> None:
    make_auto(orange)
    row = cycle(orange, HOT + 2 * HOUR)
    assert (row.messages, verbs()) == (1, [])
    assert Draft.objects.get().state == "withdrawn"
