"""Organisations and posts at the desk: who may, what is shown, and that no address is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.office.factories import make_rule, make_user
from tocsin.errors import IntakeError, NotAllowedError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.subscribers import offers
from tocsin.office.subscribers.contacts import opened
from tocsin.office.subscribers.links import for_token, token
from tocsin.office.subscribers.models import Notice, Subscription
from tocsin.office.subscribers.services import address_of
from tocsin.office.subscribers.services.importing import COLUMNS, import_csv
from tocsin.office.subscribers.services.organisations import add, resident_totals

from .make import make_subscription, make_tree, wish

pytestmark = pytest.mark.django_db
HEAD = ",".join(COLUMNS) + "\n"
GOOD = "School 12,organisation,email,office@example.org,queens;kings,heat,orange,en\n"
FORM = {
    "kind": "organisation", "name": "School 12", "channel": "email", "areas": ["*"],
    "address": "office@example.org", "min_level": "2", "language": "en",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _open(region: Any, monkeypatch: Any) -> None:
    make_tree()
    make_rule()
    monkeypatch.setattr(offers, "_offers", {})
    offers.offer("email", ready=lambda: True)
    offers.offer("webhook", ready=lambda: True, residents=False)


@pytest.fixture
def officer(client: Any) -> Any:
    user = make_user("olga", "duty_officer")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def approver(client: Any) -> Any:
    user = make_user("paul", "approver")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(client: Any, row: Subscription, verb: str) -> Any:
    return client.post(f"/desk/subscribers/{row.pk}/{verb}/", follow=True)


def test_an_organisation_is_entered_asked_and_listed_without_its_address(officer: Any) -> None:
    answer = officer.post("/desk/subscribers/new/", FORM, follow=True)
    page = answer.content.decode()
    assert "School 12 is asked to confirm" in page
    assert "not yet confirmed" in page
    row = Subscription.objects.get()
    assert address_of(row.pk, purpose="notice") == "office@example.org"
    assert Notice.objects.get().kind == "confirm"
    line = Entry.objects.get(verb="add_subscription")
    assert line.detail == {"kind": "organisation", "name": "School 12", "channel": "email"}
    assert "example.org" not in page + repr(line.__dict__)


def test_a_webhooks_secret_is_shown_once(officer: Any) -> None:
    hook = {**FORM, "channel": "webhook", "address": "https://hooks.example.org/1"}
    page = officer.post("/desk/subscribers/new/", hook).content.decode()
    row = Subscription.objects.get()
    assert row.state == "confirmed"
    secret = opened(row.secret, row.number)
    assert len(secret) == 43
    assert secret in page
    assert secret not in officer.get("/desk/subscribers/").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "https://user:word@example.org/", "channel": "webhook"}, "without a password"),
        ({"address": "http://[::ffff:10.0.0.1]/", "channel": "webhook"}, "lies inside"),
        ({"name": ""}, "required"),
        ({"areas": []}, "Choose an area"),
        ({"channel": "web_push"}, "see below"),
    ],
)
def test_what_is_wrong_is_said(officer: Any, changed: dict[str, Any], words: str) -> None:
    answer = officer.post("/desk/subscribers/new/", {**FORM, **changed})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Subscription.objects.exists()


def test_switching_off_on_and_removing(region: Any, officer: Any) -> None:
    row = make_subscription(region, kind="organisation", at=timezone.now())
    assert "switched off" in act(officer, row, "disable").content.decode()
    assert "confirmed" in act(officer, row, "enable").content.decode()
    act(officer, row, "remove")
    row.refresh_from_db()
    assert (row.state, bytes(row.address), row.name) == ("unsubscribed", b"", "School 12")
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["disable_subscription", "enable_subscription", "remove_subscription"]
    assert "no such verb" not in act(officer, row, "enable").content.decode()
    row.refresh_from_db()
    assert row.state == "unsubscribed"


def test_asking_again(region: Any, officer: Any) -> None:
    row = make_subscription(region, kind="post", confirmed=False)
    before = token("confirm", row)
    act(officer, row, "ask-again")
    assert for_token("confirm", before) is None
    row.refresh_from_db()
    assert row.expires_at is not None
    assert row.expires_at > timezone.now()
    assert Notice.objects.count() == 1


def test_the_desk_reaches_no_resident(region: Any, officer: Any) -> None:
    row = make_subscription(region, at=timezone.now())
    for verb in ("disable", "remove", "ask-again"):
        assert act(officer, row, verb).status_code == 404
    row.refresh_from_db()
    assert row.state == "confirmed"


def test_an_approver_sees_and_changes_nothing(region: Any, approver: Any) -> None:
    row = make_subscription(region, kind="organisation", at=timezone.now())
    page = approver.get("/desk/subscribers/").content.decode()
    assert "School 12" in page
    assert "Switch off" not in page
    assert approver.get("/desk/subscribers/new/").status_code == 403
    assert approver.get("/desk/subscribers/import/").status_code == 403
    assert act(approver, row, "remove").status_code == 403
    with pytest.raises(NotAllowedError):
        add(
            region, kind="post", name="x", channel="email", address="a@b.org", wish=wish(),
            by="paul", at=timezone.now(),
        )  # fmt: skip


def test_a_stranger_is_sent_to_sign_in(client: Any) -> None:
    assert client.get("/desk/subscribers/").status_code == 302


def test_residents_are_totals_and_small_ones_are_not_given(region: Any, officer: Any) -> None:
    at = timezone.now()
    for _ in range(4):
        make_subscription(region, at=at)
    assert resident_totals(at) == (None, [], 1)
    assert "Fewer than 5 are warned" in officer.get("/desk/subscribers/").content.decode()
    make_subscription(region, at=at, area_codes=("queens", "kings"))
    assert resident_totals(at) == (5, [("queens", 5)], 1)
    make_subscription(region, at=at, confirmed=False)
    assert resident_totals(at)[0] == 5


def test_a_file_is_entered_as_a_whole(officer: Any) -> None:
    text = "\ufeff" + HEAD + GOOD + GOOD.replace("12", "13")
    sent = SimpleUploadedFile("schools.csv", text.encode())
    page = officer.post("/desk/subscribers/import/", {"file": sent}, follow=True).content.decode()
    assert "2 are asked to confirm" in page
    row = Subscription.objects.order_by("pk")[0]
    assert (row.hazard_list, row.min_level, row.areas.count()) == (("heat",), 3, 2)
    assert Notice.objects.count() == 2


def test_every_fault_of_a_file_has_its_line_and_column_and_nothing_is_entered(
    region: Any, officer: Any
) -> None:
    rows = [
        GOOD,
        GOOD.replace("orange", "purple"),
        GOOD.replace("office@example.org", "office.example.org"),
        GOOD.replace("queens", "atlantis"),
        GOOD.replace("email", "webhook").replace("organisation", "person"),
        GOOD.replace("School 12", ""),
    ]
    sent = SimpleUploadedFile("s.csv", (HEAD + "".join(rows)).encode())
    answer = officer.post("/desk/subscribers/import/", {"file": sent})
    assert answer.status_code == 200
    assert "6 faults; nothing was entered" in answer.content.decode()
    assert not Subscription.objects.exists()
    with pytest.raises(IntakeError) as caught:
        import_csv(region, HEAD + "".join(rows), file="s.csv", by="tocsin", at=timezone.now())
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [
        (3, "min_level"), (4, "address"), (5, "areas"), (6, "kind"), (6, "channel"), (7, "name"),
    ]  # fmt: skip
    assert "office" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name;kind\n", "columns are missing"),
        (HEAD.encode(), "There is no row"),
        (b"\xff\xfe", "not UTF-8"),
        (None, "Choose a file"),
    ],
)
def test_a_file_that_is_none(officer: Any, content: bytes | None, words: str) -> None:
    sent = {} if content is None else {"file": SimpleUploadedFile("s.csv", content)}
    answer = officer.post("/desk/subscribers/import/", sent)
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_a_kind_that_is_a_resident_is_refused(region: Any) -> None:
    with pytest.raises(StateError, match="an organisation or a post"):
        add(
            region, kind="resident", name="Ada", channel="email", address="a@b.org", wish=wish(),
            by="tocsin", at=timezone.now(),
        )  # fmt: skip
