"""What a resident does without an account, and what the pages do not tell."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from tests.office.factories import make_rule
from tocsin.office.audit.models import Entry
from tocsin.office.subscribers import offers
from tocsin.office.subscribers.links import token
from tocsin.office.subscribers.models import Notice, RateMark, Subscription
from tocsin.office.subscribers.services import due_notices, mark_notice_sent

from .make import address, make_subscription, make_tree

pytestmark = pytest.mark.django_db
FORM = {
    "channel": "email", "address": "Ada@Example.ORG", "areas": ["queens"], "min_level": "2",
    "language": "en", "consent": "on",
}  # fmt: skip
KEYS = {"p256dh": "B" * 87, "auth": "a" * 22}


@pytest.fixture(autouse=True)
def _open(region: Any, monkeypatch: Any) -> None:
    make_tree()
    make_rule()
    monkeypatch.setattr(offers, "_offers", {})
    offers.offer("email", ready=lambda: True)


def ask(client: Any, **changed: Any) -> Any:
    return client.post("/subscribe/", {**FORM, **changed})


def one() -> Subscription:
    return Subscription.objects.get()


def link_of(notice: Any) -> str:
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", notice.text).group(1)  # type: ignore[union-attr]


def test_from_asking_to_leaving(client: Any) -> None:
    answer = ask(client, hazards=["heat"], lat="40.85", lon="-73.75")
    assert answer.url == "/subscribe/asked/"
    row = one()
    assert (row.state, row.kind, row.name, row.hazard_list) == (
        "pending",
        "resident",
        "",
        ("heat",),
    )
    assert b"xample" not in bytes(row.address)
    (notice,) = due_notices(timezone.now())
    assert "confirm within 48 hours" in notice.text
    mark_notice_sent(notice.notice_id, timezone.now())
    confirm = link_of(notice)
    assert "press" in client.get(confirm).content.decode()
    assert one().state == "pending", "opening a link confirms nothing: mail scanners open links"
    page = client.post(confirm).content.decode()
    assert one().state == "confirmed"
    assert address(row) == "Ada@example.org"
    manage = re.search(r'href="(/subscribe/choices/[^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "Queens" in client.get(manage).content.decode()
    changed = {"areas": ["*"], "min_level": "4", "language": "zh-Hans"}
    assert "choices are kept" in client.post(manage, changed).content.decode()
    row = one()
    assert (row.min_level, row.language, row.hazards, row.place) == (4, "zh-Hans", "", None)
    assert list(row.areas.values_list("area_code", flat=True)) == ["*"]
    end = re.search(r'href="(/subscribe/end/[^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert "erased at once" in client.get(end).content.decode()
    assert one().state == "confirmed"
    assert "Change your choices" in client.get(confirm).content.decode(), "the link is kept"
    assert "has been erased" in client.post(end).content.decode()
    row = one()
    assert (row.state, bytes(row.address), row.areas.count()) == ("unsubscribed", b"", 0)
    assert client.get(manage).status_code == 410
    assert client.post(confirm).status_code == 410
    assert not Entry.objects.exists(), "no trail of a resident's steps"


def test_one_click_from_a_mail_program(region: Any, client: Any) -> None:
    row = make_subscription(region, at=timezone.now())
    client.handler.enforce_csrf_checks = True
    answer = client.post(
        f"/subscribe/end/{token('unsubscribe', row)}/", {"List-Unsubscribe": "One-Click"}
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert one().state == "unsubscribed"


def test_a_known_address_gets_the_answer_of_an_unknown_one(region: Any, client: Any) -> None:
    make_subscription(region, address="ada@example.org", at=timezone.now())
    known, unknown = ask(client), ask(client, address="bob@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Subscription.objects.filter(state="pending").count() == 2


def test_an_address_is_asked_three_times_a_day_and_no_answer_tells(client: Any) -> None:
    answers = [ask(client, address=address) for address in ["a@b.org", "A@b.org", "a@B.org"] * 2]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/subscribe/asked/")}
    assert Notice.objects.count() == 3


def test_a_machine_is_stopped_without_being_kept(client: Any) -> None:
    for number in range(20):
        ask(client, address=f"a{number}@example.org")
    refused = ask(client, address="one.more@example.org")
    assert refused.status_code == 200
    assert "Too many addresses" in refused.content.decode()
    assert Subscription.objects.count() == 20
    kept = b"".join(bytes(mark) for mark in RateMark.objects.values_list("mark", flat=True))
    assert b"127.0.0.1" not in kept


def test_a_program_that_fills_in_the_trap_is_thanked_and_forgotten(client: Any) -> None:
    assert ask(client, website="http://spam.example").url == "/subscribe/asked/"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"consent": ""}, "Without your consent"),
        ({"areas": []}, "Choose an area or a place"),
        ({"address": "ada"}, "looks like name@example.org"),
        ({"address": ""}, "Where shall we send them?"),
        ({"lat": "40"}, "takes both latitude and longitude"),
        ({"areas": ["atlantis"]}, "see below"),
        ({"channel": "sms"}, "see below"),
        ({"min_level": "9"}, "see below"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(
    client: Any, changed: dict[str, Any], words: str
) -> None:
    answer = ask(client, **changed)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Subscription.objects.exists()


def test_a_place_is_kept_as_a_cell_only(client: Any) -> None:
    ask(client, areas=[], lat="40.8512345", lon="-73.7512345")
    cell = one().place
    assert cell is not None
    assert abs(cell.lat - 40.8512345) < 0.0055
    assert cell.lat != 40.8512345
    assert "8512345" not in repr(list(type(cell).objects.values()))


@pytest.mark.parametrize("purpose", ["confirm", "choices", "end"])
def test_a_link_that_was_altered_or_is_for_something_else(
    region: Any, client: Any, purpose: str
) -> None:
    row = make_subscription(region, at=timezone.now())
    other = {"confirm": "manage", "choices": "unsubscribe", "end": "manage"}[purpose]
    for text in ("x", "é" * 43, token(other, row), token(other, row)[:-2] + "AA", signing.dumps(1)):
        for answer in (client.get, client.post):
            assert answer(f"/subscribe/{purpose}/{text}/").status_code == 410
    assert one().state == "confirmed"


def test_a_link_is_worthless_once_its_generation_is_over(region: Any, client: Any) -> None:
    row = make_subscription(region, at=timezone.now())
    before = token("manage", row)
    Subscription.objects.update(generation=1)
    assert client.get(f"/subscribe/choices/{before}/").status_code == 410


def test_a_confirmation_is_good_for_48_hours(region: Any, client: Any) -> None:
    row = make_subscription(region, at=timezone.now() - timedelta(hours=49), confirmed=False)
    assert client.post(f"/subscribe/confirm/{token('confirm', row)}/").status_code == 410


def test_a_term_begins_anew(region: Any, client: Any) -> None:
    row = make_subscription(region, at=timezone.now() - timedelta(days=350))
    path = f"/subscribe/choices/{token('manage', row)}/"
    assert "go on" in client.post(path, {"do": "renew"}).content.decode()
    assert one().expires_at > timezone.now() + timedelta(days=364)  # type: ignore[operator]


def test_pages_with_a_key_in_their_address_keep_it_to_themselves(region: Any, client: Any) -> None:
    row = make_subscription(region, at=timezone.now())
    answer = client.get(f"/subscribe/choices/{token('manage', row)}/")
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert "example.org" not in answer.content.decode(), "not even the address itself is shown"


def test_a_browser_subscribes_itself(client: Any) -> None:
    offers.offer("web_push", ready=lambda: True, details=lambda: {"key": "BPublic"})
    assert 'data-key="BPublic"' in client.get("/subscribe/").content.decode()
    made = '{"endpoint":"https://push.example/1","keys":' + str(KEYS).replace("'", '"') + "}"
    answer = client.post("/subscribe/browser/", {**FORM, "channel": "web_push", "address": made})
    assert "will show" in answer.json()["done"]
    assert client.get(answer.json()["href"]).status_code == 200
    assert (one().state, one().channel) == ("confirmed", "web_push")


@pytest.mark.parametrize(
    "made",
    [
        "[]",
        "{",
        '{"endpoint":"http://push.example/1","keys":{"p256dh":"BBBBBBBBBBBBBBBB","auth":"aaaaaaaaaaaaaaaa"}}',
        '{"endpoint":"https://push.example/1","keys":{"p256dh":1,"auth":"a"}}',
    ],
)
def test_what_no_browser_gives_is_refused(client: Any, made: str) -> None:
    offers.offer("web_push", ready=lambda: True, details=lambda: {"key": "BPublic"})
    answer = client.post("/subscribe/browser/", {**FORM, "channel": "web_push", "address": made})
    assert answer.status_code == 422
    assert "not what a browser gives" in answer.json()["error"]


def test_a_channel_that_is_not_there_is_on_no_page(client: Any) -> None:
    offers.withdraw("email")
    page = client.get("/subscribe/").content.decode()
    assert "Not yet possible here" in page
    assert "<form class" not in page
    assert client.post("/subscribe/browser/", FORM).status_code == 422


def test_in_chinese(client: Any) -> None:
    page = client.get("/zh-hans/subscribe/").content.decode()
    assert "接收预警" in page
    assert 'value="zh-Hans" checked' in page
    client.post("/zh-hans/subscribe/", {**FORM, "language": "zh-Hans"})
    (notice,) = due_notices(timezone.now())
    assert "48小时" in notice.text
    assert "/zh-hans/subscribe/confirm/" in notice.text


def test_a_page_of_many_areas_takes_few_queries(client: Any, at_most_queries: Any) -> None:
    with at_most_queries(9):
        client.get("/subscribe/")
