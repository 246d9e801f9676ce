"""Taking messages from a topic of another authority's MQTT broker.

The broker keeps our place: with a fixed client id, a lasting session and quality of service 1 it
holds what was published between two visits, and gives again what was not acknowledged. A message
is acknowledged after it has been kept, so that none is lost to a crash in between.

A broker with a login is ``mqtts://user:$TOCSIN_RECEIVED_NAME@host/topic``: the address names the
environment variable that holds the password and never the password, so it may be kept and shown.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net.guard import Allowed, resolve

__all__ = ["Take", "login_of", "visit"]

Take = Callable[[str, bytes], None]
"""Called with topic and payload; a message counts as kept when it returns."""

PORTS = {"mqtt": 1883, "mqtts": 8883}
VARIABLE = re.compile(r"\$TOCSIN_RECEIVED_[A-Z0-9_]{1,60}")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
CONNECT_S = 10.0
MOST = 2_000
"""Messages of one visit; the others wait at the broker."""


def visit(
    address: str,
    take: Take,
    *,
    client_id: str,
    allow: Allowed,
    listen_s: float = 20.0,
    idle_s: float = 1.5,
) -> int:
    """Take what waits at ``address`` and what comes until nothing did for ``idle_s``.

    Returns how many messages were taken.

    Raises
    ------
    AddressRefusedError
        The broker's address must not be called.
    FetchError
        No connection, or the broker refuses it or the topic.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    state = _State(unquote(parts.path.strip("/")))
    client = _client(client_id, state, take, allow)
    if login := login_of(address):
        user, variable = login
        if not os.environ.get(variable):
            raise FetchError(f"{host}:{port} asks for a login, and {variable} is not set.")
        client.username_pw_set(user, os.environ[variable])
    if parts.scheme == "mqtts":
        client.tls_set()
    try:
        client.connect(host, port, keepalive=60)
        _loop(client, state, listen_s, idle_s)
    except OSError as error:
        raise FetchError(f"{host}:{port}: {error.strerror or error}.") from error
    finally:
        client.disconnect()
        client.loop(0.2)  # lets the farewell and the last acknowledgements out
    return state.count


def login_of(address: str) -> tuple[str, str] | None:
    """Return the user and the environment variable of the password; None without a login.

    Only variables of this one prefix: an address must not send other secrets of this process to
    a broker of somebody's choice.

    Raises
    ------
    AddressRefusedError
        It has a password instead of a variable, or would send one in the clear; never quotes it.
    """
    parts = urlsplit(address)
    if "@" not in parts.netloc:
        return None
    user, reference = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not VARIABLE.fullmatch(reference):
        raise AddressRefusedError(
            f"A login at {parts.hostname} is written user:$TOCSIN_RECEIVED_NAME@, with the name of "
            "the environment variable that holds the password, never the password itself."
        )
    if parts.scheme != "mqtts" and parts.hostname not in LOOPBACK:
        raise AddressRefusedError(
            f"A password is not sent to {parts.hostname} in the clear: write mqtts:// for it."
        )
    return user, reference[1:]


class _State:
    """What the callbacks tell the loop."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.count = 0
        self.ready = False
        self.problem = ""
        self.last = time.monotonic()


class _GuardedClient(Client):
    """A client that connects to permitted addresses only."""

    allow = Allowed()

    def _create_socket_connection(self) -> socket.socket:
        found = asyncio.run(resolve(self._host, self._port, allow=self.allow))
        problem: OSError = OSError(f"{self._host} has no address")
        for ip in found:
            try:
                return socket.create_connection((ip, self._port), timeout=CONNECT_S)
            except OSError as error:
                problem = error
        raise problem


def _client(client_id: str, state: _State, take: Take, allow: Allowed) -> Client:
    client = _GuardedClient(
        CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True
    )
    client.allow = allow

    def connected(_client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            state.problem = f"the broker refuses the connection: {reason}"
        else:
            client.subscribe(state.topic, qos=1)

    def subscribed(_client: Client, _data: Any, _mid: Any, reasons: Any, _more: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            state.problem = f"the broker refuses the topic {state.topic!r}"
        state.ready, state.last = True, time.monotonic()

    def came(_client: Client, _data: Any, message: MQTTMessage) -> None:
        if state.count >= MOST:
            return  # not acknowledged: it comes again with the next visit
        take(message.topic, bytes(message.payload))
        client.ack(message.mid, message.qos)
        state.count += 1
        state.last = time.monotonic()

    client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, came
    return client


def _loop(client: Client, state: _State, listen_s: float, idle_s: float) -> None:
    begun = time.monotonic()
    while not state.problem and state.count < MOST:
        code = client.loop(0.1)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and not state.problem:
            raise FetchError(f"the broker ends the connection: {code.name}.")
        now = time.monotonic()
        if now - begun > listen_s or (state.ready and now - state.last > idle_s):
            break
        if not state.ready and now - begun > CONNECT_S:
            state.problem = f"the broker did not answer within {CONNECT_S:g} s"
    if state.problem:
        raise FetchError(f"{state.problem}.")
