"""Sensors by MQTT, with the broker of this machine where there is one."""

from __future__ import annotations

import asyncio
import socket
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt import publish

from tests.intake.feeds import Named
from tests.intake.readings import values
from tocsin.intake import Feed, read
from tocsin.intake.fetch import Fetched, done, fetch, open_client

NOW = datetime(2026, 1, 1, 13, tzinfo=UTC)
BROKER = ("127.0.0.1", 1883)


def there_is_a_broker() -> bool:
    try:
        socket.create_connection(BROKER, timeout=0.5).close()
    except OSError:
        return False
    return True


broker = pytest.mark.skipif(not there_is_a_broker(), reason="no MQTT broker at 127.0.0.1:1883")


def feed_at(topic: str, address: str = "mqtt://127.0.0.1:1883") -> Feed:
    return Feed(
        id="sensors", reader="sensor-json", topic=f"{address}/{topic}", delay_min=0, every_min=1,
        source="test", licence="CC0-1.0",
    )  # fmt: skip


def visit(feed: Feed, folder: Path, allow: str = "127.0.0.1") -> Fetched:
    async def once() -> Fetched:
        async with open_client([allow] if allow else []) as client:
            return await fetch(feed, folder, client, NOW, at_once=True)

    return asyncio.run(once())


def send(topic: str, *payloads: str) -> None:
    messages = [(topic, payload, 1, False) for payload in payloads]
    publish.multiple(messages, hostname=BROKER[0], port=BROKER[1])  # type: ignore[arg-type]


def message(minute: int, value: float) -> str:
    return (
        f'{{"station": "EST", "time": "2026-01-01T12:{minute:02}:00Z", '
        f'"values": {{"air_temperature": {{"value": {value}, "unit": "degC"}}}}}}'
    )


@broker
@pytest.mark.slow
def test_what_was_published_between_two_visits_is_there(tmp_path: Path) -> None:
    root = f"tocsin-test/{uuid.uuid4().hex}"
    feed = feed_at(f"{root}/+/weather")
    assert visit(feed, tmp_path).payloads == ()  # takes its place in the queue

    send(f"{root}/a/weather", message(0, 1.5), "{broken", message(10, 2.5))
    send(f"{root}/b/weather", message(20, 3.5))
    found = visit(feed, tmp_path)

    (payload,) = found.payloads
    reading = read(feed.of(payload), [Named("EST")])
    assert values(reading, "EST", "air_temperature") == {
        "2026-01-01T12:00": 1.5, "2026-01-01T12:10": 2.5, "2026-01-01T12:20": 3.5,
    }  # fmt: skip
    assert found.fault is not None
    assert "1 messages are no JSON" in found.fault.problem
    done(payload, feed.keep)
    assert visit(feed, tmp_path).payloads == ()  # acknowledged: none comes twice


@pytest.mark.parametrize(
    ("address", "allow", "words"),
    [("mqtt://127.0.0.1:9", "127.0.0.1", "refused"), ("mqtt://127.0.0.1:1883", "", "loopback")],
)
def test_a_broker_that_is_not_there_or_not_allowed_is_a_fault(
    tmp_path: Path, address: str, allow: str, words: str
) -> None:
    found = visit(feed_at("x", address), tmp_path, allow)
    assert found.fault is not None
    assert words in found.fault.problem
    assert found.state.failures == 1
