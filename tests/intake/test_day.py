"""A day of each HTTP feed, with every fault in turn and crashes: no value lost and none double."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.intake.answers import Renderer, Truth, renderers
from tests.intake.feeds import Named
from tests.intake.server import FAULTS, Server, serving
from tocsin.errors import IntakeError
from tocsin.intake import Feed, Reading, read
from tocsin.intake.fetch import Client, done, fetch
from tocsin.intake.quality import flag_reading
from tocsin.net.client import Limits

BEGIN = datetime(2026, 1, 31, 0, 5, tzinfo=UTC)  # over the end of a month
STEP = timedelta(minutes=10)
STEPS = 144


class Books:
    """The plainest keeping there is: each value once, by what it is of."""

    def __init__(self) -> None:
        self.kept: Truth = {}
        self.corrected: list[tuple[str, str, int]] = []
        self.doubted = 0

    def take(self, reading: Reading) -> None:
        """Add what is new; of a value that is there note that another one came."""
        for one in reading.series:
            times = one.times.astype(int).tolist()
            for time, value in zip(times, one.values.tolist(), strict=True):
                key = (one.station, one.quantity, time)
                if self.kept.setdefault(key, value) != value:
                    self.corrected.append(key)
        for event in reading.events:  # revised an hour later: the last word stands
            self.kept["event", event.id, int(event.at.astype(int))] = event.size
        self.doubted += sum(int(bits.astype(bool).sum()) for bits in flag_reading(reading.series))


class Day:
    """The cycle of a desk: fetch what is due, read it, keep it; now and then it crashes."""

    def __init__(self, folder: Path, renderer: Renderer) -> None:
        self.folder, self.now = folder, BEGIN
        self.books = Books()
        self.crashing, self.crashes, self.answers = True, 0, 0
        self.server = Server(lambda: renderer(self.now))
        self.renderer = renderer
        self.problems: set[str] = set()

    async def run(self) -> None:
        async with serving(self.server) as short:
            client = Client(short.session, short.allow, Limits(total_s=0.4))
            feed = Feed(
                id="feed", reader=self.renderer.reader, url=self.server.url, delay_min=0,
                every_min=10, keep=3, source="test", licence="CC0-1.0",
                options=self.renderer.options,
            )  # fmt: skip
            for step in range(STEPS):
                self.now = BEGIN + step * STEP
                self.server.mood = FAULTS[self.server.asked % len(FAULTS)]
                await self.cycle(feed, client)
            self.server.mood, self.crashing = "good", False
            self.now += timedelta(hours=1)
            await self.cycle(feed, Client(short.session, short.allow, Limits(total_s=20)))

    async def cycle(self, feed: Feed, client: Client) -> None:
        fetched = await fetch(feed, self.folder, client, self.now)
        if fetched.fault:
            self.problems.add(fetched.fault.problem)
        self.answers += bool(fetched.payloads)
        crash = self.answers % 6 if self.crashing and fetched.payloads else -1
        if crash == 3:  # after the fetch
            self.crashes += 1
            return
        for payload in fetched.payloads:
            try:
                self.books.take(read(feed.of(payload), [Named("EST")]))
            except IntakeError:
                done(payload, feed.keep)
                continue
            if crash == 5:  # after keeping, before it is marked as done
                self.crashes += 1
                return
            done(payload, feed.keep)


@pytest.mark.slow
@pytest.mark.parametrize("renderer", renderers(), ids=lambda one: one.reader)
def test_a_day_with_faults_loses_nothing_and_doubles_nothing(
    tmp_path: Path, renderer: Renderer
) -> None:
    day = Day(tmp_path, renderer)
    asyncio.run(day.run())

    truth, kept = renderer.seen, day.books.kept
    assert len(truth) > 8
    assert sorted(kept.keys() - truth.keys()) == []
    assert sorted(truth.keys() - kept.keys()) == []
    assert kept == pytest.approx(truth, abs=1e-3)
    assert day.books.corrected == []
    assert day.books.doubted == 0
    assert day.crashes >= 4
    assert len(day.problems) >= 6
    assert len(list((tmp_path / "feed" / "read").iterdir())) == 3
