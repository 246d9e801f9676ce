"""A day of pushed observations: a gateway that sends again, late, cut, in disorder, and lies."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tocsin.office.places.services import load_region_folder
from tocsin.office.watch.gateways import make_token
from tocsin.region import load_region

from .day import BEGIN, Day, Key, make_day, message

FEED = """[[feed]]
id = "boxes"
reader = "sensor-json"
push = true
delay_min = 0
source = "made for a test"
licence = "CC0-1.0"
"""
FAULTS = ("good", "late", "twice", "cut", "mixed", "one by one", "lying", "stranger", "good")


class Box:
    """A gateway: it keeps what was not accepted and sends it with the next message."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.back: list[Key] = []
        self.count = 0
        self.codes: dict[str, set[int]] = {}

    def post(self, fault: str, body: Any, token: str = "") -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = Client().post(
            "/push/boxes", data, content_type="application/json",
            headers={"Authorization": f"Bearer {token or self.token}"},
        )  # fmt: skip
        self.codes.setdefault(fault, set()).add(answer.status_code)
        return answer.status_code

    def __call__(self, day: Day, now: datetime, keys: list[Key]) -> None:
        fault = FAULTS[self.count % len(FAULTS)] if keys else "good"
        self.count += 1
        self.back += keys
        if fault == "late" or not self.back:
            return
        rows = message(self.back, day)
        match fault:
            case "cut":
                self.post(fault, json.dumps(rows).encode()[:-9])
                return
            case "stranger":
                self.post(fault, rows, token="of somebody else, and long enough")
                return
            case "lying":
                self.post(fault, b"<html>502</html>")
                rows = [*rows, {**rows[0], "station": "XYZ"}, {"station": "AAA"}, "nonsense"]
            case "mixed":
                rows.reverse()
            case "one by one":
                for row in rows:
                    self.post(fault, row)
            case "twice":
                self.post(fault, rows)
        if self.post(fault, rows) == 202:
            self.back = []


@pytest.mark.slow
@pytest.mark.django_db
def test_a_day_of_pushed_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = make_day(tmp_path, FEED, lambda *_: None)
    load_region_folder(day.folder, at=BEGIN)
    monkeypatch.setattr("tocsin.office.watch.push_views.moment", lambda _region: day.now)
    (feed,) = load_region(day.folder).feeds
    box = Box(make_token(feed, "north", at=BEGIN))
    day.bring, day.step, day.steps = box, timedelta(minutes=30), 48
    day.run()
    day.check()
    assert box.codes == {
        "good": {202}, "twice": {202}, "cut": {422}, "mixed": {202}, "one by one": {202},
        "lying": {202, 422}, "stranger": {401},
    }  # fmt: skip
    assert day.errors == []
