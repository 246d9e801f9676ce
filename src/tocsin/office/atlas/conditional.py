"""Answering "not modified": a public page is the same until its moment or the ledger moves."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from tocsin.office.places.current import current_region, moment
from tocsin.office.places.models import Region
from tocsin.office.watch.models import Feed

from . import queries

__all__ = ["code_mark", "public_page", "public_page_of"]

View = Callable[..., HttpResponseBase]
_CODE = {".py", ".html", ".css", ".js", ".mo"}


@lru_cache
def code_mark() -> str:
    """Return a mark of the code and texts that make the pages, so that an upgrade renews them."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    folders = (here, here.parent / "received", here.parent / "static" / "atlas")
    for path in sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in _CODE):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def state_mark(
    request: HttpRequest, region: Region, at: datetime, feeds: list[Feed], also: object = None
) -> str:
    """Return the ETag of this address in this state."""
    state = (
        also,
        code_mark(), region.digest, region.is_replay, at.isoformat(), region.replayed_until,
        queries.ledger_head(at), queries.rules_head(at),
        [(feed.code, feed.read_at) for feed in feeds],
        get_language(), request.get_host(), request.get_full_path(),
    )  # fmt: skip
    return quote_etag(hashlib.sha256(repr(state).encode()).hexdigest()[:32])


def public_page(view: View) -> View:
    """Make ``view`` a public page whose state is the region's, its rules' and the ledger's."""
    return public_page_of(view, lambda: None)


def public_page_of(view: View, also: Callable[[], object]) -> View:
    """Give ``view`` the region's moment, answer 304 where nothing changed, and set the headers.

    ``also`` marks the state of what the page shows beside region, rules and ledger.

    The view is called with ``(request, region, at, ...)`` in the region's time zone; ``at`` is cut
    to the minute in a live region, so that a page stays the same for a minute unless a message is
    sent in it. Before a region is
    loaded every page says so, with 503.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        region = current_region()
        if region is None:
            empty = render(request, "atlas/empty.html", status=503)
            empty["Cache-Control"] = "no-store"
            return empty
        at = moment(region)
        if not region.is_replay:
            at = queries.settled_moment(at)
        request.tocsin_region, request.tocsin_moment = region, at  # type: ignore[attr-defined]
        request.tocsin_feeds = queries.feeds()  # type: ignore[attr-defined]
        etag = state_mark(request, region, at, request.tocsin_feeds, also())  # type: ignore[attr-defined]
        changed = int(at.timestamp())
        if early := get_conditional_response(request, etag, changed) or _kept.get(etag):
            _head(early, etag, changed)
            return early
        with timezone.override(region.zone):
            made = view(request, region, at, *args, **kwargs)
        if made.status_code == 200:
            _head(made, etag, changed)
            _kept.keep(etag, made)
        return made

    return require_safe(answer)


def _head(response: HttpResponseBase, etag: str, changed: int) -> None:
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed)
    response["Cache-Control"] = "public, no-cache"  # may be kept, and is asked for again each time
    patch_vary_headers(response, ["Accept-Language"])


class _Kept:
    """The pages made last, by ETag: what has the same ETag is the same page and is made once."""

    def __init__(self, most: int = 200, largest: int = 200_000) -> None:
        self._pages: OrderedDict[str, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._lock = Lock()
        self._most, self._largest = most, largest

    def get(self, etag: str) -> HttpResponse | None:
        """Return the page with ``etag``, None if it is not here."""
        with self._lock:
            found = self._pages.get(etag)
            if found is None:
                return None
            self._pages.move_to_end(etag)
        return HttpResponse(found[0], headers=found[1])

    def keep(self, etag: str, response: HttpResponseBase) -> None:
        """Keep a finished page that is not too large."""
        if settings.DEBUG or not isinstance(response, HttpResponse):
            return
        if len(response.content) > self._largest:
            return
        with self._lock:
            self._pages[etag] = (response.content, dict(response.headers))
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)


_kept = _Kept()


def not_modified_or(
    request: HttpRequest, response: HttpResponse, etag: str, changed: int
) -> HttpResponseBase:
    """Return 304 if the client has ``etag``, else ``response`` with its headers."""
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed)
    return get_conditional_response(request, etag, changed, response) or response
