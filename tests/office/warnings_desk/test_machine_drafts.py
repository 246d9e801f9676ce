"""Where persons approve, the watch opens drafts: one a warning, and never over a person's work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.office.audit.models import Entry
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.warnings_desk.note_words import told

from .. import factories, live_region
from ..live_region import MIDNIGHT, ONE, cycle, weather, write

HOUR = timedelta(hours=1)
HOT = MIDNIGHT + 13 * HOUR
"""The label of the first hot hour; it is known an hour later."""
pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A live region in which one person approves, at the moment the first hot hour is known."""
    made = live_region.make(tmp_path / "small", ONE)
    write(made, weather(), HOT)
    cycle(made, HOT + HOUR)
    return made


@pytest.fixture
def duty(folder: Path) -> Any:
    return factories.make_user("duty", "duty_officer")


def issue(draft: Draft, duty: Any, at: Any) -> Message:
    approver = factories.make_user(f"ann{draft.pk}", "approver")
    draft = drafts.submit(draft, revision=draft.revision, by=duty, at=at)
    draft = drafts.approve(draft, revision=draft.revision, by=approver, at=at)
    return drafts.issue_draft(draft, by=duty, at=at)


def test_one_draft_is_opened_and_kept_up_to_date(folder: Path) -> None:
    draft = Draft.objects.get()
    assert (draft.kind, draft.state, draft.author) == ("issue", "draft", "tocsin")
    assert read_content(draft.content).levels == {"west": 3, "east": 2}
    assert {row["area"] for row in draft.trigger_evidence} == {"west", "east"}
    assert cycle(folder, HOT + HOUR).drafts == 0
    write(folder, weather(), HOT + HOUR)
    assert cycle(folder, HOT + 2 * HOUR).drafts == 1
    draft.refresh_from_db()
    assert draft.revision == 2
    assert Draft.objects.count() == 1
    assert not Message.objects.exists()


def test_a_draft_in_hand_is_left_alone_and_the_desk_is_told_once(folder: Path, duty: Any) -> None:
    draft = Draft.objects.get()
    content = read_content(draft.content)
    drafts.save(draft, content, revision=1, by=duty, at=HOT + HOUR)
    write(folder, weather(), HOT + HOUR)
    row = cycle(folder, HOT + 2 * HOUR)
    assert row.drafts == 0
    assert "in hand" in told(row.notes[0])
    draft.refresh_from_db()
    assert draft.revision == 2
    assert cycle(folder, HOT + 2 * HOUR + timedelta(minutes=1)).notes == []
    assert Entry.objects.filter(verb="draft_outdated").count() == 1


def test_what_a_person_withdrew_is_not_opened_again_unless_it_gets_worse(
    folder: Path, duty: Any
) -> None:
    drafts.withdraw(Draft.objects.get(), by=duty, at=HOT + HOUR)
    write(folder, weather(), HOT + HOUR)
    assert cycle(folder, HOT + 2 * HOUR).drafts == 0
    worse = {**weather(), ("BBB", HOT + 2 * HOUR): 97.0}
    write(folder, worse, HOT + 2 * HOUR)
    assert cycle(folder, HOT + 3 * HOUR).drafts == 1


def test_the_machines_draft_goes_when_its_reason_has_gone(folder: Path) -> None:
    write(folder, weather(), MIDNIGHT + 20 * HOUR)
    assert cycle(folder, MIDNIGHT + 21 * HOUR).drafts == 1
    assert Draft.objects.get().state == "withdrawn"


def test_an_issued_warning_is_ended_by_a_draft_of_its_own(folder: Path, duty: Any) -> None:
    message = issue(Draft.objects.get(), duty, HOT + HOUR)
    assert cycle(folder, HOT + HOUR + timedelta(minutes=1)).drafts == 0
    write(folder, weather(), MIDNIGHT + 18 * HOUR)
    at = MIDNIGHT + 19 * HOUR
    assert cycle(folder, at).drafts == 1
    end = Draft.objects.get(state="draft")
    assert (end.kind, end.reason, end.warning_id) == ("cancel", "all_clear", message.warning_id)
    ended = issue(end, duty, at)
    assert (ended.msg_type, ended.reason) == ("Cancel", "cancel")
    row = cycle(folder, at + timedelta(minutes=1))
    assert (row.drafts, row.levels) == (0, 0)
