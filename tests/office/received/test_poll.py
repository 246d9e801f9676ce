"""Polling: what is new is kept, nothing is asked twice, a source that fails is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net.guard import Allowed
from tocsin.office.received.models import ReceivedMessage, Source
from tocsin.office.received.poll import LINKS_A_POLL, Network, Report, poll, poll_due

from . import make
from .make import FEED, HOUR, NOW, Outside, alert, feed, raw, url

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def source() -> Source:
    return make.make_source()


def outside(kind: str, *numbers: int) -> Outside:
    """An authority with a feed of these messages."""
    there = Outside()
    there.files = {FEED: feed(kind, *numbers), **{url(n): raw(n) for n in numbers}}
    return there


def asked(source: Source, there: Outside, at: object = NOW) -> Report:
    """Poll and report; another poller would be a fault here."""
    source.refresh_from_db()
    report = poll(source, at, there)  # type: ignore[arg-type]
    assert report is not None
    return report


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_the_messages_of_a_feed_are_kept_once(source: Source, kind: str) -> None:
    there = outside(kind, 1, 2)
    assert asked(source, there) == Report("Met office", new=2)
    assert ReceivedMessage.objects.filter(source=source).count() == 2
    there.asked.clear()
    assert asked(source, there, NOW + MINUTE) == Report("Met office")
    assert there.asked == [FEED], "not changed: the messages were not asked for again"
    there.files |= {FEED: feed(kind, 3, 1, 2), url(3): raw(3)}
    there.asked.clear()
    assert asked(source, there, NOW + 2 * MINUTE) == Report("Met office", new=1)
    assert there.asked == [FEED, url(3)]
    source.refresh_from_db()
    assert source.success_at == NOW + 2 * MINUTE
    assert source.next_poll_at == NOW + 3 * MINUTE


def test_a_single_file_and_an_empty_feed_are_sources_too(source: Source) -> None:
    assert asked(source, Outside(**{FEED: raw()})) == Report("Met office", new=1)
    assert asked(source, Outside(**{FEED: feed("atom")}), NOW + MINUTE) == Report("Met office")


def test_hostile_entries_are_refused_and_the_others_kept(source: Source) -> None:
    there = outside("atom", 1, 2, 3, 4)
    there.files |= {
        url(1): b"<!DOCTYPE a [<!ENTITY b 'c'>]><alert>&b;</alert>",
        url(2): AddressRefusedError("10.0.0.1 is a private network."),
        url(3): feed("atom", 9),
    }
    assert asked(source, there) == Report("Met office", new=1, refused=3)
    reasons = " | ".join(source.refusals.values_list("reason", flat=True))
    for words in ("DTD", "private network", "a feed where a message was due"):
        assert words in reasons
    there.asked.clear()
    assert asked(source, there, NOW + MINUTE) == Report("Met office")
    assert there.asked == [FEED]


def test_what_could_not_be_had_is_asked_for_again(source: Source) -> None:
    there = outside("atom", 1, 2)
    there.files[url(2)] = FetchError("met.authority.example answers 500.")
    assert asked(source, there) == Report("Met office", new=1, failed=1)
    there.files[url(2)] = raw(2)
    there.asked.clear()
    assert asked(source, there, NOW + MINUTE) == Report("Met office", new=1)
    assert there.asked == [FEED, url(2)]


def test_a_long_feed_is_taken_in_parts(source: Source) -> None:
    there = outside("atom", *range(1, LINKS_A_POLL + 6))
    assert asked(source, there) == Report("Met office", new=LINKS_A_POLL, left=5)
    source.refresh_from_db()
    assert source.next_poll_at == NOW + timedelta(seconds=10)
    assert asked(source, there, NOW + MINUTE) == Report("Met office", new=5)


def test_a_source_that_fails_is_left_alone_for_longer_each_time(source: Source) -> None:
    down = Outside(**{FEED: FetchError("met.authority.example answers 503.")})
    waits = []
    for _ in range(3):
        report = asked(source, down)
        source.refresh_from_db()
        waits.append(source.next_poll_at - NOW)
    assert waits == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert (source.failures, source.last_error) == (3, "met.authority.example answers 503.")
    assert str(report) == "Met office: met.authority.example answers 503."
    assert source.is_stale(NOW)
    asked(source, outside("atom", 1), NOW + HOUR)
    source.refresh_from_db()
    assert (source.failures, source.last_error) == (0, "")
    assert not source.is_stale(NOW + HOUR)
    assert source.is_stale(NOW + 2 * HOUR)


def test_it_waits_as_long_as_the_server_asks(source: Source) -> None:
    busy = Outside(**{FEED: FetchError("answers 429.", retry_after_s=7200)})
    asked(source, busy)
    source.refresh_from_db()
    assert source.next_poll_at == NOW + 2 * HOUR


def test_a_page_in_place_of_a_feed_is_refused_and_tried_again(source: Source) -> None:
    there = Outside(**{FEED: b"<html>Sign in</html>"})
    assert "the root is 'html'" in asked(source, there).error
    assert source.refusals.count() == 1
    source.refresh_from_db()
    assert source.failures == 1


def test_two_pollers_do_not_ask_the_same_source(source: Source) -> None:
    there = outside("atom", 1)
    stale = Source.objects.get(pk=source.pk)
    assert poll(source, NOW, there)
    assert poll(stale, NOW, there) is None


def test_only_enabled_sources_that_are_due_are_polled(source: Source) -> None:
    other = make.make_source("Other", "https://b.example/feed")
    Source.objects.filter(pk=other.pk).update(is_enabled=False)
    there = outside("atom", 1)
    assert [one.source for one in poll_due(NOW, there)] == ["Met office"]
    assert poll_due(NOW + timedelta(seconds=30), there) == []
    assert len(poll_due(NOW + MINUTE, there)) == 1


def test_a_topic_is_a_source_like_any_other() -> None:
    source = make.make_source("Broker", "mqtts://broker.example/warnings/#")
    there = Outside()
    there.waiting = [
        ("warnings/coast", raw(1)),
        ("warnings/coast", raw(1)),
        ("warnings/hills", b"rubbish"),
        ("warnings/none", b""),
    ]
    assert asked(source, there) == Report("Broker", new=1, known=1, refused=1)
    assert ReceivedMessage.objects.get().address == "mqtt://broker.example/warnings/coast"


def test_an_update_may_come_before_the_message_it_changes(source: Source) -> None:
    there = outside("atom", 2)
    later = alert(2, msg_type="Update", references=(make.reference(1),), sent=NOW + HOUR)
    there.files[url(2)] = make.cap.write(later)
    assert asked(source, there) == Report("Met office", new=1)
    kept = ReceivedMessage.objects.get()
    assert kept.references == [[make.SENDER, "2.49.0.1.999.1", NOW.isoformat()]]


def test_the_real_outside_refuses_an_address_inside(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(address="http://127.0.0.1:9/feed")
    source.refresh_from_db()
    report = poll(source, NOW, Network(Allowed()))
    assert report
    assert "loopback" in report.error
    Source.objects.filter(pk=source.pk).update(address="mqtt://127.0.0.1/t", kind=Source.MQTT)
    source.refresh_from_db()
    report = poll(source, NOW + HOUR, Network(Allowed()))
    assert report
    assert "loopback" in report.error
