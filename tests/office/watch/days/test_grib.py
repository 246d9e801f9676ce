"""A day of forecasts fetched message by message: four runs, each published step by step."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.intake.feeds import Named
from tests.intake.grib_server import GribServer
from tocsin.intake import Feed
from tocsin.intake import fetch as fetching
from tocsin.net.client import Limits
from tocsin.office.places.models import Station
from tocsin.office.watch import feeding
from tocsin.office.watch.blocks import Block
from tocsin.office.watch.feeding import look_at_feeds
from tocsin.office.watch.models import ForecastRun, ForecastValues, Observation
from tocsin.office.watch.recent_rows import RecentRows

from .http_day import CrashError, threaded

pytest.importorskip("eccodes")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db]
FIRST = datetime(2026, 1, 31, tzinfo=UTC)
RUNS = [FIRST + timedelta(hours=6 * n) for n in range(4)]
STEPS = (0, 3, 6, 9)
PUBLISHED = timedelta(hours=4)
BETWEEN = timedelta(minutes=30)
"""A run's first step is there four hours after it began, each further one half an hour later."""
WARM = "air_temperature"
MOODS = ("good", "500", "short", "good", "page", "cut", "good", "elsewhere", "replaced", "silent")


def value(run: datetime, step: int) -> float:
    return 273.15 + run.hour + step / 10


def publish(server: GribServer, now: datetime) -> None:
    """Put up what is there by now; the third run never brings its last step."""
    for number, run in enumerate(RUNS):
        for place, step in enumerate(STEPS):
            is_there = now >= run + PUBLISHED + place * BETWEEN and (number, step) != (2, 9)
            if is_there and (f"{run:%Y%m%d%H}", step) not in server.files:
                server.put(run, step, ("sp", 1e5), ("2t", value(run, step)), ("10u", 1.0))


def _killed(*_: Any) -> None:
    raise CrashError


def feed_of(url: str) -> Feed:
    return Feed(
        id="ifs", reader="grib-points", url=url + "/{run:%Y%m%d%H}/{step}.grib2",
        delay_min=200, every_min=20, source="test", licence="CC0-1.0",
        options={
            "model": "ifs", "points": {"EST": {"lat": 40, "lon": 10}},
            "messages": {"index": "wgrib2", "steps": "0-9/3", "quantities": [WARM]},
        },
    )  # fmt: skip


def play(folder: Path, server: GribServer, patch: pytest.MonkeyPatch) -> tuple[set[str], int]:
    """Look at the feed for a day and a quarter; return what went wrong, and the crashes."""
    problems: set[str] = set()
    crashes = 0
    with threaded(server.answer) as url:
        for look in range(90):
            now = FIRST + timedelta(minutes=20 * look)
            publish(server, now)
            server.mood = MOODS[look % len(MOODS)] if look < 85 else "good"
            with patch.context() as within:
                if look % 7 == 3:
                    within.setattr(feeding, "done", _killed)
                try:
                    for fed in look_at_feeds(
                        [feed_of(url)], [Named("EST")], folder, at=now, guard=lambda: None,  # type: ignore[list-item]
                        note=_killed if look % 7 == 5 else lambda _: None, recent=RecentRows(),
                    ):  # fmt: skip
                        problems |= {fed.error} - {""}
                except CrashError:
                    crashes += 1
    return problems, crashes


def test_a_day_of_runs_is_kept_to_the_last_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def short() -> Any:
        async with fetching.open_client(["127.0.0.1"]) as client:
            yield fetching.Client(client.session, client.allow, Limits(total_s=5))

    monkeypatch.setattr(feeding, "open_client", short)
    server = GribServer()
    Station.objects.create(code="EST", names={"en": "EST"}, lat=40, lon=10, source="x")
    problems, crashes = play(tmp_path, server, monkeypatch)
    assert crashes >= 4
    assert len(problems) >= 5
    assert any("has no step 9" in one for one in problems)
    kept = {
        (run.issued_at, int(time), round(float(one), 2))
        for run in ForecastRun.objects.all()
        for block in ForecastValues.objects.filter(run=run)
        for unpacked in [Block.unpack(block.packed)]
        for time, one in zip(unpacked.times, unpacked.values[0], strict=True)
    }
    truth = {
        (run, int((run + timedelta(hours=step)).timestamp()), round(value(run, step) - 273.15, 2))
        for number, run in enumerate(RUNS)
        for step in STEPS
        if (number, step) != (2, 9)
    }
    assert kept == truth
    assert sum(run.values for run in ForecastRun.objects.all()) == len(truth)
    assert sum(run.corrected for run in ForecastRun.objects.all()) == 0
    assert not Observation.objects.exists()
    whole = sum(len(one.body) for one in server.files.values())
    assert server.sent < 4 * whole  # lies and kills included; a third of each file is wanted
