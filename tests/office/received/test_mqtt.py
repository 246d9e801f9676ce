"""Taking messages from a real broker: what was published while nobody listened is not lost."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tocsin.errors import AddressRefusedError, FetchError
from tocsin.net.guard import Allowed
from tocsin.office.received.mqtt import visit

HERE = Allowed.read(["127.0.0.1"])
BROKER = ("127.0.0.1", 1883)


@pytest.fixture
def topic() -> Iterator[str]:
    """A topic of this run's own at the broker of this machine."""
    try:
        socket.create_connection(BROKER, timeout=1).close()
    except OSError:
        pytest.skip("no MQTT broker answers at 127.0.0.1:1883")
    yield f"tocsin-test/{os.getpid()}/received"
    with suppress(FetchError):  # leaves no session behind
        forget = Client(CallbackAPIVersion.VERSION2, client_id=name(), clean_session=True)
        forget.connect(*BROKER)
        forget.disconnect()


def name() -> str:
    return f"tocsin-test-{os.getpid()}"


def publish(topic: str, *payloads: bytes, retain: bool = False) -> None:
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect(*BROKER)
    client.loop_start()
    for payload in payloads:
        client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


def taken(topic: str, idle_s: float = 0.3) -> list[bytes]:
    found: list[bytes] = []
    count = visit(
        f"mqtt://127.0.0.1:1883/{topic}",
        lambda _topic, payload: found.append(payload),
        client_id=name(),
        allow=HERE,
        idle_s=idle_s,
    )
    assert count == len(found)
    return found


def test_what_is_published_between_two_visits_waits(topic: str) -> None:
    assert taken(topic) == []
    publish(topic, b"one", b"two")
    assert taken(topic) == [b"one", b"two"]
    assert taken(topic) == []


def test_what_could_not_be_kept_comes_again(topic: str) -> None:
    taken(topic)
    publish(topic, b"one")

    def crash(_topic: str, _payload: bytes) -> None:
        raise KeyError("the database is away")

    with pytest.raises(KeyError):
        visit(f"mqtt://127.0.0.1/{topic}", crash, client_id=name(), allow=HERE, idle_s=0.3)
    assert taken(topic) == [b"one"]


def test_a_broker_inside_is_refused_unless_allowed() -> None:
    with pytest.raises(AddressRefusedError, match="loopback"):
        visit("mqtt://127.0.0.1/t", lambda *_: None, client_id="x", allow=Allowed())


def test_no_broker_is_an_ordinary_failure() -> None:
    with pytest.raises(FetchError, match=r"127\.0\.0\.1:9: "):
        visit("mqtt://127.0.0.1:9/t", lambda *_: None, client_id="x", allow=HERE)


def test_a_server_that_is_no_broker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.net.mqtt.CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"mqtt://127.0.0.1:{silent.getsockname()[1]}/t"
        with pytest.raises(FetchError, match=r"within 0\.3 s|ends the connection"):
            visit(address, lambda *_: None, client_id="x", allow=HERE, listen_s=2)
