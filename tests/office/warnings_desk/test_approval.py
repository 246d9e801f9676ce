"""Who has to agree: the policy, two different persons, and what an approval counts for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.errors import ConflictError, NotAllowedError, StateError
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.approval import by_policy, is_enough, lowers
from tocsin.office.warnings_desk.models import DraftRevision, Message
from tocsin.region import Approval
from tocsin.triggers.rules import Level

from .. import drafting
from ..drafting import NOW, approved, content, draft, issued, submitted

ANN, BOB, DUTY = 1, 2, 3
POLICY = Approval(blue="auto")


@pytest.mark.parametrize(
    ("kind", "level", "lowered", "persons"),
    [
        ("issue", Level.BLUE, False, 0),
        ("issue", Level.ORANGE, False, 1),
        ("issue", Level.RED, False, 2),
        ("update", Level.BLUE, False, 0),
        ("update", Level.BLUE, True, 1),
        ("update", Level.RED, True, 2),
        ("cancel", Level.NONE, False, 1),
    ],
)
def test_how_many_persons(kind, level, lowered, persons):
    assert by_policy(POLICY, kind, level, lowered=lowered) == persons


@pytest.mark.parametrize(
    ("needed", "approvers", "authors", "enough"),
    [
        (0, [], [DUTY], True),
        (1, [], [DUTY], False),
        (1, [ANN], [DUTY], True),
        (1, [ANN], [ANN], False),
        (2, [ANN], [DUTY], False),
        (2, [ANN, ANN], [DUTY], False),
        (2, [ANN, BOB], [DUTY], True),
        (2, [ANN, BOB], [ANN], True),
        (2, [ANN, BOB], [ANN, BOB], False),
    ],
)
def test_the_author_is_never_the_only_one_and_two_are_two(needed, approvers, authors, enough):
    assert is_enough(needed, approvers, authors) is enough


def test_a_lower_level_somewhere_and_an_area_left_out_are_better_news():
    assert lowers({"west": 3}, {"west": 2})
    assert lowers({"west": 3, "east": 2}, {"west": 4})
    assert not lowers({"west": 3}, {"west": 3, "east": 1})


@pytest.fixture
def office(db):
    return drafting.make_office()


@pytest.mark.django_db
class TestOnDrafts:
    def test_red_takes_two_and_tells_after_the_first(self, office):
        one = submitted(office, content("red"))
        one = drafts.approve(one, revision=1, by=office.approver, at=NOW)
        assert one.state == "submitted"
        assert "approve" not in drafts.what_may(one, office.approver)
        with pytest.raises(NotAllowedError, match="approved this revision already"):
            drafts.approve(one, revision=1, by=office.approver, at=NOW)
        assert drafts.approve(one, revision=1, by=office.second, at=NOW).state == "approved"

    def test_an_author_with_the_role_is_not_the_only_one(self, office):
        one = drafts.start_by_hand(
            office.region, "heat", Level.ORANGE, content=content(), by=office.approver, at=NOW
        )
        drafts.submit(one, revision=1, by=office.approver, at=NOW)
        one.refresh_from_db()
        assert "approve" not in drafts.what_may(one, office.approver)
        with pytest.raises(NotAllowedError, match="cannot be the only one"):
            drafts.approve(one, revision=1, by=office.approver, at=NOW)

    def test_who_changed_the_last_word_is_an_author_too(self, office):
        one = draft(office)
        one = drafts.save(one, content("yellow"), revision=1, by=office.approver, at=NOW)
        drafts.submit(one, revision=2, by=office.duty, at=NOW)
        with pytest.raises(NotAllowedError, match="cannot be the only one"):
            drafts.approve(one, revision=2, by=office.approver, at=NOW)
        assert drafts.approve(one, revision=2, by=office.second, at=NOW).state == "approved"

    def test_an_edit_after_approval_voids_it(self, office):
        one = approved(office)
        one = drafts.save(one, content("red"), revision=1, by=office.duty, at=NOW)
        assert one.state == "draft"
        with pytest.raises(StateError, match="stands at “being written”"):
            drafts.issue_draft(one, by=office.duty, at=NOW)

    def test_an_approval_is_for_the_revision_that_was_read(self, office):
        one = submitted(office)
        drafts.save(one, content("red"), revision=1, by=office.duty, at=NOW)
        drafts.submit(one, revision=2, by=office.duty, at=NOW)
        with pytest.raises(ConflictError, match=r"revision 2 was saved since\. By: duty"):
            drafts.approve(one, revision=1, by=office.approver, at=NOW)

    def test_what_was_sent_back_is_approved_anew(self, office):
        one = submitted(office, content("red"))
        drafts.approve(one, revision=1, by=office.approver, at=NOW)
        one = drafts.send_back(one, by=office.second, at=NOW, remark="Which road?")
        assert one.state == "draft"
        drafts.submit(one, revision=1, by=office.duty, at=NOW)
        one = drafts.approve(one, revision=1, by=office.second, at=NOW)
        assert one.state == "submitted"
        assert [a.decision for a in one.approvals.all()] == ["approve", "send_back", "approve"]

    def test_a_draft_goes_back_with_a_reason_or_not_at_all(self, office):
        with pytest.raises(StateError, match="Say why"):
            drafts.send_back(submitted(office), by=office.approver, at=NOW, remark=" ")

    def test_a_policy_made_stricter_holds_for_what_was_approved_before(self, office):
        one = approved(office)
        Region.objects.update(approval=Approval(orange="two").model_dump())
        with pytest.raises(StateError, match="needs the approval of 2 now"):
            drafts.issue_draft(one, by=office.duty, at=NOW)
        assert not Message.objects.exists()

    def test_auto_is_approved_when_it_is_submitted(self, office):
        Region.objects.update(approval=Approval(orange="auto").model_dump())
        one = submitted(office)
        assert one.state == "approved"
        assert drafts.issue_draft(one, by=office.duty, at=NOW).level == 3

    def test_a_replay_that_says_nothing_asks_for_nobody(self, db):
        replay = drafting.make_office(is_replay=True)
        assert submitted(replay, content("red", status="Exercise")).state == "approved"

    def test_an_update_that_leaves_out_an_area_takes_the_line_for_better_news(self, office):
        Region.objects.update(approval=Approval(orange="auto", cancel="two").model_dump())
        message = issued(office, content("orange", "west", "east"))
        at = NOW + timedelta(hours=1)
        one = drafts.start_from_warning(message.warning, "update", by=office.duty, at=at)
        one = drafts.save(one, content("orange", "west"), revision=1, by=office.duty, at=at)
        assert drafts.submit(one, revision=2, by=office.duty, at=at).state == "submitted"
        one.refresh_from_db()
        office.region.refresh_from_db()
        assert drafts.persons_needed(one, office.region, at) == 2


@pytest.mark.django_db
class TestTwoOfficers:
    def test_the_second_is_told_and_nothing_is_lost(self, office):
        one = draft(office)
        mine = drafts.save(one, content("yellow"), revision=1, by=office.approver, at=NOW)
        with pytest.raises(ConflictError, match=r"revision 2 was saved since\. By: ann") as told:
            drafts.save(one, content("red"), revision=1, by=office.duty, at=NOW)
        assert told.value.theirs.content["blocks"][0]["level"] == "yellow"
        assert told.value.yours.content["blocks"][0]["level"] == "red"
        mine.refresh_from_db()
        assert (mine.revision, mine.content["blocks"][0]["level"]) == (2, "yellow")
        kept = DraftRevision.objects.get(saved=False)
        assert (kept.revision, kept.by, kept.content["blocks"][0]["level"]) == (1, "duty", "red")

    def test_the_loser_can_save_over_what_he_has_now_seen(self, office):
        one = draft(office)
        drafts.save(one, content("yellow"), revision=1, by=office.approver, at=NOW)
        with pytest.raises(ConflictError) as told:
            drafts.save(one, content("red"), revision=1, by=office.duty, at=NOW)
        again = drafts.save(
            one, content("red"), revision=told.value.theirs.revision, by=office.duty, at=NOW
        )
        assert again.revision == 3

    def test_a_text_that_comes_when_the_draft_is_issued_is_kept_as_well(self, office):
        one = approved(office)
        drafts.issue_draft(one, by=office.duty, at=NOW)
        with pytest.raises(ConflictError, match="stands at “issued” and takes no more"):
            drafts.save(one, content("red"), revision=1, by=office.approver, at=NOW)
        assert DraftRevision.objects.get(saved=False).content["blocks"][0]["level"] == "red"
        one.refresh_from_db()
        assert (one.state, one.revision, one.content["blocks"][0]["level"]) == (
            "issued", 1, "orange",
        )  # fmt: skip
