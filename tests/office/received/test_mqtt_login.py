"""A broker with a login: the address names a variable, the password is sent and never shown."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net.guard import Allowed
from tocsin.office.received.mqtt import login_of, visit
from tocsin.office.received.services import _kind

SECRET = "hunter2-hunter2"


def test_a_login_names_its_variable() -> None:
    assert login_of("mqtt://broker.example/topic") is None
    address = "mqtts://desk%40county:$TOCSIN_RECEIVED_NAME@broker.example/topic"
    assert login_of(address) == ("desk@county", "TOCSIN_RECEIVED_NAME")
    assert _kind(address) == "mqtt"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"mqtts://desk:{SECRET}@broker.example/topic", "never the password itself"),
        ("mqtts://desk@broker.example/topic", "never the password itself"),
        ("mqtts://:$TOCSIN_RECEIVED_NAME@broker.example/topic", "never the password itself"),
        ("mqtts://desk:$TOCSIN_SECRET@broker.example/topic", "TOCSIN_RECEIVED_NAME"),
        ("mqtts://desk:$DATABASE_URL@broker.example/topic", "TOCSIN_RECEIVED_NAME"),
        ("mqtt://desk:$TOCSIN_RECEIVED_NAME@broker.example/topic", "in the clear"),
        (f"mqtts://desk:{SECRET}@/", "never the password itself"),
        ("mqtts://broker.example", "must be mqtt://host/topic"),
    ],
)
def test_what_is_no_such_login_is_refused_and_not_quoted(address: str, why: str) -> None:
    with pytest.raises(AddressRefusedError) as refused:
        _kind(address)
    assert why in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_password_goes_to_the_broker_and_into_no_message(monkeypatch: Any) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _peer = server.accept()
            with connection:
                heard.append(connection.recv(1000))
                connection.sendall(b"\x20\x02\x00\x05")  # CONNACK: not authorised

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        place = f"127.0.0.1:{server.getsockname()[1]}"
        address = f"mqtt://desk:$TOCSIN_RECEIVED_NAME@{place}/topic"
        here = Allowed.read(["127.0.0.1"])
        with pytest.raises(FetchError, match="TOCSIN_RECEIVED_NAME is not set"):
            visit(address, print, client_id="test", allow=here)
        monkeypatch.setenv("TOCSIN_RECEIVED_NAME", SECRET)
        with pytest.raises(FetchError) as refused:
            visit(address, print, client_id="test", allow=here, listen_s=5)
        thread.join(5)
    assert b"desk" in heard[0]
    assert SECRET.encode() in heard[0]
    assert SECRET not in str(refused.value)
