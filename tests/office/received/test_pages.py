"""The desk's pages of received warnings, and what the public sees of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.office import factories
from tocsin.office.received.models import ReceivedMessage, Source
from tocsin.office.received.services import receive

from . import make
from .make import HOUR, raw, reference

SOURCES = "/desk/received/sources/"


@pytest.fixture
def officer(client: Client, region: Any) -> Client:
    client.force_login(factories.make_user("officer", "duty_officer"))
    return client


@pytest.fixture
def kept(region: Any) -> list[ReceivedMessage]:
    """A message, its update and rubbish, sent at the region's hour."""
    source, at = make.make_source(), factories.NOW
    for body in (
        raw(1, sent=at - HOUR),
        raw(2, sent=at, msg_type="Update", references=(reference(1, at - HOUR),)),
        b"<!DOCTYPE a><a/>",
    ):
        receive(source, body, address="https://met.authority.example/1", at=timezone.now())
    return list(ReceivedMessage.objects.order_by("pk"))


def said(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


@pytest.mark.parametrize("path", ["/desk/received/", SOURCES, "/desk/received/1/"])
def test_a_stranger_is_sent_to_sign_in(client: Client, region: Any, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert "/account/sign-in/" in response["Location"]


@pytest.mark.parametrize("start", ["", "/zh-hans"])
def test_every_page_answers_before_anything_has_come(officer: Client, start: str) -> None:
    list_, sources = (said(officer, start + path) for path in ("/desk/received/", SOURCES))
    if start:
        assert "尚无来源" in list_
        assert "没有拒收任何内容" in sources
    else:
        assert "there is no source yet" in list_
        assert "Nothing was refused" in sources


def test_the_list_says_what_is_in_force_and_what_is_not(officer: Client, kept: Any) -> None:
    page = said(officer, "/desk/received/")
    assert page.count("<b>in force</b>") == 1
    assert "issued by met@authority.example, by way of Met office" in page
    assert "not signed" in page
    assert 'class="area f-none"' not in page  # this region has no outlines
    assert "<svg" in page
    assert "15:00" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 2), ("q=Storm", 2), ("q=nothing-has-this", 0), ("verdict=unsigned", 2),
        ("verdict=valid", 0), ("verdict=rubbish", 2), ("source=1e9", 2), ("page=99", 2),
    ],
)  # fmt: skip
def test_the_list_is_filtered(officer: Client, kept: Any, query: str, count: int) -> None:
    page = said(officer, f"/desk/received/?{query}")
    assert f"{count} of 2" in page


def test_a_message_is_shown_with_its_provenance_and_its_chain(officer: Client, kept: Any) -> None:
    first, update = kept
    page = said(officer, f"/desk/received/{first.pk}/")
    for words in (
        "Storm at the Coast", "Storm at the Hills", "Severe", "not signed", "Met office",
        "replaced by a later message", update.identifier, first.sha256, "does not count",
    ):  # fmt: skip
        assert (words in page) == (words != "does not count"), words
    assert f'href="/desk/received/{first.pk}/"' in said(officer, f"/desk/received/{update.pk}/")
    assert "严重" in said(officer, f"/zh-hans/desk/received/{update.pk}/")


def test_the_file_is_handed_out_as_it_came(officer: Client, kept: Any) -> None:
    response = officer.get(f"/desk/received/{kept[0].pk}/as-it-came.xml")
    assert response.content == bytes(kept[0].raw)
    assert "attachment" in response["Content-Disposition"]


def test_a_message_cannot_bring_markup_or_a_script_address(officer: Client, region: Any) -> None:
    source = make.make_source()
    receive(
        source, raw(sent=factories.NOW).replace(b"Storm at the Coast", b"&lt;script&gt;alert(1)"),
        address="javascript:alert(1)", at=timezone.now(),
    )  # fmt: skip
    pk = ReceivedMessage.objects.get().pk
    for path in ("/desk/received/", f"/desk/received/{pk}/", "/", f"/received/{pk}/"):
        page = said(officer, path)
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page


def test_a_source_is_added_and_switched_off(officer: Client) -> None:
    fields = {
        "name": "Met office", "address": make.FEED, "every_s": "60", "stale_after_s": "900",
    }  # fmt: skip
    assert officer.post(SOURCES, fields).status_code == 302
    source = Source.objects.get()
    assert "not asked yet" in said(officer, SOURCES)
    officer.post(f"{SOURCES}{source.pk}/polling/", {"to": "off"})
    assert "switched off" in said(officer, SOURCES)
    officer.post(f"{SOURCES}{source.pk}/polling/", {"to": "on"})
    assert Source.objects.get().is_enabled


def test_a_source_that_cannot_be_is_said_and_what_was_typed_stays(officer: Client) -> None:
    fields = {"name": "Inside", "address": "http://10.0.0.1/feed", "every_s": "x"}
    response = officer.post(SOURCES, fields)
    assert response.status_code == 422
    page = response.content.decode()
    assert "private network" in page
    assert "http://10.0.0.1/feed" in page
    assert not Source.objects.exists()


def test_an_approver_sees_the_sources_and_manages_none(client: Client, region: Any) -> None:
    make.make_source()
    client.force_login(factories.make_user("approver", "approver"))
    page = said(client, SOURCES)
    assert "Met office" in page
    assert "Add a source" not in page
    assert client.post(SOURCES, {"name": "x", "address": "https://b.example/"}).status_code == 403
    path = f"{SOURCES}{Source.objects.get().pk}/polling/"
    assert client.post(path, {"to": "off"}).status_code == 403
    assert Source.objects.get().is_enabled


def test_the_public_sees_what_is_in_force_under_its_senders_name(client: Client, kept: Any) -> None:
    page = said(client, "/")
    assert "Warnings of other authorities" in page
    assert "issued by met@authority.example" in page
    assert f'href="/received/{kept[1].pk}/"' in page
    alone = said(client, f"/received/{kept[1].pk}/")
    path = f"/received/{kept[1].pk}.xml"
    assert path in alone
    assert "not ours" in alone
    assert "no longer in force" not in alone
    assert "no longer in force" in said(client, f"/received/{kept[0].pk}/")
    assert client.get(path).content == bytes(kept[1].raw)
    assert "其他机构的预警" in said(client, "/zh-hans/")


def test_the_public_page_changes_with_what_is_received(client: Client, kept: Any) -> None:
    mark = client.get("/")["ETag"]
    receive(kept[0].source, raw(3, sent=factories.NOW), address="x", at=timezone.now())
    response = client.get("/", headers={"If-None-Match": mark})
    assert response.status_code == 200
    assert response.content.count(b"issued by met@authority.example") == 2


@pytest.mark.parametrize("changed", [{"status": "Exercise", "note": "x"}, {"status": "Test"}])
def test_the_public_sees_no_drill_of_others(
    client: Client, region: Any, changed: dict[str, Any]
) -> None:
    source = make.make_source()
    receive(source, raw(sent=factories.NOW, **changed), address="x", at=timezone.now())
    assert "Warnings of other authorities" not in said(client, "/")
    for end in ("/", ".xml"):
        path = f"/received/{ReceivedMessage.objects.get().pk}{end}"
        assert client.get(path).status_code == 404, path
