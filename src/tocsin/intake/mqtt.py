"""Listening to sensors by MQTT: one visit takes what the broker holds and what comes meanwhile.

The broker keeps our place: with a fixed client id, a lasting session and quality of service 1 it
holds what was published between two visits, and gives again what was not acknowledged. Messages of
a visit are written to disk together; only then are they acknowledged, so that a crash costs a
second delivery and never a message. Source: OASIS MQTT 3.1.1, sections 3.1.2.4 and 4.3.2.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from tocsin.errors import AddressRefusedError, Fault
from tocsin.intake.feed import Feed
from tocsin.intake.payloads import State, store
from tocsin.net.guard import Allowed, check_ip

__all__ = ["listen"]

PORTS = {"mqtt": 1883, "mqtts": 8883}
CONNECT_S = 10.0
MOST = 5_000
"""Messages of one visit; the others wait at the broker."""


class _Visit:
    """What the callbacks tell the loop."""

    def __init__(self, topic: str, most_bytes: int) -> None:
        self.topic, self.most_bytes = topic, most_bytes
        self.lines: list[bytes] = []
        self.acks: list[tuple[int, int]] = []
        self.size = 0
        self.unfit = 0
        self.ready = False
        self.problem = ""
        self.last = time.monotonic()

    @property
    def is_full(self) -> bool:
        return len(self.acks) >= MOST or self.size > self.most_bytes


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
    parts = urlsplit(feed.topic)
    visit = _Visit(unquote(parts.path.strip("/")), int(feed.max_mb * 1e6))
    client = _client(feed, visit, allow, home)
    if parts.scheme == "mqtts":
        client.tls_set()
    try:
        client.connect(parts.hostname or "", parts.port or PORTS[parts.scheme], keepalive=60)
        _loop(client, visit, listen_s, idle_s)
        if visit.lines:
            store(home, b"".join(visit.lines), kind, now)
            state.changed_at = now
        for ack in visit.acks:
            client.ack(*ack)
    except (OSError, AddressRefusedError) as error:
        visit.problem = getattr(error, "strerror", None) or str(error)
    finally:
        client.disconnect()
        client.loop(0.2)  # lets the farewell and the acknowledgements out
    if visit.unfit and not visit.problem:
        visit.problem = f"{visit.unfit} messages are no JSON and were left out"
    if not visit.problem:
        return None
    return Fault(
        "feeds.toml", 0, f"feed[{feed.id}].topic", parts.netloc, f"{visit.problem}.",
        "Look at the broker; what is published meanwhile it keeps.",
    )  # fmt: skip


class _GuardedClient(Client):
    """A client that connects to permitted addresses only."""

    allow = Allowed()

    def _create_socket_connection(self) -> socket.socket:
        problem: OSError = OSError(f"{self._host} has no address")
        named = self.allow.has_name(self._host)
        for *_, place in socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM):
            ip = str(place[0]).partition("%")[0]
            if not named:
                check_ip(ip, allow=self.allow)
            try:
                return socket.create_connection((ip, self._port), timeout=CONNECT_S)
            except OSError as error:
                problem = error
        raise problem


def _client(feed: Feed, visit: _Visit, allow: Allowed, home: Path) -> Client:
    # One place in the queue for each installation: two of them must not take turns.
    own = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:8]
    client = _GuardedClient(
        CallbackAPIVersion.VERSION2, client_id=f"tocsin-{feed.id}-{own}"[:80],
        clean_session=False, manual_ack=True,
    )  # fmt: skip
    client.allow = allow
    if "username" in feed.headers_from:
        secret = {key: os.environ.get(name, "") for key, name in feed.headers_from.items()}
        client.username_pw_set(secret["username"], secret.get("password"))

    def connected(_client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            visit.problem = f"The broker refuses the connection: {reason}"
        else:
            client.subscribe(visit.topic, qos=1)

    def subscribed(_client: Client, _data: Any, _mid: Any, reasons: Any, _more: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            visit.problem = f"The broker refuses the topic {visit.topic!r}"
        visit.ready, visit.last = True, time.monotonic()

    def came(_client: Client, _data: Any, message: MQTTMessage) -> None:
        if visit.is_full:
            return  # not acknowledged: it comes again with the next visit
        _take(visit, bytes(message.payload))
        visit.acks.append((message.mid, message.qos))
        visit.last = time.monotonic()

    client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, came
    return client


def _take(visit: _Visit, payload: bytes) -> None:
    """Add a message as a line; one that is no JSON can never be read and is counted instead."""
    try:
        line = json.dumps(json.loads(payload), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        visit.unfit += 1
        return
    visit.lines.append(line.encode() + b"\n")
    visit.size += len(line)


def _loop(client: Client, visit: _Visit, listen_s: float, idle_s: float) -> None:
    begun = time.monotonic()
    while not visit.problem and not visit.is_full:
        code = client.loop(0.1)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and not visit.problem:
            visit.problem = f"The broker ends the connection: {code.name}"
        now = time.monotonic()
        if now - begun > listen_s or (visit.ready and now - visit.last > idle_s):
            return
        if not visit.ready and now - begun > CONNECT_S:
            visit.problem = f"The broker did not answer within {CONNECT_S:g} s"
