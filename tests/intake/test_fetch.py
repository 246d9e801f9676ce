"""Fetching: politely, whatever the other side does, and without losing an answer."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.intake.server import Server, serving
from tocsin.errors import SettingError
from tocsin.intake import Feed
from tocsin.intake.fetch import Fetched, address, done, fetch, open_client
from tocsin.intake.payloads import State, load_state, store, waiting

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MESSAGE = b'{"features": []}'


def make_feed(url: str = "https://example.org/", **settings: Any) -> Feed:
    return Feed(
        id="one", reader=settings.pop("reader", "nws-observations"), url=url, delay_min=0,
        every_min=settings.pop("every_min", 10), source="test", licence="CC0-1.0", **settings,
    )  # fmt: skip


def asked(
    folder: Path, moods: str, *, step_min: int = 10, body: bytes = MESSAGE, **settings: Any
) -> tuple[list[Fetched], Server]:
    """Ask once for each mood, ``step_min`` apart."""

    async def run() -> list[Fetched]:
        found = []
        async with serving(server) as client:
            feed = make_feed(server.url, **settings)
            for n, mood in enumerate(moods.split()):
                server.mood = mood
                now = NOON + timedelta(minutes=n * step_min)
                found.append(await fetch(feed, folder, client, now))
        return found

    server = Server(lambda: body)
    return asyncio.run(run()), server


def test_a_new_answer_is_on_disk_and_waits_until_it_is_done(tmp_path: Path) -> None:
    (first, again), server = asked(tmp_path, "good good")

    (payload,) = first.payloads
    assert payload == tmp_path / "one" / "20260101T120000Z.json"
    assert payload.read_bytes() == MESSAGE
    assert again.payloads == (payload,)  # nobody has said that it is kept
    assert (first.fault, again.fault, server.unchanged) == (None, None, 1)

    done(payload, keep=2)
    assert not payload.exists()
    assert (tmp_path / "one" / "read" / payload.name).read_bytes() == MESSAGE


def test_only_the_last_answers_are_kept_after_reading(tmp_path: Path) -> None:
    for minute in range(5):
        done(store(tmp_path, b"{}\n", "json", NOON + timedelta(minutes=minute)), keep=2)
    assert sorted(path.name for path in (tmp_path / "read").iterdir()) == [
        "20260101T120300Z.json", "20260101T120400Z.json",
    ]  # fmt: skip


def test_two_answers_of_one_second_have_two_names(tmp_path: Path) -> None:
    paths = [store(tmp_path, b"1", "json", NOON) for _ in range(3)]
    done(paths[0], keep=5)
    paths.append(store(tmp_path, b"1", "json", NOON))
    assert len({path.name for path in paths}) == 4
    assert waiting(tmp_path, "json") == tuple(paths[1:])  # in the order in which they came


def test_a_dropped_file_keeps_its_name_within_that_of_its_answer(tmp_path: Path) -> None:
    path = store(tmp_path, b"1", "json", NOON, called="values of/July (2)")
    assert path.name == "20260101T120000Z_values_of_July__2_.json"
    again = store(tmp_path, b"1", "json", NOON, called="values of/July (2)")
    assert waiting(tmp_path, "json") == (path, again)


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("500", "answers 500"),
        ("gone", "answers 404"),
        ("busy", "answers 503"),
        ("page", "a web page where data are expected"),
        ("empty", "sends nothing"),
        ("cut", "127.0.0.1"),
        ("half", "breaks off in the middle of its JSON"),
        ("huge", "more than the"),
        ("slow", "did not answer in full within"),
    ],
)
def test_a_bad_answer_is_a_fault_and_the_next_is_asked_in_full(
    tmp_path: Path, mood: str, words: str
) -> None:
    (bad, good), server = asked(tmp_path, f"{mood} good", step_min=60)

    assert bad.fault is not None
    assert words in bad.fault.problem
    assert bad.payloads == ()
    assert (bad.state.failures, bad.state.answered_at) == (1, None)
    assert len(good.payloads) == 1
    assert "If-None-Match" not in server.headers[-1]
    assert (good.state.failures, good.state.problem) == (0, "")


def test_right_data_under_a_wrong_name_or_packed_are_taken(tmp_path: Path) -> None:
    (liar, _), _ = asked(tmp_path / "a", "liar good")
    (packed,), _ = asked(tmp_path / "b", "packed")
    assert len(liar.payloads) == len(packed.payloads) == 1


def test_the_same_bytes_are_not_read_twice(tmp_path: Path) -> None:
    found, _ = asked(tmp_path, "twice twice twice")
    assert [len(one.payloads) for one in found] == [1, 1, 1]


def test_half_a_text_is_used_and_the_whole_is_asked_for(tmp_path: Path) -> None:
    body = b"KJFK 171051Z 31012KT 20/10 A3000\n" * 3
    (half, good), server = asked(tmp_path, "half good", step_min=60, body=body, reader="metar")
    assert half.fault is not None
    assert "in the middle of a line" in half.fault.problem
    assert len(half.payloads) == 1
    assert len(good.payloads) == 2
    assert "If-None-Match" not in server.headers[-1]


def test_it_waits_longer_while_it_fails_and_never_longer_than_an_hour(tmp_path: Path) -> None:
    found, server = asked(tmp_path, "500 " * 40)

    waits = [one.state.due_at - one.state.tried_at for one in found if one.asked]  # type: ignore[operator]
    assert [wait.total_seconds() / 60 for wait in waits[:4]] == [20, 40, 60, 60]
    assert server.asked == len(waits) < 12


def test_it_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    (busy, early, later), _ = asked(tmp_path, "busy good good", step_min=24)
    assert busy.state.due_at == NOON + timedelta(seconds=1500)
    assert (early.asked, later.asked) == (False, True)


def test_a_feed_that_is_not_due_is_left_alone_unless_meant(tmp_path: Path) -> None:
    (_, second), server = asked(tmp_path, "good good", step_min=5)
    assert (second.asked, server.asked, len(second.payloads)) == (False, 1, 1)

    async def at_once() -> Fetched:
        async with serving(server) as client:
            feed = make_feed(server.url)
            return await fetch(feed, tmp_path, client, NOON + timedelta(minutes=6), at_once=True)

    assert asyncio.run(at_once()).asked


def test_a_broken_state_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "state.json").write_bytes(b'{"failures": ')
    (only,), _ = asked(tmp_path, "good")
    assert len(only.payloads) == 1


def test_no_secret_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRMS_KEY", "s3cr3t-in-url")
    monkeypatch.setenv("OPENAQ_KEY", "s3cr3t-in-header")

    async def run() -> list[Fetched]:
        async with serving(server) as client:
            feed = make_feed(
                server.url + "/{env:FIRMS_KEY}", headers_from={"X-API-Key": "OPENAQ_KEY"}
            )
            found = []
            for n, mood in enumerate(["good", "500", "page"]):
                server.mood = mood
                found.append(await fetch(feed, tmp_path, client, NOON + timedelta(hours=n)))
            return found

    server = Server(lambda: MESSAGE)
    found = asyncio.run(run())
    assert server.headers[0]["X-API-Key"] == "s3cr3t-in-header"
    kept = (tmp_path / "one" / "state.json").read_text() + str([one.fault for one in found])
    assert "s3cr3t" not in kept


def test_a_secret_that_is_not_set_is_told(tmp_path: Path) -> None:
    (only,), server = asked(tmp_path, "good", headers_from={"X-API-Key": "NO_SUCH"})
    assert only.fault is not None
    assert "variable NO_SUCH is not set" in only.fault.problem
    assert server.asked == 0


def test_places_in_an_address_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")
    feed = make_feed(
        "https://example.org/{env:KEY}/{run:%Y%m%d}/{run:%H}z?from={now-24h:%Y-%m-%d}&to={now}"
    ).model_copy(update={"delay_min": 420})
    now = datetime(2026, 1, 2, 6, 30, tzinfo=UTC)
    assert address(feed, now) == (
        "https://example.org/k/20260101/18z?from=2026-01-01&to=2026-01-02T06:30:00Z"
    )
    with pytest.raises(SettingError, match="OTHER is not set"):
        address(make_feed("https://example.org/{env:OTHER}"), now)


def test_another_address_is_another_file(tmp_path: Path) -> None:
    async def run() -> None:
        async with serving(server) as client:
            feed = make_feed(server.url + "/{now:%H}")
            for hour in range(2):
                await fetch(feed, tmp_path, client, NOON + timedelta(hours=hour))

    server = Server(lambda: MESSAGE)
    asyncio.run(run())
    assert "If-None-Match" not in server.headers[1]


def test_an_address_inside_is_refused_as_a_fault(tmp_path: Path) -> None:
    async def run() -> Fetched:
        async with open_client([]) as client:
            return await fetch(make_feed("http://127.0.0.1:8080/"), tmp_path, client, NOON)

    fault = asyncio.run(run()).fault
    assert fault is not None
    assert "loopback" in fault.problem


def test_a_silent_feed_is_stale_after_three_questions() -> None:
    feed = make_feed(every_min=10)
    state = State(answered_at=NOON)
    assert not state.is_stale(feed, NOON + timedelta(minutes=30))
    assert state.is_stale(feed, NOON + timedelta(minutes=31))
    assert not State().is_stale(feed, NOON, since=NOON - timedelta(minutes=30))
    assert State().is_stale(feed, NOON, since=NOON - timedelta(minutes=31))
    assert State(failures=1).is_stale(feed, NOON)


def test_a_feed_has_one_source() -> None:
    with pytest.raises(ValidationError, match="exactly one of path, url"):
        make_feed("")
    with pytest.raises(ValidationError, match="The feed has path and url"):
        make_feed(path="x.csv")


def dropped(folder: Path, name: str, body: bytes, at: datetime) -> Path:
    file = folder / name
    file.write_bytes(body)
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


def test_a_drop_folder_of_an_hourly_feed_is_looked_into_every_minute(tmp_path: Path) -> None:
    drop = tmp_path / "region" / "drop"
    drop.mkdir(parents=True)
    feed = Feed(
        id="drop", reader="hourly-station-csv", path="drop/", delay_min=0,
        source="test", licence="CC0-1.0", folder=tmp_path / "region",
    )  # fmt: skip
    assert feed.every_min == 60

    async def look(minute: int) -> Fetched:
        async with open_client([]) as client:
            return await fetch(feed, tmp_path / "data", client, NOON + timedelta(minutes=minute))

    dropped(drop, "a.csv", b"a\n1\n", NOON - timedelta(seconds=3))  # still being written
    assert asyncio.run(look(0)).payloads == ()
    assert [path.read_bytes() for path in asyncio.run(look(1)).payloads] == [b"a\n1\n"]


def test_each_file_of_a_drop_folder_is_taken_once_when_it_is_still(tmp_path: Path) -> None:
    drop = tmp_path / "region" / "drop"
    drop.mkdir(parents=True)
    feed = Feed(
        id="drop", reader="hourly-station-csv", path="drop/", delay_min=0, every_min=1,
        source="test", licence="CC0-1.0", folder=tmp_path / "region", max_mb=0.001,
    )  # fmt: skip

    async def look(minute: int) -> Fetched:
        async with open_client([]) as client:
            return await fetch(feed, tmp_path / "data", client, NOON + timedelta(minutes=minute))

    dropped(drop, "a.csv", b"a\n1\n", NOON - timedelta(hours=1))
    dropped(drop, "b.csv", b"a\n", NOON - timedelta(seconds=3))  # still being written
    dropped(drop, "c.csv", b"c" * 2000, NOON - timedelta(hours=1))
    dropped(drop, ".d.csv.part", b"d", NOON - timedelta(hours=1))
    first = asyncio.run(look(0))
    assert [path.read_bytes() for path in first.payloads] == [b"a\n1\n"]
    assert first.fault is not None
    assert "c.csv has more than 0.001 MB" in first.fault.problem

    for payload in first.payloads:
        done(payload, feed.keep)
    (drop / "c.csv").unlink()
    dropped(drop, "b.csv", b"a\n2\n", NOON)
    second = asyncio.run(look(2))
    assert [path.read_bytes() for path in second.payloads] == [b"a\n2\n"]
    assert second.fault is None
    for payload in second.payloads:
        done(payload, feed.keep)

    assert asyncio.run(look(4)).payloads == ()
    dropped(drop, "a.csv", b"a\n1\n3\n", NOON + timedelta(minutes=4))  # grew
    third = asyncio.run(look(6))
    assert [path.read_bytes() for path in third.payloads] == [b"a\n1\n3\n"]
    assert set(load_state(tmp_path / "data" / "drop").files) == {"a.csv", "b.csv"}
