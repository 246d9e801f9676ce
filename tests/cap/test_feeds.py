"""Atom, RSS and JSON: what their standards ask for, one entry for each alert."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from tocsin.cap import Alert
from tocsin.cap.feeds import CAP_TYPE, Entry, atom, json_feed, rss

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


def test_rss_has_an_item_with_its_file_and_its_page(alert: Alert) -> None:
    entries = [Entry(alert, "https://example.org/cap/1.xml", "https://example.org/w/1")]
    raw = rss("W & W", NOW, entries, "https://example.org/rss", "https://example.org/")
    channel = etree.fromstring(raw)[0]
    assert channel.findtext("title") == "W & W"
    assert channel.findtext("lastBuildDate") == "Thu, 18 Jul 2013 15:00:00 +0000"
    item = channel.find("item")
    assert item is not None
    assert item.findtext("link") == "https://example.org/w/1"
    assert item.findtext("guid") == "https://example.org/cap/1.xml"
    assert item.findtext("pubDate") == "Thu, 18 Jul 2013 14:00:00 +0000"
    assert [link.get("type") for link in item.findall(f"{A}link")] == [CAP_TYPE]
    assert raw == rss("W & W", NOW, entries, "https://example.org/rss", "https://example.org/")


def test_json_carries_the_codes_and_leaves_out_what_is_not_there(alert: Alert) -> None:
    feed = json.loads(json_feed("W", [Entry(alert, "https://example.org/1")], "https://e.org/f"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert "home_page_url" not in feed
    item = feed["items"][0]
    assert item["attachments"] == [{"url": "https://example.org/1", "mime_type": CAP_TYPE}]
    assert item["_cap"]["severity"] == "Severe"
    assert item["_cap"]["expires"] == "2013-07-19T02:00:00Z"
    assert "onset" not in item["_cap"]


def test_a_cancel_without_info_is_an_entry_too(alert: Alert) -> None:
    cancel = replace(alert, msg_type="Cancel", info=(), references=(alert.reference,))
    entries = [Entry(cancel, "https://example.org/2")]
    title = "Cancel heat-1"
    assert _feed(*entries).findtext(f"{A}entry/{A}title") == title
    raw = rss("W", NOW, entries, "https://example.org/rss", "https://example.org/")
    assert etree.fromstring(raw)[0].findtext("item/title") == title
    assert json.loads(json_feed("W", entries, "https://e.org"))["items"][0]["title"] == title
