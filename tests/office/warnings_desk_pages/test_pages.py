"""The pages of drafts: who sees what, and the whole way from a template to an ended warning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.office import drafting
from tests.office.drafting import NOW, Office
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import gaps, read_content
from tocsin.office.warnings_desk.forms import values_of
from tocsin.office.warnings_desk.models import Draft, DraftRevision, Message
from tocsin.office.warnings_desk.services import Desk
from tocsin.office.warnings_desk.texts import hazard_texts, opening_by_hand
from tocsin.triggers.rules import LEVELS

SignedIn = Callable[[Any], Client]
DRAFTS = "/desk/drafts/"


def fields(office: Office, draft: Draft, **changed: Any) -> dict[str, Any]:
    """The composer's form as a browser would send it back."""
    values = values_of(read_content(draft.content), office.region.zone)
    if not values["drill"]:
        del values["drill"]
    return {**values, "revision": draft.revision, **changed}


def path(draft: Draft, rest: str = "") -> str:
    return f"{DRAFTS}{draft.pk}/{rest}"


def do(client: Client, draft: Draft, verb: str, **said: Any) -> Any:
    draft.refresh_from_db()
    post = {"revision": draft.revision, **said}
    return client.post(path(draft, f"do/{verb}/"), post, follow=True)


def test_a_stranger_is_sent_to_sign_in_and_an_inspector_refused(
    office: Office, client: Client, signed_in: SignedIn
) -> None:
    assert client.get(DRAFTS).status_code == 302
    assert signed_in(office.inspector).get(DRAFTS).status_code == 403


def test_the_empty_list_says_what_to_do(office: Office, signed_in: SignedIn) -> None:
    page = signed_in(office.duty).get(DRAFTS).content.decode()
    assert "Begin with “New warning”" in page


@pytest.mark.parametrize("language", ["", "/zh-hans"])
def test_every_page_opens(office: Office, signed_in: SignedIn, language: str) -> None:
    message = drafting.issued(office)
    one = drafting.submitted(office)
    client = signed_in(office.approver)
    for rest in ("", "new/", f"{one.pk}/", f"{one.pk}/review/", f"{one.pk}/history/",
                 f"{message.draft.pk}/review/"):  # fmt: skip
        assert client.get(f"{language}{DRAFTS}{rest}").status_code == 200, rest


def test_every_template_is_whole_but_for_its_areas(office: Office) -> None:
    desk = Desk.here(office.region)
    for hazard in hazard_texts():
        for level in LEVELS:
            content = opening_by_hand(desk, hazard, level, NOW)
            missing = gaps(content, kind="issue", languages=("en", "zh-Hans"), areas=())
            assert [gap.field for gap in missing] == ["blocks.0"], (hazard, level)
            for texts in content.texts.values():
                said = texts.headline + texts.description + texts.instruction
                assert "{" not in said, (hazard, level)


def test_from_a_template_to_an_ended_warning(office: Office, signed_in: SignedIn) -> None:
    duty, ann, bob = (signed_in(user) for user in (office.duty, office.approver, office.second))
    duty.post(f"{DRAFTS}new/by-hand/", {"hazard": "heat", "level": "red"})
    draft = Draft.objects.get()
    post = fields(office, draft, **{"area-west": "red"}, then="submit")
    page = duty.post(path(draft), post, follow=True).content.decode()
    assert "This needs 2 persons." in page
    assert "do/approve/" not in page, "a duty officer sees no button to approve"
    assert "1 has approved." in do(ann, draft, "approve").content.decode()
    do(bob, draft, "approve")
    confirm = duty.get(path(draft, "issue/")).content.decode()
    assert "can never be changed" in confirm
    do(duty, draft, "issue")
    message = Message.objects.get()
    assert (message.level, message.status, list(message.levels)) == (4, "Actual", ["west"])
    duty.post(f"{DRAFTS}new/from-warning/{message.warning.slug}/all_clear/")
    assert Draft.objects.filter(kind="cancel", warning=message.warning).exists()


def test_what_cannot_be_read_comes_back_as_it_was_typed(
    office: Office, signed_in: SignedIn
) -> None:
    draft = drafting.draft(office)
    post = fields(office, draft, shapes="orange circle here 12", expires="tomorrow")
    answer = signed_in(office.duty).post(path(draft), post)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "orange circle here 12" in page
    assert 'href="#shapes"' in page
    assert 'href="#expires"' in page
    draft.refresh_from_db()
    assert draft.revision == 1


def test_who_saves_second_sees_both_and_loses_nothing(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office)
    duty, ann = signed_in(office.duty), signed_in(office.approver)
    ann.post(path(draft), fields(office, draft, **{"text-en-headline": "Ann's words"}))
    calmer = {"web": "https://duty.example/", "urgency": "Future"}
    answer = duty.post(path(draft), fields(office, draft, **calmer))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Ann&#x27;s words" in page
    assert "<span>Act in the near future</span>" in page
    theirs = DraftRevision.objects.get(draft=draft, saved=True, revision=2)
    yours = DraftRevision.objects.get(draft=draft, saved=False)
    picked = {"pick-web": "yours", "pick-text-en-headline": "theirs"}
    duty.post(path(draft, "merge/"), {"theirs": theirs.pk, "yours": yours.pk, **picked})
    draft.refresh_from_db()
    said = read_content(draft.content)
    assert draft.revision == 3
    assert (said.web, said.texts["en"].headline) == ("https://duty.example/", "Ann's words")


def test_the_preview_saves_nothing_and_names_the_field(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office)
    post = fields(office, draft, web="no address", **{"text-en-headline": ""})
    page = signed_in(office.duty).post(path(draft, "preview/"), post).content.decode()
    assert 'data-for="web"' in page
    assert 'data-for="text-en-headline"' in page
    assert "segment" in page
    assert draft.revisions.count() == 1


def test_two_with_the_page_open_are_told_of_each_other(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office)
    here = path(draft, "presence/")
    ann, duty = signed_in(office.approver), signed_in(office.duty)
    assert ann.post(here, {"page": "a", "revision": 1}).content == b""
    said = duty.post(here, {"page": "b", "revision": 1}).content.decode()
    assert "Also open at: Approver" in said
    assert "saved version 1" in duty.post(here, {"page": "b", "revision": 0}).content.decode()


def test_a_drill_says_so_on_every_page(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office, drafting.content(status="Exercise"))
    client = signed_in(office.duty)
    shown = [client.get(path(draft)), client.get(path(draft, "review/"))]
    assert all("Drill: cannot reach a public channel." in one.content.decode() for one in shown)
    assert '<div id="drill-note">' in shown[0].content.decode()


def test_an_issued_drill_leads_to_no_public_page(office: Office, signed_in: SignedIn) -> None:
    one = drafting.approved(office, drafting.content(status="Exercise"))
    message = drafts.issue_draft(one, by=office.duty, at=NOW)
    page = signed_in(office.duty).get(path(one, "review/")).content.decode()
    assert "Who has been reached" in page
    assert message.warning.get_absolute_url() not in page


def test_a_hazard_is_named_in_the_pages_language(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office, drafting.content(hazard="flood"))
    client = signed_in(office.duty)
    assert "Flood: " in client.get(path(draft)).content.decode()
    assert "洪水" in client.get(f"/zh-hans{path(draft)}").content.decode()


def test_an_issue_of_something_unseen_is_refused(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.approved(office)
    answer = signed_in(office.duty).post(path(draft, "do/issue/"), {"revision": 0}, follow=True)
    assert "Look again" in answer.content.decode()
    assert not Message.objects.exists()


def test_overlap_with_a_warning_in_force_is_shown(office: Office, signed_in: SignedIn) -> None:
    message = drafting.issued(office, at=NOW - timedelta(hours=1))
    draft = drafting.draft(office)
    page = signed_in(office.duty).get(path(draft, "review/")).content.decode()
    assert f"{message.warning.slug}: " in page


def test_history_compares_two_versions(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office)
    client = signed_in(office.duty)
    client.post(path(draft), fields(office, draft, **{"text-en-headline": "Dangerous heat today"}))
    page = client.get(path(draft, "history/")).content.decode()
    assert "<ins>today</ins>" in page
    assert "<del>" in page


def test_review_says_areas_levels_and_hours_in_words(office: Office, signed_in: SignedIn) -> None:
    draft = drafting.draft(office)
    row = {"area": "west", "station": "AAA", "value": 97.0, "unit": "degF", "level": 3,
           "observed_at": "2026-07-18T18:00:00+00:00"}  # fmt: skip
    Draft.objects.filter(pk=draft.pk).update(trigger_evidence=[row])
    client = signed_in(office.duty)
    changed = {
        "area-west": "yellow", "area-east": "", "urgency": "Future",
        "response": ["Shelter", "Avoid"], "expires": "2026-07-18T23:00",
    }  # fmt: skip
    client.post(path(draft), fields(office, draft, **changed))
    page = client.get(path(draft, "review/")).content.decode()
    west = page[page.index("Since the version before") : page.index("What set it off")]
    assert "West" in west
    assert "<del>orange</del> <ins>yellow</ins>" in west
    assert "<ins>Act in the near future</ins>" in west
    assert "<ins>Take shelter, Keep away</ins>" in west
    assert "<ins>Sat 18 Jul 23:00 EDT</ins>" in west
    evidence = page[page.index("What set it off") :]
    assert "West" in evidence[:600]
    assert "Sat 18 Jul 14:00" in evidence[:900]
    chinese = client.get(f"/zh-hans{path(draft, 'review/')}").content.decode()
    for words in ("橙色</del> <ins>黄色", "未来", "就地躲避、避开", "7月18日23:00 EDT"):
        assert f"{words}</ins>" in chinese


def test_the_public_sees_a_warning_in_the_minute_of_its_issue(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafting.issued(office, at=NOW + timedelta(seconds=20))
    clock = "tocsin.office.places.current.timezone.now"
    monkeypatch.setattr(clock, lambda: NOW + timedelta(seconds=10))
    assert "Dangerous heat" not in client.get("/").content.decode()
    monkeypatch.setattr(clock, lambda: NOW + timedelta(seconds=21))
    assert "Dangerous heat" in client.get("/").content.decode()


def test_a_number_of_five_thousand_digits_is_none(office: Office, signed_in: SignedIn) -> None:
    one, client = drafting.submitted(office), signed_in(office.approver)
    assert client.post(path(one, "do/approve/"), {"revision": "9" * 5000}).status_code == 302
    assert client.post(path(one, "merge/"), {"theirs": "9" * 5000, "yours": "1"}).status_code == 404
    one.refresh_from_db()
    assert one.state == "submitted"
