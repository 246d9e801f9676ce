"""A simulated day of one HTTP feed into the database, faults, lies and restarts included.

Beside it runs the plainest reckoning there is: every answer that was read, in order, value by value
into a dict. What the office has kept must be that, to the last value.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from tests.intake import answers
from tests.intake.answers import Renderer
from tests.intake.feeds import Named
from tests.intake.server import FAULTS, Server
from tocsin.errors import IntakeError
from tocsin.intake import READERS, Feed, Reading, read
from tocsin.intake import fetch as fetching
from tocsin.intake.payloads import EXTENSIONS
from tocsin.intake.quality import Flag
from tocsin.net.client import Limits
from tocsin.office.places.models import Station
from tocsin.office.watch import feeding
from tocsin.office.watch.feeding import look_at_feeds
from tocsin.office.watch.models import Correction, Observation
from tocsin.office.watch.occurrence_models import Occurrence, OccurrenceCorrection
from tocsin.office.watch.recent_rows import RecentRows

BEGIN = datetime(2026, 1, 31, 0, 5, tzinfo=UTC)  # over the end of a month
STEP = timedelta(minutes=30)
STEPS = 48
MOODS = (*FAULTS, "ahead")
AHEAD = timedelta(hours=3)
"""So far the server's clock is ahead in the mood "ahead"."""
SLACK = timedelta(minutes=5)
REVISED_HOUR, REVISED_AFTER, REVISION = 7, timedelta(hours=4), 1.5
LIMITS = Limits(total_s=0.4)
Key = tuple[str, str, datetime]


class CrashError(BaseException):
    """The process is killed here."""


@contextmanager
def threaded(answer: Callable[[web.Request], Any]) -> Iterator[str]:
    """Serve in a thread of its own, for callers that run loops of their own; yield the address."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    place: list[str] = []

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        place.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        return runner

    def run() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        late = asyncio.all_tasks(loop)  # answers that nobody waits for any more
        for task in late:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*late, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield place[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@dataclass
class Reckoning:
    """What the answers say, taken one after the other."""

    values: dict[Key, float] = field(default_factory=dict)
    corrected: int = 0
    future: set[Key] = field(default_factory=set)
    """Labels that lay ahead when they came, as long as nothing else was said of them."""
    events: dict[str, tuple[Any, float]] = field(default_factory=dict)
    events_corrected: int = 0

    def take(self, reading: Reading, at: datetime) -> None:
        for one in reading.series:
            for time, value in zip(one.times, one.values.tolist(), strict=True):
                self._value((one.station, one.quantity, utc(time)), value, at)
        for event in reading.events:
            if utc(event.at) <= at + SLACK:
                self._event(event.id, event.updated, event.size)

    def _value(self, key: Key, value: float, at: datetime) -> None:
        known = self.values.get(key)
        if known == value or (known is not None and np.isnan(value)):
            return  # an empty cell says nothing of a value that is there
        self.corrected += known is not None
        self.values[key] = value
        self.future.discard(key)
        if key[2] > at + SLACK:
            self.future.add(key)

    def _event(self, name: str, updated: Any, size: float) -> None:
        known = self.events.get(name)
        if known is not None and (updated is None or updated <= known[0]):
            return
        self.events_corrected += known is not None and known[1] != size
        self.events[name] = (updated, size)


def utc(time: np.datetime64) -> datetime:
    return datetime.fromisoformat(str(time.astype("datetime64[s]"))).replace(tzinfo=UTC)


class HttpDay:
    """A server with moods, a feed, and looks at it; ``now`` is the moment of both."""

    def __init__(self, folder: Path, renderer: Renderer, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.renderer, self.now = folder, renderer, BEGIN
        self.is_ahead, self.crashes = False, 0
        self.problems: set[str] = set()
        self.server = Server(self.render)
        self.patch = patch
        self.recent = RecentRows()
        self.reckoning = Reckoning()
        self.reckoned: set[str] = set()
        warmth = answers.warmth
        patch.setattr(answers, "warmth", lambda at: round(warmth(at) + self._wrong(at), 1))
        for code in ("EST", "WST"):
            Station.objects.create(code=code, names={"en": code}, lat=40, lon=-74, source="x")

    def _wrong(self, at: datetime) -> float:
        """One hour is told wrong for four hours, then revised."""
        is_early = self.now - at.replace(tzinfo=UTC) < REVISED_AFTER
        return REVISION if at.hour == REVISED_HOUR and is_early else 0.0

    def render(self) -> bytes:
        return self.renderer(self.now + (AHEAD if self.is_ahead else timedelta()))

    def run(self) -> None:
        """Play the day: each question meets the next mood; two looks of five are killed."""
        with threaded(self.server.answer) as url:
            self.url = url
            self._limit(LIMITS)
            for step in range(STEPS):
                self.now = BEGIN + step * STEP
                mood = MOODS[self.server.asked % len(MOODS)]
                self.is_ahead = mood == "ahead"
                self.server.mood = "good" if mood == "ahead" else mood
                self._look_and_crash(step)
            self._limit(Limits(total_s=20))
            self.server.mood, self.is_ahead = "good", False
            self.now += timedelta(hours=4)  # what a clock ahead has told has come by now
            self.look()

    def feed(self) -> Feed:
        return Feed(
            id="feed", reader=self.renderer.reader, url=self.url, delay_min=0, every_min=30,
            keep=10_000, source="test", licence="CC0-1.0", options=self.renderer.options,
        )  # fmt: skip

    def look(self, note: Callable[[Any], None] = lambda _: None) -> None:
        self.recent.move_on(self.now)
        try:
            for fed in look_at_feeds(
                [self.feed()], [Named("EST"), Named("WST")], self.folder, at=self.now,  # type: ignore[list-item]
                guard=lambda: None, note=note, recent=self.recent,
            ):  # fmt: skip
                if fed.error:
                    self.problems.add(fed.error)
        finally:
            self.reckon()

    def _look_and_crash(self, step: int) -> None:
        """Kill the process in the transaction, or right after it; the next one starts anew."""
        in_it, after_it = step % 5 == 2, step % 5 == 4
        with self.patch.context() as patch:
            if after_it:
                patch.setattr(feeding, "done", _killed)
            try:
                self.look(_killed if in_it else lambda _: None)
            except CrashError:
                self.crashes += 1
                self.recent = RecentRows()

    def reckon(self) -> None:
        """Take what has come since into the plain reckoning, as of when it came."""
        ending = EXTENSIONS[READERS[self.renderer.reader].kind]
        home = self.folder / "feed"
        files = [*home.glob(f"2*.{ending}"), *home.glob(f"read/*.{ending}")]
        for file in sorted(files, key=lambda one: one.name):
            if file.name in self.reckoned:
                continue
            self.reckoned.add(file.name)
            try:
                reading = read(self.feed().of(file), [Named("EST"), Named("WST")])
            except IntakeError:
                continue
            self.reckoning.take(reading, self.now)

    def _limit(self, limits: Limits) -> None:
        @asynccontextmanager
        async def short() -> Any:
            async with fetching.open_client(["127.0.0.1"]) as client:
                yield fetching.Client(client.session, client.allow, limits)

        self.patch.setattr(feeding, "open_client", short)


def _killed(*_: Any) -> None:
    raise CrashError


def stored() -> dict[Key, tuple[float, int]]:
    """Return what the database holds: value and flags."""
    rows = Observation.objects.filter(series__kind="observed").values_list(
        "series__station__code", "series__quantity", "time", "value", "flags"
    )
    return {
        (code, quantity, time): (np.nan if value is None else value, flags)
        for code, quantity, time, value, flags in rows
    }


def check(day: HttpDay) -> None:
    """Hold the office's books against the plain reckoning and against the server's truth."""
    reckoning, kept = day.reckoning, stored()
    assert {key: value for key, (value, _) in kept.items()} == pytest.approx(
        reckoning.values, nan_ok=True
    )
    assert Observation.objects.count() == len(reckoning.values)  # none twice
    assert Correction.objects.count() == reckoning.corrected
    flagged = {key for key, (_, flags) in kept.items() if flags & Flag.FUTURE}
    assert flagged == reckoning.future
    events = {row.source_id: row.value for row in Occurrence.objects.all()}
    want = {name: size for name, (_, size) in reckoning.events.items()}
    assert events == pytest.approx(want)
    assert OccurrenceCorrection.objects.count() == reckoning.events_corrected
    known: dict[Any, float] = {
        (code, quantity, int(time.timestamp())): value
        for (code, quantity, time), value in reckoning.values.items()
        if not np.isnan(value)
    } | {
        ("event", row.source_id, int(row.time.timestamp())): row.value
        for row in Occurrence.objects.all()
    }
    assert known == pytest.approx(day.renderer.seen, abs=1e-3)  # none lost, none made up
