"""Taking messages from a topic of another authority's MQTT broker.

A message is acknowledged after it has been kept, so that none is lost to a crash in between
(:mod:`tocsin.net.mqtt`).

A broker with a login is ``mqtts://user:$TOCSIN_RECEIVED_NAME@host/topic``: the address names the
environment variable that holds the password and never the password, so it may be kept and shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net.guard import Allowed
from tocsin.net.mqtt import PORTS, MQTTMessage, Visit

__all__ = ["Take", "login_of", "visit"]

Take = Callable[[str, bytes], None]
"""Called with topic and payload; a message counts as kept when it returns."""

VARIABLE = re.compile(r"\$TOCSIN_RECEIVED_[A-Z0-9_]{1,60}")
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
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
    place = f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"
    secret = None
    if login := login_of(address):
        user, variable = login
        if not os.environ.get(variable):
            raise FetchError(f"{place} asks for a login, and {variable} is not set.")
        secret = user, os.environ[variable]
    count = 0

    def came(message: MQTTMessage) -> None:
        nonlocal count
        take(message.topic, bytes(message.payload))
        broker.ack(message)
        count += 1

    try:
        with Visit(address, client_id=client_id, allow=allow, login=secret) as broker:
            problem = broker.listen(
                came, is_full=lambda: count >= MOST, listen_s=listen_s, idle_s=idle_s
            )
    except OSError as error:
        raise FetchError(f"{place}: {error.strerror or error}.") from error
    if problem:
        raise FetchError(f"{problem}.")
    return count


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
