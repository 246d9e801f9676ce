"""What a body holds, in every format that authorities use."""

from __future__ import annotations

import json

import pytest

from tocsin.cap.envelope import Envelope, seal_envelope
from tocsin.errors import CapError
from tocsin.office.received.entries import Link, contents_of

from . import make

BASE = "https://met.authority.example/feeds/now"


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_our_own_feeds_are_read_back(kind: str) -> None:
    found = contents_of(make.feed(kind, 1, 2), BASE)
    assert [link.url for link in found.links] == [make.url(1), make.url(2)]
    assert all(link.changed for link in found.links)
    assert found.messages == ()


def test_a_message_is_taken_as_it_came() -> None:
    raw = make.raw()
    assert contents_of(raw, BASE).messages == (raw,)


def test_an_envelope_is_opened() -> None:
    sealed = seal_envelope(
        Envelope("d1", "met@authority.example", make.NOW, "Actual", "Report", (make.raw(),))
    )
    assert len(contents_of(sealed, BASE).messages) == 1


def test_the_link_that_says_cap_is_taken_and_made_absolute() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom">
    <entry><updated>2026-07-18T12:00:00Z</updated>
      <link href="/page/1" type="text/html"/><link href="../1.cap" type="application/cap+xml"/>
    </entry>
    <entry><link href="2.xml" type="application/xml"/><link href="p" type="text/html"/></entry>
    <entry><link href="3"/></entry>
    <entry><link href="4.html" type="text/html" /></entry>
    <entry><title>no link</title></entry>
    <entry><link href="3"/></entry>
    </feed>"""
    assert contents_of(body, BASE).links == (
        Link("https://met.authority.example/1.cap", "2026-07-18T12:00:00Z"),
        Link("https://met.authority.example/feeds/2.xml"),
        Link("https://met.authority.example/feeds/3"),
        Link("https://met.authority.example/feeds/4.html"),
    )


def test_rss_of_both_kinds_is_read() -> None:
    two = b"""<rss version="2.0"><channel>
    <item><link>https://a.example/1</link><pubDate>x</pubDate>
      <enclosure url="https://a.example/1.cap" type="application/cap+xml" length="1"/></item>
    <item><link>https://a.example/2.xml</link></item></channel></rss>"""
    assert [link.url for link in contents_of(two, BASE).links] == [
        "https://a.example/1.cap",
        "https://a.example/2.xml",
    ]
    one = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/"><item><link>https://a.example/3</link></item></rdf:RDF>"""
    assert [link.url for link in contents_of(one, BASE).links] == ["https://a.example/3"]


def test_messages_inside_a_feed_are_taken_out() -> None:
    inside = make.raw().split(b"?>", 1)[1]
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="x"/>'
        b'<content type="application/cap+xml">' + inside + b"</content></entry></feed>"
    )
    found = contents_of(body, BASE)
    assert found.links == ()
    assert b"2.49.0.1.999.1" in found.messages[0]


def test_a_changed_entry_has_another_key() -> None:
    assert Link("u", "1").key != Link("u", "2").key
    assert Link("u", "1").key == Link("u", "1").key


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not well-formed"),
        (b"<html><body>Sign in</body></html>", "the root is 'html'"),
        (b"{", "no JSON"),
        (b"{}", "no list of items"),
        (b'{"items": 3}', "no list of items"),
        (b"{" + b'"a":[' * 100_000, "no JSON"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><feed>&a;</feed>", "DTD"),
        (b"<feed>" + b"<a>" * 100_000, "not well-formed"),
        (b"\xff\xfe<feed/>", "not well-formed"),
        (b" " * 9_000_000, "limit"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: bytes, words: str) -> None:
    with pytest.raises(CapError, match=words):
        contents_of(body, BASE)


def test_a_hostile_json_feed_yields_only_links() -> None:
    items = [None, 1, [], {}, {"url": 7}, {"url": "a", "attachments": 5}, {"attachments": [None]}]
    body = json.dumps({"items": items}).encode()
    assert [link.url for link in contents_of(body, BASE).links] == [
        "https://met.authority.example/feeds/7",
        "https://met.authority.example/feeds/a",
    ]
