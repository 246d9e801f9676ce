"""The feeds: Atom, RSS and JSON of what is in force and what ended in the last seven days.

A feed is joined from entries, each made once from the ledger's bytes and kept in memory: a message
never changes, so neither does its entry. What is kept is derived, and made again where it is not
there. The ETag is made of what is listed and of nothing else, so that it stays the same until
the list changes. There is no Last-Modified: a message can be issued in the very second in which a
feed was served, and a reader who asks by date would never be told of it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import cast
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import RFC3986_SUBDELIMS, quote_etag
from django.views.decorators.http import require_safe
from lxml import etree

from tocsin.cap import feeds as cap_feeds
from tocsin.cap.feeds import Entry
from tocsin.cap.message import NAMESPACE
from tocsin.cap.reading import Reader, safe_root
from tocsin.office.places.current import current_region, moment
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.models import Message

from . import wording
from .conditional import code_mark
from .feed_ledger import Listed, Selection, listed_at

__all__ = ["feed"]

MAKERS: dict[str, Callable[[Entry, str], str]] = {
    "atom": cap_feeds.atom_entry,
    "rss": cap_feeds.rss_item,
    "json": cap_feeds.json_item,
}
TYPES = {"atom": cap_feeds.ATOM_TYPE, "rss": cap_feeds.RSS_TYPE, "json": cap_feeds.JSON_TYPE}
FEEDS_KEPT = 12
"""Three formats, two languages, two names of the host; an entry takes about 1 kB in each."""
CHUNK = 500
NOT_SAID = tuple(
    f"{{{NAMESPACE}}}{name}" for name in ("area", "parameter", "resource", "eventCode")
)
"""What no entry says, and most of a message: it is cut away unread."""
UNQUOTED = RFC3986_SUBDELIMS + "~:@"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which feed: its format, its language, and how its addresses begin."""

    format: str
    language: str
    base: str
    path: str

    @property
    def tag(self) -> str:
        """The language as feeds write it."""
        return "zh-Hans" if self.language == "zh-hans" else self.language


@require_safe
def feed(request: HttpRequest, format: str = "atom", language: str = "en") -> HttpResponseBase:
    """List what is in force and what ended in the last seven days, in one language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404("No feed in this language.")
    region = current_region()
    if region is None:
        empty = render(request, "atlas/empty.html", status=503)
        empty["Cache-Control"] = "no-store"
        return empty
    at = moment(region)
    asked = _Asked(format, language, request.build_absolute_uri("/")[:-1], request.path)
    selection = listed_at(region, at)
    updated = selection.newest_at or _long_before(at)
    state = (code_mark(), region.digest, asked, selection.mark, updated.isoformat())
    etag = quote_etag(hashlib.sha256(repr(state).encode()).hexdigest()[:32])
    response = get_conditional_response(request, etag)
    if response is None:
        body = _bodies.get(etag)
        if body is None:
            with translation.override(language):
                body = _made(region, asked, selection, updated)
            _bodies.keep(etag, body)
        response = HttpResponse(body, content_type=f"{TYPES[format]}; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"  # may be kept, and is asked for again each time
    return response


def _long_before(at: datetime) -> datetime:
    """Return what an empty feed calls its last change: it changes by itself once a day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) - WEEK


def _made(region: Region, asked: _Asked, selection: Selection, updated: datetime) -> bytes:
    entries = _entries.of(list(selection.newest_first), asked)
    title = f"{translation.gettext('Warnings')}: {wording.said(region.names)}"
    here, home = asked.base + asked.path, asked.base + reverse("atlas:home")
    if asked.format == "rss":
        return cap_feeds.rss(title, updated, entries, here, home, language=asked.tag)
    if asked.format == "json":
        return cap_feeds.json_feed(title, entries, here, home, language=asked.tag)
    author = wording.said(region.names)
    return cap_feeds.atom(
        title, here, updated, entries, here, home, author=author, language=asked.tag
    )


class _Entries:
    """Entries made before: a table for each feed, from chain hash to the bytes of the entry."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str, str], dict[str, bytes]] = OrderedDict()
        self._lock = Lock()

    def of(self, messages: Sequence[Listed], asked: _Asked) -> list[bytes]:
        """Return the entries of messages, in their order; those that are missing are made."""
        key = (asked.format, asked.language, asked.base)
        chains = [one.chain for one in messages]
        with self._lock:
            table = self._made.setdefault(key, {})
            self._made.move_to_end(key)
            found = list(map(table.get, chains))
        if None not in found:
            return cast("list[bytes]", found)
        missing = [one for one, entry in zip(messages, found, strict=True) if entry is None]
        made = dict(_fresh(missing, asked))
        with self._lock:
            table.update(made)
            if len(table) > 2 * len(chains) + CHUNK:
                for chain in table.keys() - set(chains):
                    del table[chain]  # no longer listed: made again should it ever come back
            while len(self._made) > FEEDS_KEPT:
                self._made.popitem(last=False)
        return [entry or made[chain] for chain, entry in zip(chains, found, strict=True)]


def _fresh(messages: Sequence[Listed], asked: _Asked) -> Iterator[tuple[str, bytes]]:
    """Make entries from the ledger's bytes, some hundred at a time."""
    make = MAKERS[asked.format]
    file, page = _addresses("cap", asked.base), _addresses("atlas:warning", asked.base)
    for start in range(0, len(messages), CHUNK):
        part = {one.number: one for one in messages[start : start + CHUNK]}
        rows = Message.objects.filter(number__in=part).values_list("number", "raw")
        for number, raw in rows:
            one = part[number]
            # Our own bytes, judged by every rule before they went into the ledger.
            root = safe_root(bytes(raw))
            etree.strip_elements(root, *NOT_SAID)
            entry = Entry(
                alert=Reader(root).alert(),
                cap_url=file(one.identifier),
                page_url=page(one.warning),
                updated=one.sent_at,
            )
            yield one.chain, make(entry, asked.tag).encode()


def _addresses(name: str, base: str) -> Callable[[str], str]:
    """Return what makes the addresses of a page of one argument, quoted as ``reverse`` does it."""
    before, after = reverse(name, args=["0"]).rsplit("0", 1)
    before = base + before
    return lambda value: f"{before}{quote(value, safe=UNQUOTED)}{after}"


class _Bodies:
    """The feeds joined last, by ETag: the same ETag is the same feed."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> bytes | None:
        """Return the feed with ``etag``, None if it is not here."""
        with self._lock:
            return self._kept.get(etag)

    def keep(self, etag: str, body: bytes) -> None:
        """Keep a feed; the oldest one goes."""
        with self._lock:
            self._kept[etag] = body
            while len(self._kept) > FEEDS_KEPT:
                self._kept.popitem(last=False)


_entries = _Entries()
_bodies = _Bodies()
