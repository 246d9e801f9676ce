"""``tocsin feeds list`` and ``try``, and the check of live feeds in a region folder."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from typer.testing import CliRunner

from tests.intake.readings import SAMPLES
from tests.region.folder import FILES, make_region_folder
from tocsin.cli import app
from tocsin.errors import IntakeError
from tocsin.intake import Feed, read
from tocsin.intake.payloads import State, save_state
from tocsin.region import check_region, load_region

LIVE = """
[[feed]]
id = "knyc"
reader = "nws-observations"
url = "URL"
delay_min = 10
every_min = 30
source = "NWS"
licence = "public domain"
[feed.options.stations]
KNYC = "EST"

[[feed]]
id = "gateway"
reader = "sensor-json"
token_from = "GATEWAY_TOKEN"
delay_min = 0
source = "the town"
licence = "own"
"""


def region_with(folder: Path, url: str) -> Path:
    return make_region_folder(
        folder, {"feeds.toml": FILES["feeds.toml"] + LIVE.replace("URL", url)}
    )


@contextmanager
def server(body: bytes) -> Iterator[str]:
    """Serve one answer from a thread of its own: the command has its own event loop."""
    loop = asyncio.new_event_loop()

    async def start() -> web.AppRunner:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(body=body, content_type="application/geo+json")

        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def run(*arguments: str | Path) -> tuple[int, str]:
    settings = {"COLUMNS": "400", "TOCSIN_ALLOW_TARGETS": "127.0.0.1"}
    result = CliRunner(env=settings).invoke(app, ["feeds", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_good_live_feed_is_shown_before_it_is_switched_on(tmp_path: Path) -> None:
    with server((SAMPLES / "nws_2026.json").read_bytes()) as url:
        code, said = run("try", region_with(tmp_path, url), "knyc")

    assert code == 0
    assert "an answer of" in said
    assert "1 of 1 rows used, 9 series" in said
    assert "EST  air_temperature [degC], 1 values" in said
    assert "2026-04-07T20:51:00Z      11.00" in said
    assert "DOUBTED" in said


def test_a_bad_feed_says_why_and_ends_with_1(tmp_path: Path) -> None:
    with server(b"<!DOCTYPE html><html>") as url:
        code, said = run("try", region_with(tmp_path, url), "knyc")
    assert code == 1
    assert "a web page where data are expected" in said


def test_an_address_that_is_not_called_is_no_matter_of_patience(tmp_path: Path) -> None:
    for url, wrong in (
        ("http://10.0.0.1/x", "10.0.0.1"),
        ("https://example.org/{env:OTHER_OFFICES_KEY}", "OTHER_OFFICES_KEY is not set"),
    ):
        code, said = run("try", region_with(tmp_path, url), "knyc")
        assert code == 1
        assert wrong in said
        assert "Until that is changed the feed brings nothing." in said
        assert "asked again" not in said


def test_an_empty_drop_folder_says_that_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    region = region_with(tmp_path, "https://example.org/")
    feeds = (region / "feeds.toml").read_text()
    (region / "feeds.toml").write_text(feeds.replace('path = "values.csv"', 'path = "drop/"'))
    code, said = run("try", region, load_region(region).feeds[0].id)
    assert code == 1
    assert "no file in" in said
    assert "10 s after its last change" in said


ENSEMBLE = """
[[feed]]
id = "ensemble"
reader = "open-meteo"
url = "URL"
delay_min = 60
source = "Open-Meteo"
licence = "CC BY 4.0"
[feed.options]
places = ["EST"]
model = "made"
members = 3
"""


def test_a_forecast_shows_values_and_the_members_that_are_missing(tmp_path: Path) -> None:
    hourly = {"time": ["2026-01-01T00:00", "2026-01-01T01:00"], "temperature_2m": [1.0, 2.0],
              "temperature_2m_member01": [3.0, 4.0]}  # fmt: skip
    names = [name for name in hourly if name != "time"]
    units = {"time": "iso8601", **dict.fromkeys(names, "°C")}
    answer = {"latitude": 46.5, "longitude": 8.5, "utc_offset_seconds": 0, "timezone": "GMT",
              "hourly_units": units, "hourly": hourly}  # fmt: skip
    with server(json.dumps(answer).encode()) as url:
        feeds = FILES["feeds.toml"] + ENSEMBLE.replace("URL", url)
        code, said = run("try", make_region_folder(tmp_path, {"feeds.toml": feeds}), "ensemble")
    assert code == 0, said
    assert "member 1, run not told: 2 hours from 2026-01-01T00:00:00Z" in said
    assert "2026-01-01T01:00:00Z       4.00" in said
    assert "2 of 3 members, 1 missing." in said


def test_a_file_of_the_region_can_be_tried_too(tmp_path: Path) -> None:
    region = region_with(tmp_path, "https://example.org/")
    name = load_region(region).feeds[0].id
    code, said = run("try", region, name)
    assert code == 0
    assert "rows used" in said
    assert run("try", region, "gateway")[0] == 2
    code, said = run("try", region, "nothing")
    assert code == 2
    assert "there are: " in said


def test_the_list_shows_age_and_failures(tmp_path: Path) -> None:
    region = region_with(tmp_path / "region", "https://example.org/x?key=hidden")
    state = State(answered_at=datetime(2026, 1, 1, tzinfo=UTC), failures=4, problem="It is down.")
    save_state(tmp_path / "data" / "feeds" / "knyc", state)

    code, said = run("list", region, "--data", tmp_path / "data")

    assert code == 0
    assert "https://example.org/x" in said
    assert "hidden" not in said
    assert "STALE, 4 failures in a row: It is down." in said
    assert "push GATEWAY_TOKEN" in said
    assert "answered never" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('url = "URL"', 'url = "ftp://example.org"', "url"),
        ('url = "URL"', 'url = "https://a.example"\npath = "values.csv"', "exactly one of"),
        ('url = "URL"', "", "The feed has no source"),
        ('url = "URL"', 'path = "drop/"', "The folder is not there"),
        ("every_min = 30", "every_min = 0", "every_min"),
        ('KNYC = "EST"', 'KNYC = "EST"\nKJFK = "EST"', "stands for this station"),
    ],
)
def test_a_wrong_live_feed_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    text = (FILES["feeds.toml"] + LIVE).replace(old, new).replace("URL", "https://example.org")
    faults = check_region(make_region_folder(tmp_path, {"feeds.toml": text}))
    assert any(words in str(fault) for fault in faults), faults
    assert all(fault.remedy for fault in faults)


def test_a_live_feed_has_no_file_to_read() -> None:
    feed = Feed(
        id="one", reader="metar", url="https://example.org/", delay_min=0, source="test",
        licence="CC0-1.0",
    )  # fmt: skip
    with pytest.raises(IntakeError, match="tocsin feeds try"):
        read(feed, [])
