"""One message kept: as it came, once, judged, and never altered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from tests.office import factories
from tests.office.warnings_desk.test_export import _key_and_certificate
from tocsin import cap
from tocsin.cap.sign import sign
from tocsin.errors import AddressRefusedError, CapError, NotAllowedError, StateError
from tocsin.office.audit.models import Entry
from tocsin.office.received.models import ReceivedMessage, Refusal, Source
from tocsin.office.received.services import (
    REFUSALS_KEPT,
    NewSource,
    add_source,
    receive,
    set_enabled,
)
from tocsin.office.received.signals import warning_received

from . import make
from .make import HOUR, NOW, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return make.make_source()


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What the signal told."""
    heard: list[dict[str, Any]] = []

    def hear(**said: Any) -> None:
        heard.append(said)

    warning_received.connect(hear)
    yield heard
    warning_received.disconnect(hear)


def take(source: Source, body: bytes, at: Any = NOW) -> str:
    return receive(source, body, address="https://met.authority.example/1", at=at)


def test_a_message_is_kept_byte_for_byte_and_told(source: Source, told: list[Any]) -> None:
    body = raw() + b"\n<!-- the sender's own remark -->\n"
    assert take(source, body) == "new"
    kept = ReceivedMessage.objects.get()
    assert bytes(kept.raw) == body
    assert (kept.identifier, kept.sender, kept.sent_at) == ("2.49.0.1.999.1", make.SENDER, NOW)
    assert kept.expires_at == NOW + 6 * HOUR
    assert kept.headlines == {"en": "Storm at the Hills"}
    assert (kept.severity, kept.area_desc) == ("Severe", "Coast; Hills")
    assert len(kept.geometry["coordinates"]) == 2
    assert kept.verdict == "unsigned"
    assert told[0]["message"] == kept
    assert told[0]["alert"].identifier == kept.identifier
    entry = Entry.objects.get(verb="receive_message")
    assert entry.detail == {
        "source": "Met office", "sha256": kept.sha256, "verdict": "unsigned",
    }  # fmt: skip


def test_the_same_bytes_again_change_nothing(source: Source, told: list[Any]) -> None:
    take(source, raw())
    before = ReceivedMessage.objects.values().get()
    assert take(source, raw(), NOW + HOUR) == "known"
    assert ReceivedMessage.objects.values().get() == before
    assert len(told) == 1


def test_other_bytes_under_the_same_name_are_kept_and_both_flagged(source: Source) -> None:
    take(source, raw())
    assert take(source, raw(areas=("Coast",))) == "conflict"
    assert [one.is_conflict for one in ReceivedMessage.objects.all()] == [True, True]


def test_the_database_refuses_to_alter_or_delete_a_message(source: Source) -> None:
    take(source, raw())
    kept = ReceivedMessage.objects.all()
    for change in (
        lambda: kept.update(raw=b"<alert/>"),
        lambda: kept.update(sha256="0" * 64),
        lambda: kept.update(verdict="valid"),
        lambda: kept.update(sent_at=NOW - HOUR),
        kept.delete,
    ):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            change()
    assert kept.update(is_conflict=True) == 1
    assert bytes(kept.get().raw) == raw()


def test_another_source_cannot_make_a_conflict(source: Source) -> None:
    take(source, raw())
    other = make.make_source("Somebody", "https://somebody.example/feed")
    assert take(other, raw(areas=("Coast",))) == "new"
    assert not ReceivedMessage.objects.filter(is_conflict=True).exists()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><alert>&b;</alert>", "DTD"),
        (b"<alert" + b">" * 3, "not well-formed"),
        (b"x" * 2_100_000, "the limit is 2000000"),
        (b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>", "refused"),
        (b"\x00\x01\x02", "not well-formed"),
        (raw().replace(b"2026-07-18", b"0001-01-01"), "year 1"),
        (raw().replace(b"2026-07-18T18", b"9999-12-31T23"), "year 9999"),
        (raw().replace(make.SENDER.encode(), b"m" * 400), "sender has 400"),
    ],
)
def test_hostile_bytes_are_counted_and_never_kept(source: Source, body: bytes, words: str) -> None:
    assert take(source, body) == "refused"
    assert take(source, body, NOW + HOUR) == "refused"
    refusal = Refusal.objects.get()
    assert words in refusal.reason
    assert (refusal.times, refusal.first_at, refusal.last_at) == (2, NOW, NOW + HOUR)
    assert refusal.size == len(body)
    assert not ReceivedMessage.objects.exists()


@pytest.mark.slow
def test_a_source_that_sends_rubbish_without_end_fills_no_disk(source: Source) -> None:
    for number in range(REFUSALS_KEPT + 5):
        take(source, b"rubbish %d" % number, NOW + timedelta(seconds=number))
    assert source.refusals.count() == REFUSALS_KEPT
    assert source.refusals.filter(last_at__lt=NOW + timedelta(seconds=5)).count() == 0


def test_the_signature_is_judged_against_the_pinned_issuer() -> None:
    key, certificate = _key_and_certificate()
    at = factories.NOW  # in the years of that certificate
    pinned = make.make_source("Signed", issuers=certificate.decode())
    signed = sign(raw(sent=at), key, certificate)
    verdicts = {}
    for name, body in (
        ("good", signed),
        ("tampered", signed.replace(b"Coast", b"Coasts")),
        ("unsigned", raw(2, sent=at)),
        ("stranger", sign(raw(3, sent=at), *_key_and_certificate())),
    ):
        take(pinned, body)
        kept = ReceivedMessage.objects.order_by("-pk").first()
        assert kept is not None
        verdicts[name] = (kept.verdict, kept.is_trusted)
    assert verdicts == {
        "good": ("valid", True),
        "tampered": ("tampered", False),
        "unsigned": ("unsigned", False),
        "stranger": ("untrusted", False),
    }
    open_ = make.make_source("Unpinned", "https://b.example/feed")
    take(open_, raw(2, sent=at))
    take(open_, signed.replace(b"Coast", b"Coasts"))
    assert [one.is_trusted for one in open_.messages.order_by("pk")] == [True, False]


def test_a_receiver_that_fails_leaves_the_message_for_the_next_poll(source: Source) -> None:
    def fail(**said: Any) -> None:
        raise StateError("no plan fits")

    warning_received.connect(fail)
    try:
        with pytest.raises(StateError):
            take(source, raw())
    finally:
        warning_received.disconnect(fail)
    assert not ReceivedMessage.objects.exists()
    assert take(source, raw()) == "new"


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"address": "http://127.0.0.1/feed"}, AddressRefusedError, "loopback"),
        ({"address": "ftp://a.example/"}, AddressRefusedError, "must begin with"),
        ({"address": "mqtt://broker.example"}, AddressRefusedError, "host/topic"),
        (
            {"address": "mqtt://a:b@broker.example/t"},
            AddressRefusedError,
            "never the password itself",
        ),
        ({"issuers": "no certificate"}, CapError, "cannot be read as PEM"),
        ({"name": " "}, StateError, "needs a name"),
        ({"every_s": 1}, StateError, "every 10 to 86400 s"),
        ({"stale_after_s": 30}, StateError, "cannot be late"),
    ],
)
def test_a_source_that_cannot_be_is_refused(
    changed: dict[str, Any], error: type[Exception], words: str
) -> None:
    fields = {"name": "Met", "address": make.FEED, **changed}
    with pytest.raises(error, match=words):
        add_source(NewSource(**fields), by="tocsin", at=NOW)
    assert not Source.objects.exists()


def test_a_name_or_address_is_given_once(source: Source) -> None:
    with pytest.raises(StateError, match="called “Met office” already"):
        make.make_source(address="https://b.example/")
    with pytest.raises(StateError, match="called “https"):
        make.make_source(name="Other")


@pytest.mark.parametrize(("role", "able"), [("duty_officer", True), ("storekeeper", False)])
def test_only_the_duty_officer_manages_sources(source: Source, role: str, able: bool) -> None:
    user = factories.make_user("somebody", role)
    new = NewSource("Other", "https://b.example/feed")
    if able:
        add_source(new, by=user, at=NOW)
        assert not set_enabled(source, False, by=user, at=NOW).is_enabled
        verbs = list(Entry.objects.values_list("verb", flat=True))
        assert verbs.count("add_source") == 2
        assert "disable_source" in verbs
    else:
        with pytest.raises(NotAllowedError):
            add_source(new, by=user, at=NOW)
        with pytest.raises(NotAllowedError):
            set_enabled(source, False, by=user, at=NOW)


def test_a_large_outline_is_thinned(source: Source) -> None:
    import math

    ring = tuple(
        (round(40 + math.sin(a / 3000), 6), round(-74 + math.cos(a / 3000), 6))
        for a in range(18_000)
    )
    area = cap.Area(area_desc="Coast", polygon=((*ring, ring[0]),))
    one = make.alert()
    info = type(one.info[0])(**{**_fields(one.info[0]), "area": (area,)})
    take(source, raw(info=(info,)))
    (((drawn,),),) = [ReceivedMessage.objects.get().geometry["coordinates"]]
    assert len(drawn) <= 5_001
    assert drawn[0] == drawn[-1]


def _fields(info: cap.Info) -> dict[str, Any]:
    return {name: getattr(info, name) for name in info.__dataclass_fields__}
