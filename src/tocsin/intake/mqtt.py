"""Listening to sensors by MQTT: one visit takes what the broker holds and what comes meanwhile.

Messages of a visit are written to disk together; only then are they acknowledged, so that a crash
costs a second delivery and never a message (:mod:`tocsin.net.mqtt`).
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import AddressRefusedError, Fault
from tocsin.intake.feed import Feed
from tocsin.intake.payloads import State, store
from tocsin.net.guard import Allowed
from tocsin.net.mqtt import MQTTMessage, Visit

__all__ = ["listen"]

MOST = 5_000
"""Messages of one visit; the others wait at the broker."""


class _Taken:
    """The messages of one visit, and what they hold as lines of JSON."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.messages: list[MQTTMessage] = []
        self.lines: list[bytes] = []
        self.size = 0
        self.unfit = 0

    def is_full(self) -> bool:
        return len(self.messages) >= MOST or self.size > self.most_bytes

    def take(self, message: MQTTMessage) -> None:
        """Add a message as a line; one that is no JSON can never be read and is counted instead."""
        self.messages.append(message)
        try:
            found = json.loads(bytes(message.payload))
            line = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        except (ValueError, RecursionError):
            self.unfit += 1
            return
        self.lines.append(line.encode() + b"\n")
        self.size += len(line)


def listen(
    feed: Feed,
    home: Path,
    kind: str,
    state: State,
    now: datetime,
    *,
    allow: Allowed,
    listen_s: float = 20.0,
    idle_s: float = 1.0,
) -> Fault | None:
    """Take the messages that wait at a feed's ``topic`` until none came for ``idle_s``.

    Blocks for up to ``listen_s``; :func:`tocsin.intake.fetch.fetch` calls it in a thread.
    ``headers_from`` may name the environment variables of ``username`` and ``password``.
    """
    taken = _Taken(int(feed.max_mb * 1e6))
    # One place in the queue for each installation: two of them must not take turns.
    own = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:8]
    name = f"tocsin-{feed.id}-{own}"[:80]
    try:
        with Visit(feed.topic, client_id=name, allow=allow, login=_login(feed)) as visit:
            problem = visit.listen(
                taken.take, is_full=taken.is_full, listen_s=listen_s, idle_s=idle_s
            ).replace("the broker", "The broker", 1)
            if taken.lines:
                store(home, b"".join(taken.lines), kind, now)
                state.changed_at = now
            for message in taken.messages:
                visit.ack(message)
    except (OSError, AddressRefusedError) as error:
        problem = getattr(error, "strerror", None) or str(error)
    if taken.unfit and not problem:
        problem = f"{taken.unfit} messages are no JSON and were left out"
    if not problem:
        return None
    return Fault(
        "feeds.toml", 0, f"feed[{feed.id}].topic", urlsplit(feed.topic).netloc,
        f"{problem}.", "Look at the broker; what is published meanwhile it keeps.",
    )  # fmt: skip


def _login(feed: Feed) -> tuple[str, str | None] | None:
    if "username" not in feed.headers_from:
        return None
    secret = {key: os.environ.get(name, "") for key, name in feed.headers_from.items()}
    return secret["username"], secret.get("password")
