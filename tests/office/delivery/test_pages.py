"""The desk's pages of delivery: who has been reached, to whom it is shown, what may be done."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.office.factories import make_user
from tocsin.office.audit.models import Entry
from tocsin.office.delivery.fanout import expand
from tocsin.office.delivery.links import acknowledge_link, delivery_of
from tocsin.office.delivery.models import Delivery, DeskNotice, WorkerSeen

from .cast import queued_message, subscription

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def officer(db):
    return enter("duty_officer")


def enter(*roles: str) -> Client:
    client = Client()
    client.force_login(make_user("-".join(roles) or "nobody", *roles), BACKEND)
    return client


@pytest.fixture
def sent(live):
    """A message to an organisation, a post, two residents; one of each state."""
    for number, (kind, name) in enumerate(
        (
            ("organisation", "Fire brigade"),
            ("post", "Duty officer east"),
            ("resident", ""),
            ("resident", ""),
        )
    ):
        subscription(f"r{number}@example.org", "email", kind=kind, name=name)
    message = queued_message(sent=now() - timedelta(minutes=5), at=now())
    while expand(live, ["file_drop"], at=now()):
        pass
    rows = list(Delivery.objects.order_by("pk"))
    Delivery.objects.filter(pk=rows[0].pk).update(state="sent", sent_at=now(), next_at=None)
    Delivery.objects.filter(pk=rows[1].pk).update(
        state="given_up", next_at=None, last_error="SMTP 550: no such mailbox"
    )
    Delivery.objects.filter(pk=rows[3].pk).update(state="failed", last_error="SMTP 451: r2 is busy")
    return message


def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_each_message_with_what_became_of_it(officer, sent):
    page = text(officer, reverse("delivery:list"))
    assert sent.warning.slug in page
    assert "No worker is running" in page
    WorkerSeen.objects.create(name="me", started_at=now(), seen_at=now())
    assert "No worker is running" not in text(officer, reverse("delivery:list"))


def test_a_message_shows_who_has_been_reached_by_kind_and_by_name(officer, sent):
    page = text(officer, reverse("delivery:message", args=[sent.pk]))
    for words in ("Fire brigade", "Duty officer east", "Residents", "no such mailbox", "given up"):
        assert words in page
    assert 'hx-trigger="every 3s"' in page


def test_residents_are_counts_and_never_rows(officer, sent):
    page = text(officer, reverse("delivery:message", args=[sent.pk]))
    body = page[page.index("By name") :]
    assert body.count("<tr>") == 1 + 3  # head, siren, post, organisation
    assert "r2 is busy" not in page
    assert "SMTP 451" in page
    receipts = b"".join(
        officer.get(reverse("delivery:receipts", args=[sent.pk])).streaming_content
    ).decode()
    assert [line for line in receipts.splitlines() if line.startswith("resident")] == [
        "resident,,email,,failed,1,,,,,,,,",
        "resident,,email,,queued,1,,,,,,,,",
    ]
    assert "Fire brigade" in receipts


def test_htmx_gets_the_part_that_changes(officer, sent):
    for name, args in (("delivery:list", []), ("delivery:message", [sent.pk])):
        part = officer.get(reverse(name, args=args), headers={"HX-Request": "true"})
        assert b"<html" not in part.content
        assert part.content.lstrip().startswith(b"<div id=")


@pytest.mark.parametrize(
    ("roles", "status"),
    [((), 403), (("inspector",), 403), (("approver",), 302), (("duty_officer",), 302)],
)
def test_who_may_send_again(sent, roles, status):
    response = enter(*roles).post(reverse("delivery:resend", args=[sent.pk]))
    assert response.status_code == status
    stuck = Delivery.objects.filter(state__in=["failed", "given_up"]).count()
    assert stuck == (0 if status == 302 else 2)
    entries = Entry.objects.filter(verb="resend").values_list("detail", flat=True)
    assert list(entries) == ([{"count": 2}] if status == 302 else [])


def test_an_expired_message_is_not_sent_again(officer, live):
    message = queued_message(sent=now() - timedelta(days=2))
    response = officer.post(reverse("delivery:resend", args=[message.pk]), follow=True)
    assert "an expired message is not sent again" in response.content.decode()


@pytest.mark.parametrize("name", ["delivery:list", "delivery:reach"])
def test_strangers_are_sent_to_sign_in(client, live, name):
    assert client.get(reverse(name)).status_code == 302


def test_mail_scanners_do_not_acknowledge_and_people_do_once(client, sent):
    row = Delivery.objects.get(subscription__name="Fire brigade")
    link = acknowledge_link(row.pk, "en").split("8000", 1)[1]
    assert client.get(link).status_code == 200
    row.refresh_from_db()
    assert row.acknowledged_at is None
    assert "Thank you" in client.post(link).content.decode()
    row.refresh_from_db()
    first = row.acknowledged_at
    assert (row.state, row.next_at) == ("acknowledged", None)
    client.post(link)
    row.refresh_from_db()
    assert row.acknowledged_at == first


def test_a_link_that_was_altered_acknowledges_nothing(client, sent):
    row = Delivery.objects.first()
    link = acknowledge_link(row.pk, "en").split("8000", 1)[1]
    other = link.replace(f"/{row.pk}.", f"/{row.pk + 1}.")
    assert other != link
    assert client.post(other).status_code == 404
    assert delivery_of("nonsense") is None
    assert not Delivery.objects.filter(state="acknowledged").exists()


def test_the_composer_is_told_how_many_a_draft_would_reach(officer, live):
    for number in range(6):
        subscription(f"r{number}@example.org", "email", kind="resident", name="")
    subscription("http://127.0.0.1/", area="36081", min_level=4)
    path = reverse("delivery:reach")
    found = officer.get(path, {"hazard": "heat", "level": "orange", "area": ["36061"]}).json()
    assert found["by_kind"] == {"resident": 6}
    asked = {"hazard": "heat", "level": 4, "levels": {"36081": "red"}}
    found = officer.post(path, asked, content_type="application/json").json()
    assert (found["total"], found["by_channel"]) == (1, {"webhook": 1})
    part = officer.get(path, asked | {"area": "36081"}, headers={"HX-Request": "true"})
    assert b"Reaches 1 subscription" in part.content


def test_fewer_than_five_residents_are_not_counted(officer, live):
    subscription("r@example.org", "email", kind="resident", name="")
    found = officer.get(
        reverse("delivery:reach"), {"hazard": "heat", "level": "red", "area": "36061"}
    ).json()
    assert found == {"total": 0, "by_kind": {}, "by_channel": {}, "few_residents": True}


def test_an_unclear_question_is_answered_with_the_value(officer, live):
    answer = officer.get(reverse("delivery:reach"), {"hazard": "heat", "level": "mauve"})
    assert answer.status_code == 400
    assert "'mauve' is no level" in answer.json()["error"]


def test_a_shape_without_an_inside_is_answered_in_words(officer, live):
    asked = {"hazard": "heat", "level": "red", "polygons": "[[[1, 1], [1, 1], [1, 1]]]"}
    answer = officer.get(reverse("delivery:reach"), asked)
    assert answer.status_code == 400
    assert "no inside" in answer.json()["error"]


def test_a_notice_is_put_away_with_an_audit_row(officer, live):
    row = subscription("http://127.0.0.1/")
    notice = DeskNotice.objects.create(
        at=now(), channel="webhook", subscription=row, reason="Every delivery failed for 3 days"
    )
    assert "Every delivery failed" in text(officer, reverse("delivery:list"))
    assert enter("inspector").post(reverse("delivery:note", args=[notice.pk])).status_code == 403
    officer.post(reverse("delivery:note", args=[notice.pk]))
    assert "Every delivery failed" not in text(officer, reverse("delivery:list"))
    assert Entry.objects.filter(verb="note_delivery").count() == 1


def test_empty_pages_say_so(officer, live):
    assert "No message has gone out yet" in text(officer, reverse("delivery:list"))
    message = queued_message()
    page = text(officer, reverse("delivery:message", args=[message.pk]))
    assert "being looked up" in page
