"""Role x verb x state, walked through as one table; buttons, verbs and guide cannot disagree."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction

from tocsin.errors import NotAllowedError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.people.rules import ALLOWED, MACHINE
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.state_words import state_word
from tocsin.office.warnings_desk.states import STATES, VERBS, as_table

from .. import drafting
from ..drafting import NOW, approved, content, draft, submitted

pytestmark = pytest.mark.django_db
ROLES = ("duty", "approver", "inspector", "east")
GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "approve-and-issue.md"


@pytest.fixture
def office(db):
    return drafting.make_office()


def in_state(office, state):
    """A draft for the county west in each state."""
    if state == "draft":
        return draft(office)
    if state == "submitted":
        return submitted(office)
    one = approved(office)
    if state == "issued":
        drafts.issue_draft(one, by=office.duty, at=NOW)
    if state == "withdrawn":
        one = drafts.withdraw(one, by=office.duty, at=NOW)
    one.refresh_from_db()
    return one


def do(verb, one, by):
    held = {"revision": one.revision, "by": by, "at": NOW}
    return {
        "save": lambda: drafts.save(one, read_content(one.content), **held),
        "submit": lambda: drafts.submit(one, **held),
        "approve": lambda: drafts.approve(one, **held),
        "send_back": lambda: drafts.send_back(one, by=by, at=NOW, remark="Which road?"),
        "withdraw": lambda: drafts.withdraw(one, by=by, at=NOW),
        "issue": lambda: drafts.issue_draft(one, by=by, at=NOW),
        "copy": lambda: drafts.copy(one, by=by, at=NOW),
    }[verb]()


@pytest.mark.parametrize("state", STATES)
def test_role_by_verb_by_state(office, state):
    one = in_state(office, state)
    for role in ROLES:
        for verb in VERBS:
            undo = transaction.savepoint()
            try:
                tried(office, one, role, verb)
            except BaseException as error:
                error.add_note(f"{role} {verb} {state}")
                raise
            transaction.savepoint_rollback(undo)


def tried(office, one, role, verb):
    """Let one person try one verb, and hold the outcome against the two tables."""
    one.refresh_from_db()
    state, person = one.state, getattr(office, role)
    roles = {"duty": "duty_officer", "approver": "approver"}.get(role, "")  # east: not for west
    may = roles in ALLOWED[VERBS[verb].permission]
    can = state in VERBS[verb].before
    again = verb == "issue" and state == "issued"  # asked again, it gives the same message
    counted = Entry.objects.count()
    assert (verb in drafts.what_may(one, person)) is (may and can)
    if not may:
        with pytest.raises(NotAllowedError):
            do(verb, one, person)
    elif not can and not again:
        with pytest.raises(StateError, match=f"stands at “{state_word(state)}”"):
            do(verb, one, person)
    else:
        do(verb, one, person)
        assert Entry.objects.count() == counted + (0 if again else 1)
        return
    assert Entry.objects.count() == counted
    one.refresh_from_db()
    assert one.state == state


@pytest.mark.parametrize(
    ("codes", "shapes", "allowed"),
    [
        (("east",), {}, True),
        (("west", "east"), {}, False),
        (("R",), {}, False),
        ((), {"circles": [(40.5, -73.5, 10)]}, True),
        ((), {"circles": [(40.5, -74.0, 10)]}, False),
        ((), {"polygons": [[(40.1, -73.9), (40.1, -73.1), (40.9, -73.1), (40.9, -73.9)]]}, True),
        ((), {"polygons": [[(40.1, -74.1), (40.1, -73.1), (40.9, -73.1), (40.9, -74.1)]]}, False),
        (("east",), {"circles": [(40.5, -74.5, 5)]}, False),
    ],
)
def test_a_post_for_an_area_holds_what_lies_inside_and_nothing_else(office, codes, shapes, allowed):
    said = content(blocks=[{"level": "yellow", "area_codes": codes, **shapes}])
    one = submitted(office, said)
    assert ("approve" in drafts.what_may(one, office.east)) is allowed
    if allowed:
        assert drafts.approve(one, revision=1, by=office.east, at=NOW).state == "approved"
    else:
        with pytest.raises(NotAllowedError, match="the area east alone"):
            drafts.approve(one, revision=1, by=office.east, at=NOW)


def test_an_officer_of_one_county_ends_no_warning_of_two(office):
    message = drafting.issued(office, content("orange", "west", "east"))
    with pytest.raises(NotAllowedError, match="reaches beyond it"):
        drafts.start_from_warning(message.warning, "all_clear", by=office.east, at=NOW)


def test_an_officer_of_one_county_moves_no_draft_of_it_into_another(office):
    one = draft(office, content("yellow", "east"))
    with pytest.raises(NotAllowedError):
        drafts.save(one, content("yellow", "west"), revision=1, by=office.east, at=NOW)


def test_an_account_that_was_closed_may_nothing(office):
    office.duty.is_active = False
    office.duty.save()
    one = draft_of_machine(office)
    assert drafts.what_may(one, office.duty) == frozenset()


def draft_of_machine(office):
    said = content()
    return drafts.start_by_hand(office.region, "heat", said.level, content=said, by=MACHINE, at=NOW)


def test_the_machine_writes_and_never_approves(office):
    one = draft_of_machine(office)
    assert (one.author, one.author_user) == (MACHINE, None)
    one = drafts.submit(one, revision=1, by=MACHINE, at=NOW)
    with pytest.raises(NotAllowedError, match="approval is for persons"):
        drafts.approve(one, revision=1, by=MACHINE, at=NOW)


def test_a_draft_names_the_post_that_began_it(office):
    assert draft(office).author == "Duty officer"


def test_the_guide_prints_the_table(db):
    assert as_table() in GUIDE.read_text(encoding="utf-8")
