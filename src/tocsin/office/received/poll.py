"""Polling sources: what is new is kept, what is wrong is counted, and the next time is set.

A poll never holds a transaction while it waits for another machine: a source is claimed by moving
its ``next_poll_at``, asked, and its outcome recorded; each message is kept by itself.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from tocsin.cap.reading import MAX_BYTES
from tocsin.errors import AddressRefusedError, CapError, FetchError, TocsinError
from tocsin.net import client as net
from tocsin.net.client import Answer, Limits, Seen
from tocsin.net.guard import Allowed

from . import mqtt
from .entries import MAX_FEED_BYTES, Contents, Link, contents_of
from .models import Source
from .services import Fate, receive, refuse

__all__ = ["Client", "Network", "Report", "poll", "poll_due"]

LEASE = timedelta(minutes=5)
"""How long a source is left to the poller that claimed it; longer than a poll can take."""
LINKS_A_POLL = 100
SOON_S = 10
OUTCOME = ("failures", "last_error", "success_at", "etag", "last_modified", "links")
FEED = Limits(max_bytes=MAX_FEED_BYTES)
MESSAGE = Limits(max_bytes=MAX_BYTES)


@dataclass(frozen=True, slots=True)
class Report:
    """What a poll came to."""

    source: str
    new: int = 0
    known: int = 0
    conflicts: int = 0
    refused: int = 0
    failed: int = 0
    left: int = 0
    """Links that wait for the next poll."""
    error: str = ""

    def __str__(self) -> str:
        if self.error:
            return f"{self.source}: {self.error}"
        counts = ", ".join(
            f"{getattr(self, word)} {word}"
            for word in ("new", "known", "conflicts", "refused", "failed", "left")
            if getattr(self, word)
        )
        return f"{self.source}: {counts or 'nothing new'}"


class Client(Protocol):
    """What a poll needs of the outside."""

    def get(self, url: str, seen: Seen, limits: Limits) -> Answer:
        """Fetch one file unless it did not change."""

    def get_all(self, urls: Sequence[str], limits: Limits) -> list[Answer | TocsinError]:
        """Fetch several files; an error stands in its place."""

    def visit(self, address: str, take: mqtt.Take, client_id: str) -> int:
        """Take what waits at a topic."""


class Network:
    """The real outside, through the guard."""

    def __init__(self, allow: Allowed | None = None) -> None:
        self.allow = Allowed.from_environment() if allow is None else allow

    def get(self, url: str, seen: Seen, limits: Limits) -> Answer:
        """Fetch one file unless it did not change."""
        return net.get(url, seen=seen, limits=limits, allow=self.allow)

    def get_all(self, urls: Sequence[str], limits: Limits) -> list[Answer | TocsinError]:
        """Fetch several files; an error stands in its place."""
        return net.get_all(urls, limits=limits, allow=self.allow)

    def visit(self, address: str, take: mqtt.Take, client_id: str) -> int:
        """Take what waits at a topic."""
        return mqtt.visit(address, take, client_id=client_id, allow=self.allow)


def poll_due(at: datetime, client: Client | None = None) -> list[Report]:
    """Poll every source whose time has come, the one that waited longest first."""
    due = Source.objects.filter(is_enabled=True, next_poll_at__lte=at).order_by("next_poll_at")
    reports = (poll(source, at, client) for source in due)
    return [report for report in reports if report]


def poll(source: Source, at: datetime, client: Client | None = None) -> Report | None:
    """Ask ``source`` and keep what is new; None if another poller has it in hand.

    Whatever the source does is recorded with it and in the report; nothing it sends is raised.
    """
    claim = Source.objects.filter(pk=source.pk, next_poll_at=source.next_poll_at)
    if claim.update(next_poll_at=at + LEASE, tried_at=at) != 1:
        return None
    source.refresh_from_db()
    ask = _ask_broker if source.kind == Source.MQTT else _ask_web
    try:
        report = ask(source, at, client or Network())
    except (AddressRefusedError, CapError, FetchError) as error:
        return _failed(source, at, error)
    source.failures, source.last_error, source.success_at = 0, "", at
    # More links wait: they are not left for a whole interval, nor taken in one breath.
    wait_s = min(SOON_S, source.every_s) if report.left else source.every_s
    source.next_poll_at = at + timedelta(seconds=wait_s)
    source.save(update_fields=["next_poll_at", *OUTCOME])
    return report


def _failed(source: Source, at: datetime, error: TocsinError) -> Report:
    """Note what went wrong and when it is tried again: ever later while it goes on."""
    source.failures += 1
    source.last_error = " ".join(str(error).split())[:500]
    source.next_poll_at = at + net.pause(
        timedelta(seconds=source.every_s),
        source.failures,
        retry_after_s=getattr(error, "retry_after_s", None),
    )
    source.save(update_fields=["failures", "last_error", "next_poll_at"])
    return Report(source.name, error=source.last_error)


def _ask_web(source: Source, at: datetime, client: Client) -> Report:
    answer = client.get(source.address, Seen(source.etag, source.last_modified), FEED)
    if answer.body is None:
        return Report(source.name)
    try:
        contents = contents_of(answer.body, answer.url)
    except CapError as error:
        refuse(source, answer.body, address=answer.url, reason=str(error), at=at)
        raise
    fates: Counter[Fate] = Counter(
        receive(source, raw, address=answer.url, at=at) for raw in contents.messages
    )
    followed, failed, left = _follow(source, contents, at, client, fates)
    source.links = sorted(followed)
    # What could not be had is asked for again only if the feed comes whole the next time.
    seen = Seen() if failed or left else answer.seen
    source.etag, source.last_modified = seen.etag[:500], seen.last_modified[:100]
    return _report(source, fates, failed=failed, left=left)


def _follow(
    source: Source, contents: Contents, at: datetime, client: Client, fates: Counter[Fate]
) -> tuple[set[str], int, int]:
    """Fetch the messages of links not followed before; return the keys done, failures, rest."""
    done = {link.key for link in contents.links} & set(source.links)
    wanted = [link for link in contents.links if link.key not in done]
    now: list[Link] = wanted[:LINKS_A_POLL]
    failed = 0
    found = client.get_all([link.url for link in now], MESSAGE) if now else []
    for link, answer in zip(now, found, strict=True):
        if isinstance(answer, AddressRefusedError):
            # An address inside is no accident of the network: it is refused, not tried again.
            refuse(source, link.url.encode(), address=link.url, reason=str(answer), at=at)
            fates["refused"] += 1
        elif isinstance(answer, TocsinError) or answer.body is None:
            failed += 1
            continue
        else:
            _take(source, answer.body, answer.url, at, fates)
        done.add(link.key)
    return done, failed, len(wanted) - len(now)


def _take(source: Source, body: bytes, address: str, at: datetime, fates: Counter[Fate]) -> None:
    """Keep a message, or those of an envelope; a feed inside a feed is not followed."""
    try:
        contents = contents_of(body, address)
    except CapError as error:
        refuse(source, body, address=address, reason=str(error), at=at)
        fates["refused"] += 1
        return
    if not contents.messages:
        refuse(source, body, address=address, reason="a feed where a message was due", at=at)
        fates["refused"] += 1
    fates.update(receive(source, raw, address=address, at=at) for raw in contents.messages)


def _ask_broker(source: Source, at: datetime, client: Client) -> Report:
    fates: Counter[Fate] = Counter()
    parts = source.address.partition("://")[2].partition("/")[0]

    def take(topic: str, payload: bytes) -> None:
        if payload:  # an empty one takes a retained message away, which says nothing of warnings
            _take(source, payload, f"mqtt://{parts}/{topic}", at, fates)

    secret = f"{settings.SECRET_KEY} received {source.pk}".encode()
    client_id = f"tocsin-{hashlib.sha256(secret).hexdigest()[:16]}"
    client.visit(source.address, take, client_id)
    return _report(source, fates)


def _report(source: Source, fates: Counter[Fate], *, failed: int = 0, left: int = 0) -> Report:
    return Report(
        source.name,
        new=fates["new"],
        known=fates["known"],
        conflicts=fates["conflict"],
        refused=fates["refused"],
        failed=failed,
        left=left,
    )
