"""Feeds of CAP alerts: Atom 1.0, RSS 2.0, JSON Feed 1.1. The same entries give the same bytes.

Source: RFC 4287 (Atom); RSS 2.0 Specification, RSS Advisory Board; JSON Feed Version 1.1.
The media type of a CAP file is ``application/cap+xml``.

An entry is the same text in every feed it stands in, so it may be made once
(:func:`atom_entry`, :func:`rss_item`, :func:`json_item`) and given in place of an :class:`Entry`,
as text or, for the sake of long feeds, as its UTF-8 bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import cast
from xml.sax.saxutils import escape, quoteattr  # only writes: no parser is involved

from tocsin.cap.message import DEFAULT_LANGUAGE, Alert, Info
from tocsin.errors import CapError

__all__ = [
    "ATOM_TYPE",
    "CAP_TYPE",
    "JSON_TYPE",
    "RSS_TYPE",
    "Entry",
    "atom",
    "atom_entry",
    "info_in",
    "json_feed",
    "json_item",
    "rss",
    "rss_item",
]

CAP_TYPE = "application/cap+xml"
ATOM_TYPE = "application/atom+xml"
RSS_TYPE = "application/rss+xml"
JSON_TYPE = "application/feed+json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of a feed and the addresses of its file and, if there is one, its page."""

    alert: Alert
    cap_url: str
    page_url: str | None = None
    updated: datetime | None = None
    """When the entry last changed; ``alert.sent`` if left out."""


def _public(entry: Entry) -> Alert:
    """Refuse what must never stand in a feed, whoever asks for it."""
    alert = entry.alert
    if alert.status == "Draft" or alert.scope != "Public":
        raise CapError(
            f"{alert.identifier} is {alert.status} and {alert.scope}: a feed carries Public "
            "messages only, and no Draft. Leave it out."
        )
    return alert


def info_in(alert: Alert, language: str) -> Info | None:
    """Return the info in ``language``, else in its base language, else the first one."""
    base = language.split("-")[0].lower()
    for wanted in (
        lambda tag: tag == language.lower(),
        lambda tag: tag.split("-")[0] == base,
        lambda tag: True,
    ):
        for info in alert.info:
            if wanted((info.language or DEFAULT_LANGUAGE).lower()):
                return info
    return None


def atom(
    title: str,
    feed_id: str,
    updated: datetime,
    entries: Sequence[Entry | str | bytes],
    self_url: str,
    alternate_url: str | None = None,
    *,
    author: str | None = None,
    language: str = "en",
) -> bytes:
    """Return an Atom 1.0 feed with one entry for each alert, in the order given.

    Parameters
    ----------
    title, feed_id : str
        Shown name and permanent IRI of the feed.
    updated : datetime
        Aware time of the last change of the feed.
    entries : sequence of Entry, str or bytes
        Alerts with their addresses. An entry's id is ``cap_url``: it must never change. A str
        is an entry that :func:`atom_entry` made in the same language, bytes are that in UTF-8.
    self_url, alternate_url : str
        Address of this feed and of the page it belongs to.
    author : str
        Who publishes the feed; ``title`` if left out.
    language : str
        Which info gives the words; the first one where the language is missing.

    Returns
    -------
    bytes
        UTF-8 XML, the same for the same arguments.

    Raises
    ------
    CapError
        An alert is a Draft, or not Public.
    """
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(language)}>\n',
        f"  <id>{escape(feed_id)}</id>\n",
        f"  <title>{_clean(title)}</title>\n",
        f"  <updated>{_time(updated)}</updated>\n",
        f"  <author><name>{_clean(author or title)}</name></author>\n",
        f'  <link rel="self" type="{ATOM_TYPE}" href={quoteattr(self_url)}/>\n',
    ]
    if alternate_url:
        out.append(f'  <link rel="alternate" type="text/html" href={quoteattr(alternate_url)}/>\n')
    return b"".join(["".join(out).encode(), *_each(entries, atom_entry, language), b"</feed>\n"])


def atom_entry(entry: Entry, language: str) -> str:
    """Return one entry of an Atom feed."""
    alert = _public(entry)
    info = info_in(alert, language)
    author = (info and info.sender_name) or alert.sender
    out = [
        "  <entry>\n",
        f"    <id>{escape(entry.cap_url)}</id>\n",
        f"    <title>{_clean(_title(alert, info))}</title>\n",
        f"    <updated>{_time(entry.updated or alert.sent)}</updated>\n",
        f"    <published>{_time(alert.sent)}</published>\n",
        f"    <author><name>{_clean(author)}</name></author>\n",
    ]
    if summary := _summary(alert, info):
        out.append(f"    <summary>{_clean(summary)}</summary>\n")
    for category in _categories(info):
        out.append(f"    <category term={quoteattr(category)}/>\n")
    cap = f'type="{CAP_TYPE}" href={quoteattr(entry.cap_url)}/>\n'
    if entry.page_url:
        out.append(
            f'    <link rel="alternate" type="text/html" href={quoteattr(entry.page_url)}/>\n'
        )
        out.append(f'    <link rel="related" {cap}')
    else:
        out.append(f'    <link rel="alternate" {cap}')
    out.append("  </entry>\n")
    return "".join(out)


def rss(
    title: str,
    updated: datetime,
    entries: Sequence[Entry | str | bytes],
    self_url: str,
    alternate_url: str,
    *,
    description: str | None = None,
    language: str = "en",
) -> bytes:
    """Return an RSS 2.0 feed with one item for each alert, in the order given.

    The arguments are those of :func:`atom`; an item links to its page, else to its file, and
    encloses the file.
    """
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n  <channel>\n',
        f"    <title>{_clean(title)}</title>\n",
        f"    <link>{escape(alternate_url)}</link>\n",
        f"    <description>{_clean(description or title)}</description>\n",
        f"    <language>{escape(language)}</language>\n",
        f"    <lastBuildDate>{format_datetime(updated.astimezone(UTC))}</lastBuildDate>\n",
        f'    <atom:link rel="self" type="{RSS_TYPE}" href={quoteattr(self_url)}/>\n',
    ]
    end = b"  </channel>\n</rss>\n"
    return b"".join(["".join(out).encode(), *_each(entries, rss_item, language), end])


def rss_item(entry: Entry, language: str) -> str:
    """Return one item of an RSS feed."""
    alert = _public(entry)
    info = info_in(alert, language)
    related = f'rel="related" type="{CAP_TYPE}" href={quoteattr(entry.cap_url)}/>\n'
    return "".join(
        (
            "    <item>\n",
            f"      <title>{_clean(_title(alert, info))}</title>\n",
            f"      <link>{escape(entry.page_url or entry.cap_url)}</link>\n",
            f"      <description>{_clean(_summary(alert, info))}</description>\n",
            *(f"      <category>{escape(word)}</category>\n" for word in _categories(info)),
            f"      <atom:link {related}",
            f'      <guid isPermaLink="true">{escape(entry.cap_url)}</guid>\n',
            f"      <pubDate>{format_datetime(alert.sent.astimezone(UTC))}</pubDate>\n",
            "    </item>\n",
        )
    )


def json_feed(
    title: str,
    entries: Sequence[Entry | str | bytes],
    self_url: str,
    alternate_url: str | None = None,
    *,
    language: str = "en",
) -> bytes:
    """Return a JSON Feed 1.1 with one item for each alert, in the order given.

    The arguments are those of :func:`atom`. The codes of the alert stand in ``_cap``.
    """
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": alternate_url,
        "feed_url": self_url,
        "language": language,
    }
    head = json.dumps(_filled(feed), ensure_ascii=False, indent=1).removesuffix("\n}")
    items = b",\n".join(_each(entries, json_item, language))
    return b"".join([f'{head},\n "items": [\n'.encode(), items, b"\n ]\n}\n"])


def _each(
    entries: Sequence[Entry | str | bytes], make: Callable[[Entry, str], str], language: str
) -> Sequence[bytes]:
    """Return the bytes of each entry; those made before are taken as they are."""
    if not any(type(one) is not bytes for one in entries):
        return cast("Sequence[bytes]", entries)
    return [
        one
        if isinstance(one, bytes)
        else (one if isinstance(one, str) else make(one, language)).encode()
        for one in entries
    ]


def json_item(entry: Entry, language: str) -> str:
    """Return one item of a JSON Feed."""
    return json.dumps(_json_item(entry, language), ensure_ascii=False)


def _json_item(entry: Entry, language: str) -> dict[str, object]:
    alert = _public(entry)
    info = info_in(alert, language)
    codes: dict[str, object] = {
        "identifier": alert.identifier,
        "sender": alert.sender,
        "status": alert.status,
        "msgType": alert.msg_type,
        "scope": alert.scope,
    }
    if info:
        codes |= {
            "event": info.event,
            "urgency": info.urgency,
            "severity": info.severity,
            "certainty": info.certainty,
            "onset": _time(info.onset) if info.onset else None,
            "expires": _time(info.expires) if info.expires else None,
        }
    return _filled(
        {
            "id": entry.cap_url,
            "url": entry.page_url,
            "title": _title(alert, info),
            "content_text": _summary(alert, info),
            "date_published": _time(alert.sent),
            "date_modified": _time(entry.updated or alert.sent),
            "language": info.language if info else None,
            "tags": list(_categories(info)),
            "attachments": [{"url": entry.cap_url, "mime_type": CAP_TYPE}],
            "_cap": _filled(codes),
        }
    )


def _filled(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def _categories(info: Info | None) -> tuple[str, ...]:
    return info.category if info else ()


def _title(alert: Alert, info: Info | None) -> str:
    words = (info.headline or info.event) if info else f"{alert.msg_type} {alert.identifier}"
    return words if alert.status == "Actual" else f"[{alert.status}] {words}"


def _summary(alert: Alert, info: Info | None) -> str:
    return (info.description or info.instruction or "") if info else (alert.note or "")


def _clean(text: str) -> str:
    return escape(" ".join(text.split()))


def _time(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
