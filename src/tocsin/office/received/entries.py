"""What a body from another authority holds: CAP messages, or a feed of links to them. Pure.

Read are a CAP message, an EDXL-DE envelope, Atom, RSS 1.0 and 2.0, and JSON Feed. Messages that
stand inside a feed are taken out as they stand; links are made absolute. Nothing is fetched here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from tocsin.cap.envelope import EDXL_NAMESPACE, open_envelope
from tocsin.cap.feeds import CAP_TYPE
from tocsin.cap.reading import safe_root
from tocsin.errors import CapError

__all__ = ["MAX_FEED_BYTES", "Contents", "Link", "contents_of"]

MAX_FEED_BYTES = 8_000_000
MAX_ENTRIES = 2_000
"""The newest so many entries of a feed are looked at; feeds list the newest first."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a message is to be had, and what the feed says of its last change."""

    url: str
    changed: str = ""

    @property
    def key(self) -> str:
        """What is remembered of a link that was followed: the same link is not followed again."""
        return hashlib.sha256(f"{self.url} {self.changed}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Contents:
    """The messages inside a body and the links to others."""

    messages: tuple[bytes, ...] = ()
    links: tuple[Link, ...] = ()


def contents_of(body: bytes, base: str) -> Contents:
    """Return what ``body``, which came from the address ``base``, holds.

    Raises
    ------
    CapError
        Hostile or broken, or none of the formats that are read.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _unique(_json_links(body), base)
    root = safe_root(body, MAX_FEED_BYTES)
    kind = etree.QName(root).localname
    if kind == "alert":
        return Contents(messages=(body,))
    if root.tag == f"{{{EDXL_NAMESPACE}}}EDXLDistribution":
        return Contents(messages=open_envelope(body, max_bytes=MAX_FEED_BYTES).messages)
    link: Callable[[etree._Element], Link | None] = _rss_link
    if kind == "feed":
        entries, link = root.iterchildren("{*}entry"), _atom_link
    elif kind in {"rss", "RDF"}:
        entries = root.iter("{*}item")
    else:
        raise CapError(
            f"the root is {kind[:60]!r}: neither a CAP message, an envelope, Atom nor RSS. Name "
            "the address of one of these."
        )
    messages: list[bytes] = []
    links: list[Link] = []
    for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False):
        inside = [_bytes(alert) for alert in entry.iter("{*}alert")]
        messages += inside
        if not inside and (found := link(entry)):
            links.append(found)
    return Contents(tuple(messages), _unique(iter(links), base).links)


def _unique(links: Iterator[Link], base: str) -> Contents:
    """Make links absolute; the same one counts once."""
    absolute = (Link(urljoin(base, link.url.strip()), link.changed) for link in links)
    return Contents(links=tuple(dict.fromkeys(absolute)))


def _bytes(alert: etree._Element) -> bytes:
    return etree.tostring(alert, encoding="UTF-8", xml_declaration=True, with_tail=False)


def _text(entry: etree._Element, *names: str) -> str:
    for name in names:
        if text := (entry.findtext(f"{{*}}{name}") or "").strip():
            return text
    return ""


def _atom_link(entry: etree._Element) -> Link | None:
    """Return the link that says CAP, else XML, else the only one there is."""
    links = list(entry.iterchildren("{*}link"))
    changed = _text(entry, "updated", "published")
    for wanted in (CAP_TYPE, "application/xml", "text/xml"):
        for link in links:
            if (link.get("type") or "").partition(";")[0].strip().lower() == wanted:
                return Link(link.get("href") or "", changed)
    plain = [link for link in links if not link.get("type")] or (links if len(links) == 1 else [])
    return Link(plain[0].get("href") or "", changed) if plain else None


def _rss_link(item: etree._Element) -> Link | None:
    """Return the enclosure or related link that says CAP, else the item's own link."""
    changed = _text(item, "pubDate", "date")
    for node in (*item.iterchildren("{*}enclosure"), *item.iterchildren("{*}link")):
        if (node.get("type") or "").strip().lower() == CAP_TYPE:
            return Link(node.get("url") or node.get("href") or "", changed)
    address = _text(item, "link")
    return Link(address, changed) if address else None


def _json_links(body: bytes) -> Iterator[Link]:
    """Yield the links of a JSON Feed: the attachment that says CAP, else the item's address."""
    if len(body) > MAX_FEED_BYTES:
        raise CapError(f"the feed has {len(body)} bytes; the limit is {MAX_FEED_BYTES}.")
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CapError(f"this is no JSON: {error}") from None
    items = feed.get("items")
    if not isinstance(items, list):
        raise CapError("this JSON has no list of items: it is no JSON Feed.")
    for item in items[:MAX_ENTRIES]:
        if isinstance(item, dict) and (url := _attached(item) or item.get("url")):
            changed = item.get("date_modified") or item.get("date_published") or ""
            yield Link(str(url), str(changed))


def _attached(item: dict[str, Any]) -> object:
    attachments = item.get("attachments")
    for one in attachments if isinstance(attachments, list) else []:
        if isinstance(one, dict) and one.get("mime_type") == CAP_TYPE:
            return one.get("url")
    return None
