"""Pushed observations over HTTP: who may, what is accepted, and what an attacker gets."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.office import factories, live_region
from tocsin.errors import StateError
from tocsin.office.audit.models import Entry
from tocsin.office.places.models import Region
from tocsin.office.places.services import load_region_folder
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.watch import gateways
from tocsin.office.watch.gateways import make_token, revoke_token
from tocsin.office.watch.models import Gateway, Observation, Pushed
from tocsin.region import load_region

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 15, 12, 0, 30, tzinfo=UTC)
FEEDS = """[[feed]]
id = "boxes"
reader = "sensor-json"
push = true
delay_min = 0
max_mb = 0.01
source = "made for a test"
licence = "CC0-1.0"

[[feed]]
id = "table"
reader = "hourly-station-csv"
push = true
delay_min = 0
source = "made for a test"
licence = "CC0-1.0"
[feed.options]
station_column = "station"
time_column = "time"
time_label = "start"
columns.temp = { quantity = "air_temperature", unit = "degF" }

[[feed]]
id = "asked"
reader = "sensor-json"
url = "https://weather.example/data"
delay_min = 0
source = "made for a test"
licence = "CC0-1.0"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = live_region.make(tmp_path / "small")
    (made / "feeds.toml").write_text(FEEDS)
    load_region_folder(made, at=NOW)
    monkeypatch.setattr("tocsin.office.watch.push_views.moment", lambda _region: NOW)
    return made


@pytest.fixture
def token(folder: Path) -> str:
    return token_of(folder, "boxes")


def token_of(folder: Path, name: str, label: str = "north") -> str:
    feed = next(one for one in load_region(folder).feeds if one.id == name)
    return make_token(feed, label, at=NOW)


def row(minute: int, value: object = 20.5, station: str = "AAA", unit: str = "degC") -> dict:
    return {
        "station": station, "time": f"2026-07-15T11:{minute:02}:00Z",
        "values": {"air_temperature": {"value": value, "unit": unit}},
    }  # fmt: skip


def post(token: str, body: Any, feed: str = "boxes", **headers: str) -> Any:
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(
        f"/push/{feed}", body, content_type="application/octet-stream",
        headers={"Authorization": f"Bearer {token}", **headers},
    )  # fmt: skip


def test_a_message_is_counted_told_and_read_by_the_next_cycle(
    folder: Path, token: str, tmp_path: Path
) -> None:
    bad = [row(10, "warm"), row(20, station="XYZ"), row(30, unit="knot")]
    answer = post(token, [row(0), row(5, 21.0), *bad])
    assert answer.status_code == 202
    said = answer.json()
    assert (said["rows"], said["values"], said["again"]) == (2, 2, False)
    assert len(said["faults"]) == 3
    assert {"line", "field", "value", "problem", "remedy"} == said["faults"][0].keys()
    assert any("not a number" in one["problem"] for one in said["faults"])
    assert not Observation.objects.exists()

    watch = LiveWatch(folder, tmp_path / "spool", at=NOW)
    account = watch.cycle(NOW + timedelta(minutes=1))
    watch.close()
    assert account.new == 2
    assert sorted(Observation.objects.values_list("value", flat=True)) == [20.5, 21.0]
    kept = Pushed.objects.get()
    assert bytes(kept.body) == b""
    assert kept.taken_at == NOW + timedelta(minutes=1)


def test_the_same_message_again_is_accepted_and_adds_nothing(token: str) -> None:
    first, again = post(token, row(0)), post(token, row(0))
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    assert again.json()["rows"] == 1
    assert Pushed.objects.count() == 1


def test_a_csv_is_read_as_its_feed_says(folder: Path) -> None:
    token = token_of(folder, "table")
    body = b"station,time,temp\nAAA,2026-07-15T11:00Z,68\nBBB,2026-07-15T11:20Z,70"
    answer = post(token, body, "table")
    assert answer.status_code == 202
    assert answer.json()["rows"] == 1
    assert [one["line"] for one in answer.json()["faults"]] == [3]
    assert post(token, b"station,time\n", "table").status_code == 422


def test_only_the_hash_of_a_token_is_kept_and_it_is_in_no_record(token: str) -> None:
    gateway = Gateway.objects.get()
    assert gateway.digest == hashlib.sha256(token.encode()).hexdigest()
    post(token, row(0))
    for table in (Gateway, Entry, Pushed):
        assert all(token not in str(one) for one in table.objects.values())
    assert Entry.objects.filter(verb="make_token", object_id="boxes").count() == 1


@pytest.mark.parametrize("given", ["", "tpush_", "x" * 50, "Bearer", "\u00e9" * 30, "' OR 1=1 --"])
def test_a_stranger_is_refused_alike_whether_the_feed_is_there_or_not(
    token: str, given: str
) -> None:
    answers = [post(given, row(0), name) for name in ("boxes", "table", "asked", "nothing")]
    assert {one.status_code for one in answers} == {401}
    assert len({one.content for one in answers}) == 1
    assert answers[0]["WWW-Authenticate"].startswith("Bearer")
    assert not Pushed.objects.exists()


def test_a_token_is_of_its_feed_alone_and_ends_when_it_is_revoked(folder: Path, token: str) -> None:
    assert post(token, row(0), "table").status_code == 401
    with pytest.raises(StateError, match="has a token"):
        token_of(folder, "boxes")
    revoke_token("boxes", "north", at=NOW)
    assert post(token, row(0)).status_code == 401
    with pytest.raises(StateError, match="No gateway"):
        revoke_token("boxes", "north", at=NOW)
    assert token_of(folder, "boxes") != token
    with pytest.raises(StateError, match="is not pushed"):
        token_of(folder, "asked")


def test_a_token_in_the_environment_serves_as_well(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_TOKEN", "t" * 30)
    (folder / "feeds.toml").write_text(FEEDS.replace("push = true", 'token_from = "BOX_TOKEN"', 1))
    load_region_folder(folder, at=NOW)
    assert post("t" * 30, row(0)).status_code == 202
    monkeypatch.setenv("BOX_TOKEN", "short")
    assert post("short", row(1)).status_code == 401
    monkeypatch.delenv("BOX_TOKEN")
    assert post("", row(1)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"3", b'"x"', b"\xff\xfe\x00", b"[" * 4000, b"{}", b"[[[]]]",
        b"<!doctype html><html>", b"9" * 5000, b'{"station": {}, "time": [], "values": 1}',
        b'[{"station": "AAA", "time": "2026-07-15T11:00:00Z", "values": {"air_temperature": NaN}}]',
        json.dumps(row(0, 1e400)).encode(), json.dumps(row(0, "1_0")).encode(),
        json.dumps(row(0, station="../../etc/passwd")).encode(),
        json.dumps({**row(0), "time": "0001-01-01T00:00:00+14:00"}).encode(),
    ],
)  # fmt: skip
def test_hostile_bodies_are_refused_in_words_and_keep_nothing(token: str, body: bytes) -> None:
    answer = post(token, body)
    if not body:
        assert answer.status_code in {411, 422}
        return
    assert answer.status_code == 422
    assert answer.json()["problem"] == "Nothing of it can be used."
    assert not Pushed.objects.exists()


def test_what_is_too_long_packed_or_cut_is_not_even_read(token: str) -> None:
    assert post(token, b"x" * 10_001).status_code == 413
    assert post(token, row(0), **{"Content-Encoding": "gzip"}).status_code == 415
    assert post(token, b"xx", **{"Content-Length": "-1"}).status_code == 411
    assert Client().get("/push/boxes").status_code == 405
    assert not Pushed.objects.exists()


def test_a_gateway_that_floods_is_told_to_wait(
    token: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "A_MINUTE", 3)
    other = token_of(folder, "boxes", "south")
    codes = [post(token, row(n)).status_code for n in range(5)]
    assert codes == [202, 202, 202, 429, 429]
    answer = post(token, row(30))
    assert answer["Retry-After"] == "60"
    assert post(other, row(31)).status_code == 202
    later = NOW + timedelta(minutes=1)
    monkeypatch.setattr("tocsin.office.watch.push_views.moment", lambda _region: later)
    assert post(token, row(32)).status_code == 202


def test_a_queue_that_nobody_empties_is_not_filled_without_end(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "MOST_WAITING", 2)
    codes = [post(token, row(n)).status_code for n in range(3)]
    assert codes == [202, 202, 429]


def test_a_replay_takes_no_observations() -> None:
    assert post("x" * 40, row(0)).status_code == 409  # nothing has been loaded yet
    factories.make_region()
    assert Region.objects.get().is_replay
    assert post("x" * 40, row(0)).status_code == 409
