"""Atom: what RFC 4287 asks for, and the same bytes each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from tocsin.cap import Alert
from tocsin.cap.feeds import CAP_TYPE, Entry, atom

A = "{http://www.w3.org/2005/Atom}"
NOW = datetime(2013, 7, 18, 15, tzinfo=UTC)


def _feed(*entries: Entry, language: str = "en") -> etree._Element:
    raw = atom(
        "Warnings & more",
        "https://example.org/feed",
        NOW,
        entries,
        "https://example.org/feed?a=1&b=2",
        "https://example.org/",
        language=language,
    )
    return etree.fromstring(raw)


def test_each_alert_is_one_entry_that_links_to_its_file(alert: Alert) -> None:
    feed = _feed(Entry(alert, "https://example.org/cap/1.xml", "https://example.org/w/1"))
    entry = feed.find(f"{A}entry")
    assert entry is not None
    assert entry.findtext(f"{A}id") == "https://example.org/cap/1.xml"
    assert entry.findtext(f"{A}title") == "Dangerous heat in Kings County"
    assert entry.findtext(f"{A}updated") == "2013-07-18T14:00:00Z"
    cap = [link for link in entry.findall(f"{A}link") if link.get("type") == CAP_TYPE]
    assert [link.get("href") for link in cap] == ["https://example.org/cap/1.xml"]


def test_the_feed_has_what_the_standard_requires(alert: Alert) -> None:
    feed = _feed()
    assert feed.findtext(f"{A}id") == "https://example.org/feed"
    assert feed.findtext(f"{A}title") == "Warnings & more"
    assert feed.findtext(f"{A}updated") == "2013-07-18T15:00:00Z"
    assert feed.find(f"{A}author/{A}name") is not None
    assert [link.get("rel") for link in feed.findall(f"{A}link")] == ["self", "alternate"]


def test_a_message_that_is_not_actual_says_so_in_its_title(alert: Alert) -> None:
    feed = _feed(Entry(replace(alert, status="Exercise"), "https://example.org/1"))
    assert feed.findtext(f"{A}entry/{A}title") == "[Exercise] Dangerous heat in Kings County"


def test_the_words_come_in_the_language_asked_for(alert: Alert) -> None:
    chinese = replace(alert.info[0], language="zh-Hans", headline="高温")
    both = replace(alert, info=(*alert.info, chinese))
    feed = _feed(Entry(both, "https://example.org/1"), language="zh-CN")
    assert feed.findtext(f"{A}entry/{A}title") == "高温"


def test_the_offset_of_a_time_does_not_change_the_instant(alert: Alert) -> None:
    later = NOW + timedelta(minutes=5)
    feed = _feed(Entry(alert, "https://example.org/1", updated=later))
    assert feed.findtext(f"{A}entry/{A}updated") == "2013-07-18T15:05:00Z"
