"""A day of sensors by MQTT at a real broker: double, late, broken, and the broker restarts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from paho.mqtt import publish

from tocsin.intake import mqtt

from .broker import Broker, broker
from .day import Day, Key, make_day, message

FEED = """[[feed]]
id = "sensors"
reader = "sensor-json"
topic = "mqtt://127.0.0.1:{port}/town/+/weather"
delay_min = 0
every_min = 1
source = "made for a test"
licence = "CC0-1.0"
"""
FAULTS = ("good", "late", "twice", "broken", "mixed", "down", "lying", "good")


class Sensors:
    """Publish with quality of service 1; what finds no broker is published later."""

    def __init__(self, server: Broker) -> None:
        self.server = server
        self.back: list[Key] = []
        self.count = 0
        self.seen: set[str] = set()

    def __call__(self, day: Day, now: datetime, keys: list[Key]) -> None:
        fault = FAULTS[self.count % len(FAULTS)] if keys else "good"
        self.count += 1
        self.seen.add(fault)
        self.back += keys
        if self.server.process is None:
            self.server.start()
        if fault == "late" or not self.back:
            return
        if fault == "down":
            self.server.stop()
            return
        bodies = [(row["station"], json.dumps(row)) for row in message(self.back, day)]
        self.back = []
        match fault:
            case "twice":
                bodies += bodies
            case "broken":
                bodies = [*bodies, ("AAA", "{not json"), ("AAA", ""), ("BBB", "[]")]
            case "mixed":
                bodies.reverse()
            case "lying":
                bodies = [("XYZ", bodies[0][1].replace("AAA", "XYZ")), *bodies, ("BBB", "{}")]
        publish.multiple(
            [(f"town/{name}/weather", body, 1, False) for name, body in bodies],
            hostname="127.0.0.1", port=self.server.port,
        )  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Broker]:
    with broker(tmp_path / "broker") as one:
        yield one


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.timeout(300)
def test_a_day_of_sensors(tmp_path: Path, server: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_ALLOW_TARGETS", "127.0.0.1")
    monkeypatch.setattr(mqtt, "listen", partial(mqtt.listen, listen_s=5.0, idle_s=0.1))
    sensors = Sensors(server)
    day = make_day(tmp_path, FEED.format(port=server.port), lambda *_: None)
    day.bring, day.step, day.steps = sensors, timedelta(minutes=30), 48
    # The queue is the broker's from the first visit on: a sensor before it speaks to nobody.
    from tocsin.office.warnings_desk.live import LiveWatch

    watch = LiveWatch(day.folder, day.spool, at=day.now)
    watch.cycle(day.now)
    watch.close()
    day.run()
    day.check()
    assert sensors.seen == set(FAULTS)
    assert any("no JSON" in error for error in day.errors)
    assert any("refused" in error.lower() for error in day.errors)
