"""Feeds from memory: never older than the ledger, the same until the list changes."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from tests.office import factories
from tests.office.unguarded import unguarded
from tocsin.office.atlas import feed_ledger, queries
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message, Warning

NOW, HOUR = factories.NOW, timedelta(hours=1)
ATOM, RSS, JSON = "/feeds/warnings.atom", "/feeds/warnings.rss", "/feeds/warnings.json"


@pytest.fixture
def rule(region: Region) -> Any:
    return factories.make_rule()


def send(rule: Any, slug: str, **changed: Any) -> Message:
    """A message of the warning called ``slug``."""
    first = changed.get("sent", NOW)
    warning = Warning.objects.filter(slug=slug).first()
    warning = warning or factories.make_warning(rule, first=first, slug=slug)
    return factories.make_message(warning, {"1": 2}, **changed)


def stand_at(region: Region, at: Any) -> None:
    region.clock_at = at
    region.save()


def listed(client: Client, address: str = ATOM) -> list[str]:
    """The identifiers of a feed, whatever its format."""
    body = client.get(address).content
    if address.endswith("json"):
        urls = [item["id"] for item in json.loads(body)["items"]]
    else:
        root = etree.fromstring(body)
        urls = [node.text for node in root.iter("{*}guid", "{http://www.w3.org/2005/Atom}id")]
        urls = [url for url in urls if "/cap/" in url]
    return [url.rpartition("/")[2].removesuffix(".xml") for url in urls]


@pytest.mark.parametrize(
    ("address", "media_type"),
    [
        (ATOM, "application/atom+xml; charset=utf-8"),
        (RSS, "application/rss+xml; charset=utf-8"),
        (JSON, "application/feed+json; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("language", ["", "en.", "zh-hans."])
def test_the_same_list_comes_in_three_formats_and_every_language(
    client: Client, heat_wave: Any, address: str, media_type: str, language: str
) -> None:
    address = address.replace("warnings.", f"warnings.{language}")
    response = client.get(address)
    assert response["Content-Type"] == media_type
    assert ("高温" if "zh" in language else "[Exercise] Heat") in response.content.decode()
    assert listed(client, address) == [heat_wave.messages[1].identifier]


@pytest.mark.parametrize("address", [ATOM, RSS, JSON])
def test_a_new_message_is_in_the_very_next_feed(client: Client, rule: Any, address: str) -> None:
    assert listed(client, address) == []
    one = send(rule, "a").identifier
    assert listed(client, address) == [one]
    two = send(rule, "b").identifier
    assert listed(client, address) == [two, one]
    three = send(rule, "a", msg_type="Update").identifier
    assert listed(client, address) == [three, two]


def test_the_mark_is_the_same_until_the_list_changes(client: Client, rule: Any) -> None:
    region = Region.objects.get()
    send(rule, "a", hours=12)
    mark = client.get(ATOM)["ETag"]
    stand_at(region, NOW + HOUR)
    again = client.get(ATOM, headers={"If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(RSS)["ETag"] != mark
    assert client.get(ATOM, headers={"Host": "127.0.0.1"})["ETag"] != mark
    send(rule, "b", sent=NOW + HOUR)
    assert client.get(ATOM, headers={"If-None-Match": mark}).status_code == 200


def test_it_is_not_answered_by_date(client: Client, rule: Any) -> None:
    """A message issued in the second of the last answer would never be seen."""
    send(rule, "a")
    response = client.get(ATOM)
    assert "Last-Modified" not in response
    later = {"If-Modified-Since": "Fri, 18 Jul 2036 19:00:00 GMT"}
    assert client.get(ATOM, headers=later).status_code == 200


def test_it_follows_the_clock_in_both_directions(client: Client, rule: Any) -> None:
    region = Region.objects.get()
    one = send(rule, "a", sent=NOW, hours=2).identifier
    two = send(rule, "a", sent=NOW + 3 * HOUR, hours=2, msg_type="Update").identifier
    gone = NOW + 5 * HOUR + feed_ledger.FEED_KEEPS
    expected = {
        NOW - HOUR: [], NOW: [one], NOW + 3 * HOUR: [two], gone - HOUR: [two], gone: [],
    }  # fmt: skip
    for at in [*expected, *reversed(expected)]:
        stand_at(region, at)
        assert listed(client) == expected[at], at


def test_a_ledger_that_started_over_leaves_nothing_behind(client: Client, rule: Any) -> None:
    send(rule, "a")
    send(rule, "b")
    assert len(listed(client)) == 2
    with unguarded():
        Message.objects.all().delete()
    assert listed(client) == []
    again = send(rule, "c", sent=NOW - HOUR, identifier="urn:another").identifier
    assert listed(client) == [again]


def test_a_live_region_lists_what_is_actual_and_serves_no_other_file(
    client: Client, db: None
) -> None:
    from django.utils import timezone

    factories.make_region(is_replay=False, clock_at=None)
    rule, sent = factories.make_rule(), timezone.now().replace(microsecond=0) - HOUR
    real = send(rule, "a", sent=sent, status="Actual")
    drill = send(rule, "a", sent=sent, status="Exercise", msg_type="Update")
    assert listed(client) == [real.identifier]
    assert client.get(f"/cap/{real.identifier}.xml").status_code == 200
    assert client.get(f"/cap/{drill.identifier}.xml").status_code == 404
    test = send(rule, "b", sent=sent, status="Test")
    assert test.identifier not in listed(client)


@pytest.mark.slow
def test_it_lists_what_the_pages_list_at_every_moment(rule: Any) -> None:
    """Against the questions the pages ask the database, on ledgers of chance."""
    region, chance = Region.objects.get(), random.Random(7)  # noqa: S311 -- not a secret
    send(rule, "w0", sent=NOW - 500 * HOUR)
    for _ in range(60):
        send(
            rule,
            f"w{chance.randrange(12)}",
            sent=NOW + HOUR * chance.randrange(-400, 100),
            hours=chance.choice([1, 12, 200]),
            msg_type=chance.choice(["Alert", "Update", "Update", "Cancel"]),
        )
    for _ in range(40):
        at = NOW + HOUR * chance.randrange(-450, 300)
        pages = [*queries.in_force(at), *queries.ended_since(at - feed_ledger.FEED_KEEPS, at)]
        wanted = sorted((one.number for one in pages), reverse=True)
        selection = feed_ledger.listed_at(region, at)
        assert [one.number for one in selection.newest_first] == wanted, at
        assert selection.since <= at
        assert selection.until is None or selection.until > at


def test_it_asks_three_questions(client: Client, rule: Any, at_most_queries: Any) -> None:
    for number in range(30):
        send(rule, f"w{number}")
    client.get(ATOM)
    send(rule, "new")
    with at_most_queries(3):
        assert len(listed(client)) == 31
    with at_most_queries(2):
        client.get(ATOM)


def test_addresses_are_those_of_reverse(client: Client, rule: Any) -> None:
    """They are joined by hand, since ``reverse`` would cost more than the rest of an entry."""
    identifier = "urn:é1%(x)@~;+"
    send(rule, "heat-1", identifier=identifier)
    (item,) = json.loads(client.get(JSON).content)["items"]
    assert item["id"] == "http://testserver" + reverse("cap", args=[identifier])
    assert item["url"] == "http://testserver" + reverse("atlas:warning", args=["heat-1"])


def test_the_mark_does_not_depend_on_the_way(rule: Any) -> None:
    """A process that read the whole ledger and one that followed it give the same ETag."""
    region, follower = Region.objects.get(), feed_ledger._Ledger()
    for slug, kind in (("a", "Alert"), ("b", "Alert"), ("a", "Update"), ("c", "Alert")):
        send(rule, slug, msg_type=kind)
        one, all_at_once = follower.at(region, NOW), feed_ledger._Ledger().at(region, NOW)
        assert (one.mark, list(one.newest_first)) == (
            all_at_once.mark,
            list(all_at_once.newest_first),
        )
