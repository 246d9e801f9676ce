"""One message to many targets: what is sent, when again, and what stops whom."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from tests.office.factories import NOW, make_area
from tocsin.office.audit.models import Entry
from tocsin.office.delivery import fanout, outbox
from tocsin.office.delivery.fanout import expand
from tocsin.office.delivery.models import Delivery, DeskNotice, Fanout, Trouble

from .cast import public_message, queued_message, subscription
from .sink import Sink

pytestmark = pytest.mark.django_db


def states() -> Counter[str]:
    return Counter(Delivery.objects.values_list("state", flat=True))


def only() -> Delivery:
    return Delivery.objects.get()


def test_each_subscription_gets_the_message_once_with_its_key(live, sink, work):
    for name in ("a", "b", "c"):
        subscription(f"{sink.url}/{name}")
    message = queued_message()
    work()
    work()
    assert sorted(sink.paths()) == ["/a", "/b", "/c"]
    keys = {headers["Idempotency-Key"] for _, headers, _ in sink.got}
    assert keys == set(Delivery.objects.values_list("idempotency_key", flat=True))
    assert len(keys) == 3
    assert states() == {"sent": 3}
    assert Fanout.objects.get(message=message).expanded_at == NOW


@pytest.mark.slow
def test_one_that_answers_500_for_an_hour_is_tried_ever_more_rarely_and_then_reached(
    live, sink, work, clock
):
    subscription(f"{sink.url}/ill")
    queued_message()
    sink.answer = lambda request: web.Response(status=500 if clock.at < recovered else 200)
    recovered = NOW + timedelta(hours=1)
    waits = []
    while not states()["sent"]:
        work()
        row = only()
        if row.next_at:
            waits.append((row.next_at - clock.at).total_seconds())
            assert (row.state, row.last_error) == ("failed", "HTTP 500")
            clock.at = row.next_at
    assert timedelta(hours=1) <= clock.at - NOW < timedelta(hours=1, minutes=20)
    assert 3.7 < waits[0] < 6.3
    assert max(waits) <= 15 * 60 * 1.25
    assert all(later > earlier for earlier, later in pairwise(waits[:6]))
    assert len({headers["Idempotency-Key"] for _, headers, _ in sink.got}) == 1
    assert not Trouble.objects.exists()


@pytest.mark.slow
def test_it_gives_up_when_the_message_has_expired_and_says_why(live, sink, work, clock):
    sink.answer = lambda _request: web.Response(status=503, text="down for repairs")
    subscription(sink.url)
    message = queued_message(hours=2)
    while only_or_none() is None or only().next_at:
        work()
        clock.at = only().next_at or clock.at
    row = only()
    assert (row.state, row.last_error) == ("given_up", "HTTP 503: down for repairs")
    assert row.first_attempt_at <= message.expires_at
    assert clock.at <= message.expires_at


def only_or_none() -> Delivery | None:
    return Delivery.objects.first()


def test_its_own_retry_after_is_honoured(live, sink, work):
    sink.answer = lambda _request: web.Response(status=429, headers={"Retry-After": "600"})
    subscription(sink.url)
    queued_message()
    work()
    assert only().next_at >= NOW + timedelta(seconds=600)


@pytest.mark.slow
def test_a_hanging_and_a_failing_target_delay_nobody(live, work, sink):
    """One failing webhook stops the others in the tools of today (RULES.md)."""

    async def hang(_request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    with Sink(answer=hang) as hanging:
        for number in range(40):
            subscription(f"{hanging.url}/{number}")
            subscription(f"{sink.url}/{number}")
            subscription("http://127.0.0.1:1/closed")
        queued_message()
        begun = time.monotonic()
        work(webhook={"timeout_s": 1.5, "width": 4})
        taken = time.monotonic() - begun
    assert len(sink.got) == 40
    assert Delivery.objects.filter(state="sent").count() == 40
    assert Delivery.objects.filter(state="sent", attempts=1).count() == 40
    assert taken < 12
    # Not each of them was waited for: the lane closed, and they were put back without an attempt.
    assert len(hanging.got) < 20
    errors = Counter(
        Delivery.objects.exclude(state="sent")
        .exclude(last_error="")
        .values_list("last_error", flat=True)
    )
    assert "No answer within 1.5 s." in errors


def test_a_gone_target_is_disabled_at_once_with_a_notice(live, sink, work):
    sink.answer = lambda _request: web.Response(status=410)
    row = subscription(sink.url)
    queued_message()
    work()
    row.refresh_from_db()
    assert row.state == "disabled"
    assert "no longer exists" in DeskNotice.objects.get().reason
    assert Entry.objects.filter(verb="disable_subscription").count() == 1
    assert only().state == "given_up"


@pytest.mark.slow
def test_three_days_of_failures_disable_a_subscription_with_a_notice(live, sink, work, clock):
    sink.answer = lambda _request: web.Response(status=500)
    row = subscription(sink.url)
    for day in range(4):
        queued_message(slug=f"heat-{day}", sent=clock.at, at=clock.at)
        work()
        row.refresh_from_db()
        assert row.state == ("disabled" if day == 3 else "confirmed")
        clock.on(days=1)
    notice = DeskNotice.objects.get()
    assert notice.subscription == row
    assert "failed for 3 days" in notice.reason
    assert not Delivery.objects.open().exists()


def test_a_success_ends_the_trouble(live, sink, work, clock):
    row = subscription(sink.url)
    sink.answer = lambda _request: web.Response(status=500 if clock.at == NOW else 200)
    queued_message()
    work()
    assert Trouble.objects.get().subscription == row
    clock.on(minutes=1)
    work()
    assert not Trouble.objects.exists()
    assert states() == {"sent": 1}


def test_a_newer_message_takes_the_place_of_one_that_has_not_got_through(live, sink, work, clock):
    """A late alert after its cancel would warn of what is over."""
    subscription(sink.url)
    sink.answer = lambda _request: web.Response(status=500 if clock.at == NOW else 200)
    queued_message(slug="heat-1")
    work()
    clock.on(minutes=30)
    cancel = queued_message(slug="heat-1", levels={}, msg_type="Cancel", sent=clock.at)
    work()
    clock.on(seconds=3)  # the old one waited until it was known for whom the new one is
    work()
    assert states() == {"superseded": 1, "sent": 1}
    assert Delivery.objects.get(state="sent").message == cancel


def test_who_was_warned_is_told_of_the_end_though_a_cancel_names_no_area(live, sink, work, clock):
    subscription(f"{sink.url}/inside")
    subscription(f"{sink.url}/elsewhere", area="36081")
    queued_message(slug="heat-1")
    work()
    clock.on(hours=1)
    queued_message(slug="heat-1", levels={}, msg_type="Cancel", sent=clock.at)
    work()
    assert sink.paths() == ["/inside", "/inside"]


def test_an_ended_subscription_gets_nothing_more(live, sink, work):
    row = subscription(sink.url)
    message = queued_message()
    expand(live, [], at=NOW)
    expand(live, [], at=NOW)
    type(row).objects.filter(pk=row.pk).update(state="disabled")
    work()
    assert sink.got == []
    assert Delivery.objects.get(message=message).last_error == "The subscription has ended."


def test_a_channel_that_is_not_set_up_is_named(live, work, clock):
    subscription("+15550100", "sms")
    queued_message()
    work()
    assert only().state == "failed"
    assert only().last_error == "No channel 'sms' is set up in channels.toml."


def test_the_highest_level_goes_first_and_first_attempts_before_others(live):
    for slug, level in (("yellow", 2), ("red", 4), ("orange", 3)):
        queued_message(slug=slug, levels={"36061": level})
    subscription("http://127.0.0.1/")
    while expand(live, [], at=NOW):
        pass
    Delivery.objects.filter(message__warning__slug="red").update(rank=8)
    claimed = outbox.claim("me", 10, at=NOW)
    assert [row.message.warning.slug for row in claimed] == ["red", "orange", "yellow"]
    assert outbox.claim("you", 10, at=NOW) == []
    assert len(outbox.claim("you", 10, at=NOW + outbox.LEASE)) == 3


def test_a_fan_out_broken_off_goes_on_where_it_was(live):
    for number in range(5):
        subscription(f"http://127.0.0.1/{number}")
    message = queued_message()
    assert expand(live, ["mqtt"], at=NOW, batch=2) == 3  # places come first
    assert Delivery.objects.count() == 3
    assert Fanout.objects.get().after_id > 0
    Fanout.objects.update(after_id=0)  # as if the place reached had not been written
    while expand(live, ["mqtt"], at=NOW, batch=2):
        pass
    assert Delivery.objects.filter(message=message).count() == 6
    assert Fanout.objects.get().expanded_at == NOW


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_the_outbox_refuses_what_is_not_public_and_goes_on(live, sink, work, status):
    subscription(sink.url)
    drill = public_message(slug="drill", status=status)
    Fanout.objects.create(message=drill, made_at=NOW)
    queued_message()
    work()
    assert Delivery.objects.filter(message=drill).count() == 0
    assert len(sink.got) == 1
    assert "only public messages" in DeskNotice.objects.get().reason


def test_a_circle_reaches_the_areas_it_touches(live, sink, work):
    make_area("36061", "New York", "纽约", lon=-74.1, lat=40.6)
    subscription(sink.url)
    raw = bytes(public_message(slug="plain", levels={}).raw)
    area = b"<area><areaDesc>Bay</areaDesc><circle>40.7,-74.0 5</circle></area></info>"
    drawn = raw.replace(b"</info>", area).replace(b".1</identifier>", b".drawn</identifier>")
    sha256 = hashlib.sha256(drawn).hexdigest()
    queued_message(levels={}, level=3, raw=drawn, sha256=sha256)
    work()
    assert len(sink.got) == 1


def test_a_message_that_cannot_be_expanded_stops_no_other_and_is_told_once(
    live, sink, work, monkeypatch
):
    subscription(sink.url)
    bad = queued_message(slug="bad", levels={"36061": 4})
    queued_message(slug="good")
    whole = fanout.recipients

    def broken(region, **asked):
        if asked["level"] == 4:
            raise ValueError("no such shape")
        return whole(region, **asked)

    monkeypatch.setattr(fanout, "recipients", broken)
    work()
    work()
    assert [one.message.warning.slug for one in Delivery.objects.all()] == ["good"]
    assert len(sink.got) == 1
    assert "no such shape" in DeskNotice.objects.get().reason
    monkeypatch.setattr(fanout, "recipients", whole)
    work()  # a new worker tries it at once
    assert Delivery.objects.filter(message=bad, state="sent").exists()


@pytest.mark.slow
def test_a_mail_server_that_is_down_for_days_disables_nobody(live, work, clock):
    """The fault is the office's own; its subscribers must not pay for it."""
    row = subscription("ada@example.org", "email")
    settings = {"host": "127.0.0.1", "port": 1, "security": "none", "sender": "a@b.example"}
    for day in range(5):
        queued_message(slug=f"heat-{day}", sent=clock.at, at=clock.at)
        work(email=settings)
        clock.on(days=1)
    row.refresh_from_db()
    assert row.state == "confirmed"
    assert not Trouble.objects.exists()
    assert "Mail server:" in Delivery.objects.order_by("-pk").first().last_error


def test_an_error_is_kept_without_the_address_in_it(live, sink, work):
    row = subscription(f"{sink.url}/secret-path")
    sink.answer = lambda request: web.Response(status=500, text=f"{sink.url}/SECRET-path is ill")
    queued_message()
    work()
    assert only().last_error == "HTTP 500: … is ill"
    assert row.pk == only().subscription_id


def test_a_worker_that_was_killed_is_no_reason_to_wait_longer(live, sink, work, clock):
    subscription(sink.url)
    queued_message()
    while expand(live, [], at=NOW):
        pass
    for _ in range(12):  # claimed by workers that died before they had sent
        assert outbox.claim("dead", 10, at=clock.at)
        clock.on(seconds=31)
    sink.answer = lambda _request: web.Response(status=500)
    work()
    assert only().attempts == 13
    assert only().next_at - clock.at < timedelta(seconds=7)
