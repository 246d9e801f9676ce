"""Fetching a file from another machine, politely and within limits.

Polite: asks with ``If-None-Match`` and ``If-Modified-Since``, so that what did not change costs
both sides nothing; says who asks; leaves the other side alone for as long as ``Retry-After`` says,
and ever longer while it fails (:func:`pause`). Within limits: time in all, bytes on the wire and
after unpacking, redirects; each address on the way goes through :mod:`tocsin.net.guard`.

What is known about a file is passed in and handed back (:class:`Seen`); nothing is kept here.
Source: RFC 9110 sections 8.8, 10.2.3, 13.1, 14, 15.4; RFC 9112 for framing (aiohttp).
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import aiohttp

from tocsin.errors import AddressRefusedError, FetchError, TocsinError

from . import guard
from .guard import NOBODY, Allowed

__all__ = ["Answer", "Limits", "Seen", "Span", "fetch", "get", "get_all", "pause"]

USER_AGENT = "Tocsin/0.1 (duty desk of a local government)"
LONGEST_PAUSE = timedelta(days=1)
REDIRECTS = {301, 302, 303, 307, 308}
CHUNK = 64 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how much and what a fetch may bring."""

    total_s: float = 30.0
    connect_s: float = 10.0
    max_bytes: int = 8 * 1024 * 1024
    """Of the file as it is used; packed, it may not be larger either."""
    redirects: int = 3
    types: tuple[str, ...] = ()
    """Media types that are wanted; any if empty."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server said of the file we have: pass it back with the next fetch."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file: from byte ``first`` to byte ``last``, both included."""

    first: int
    last: int | None = None
    """None: to the end."""

    def __str__(self) -> str:
        return f"bytes={self.first}-{'' if self.last is None else self.last}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A file, or the news that it did not change since ``seen``."""

    url: str
    """Where it came from in the end, after redirects."""
    body: bytes | None
    """None when it did not change."""
    seen: Seen
    media_type: str = ""
    moved_to: str = ""
    """The new address, if the server says that the old one is given up for good."""
    first: int = 0
    """At which byte of the file the body begins: of a part that was asked for, where the server
    says that it begins; 0 where it sends the whole all the same."""

    @property
    def is_new(self) -> bool:
        """Whether there are bytes to look at."""
        return self.body is not None


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    seen: Seen = Seen(),
    limits: Limits = Limits(),
    allow: Allowed | Iterable[str] = NOBODY,
    headers: Mapping[str, str] | None = None,
    span: Span | None = None,
) -> Answer:
    """Fetch ``url`` unless it did not change.

    Parameters
    ----------
    session : aiohttp.ClientSession
        From :func:`tocsin.net.guard.session`, made with the same ``allow``.
    url : str
        http or https.
    seen : Seen
        What the last answer said; empty the first time.
    limits : Limits
        Time, bytes, redirects, media types.
    allow : Allowed or iterable of str
        Inside targets that are meant.
    headers : mapping, optional
        Further headers, a key perhaps: for the very host of ``url``, never for one that it
        redirects to.
    span : Span, optional
        The part that is wanted. A server may send the whole instead (200 in place of 206): within
        ``limits`` it is taken, with ``first`` 0. A part that is not what was asked for is refused.

    Returns
    -------
    Answer
        With ``body`` None if it did not change.

    Raises
    ------
    AddressRefusedError
        The address, or one that it redirects to, must not be called.
    FetchError
        Anything else that went wrong, in a sentence; with ``retry_after_s`` if the server said so.
    """
    try:
        async with asyncio.timeout(limits.total_s):
            return await _follow(session, url, seen, limits, allow, headers or {}, span)
    except TimeoutError:
        raise FetchError(
            f"{_host(url)} did not answer in full within {limits.total_s:g} s."
        ) from None
    except aiohttp.ClientError as error:
        raise FetchError(f"{_host(url)}: {_words(error)}.") from error


def get(
    url: str,
    *,
    seen: Seen = Seen(),
    limits: Limits = Limits(),
    allow: Allowed | Iterable[str] | None = None,
) -> Answer:
    """Fetch ``url`` where no event loop runs; ``allow`` comes from the environment if left out."""
    allowed = Allowed.from_environment() if allow is None else allow

    async def once() -> Answer:
        async with guard.session(allowed) as session:
            return await fetch(session, url, seen=seen, limits=limits, allow=allowed)

    return asyncio.run(once())


def get_all(
    urls: Sequence[str],
    *,
    limits: Limits = Limits(),
    allow: Allowed | Iterable[str] | None = None,
    at_once: int = 4,
    total_s: float = 120.0,
) -> list[Answer | TocsinError]:
    """Fetch several files, a few at once; in the order asked for, an error in place of an answer.

    What is not there after ``total_s`` in all is given up, so that one host cannot hold up the
    caller for as long as it likes by answering each request at the last moment.
    """
    allowed = Allowed.from_environment() if allow is None else allow

    async def all_of_them() -> list[Answer | TocsinError]:
        room = asyncio.Semaphore(at_once)
        end = asyncio.get_running_loop().time() + total_s

        async def one(session: aiohttp.ClientSession, url: str) -> Answer | TocsinError:
            try:
                async with asyncio.timeout_at(end), room:
                    return await fetch(session, url, limits=limits, allow=allowed)
            except TimeoutError:
                return FetchError(f"{_host(url)} was not reached: {total_s:g} s in all were over.")
            except (AddressRefusedError, FetchError) as error:
                return error

        async with guard.session(allowed) as session:
            return await asyncio.gather(*(one(session, url) for url in urls))

    return asyncio.run(all_of_them())


def pause(every: timedelta, failures: int, *, retry_after_s: float | None = None) -> timedelta:
    """Return how long to wait before the next fetch.

    Parameters
    ----------
    every : timedelta
        The wait while all is well.
    failures : int
        How many fetches in a row came to nothing: each doubles the wait, up to a day.
    retry_after_s : float, optional
        What the server asked for; never waited longer than a day, whatever it says.
    """
    wait: timedelta = min(every * 2 ** min(failures, 16), max(every, LONGEST_PAUSE))
    asked = timedelta(seconds=min(max(retry_after_s or 0.0, 0.0), LONGEST_PAUSE.total_seconds()))
    return max(wait, asked)


async def _follow(
    session: aiohttp.ClientSession,
    url: str,
    seen: Seen,
    limits: Limits,
    allow: Allowed | Iterable[str],
    own: Mapping[str, str],
    span: Span | None,
) -> Answer:
    """Ask, and ask again where a redirect points, each address checked before it is called."""
    here, moved_to, for_good = guard.check_address(url, allow=allow), "", True
    origin = urlsplit(here)[:2]
    for _ in range(limits.redirects + 1):
        async with session.get(
            here,
            headers={
                **_headers(seen, limits, span),
                **(own if urlsplit(here)[:2] == origin else {}),
            },
            allow_redirects=False,
            auto_decompress=False,  # unpacked below, byte by byte against the limit
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s),
        ) as response:
            if response.status not in REDIRECTS:
                return await _read(response, here, seen, limits, moved_to, span)
            there = urljoin(here, response.headers.get("Location", ""))
            for_good = for_good and response.status in {301, 308}
        if there == here:
            raise FetchError(f"{_host(here)} redirects to itself.")
        if here.startswith("https:") and there.startswith("http:"):
            raise AddressRefusedError(f"{_host(here)} redirects from https to http: not followed.")
        here = guard.check_address(there, allow=allow)
        moved_to = here if for_good else ""
    raise FetchError(f"{_host(url)} redirects more than {limits.redirects} times.")


async def _read(
    response: aiohttp.ClientResponse,
    url: str,
    seen: Seen,
    limits: Limits,
    moved_to: str,
    span: Span | None,
) -> Answer:
    """Judge status and headers, then read the body."""
    media_type = response.content_type if "Content-Type" in response.headers else ""
    if response.status == 304:
        if seen == Seen():
            raise FetchError(f"{_host(url)} answers 304 to a first request.")
        return Answer(url, None, seen, media_type, moved_to)
    if response.status != 200 and not (span and response.status == 206):
        raise FetchError(
            f"{_host(url)} answers {response.status} {response.reason or ''}".rstrip() + ".",
            retry_after_s=_retry_after(response.headers.get("Retry-After", "")),
            status=response.status,
        )
    if limits.types and media_type not in limits.types:
        raise FetchError(
            f"{_host(url)} sends {media_type or 'no media type'}; "
            f"wanted: {', '.join(limits.types)}."
        )
    if (response.content_length or 0) > limits.max_bytes:
        if span and response.status == 200:
            raise FetchError(
                f"{_host(url)} knows no parts of files and sends all {response.content_length:,} "
                f"bytes; {limits.max_bytes:,} are read. Raise max_mb, or take another server."
            )
        raise FetchError(_too_large(url, limits))
    body = await _body(response, url, limits)
    now = Seen(response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))
    if span is None or response.status == 200:
        return Answer(url, body, now, media_type, moved_to)
    _check_part(response.headers.get("Content-Range", ""), url, span, len(body))
    return Answer(url, body, now, media_type, moved_to, span.first)


def _check_part(said: str, url: str, span: Span, size: int) -> None:
    """Refuse a part that is another than the one asked for, or less of it than is there."""
    found = _CONTENT_RANGE.fullmatch(said.strip())
    if not found:
        raise FetchError(f"{_host(url)} sends a part and does not say which ({said!r}).")
    first, last, end = int(found[1]), int(found[2]), span.last
    if found[3] != "*":  # a file that ends before the part does
        end = int(found[3]) - 1 if end is None else min(end, int(found[3]) - 1)
    if first != span.first or (end is not None and last != end) or size != last - first + 1:
        raise FetchError(
            f"{_host(url)} sends {size:,} bytes as {said!r} where {span} was asked for."
        )


async def _body(response: aiohttp.ClientResponse, url: str, limits: Limits) -> bytes:
    """Read and unpack the body piece by piece, and stop at the limit."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise FetchError(f"{_host(url)} packs its answer as {encoding}, which was not asked for.")
    unpack = None if encoding == "identity" else _Gzip(limits.max_bytes)
    body, on_wire = bytearray(), 0
    async for piece in response.content.iter_chunked(CHUNK):
        on_wire += len(piece)
        try:
            body += unpack.feed(piece) if unpack else piece
        except zlib.error:
            raise FetchError(f"{_host(url)} says gzip, and it is not.") from None
        if len(body) > limits.max_bytes or on_wire > limits.max_bytes:
            raise FetchError(_too_large(url, limits))
    if unpack and not unpack.is_whole:
        raise FetchError(f"{_host(url)} breaks off in the middle of a packed answer.")
    return bytes(body)


class _Gzip:
    """Unpacks gzip, a member after the other, never making more than ``most`` and a byte."""

    def __init__(self, most: int) -> None:
        self._left = most + 1
        self._member = zlib.decompressobj(wbits=31)
        self._begun = False

    def feed(self, piece: bytes) -> bytes:
        """Return what ``piece`` unpacks to, cut off where the limit is passed."""
        made = bytearray()
        while piece and self._left > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            self._begun = True
            some = self._member.decompress(piece, self._left)
            made += some
            self._left -= len(some)
            piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return bytes(made)

    @property
    def is_whole(self) -> bool:
        """Whether the last member came to its end."""
        return not self._begun or self._member.eof


def _headers(seen: Seen, limits: Limits, span: Span | None) -> dict[str, str]:
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": ", ".join([*limits.types, "*/*;q=0.1"]) if limits.types else "*/*",
        # Bytes are counted in the file as it is sent: packed, they would be others.
        "Accept-Encoding": "identity" if span else "gzip",
    }
    if span:
        headers["Range"] = str(span)
    if seen.etag:
        headers["If-None-Match"] = seen.etag
    if seen.last_modified:
        headers["If-Modified-Since"] = seen.last_modified
    return headers


def _retry_after(text: str) -> float | None:
    """Read seconds or a date; None for anything else."""
    if text.strip().isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    now = datetime.now(UTC)  # the header is relative to this very answer
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


def _too_large(url: str, limits: Limits) -> str:
    return f"{_host(url)} sends more than the {limits.max_bytes:,} bytes that are read."


def _words(error: aiohttp.ClientError) -> str:
    """Return what a person can use of an error of the network, in one line."""
    if isinstance(error, aiohttp.ClientConnectorError):  # aiohttp's own words speak of its inside
        why = error.os_error
        return f"Cannot connect: {_one_line(why.strerror or str(why), why)}"
    return _one_line(str(error), error)


def _one_line(said: str, error: Exception) -> str:
    """Return words without a full stop; an error that has none is called by its name."""
    return (" ".join(said.split()) or type(error).__name__).rstrip(".")[:300]
