"""One visit to an MQTT broker: what it holds for us is taken, and what comes meanwhile.

The broker keeps our place: with a fixed client id, a lasting session and quality of service 1 it
holds what was published between two visits, and gives again what was not acknowledged. Who visits
acknowledges a message once it is safe, so that none is lost to a crash in between. Source: OASIS
MQTT 3.1.1, sections 3.1.2.4 and 4.3.2.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from tocsin.net.guard import Allowed, resolve

__all__ = ["PORTS", "MQTTMessage", "Visit"]

PORTS = {"mqtt": 1883, "mqtts": 8883}
CONNECT_S = 10.0


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


class Visit:
    """A visit to the broker and the topic of ``mqtt://host:port/topic`` or ``mqtts://...``.

    Used as a context, outside of any event loop. Entering it connects, leaving it takes leave.

    Raises
    ------
    AddressRefusedError
        On entering: the broker's address must not be called.
    OSError
        On entering: there is no connection.
    """

    def __init__(
        self,
        address: str,
        *,
        client_id: str,
        allow: Allowed,
        login: tuple[str, str | None] | None = None,
    ) -> None:
        """Take an address without a login; ``login`` is user and password."""
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._topic = unquote(parts.path.strip("/"))
        self._client = _GuardedClient(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True
        )
        self._client.allow = allow
        if login:
            self._client.username_pw_set(*login)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        self._is_ready, self._problem = False, ""
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        self._client.connect(self._host, self._port, keepalive=60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop(0.2)  # lets the farewell and the last acknowledgements out

    def listen(
        self,
        came: Callable[[MQTTMessage], None],
        *,
        is_full: Callable[[], bool],
        listen_s: float,
        idle_s: float,
    ) -> str:
        """Hand messages to ``came`` until none came for ``idle_s``; return what went wrong.

        That is a phrase, "the broker ...", and empty where all went well. What comes once
        ``is_full`` is left to the next visit; ``listen_s`` bounds the whole.
        """

        def connected(_client: Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
            if reason.is_failure:
                self._problem = f"the broker refuses the connection: {reason}"
            else:
                self._client.subscribe(self._topic, qos=1)

        def subscribed(_client: Client, _data: Any, _mid: Any, reasons: Any, _more: Any) -> None:
            if any(reason.is_failure for reason in reasons):
                self._problem = f"the broker refuses the topic {self._topic!r}"
            self._is_ready, self._last = True, time.monotonic()

        def given(_client: Client, _data: Any, message: MQTTMessage) -> None:
            if not is_full():  # otherwise not acknowledged: it comes again with the next visit
                came(message)
                self._last = time.monotonic()

        client = self._client
        client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, given
        self._loop(is_full, listen_s, idle_s)
        return self._problem

    def ack(self, message: MQTTMessage) -> None:
        """Tell the broker that a message is safe here."""
        self._client.ack(message.mid, message.qos)

    def _loop(self, is_full: Callable[[], bool], listen_s: float, idle_s: float) -> None:
        begun = time.monotonic()
        while not self._problem and not is_full():
            code = self._client.loop(0.1)
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS and not self._problem:
                self._problem = f"the broker ends the connection: {code.name}"
            now = time.monotonic()
            if now - begun > listen_s or (self._is_ready and now - self._last > idle_s):
                return
            if not self._is_ready and now - begun > CONNECT_S:
                self._problem = f"the broker did not answer within {CONNECT_S:g} s"
