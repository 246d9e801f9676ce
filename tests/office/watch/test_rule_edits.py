"""Proposing, approving and taking back: the table of states, all of it, and its edges."""

from __future__ import annotations

import itertools
import string
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.office import factories
from tests.office.factories import NOW, make_area, make_user, rule_definition
from tocsin.errors import ConflictError, NotAllowedError, RuleError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.watch import rule_edits
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_edits import Wish, what_may
from tocsin.office.watch.rule_models import RuleProposal, RuleRevision
from tocsin.office.watch.rule_states import (
    APPROVED,
    REJECTED,
    STATES,
    VERBS,
    WITHDRAWN,
    as_table,
)
from tocsin.office.watch.services import keep_folder_rules
from tocsin.triggers.rules import Rule

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(region: Any) -> dict[str, Any]:
    """Two counties, a heat rule of the folder, and who works here."""
    make_area("west", "West", "西", lon=-74, lat=40)
    make_area("east", "East", "东", lon=-73, lat=40)
    keep_folder_rules([Rule.model_validate(rule_definition(version=1))], at=NOW)
    return {
        "officer": make_user("officer", "duty_officer"),
        "approver": make_user("approver", "approver"),
        "other": make_user("other", "approver"),
        "inspector": make_user("inspector", "inspector"),
        "of_west": make_user("of_west", "approver", area="west"),
    }


def hotter(by: float = 2.0, **changed: Any) -> Wish:
    """The heat rule with its red threshold so much higher."""
    rule = rule_definition(version=1)
    rule["levels"] = {**rule["levels"], "red": rule["levels"]["red"] + by}
    fields = {"why": "Too many alarms in May.", **changed}
    return Wish({**rule, **fields.pop("rule", {})}, **fields)


def propose(cast: dict[str, Any], wish: Wish | None = None, by: str = "officer") -> RuleProposal:
    return rule_edits.propose(wish or hotter(), over=1, by=cast[by], at=NOW)


def in_state(cast: dict[str, Any], state: str) -> RuleProposal:
    held = propose(cast)
    if state == APPROVED:
        rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW)
    elif state == REJECTED:
        rule_edits.reject(held, revision=1, by=cast["approver"], at=NOW, remark="Not now.")
    elif state == WITHDRAWN:
        rule_edits.withdraw(held, by=cast["officer"], at=NOW)
    held.refresh_from_db()
    assert held.state == state
    return held


def do(verb: str, held: RuleProposal, by: Any) -> Any:
    wish = hotter(3.0)
    return {
        "save": lambda: rule_edits.save(held, wish, revision=1, over=1, by=by, at=NOW),
        "approve": lambda: rule_edits.approve(held, revision=1, by=by, at=NOW),
        "reject": lambda: rule_edits.reject(held, revision=1, by=by, at=NOW, remark="No."),
        "withdraw": lambda: rule_edits.withdraw(held, by=by, at=NOW),
    }[verb]()


ACTORS = {
    # who: which verbs, were every state right; the officer wrote it
    "officer": {"save", "withdraw"},
    "approver": {"save", "approve", "reject"},
    "inspector": set(),
    "of_west": set(),  # the rule looks at every area
}


@pytest.mark.parametrize(("state", "verb", "who"), list(itertools.product(STATES, VERBS, ACTORS)))
def test_the_table_holds(cast, state, verb, who):
    held, by = in_state(cast, state), cast[who]
    if verb == "save" and state in (APPROVED, WITHDRAWN):
        allowed = False
    else:
        allowed = verb in ACTORS[who] and state in VERBS[verb].before
    assert (verb in what_may(held, by)) is allowed
    entries = Entry.objects.count()
    if allowed:
        do(verb, held, by)
        held.refresh_from_db()
        assert held.state == VERBS[verb].after
        assert Entry.objects.count() == entries + 1
    else:
        with pytest.raises((StateError, NotAllowedError)):
            do(verb, held, by)
        held.refresh_from_db()
        assert held.state == state
        assert Entry.objects.count() == entries


def test_the_guide_prints_the_table():
    from tests.test_docs import ROOT  # the one place that knows where the guide is

    assert as_table() in (ROOT / "docs/guide/edit-rules.md").read_text("utf-8")


def test_approved_it_is_the_next_version_from_its_moment_on(cast):
    held = propose(cast, hotter(valid_from=NOW + HOUR))
    version = rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW, remark="Agreed.")
    assert (version.version, version.origin, version.valid_from) == (2, "office", NOW + HOUR)
    assert version.definition["version"] == 2
    assert version.proposal.decided_by == "approver"
    verbs = list(Entry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["keep_rule", "propose_rule", "approve_rule"]


def test_a_moment_that_has_passed_becomes_the_moment_of_approval(cast):
    held = propose(cast, hotter(valid_from=NOW - HOUR))
    assert rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW).valid_from == NOW


def test_nobody_approves_what_he_wrote_a_line_of(cast):
    held = propose(cast)
    rule_edits.save(held, hotter(4.0), revision=1, over=1, by=cast["approver"], at=NOW)
    with pytest.raises(NotAllowedError, match="approver wrote this proposal"):
        rule_edits.approve(held, revision=2, by=cast["approver"], at=NOW)
    assert rule_edits.approve(held, revision=2, by=cast["other"], at=NOW).version == 2


def test_what_was_looked_at_is_what_is_approved(cast):
    held = propose(cast)
    rule_edits.save(held, hotter(4.0), revision=1, over=1, by=cast["officer"], at=NOW)
    with pytest.raises(ConflictError, match="you looked at revision 1, it is 2 by now"):
        rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW)


def test_two_officers_at_once_are_told_and_the_second_text_changes_nothing(cast):
    held = propose(cast)
    rule_edits.save(held, hotter(4.0), revision=1, over=1, by=cast["approver"], at=NOW)
    with pytest.raises(ConflictError, match="approver saved revision 2 since") as told:
        rule_edits.save(held, hotter(5.0), revision=1, over=1, by=cast["officer"], at=NOW)
    assert told.value.theirs.revision == 2
    held.refresh_from_db()
    assert held.definition["levels"]["red"] == hotter(4.0).definition["levels"]["red"]
    assert RuleRevision.objects.count() == 2


def test_a_rule_that_has_gone_on_is_neither_overwritten_nor_approved_over(cast):
    first, second = propose(cast), propose(cast, hotter(7.0))
    rule_edits.approve(first, revision=1, by=cast["approver"], at=NOW)
    with pytest.raises(ConflictError, match="heat v2 came after this was written"):
        rule_edits.approve(second, revision=1, by=cast["approver"], at=NOW)
    with pytest.raises(ConflictError, match="you had v1 before you, and heat v2 is the newest"):
        rule_edits.save(second, hotter(7.0), revision=1, over=1, by=cast["officer"], at=NOW)
    rule_edits.save(second, hotter(7.0), revision=1, over=2, by=cast["officer"], at=NOW)
    assert rule_edits.approve(second, revision=2, by=cast["approver"], at=NOW).version == 3


def test_a_county_changes_its_own_rule_and_no_other(cast):
    factories.make_rule(id="gale", hazard="wind", areas=["west"], version=1)
    rule = rule_definition(id="gale", hazard="wind", areas=["west"], hold_h=9)
    held = rule_edits.propose(Wish(rule, "Local."), over=1, by=cast["of_west"], at=NOW)
    wish = Wish({**rule, "areas": ["west", "east"]}, "More.")
    with pytest.raises(NotAllowedError, match="west"):  # the east would be touched
        rule_edits.save(held, wish, revision=1, over=1, by=cast["of_west"], at=NOW)
    narrowed = Wish(rule_definition(areas=["west"]), "Ours.")
    with pytest.raises(NotAllowedError, match="west"):  # the others would lose theirs
        rule_edits.propose(narrowed, over=1, by=cast["of_west"], at=NOW)


def test_taking_a_rule_out_of_use_and_bringing_it_back(cast):
    off = propose(cast, Wish(rule_definition(version=1), "Sensor moved.", is_off=True))
    version = rule_edits.approve(off, revision=1, by=cast["approver"], at=NOW)
    assert version.is_off
    back = Wish(rule_definition(version=1), "It is back.")
    held = rule_edits.propose(back, over=2, by=cast["officer"], at=NOW)
    assert not rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW).is_off


@pytest.mark.parametrize(
    ("wish", "error", "said"),
    [
        (hotter(why="  "), StateError, "Say why"),
        (hotter(0.0), StateError, "says the same as heat v1: there is nothing to approve"),
        (hotter(rule={"unit": "mm"}), RuleError, "does not measure heat_index"),
        (hotter(rule={"areas": ["atlantis"]}), RuleError, "No area has this code"),
        (hotter(rule={"id": "fog"}), ConflictError, "There is no rule fog to change"),
    ],
)
def test_what_cannot_be_proposed(cast, wish, error, said):
    with pytest.raises(error, match=said):
        propose(cast, wish)
    assert not RuleProposal.objects.exists()


@pytest.mark.parametrize(("state", "verb"), list(itertools.product(STATES, VERBS)))
def test_each_verb_refuses_in_the_readers_language(cast, state, verb):
    held = in_state(cast, state)
    by = cast["officer" if verb in ("save", "withdraw") else "approver"]
    if state in VERBS[verb].before:
        RuleProposal.objects.update(proposer=cast["other"], proposed_by="other", revision=2)
        RuleRevision.objects.update(revision=2)
    with translation.override("zh-hans"), pytest.raises((StateError, NotAllowedError)) as refused:
        do(verb, held, by)
    said = str(refused.value).replace("approver", "").replace("officer", "").replace("other", "")
    assert not set(string.ascii_letters) & set(said), said


def test_a_new_rule_needs_an_id_of_its_own(cast):
    with pytest.raises(ConflictError, match="There is a rule heat already"):
        rule_edits.propose(hotter(), over=0, by=cast["officer"], at=NOW)
    wish = hotter(rule={"id": "heat-night"})
    held = rule_edits.propose(wish, over=0, by=cast["officer"], at=NOW)
    version = rule_edits.approve(held, revision=1, by=cast["approver"], at=NOW)
    assert str(version) == "heat-night v1"
    assert RuleVersion.objects.count() == 2
