"""The sending itself: an event loop in a thread of its own, with a lane for each machine called.

A lane is a host (or a mail relay, a broker, a folder). It has a width, a bounded wait and a
breaker, so that a target that hangs or fails takes its own lane's places and nobody else's:

* more than ``width`` parcels are never on their way to one host;
* a lane in which nothing has come back for a while gives its waiting parcels back;
* after some failures of the machine itself the lane closes for a time that doubles, then lets one
  parcel through to see;
* a target that timed out lately goes through a second, narrow lane of its host.

Knows no database and no Django: parcels come in, results go out through a queue.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from .channels import Channel
from .parcels import Outcome, Parcel

__all__ = ["Sender"]

log = logging.getLogger(__name__)

TICK = 0.5
STALLED_AFTER = 2.0
"""Seconds without an answer in a full lane, after which what waits there is given back."""
LONGEST_WAITING = 20.0
"""Seconds a parcel waits in a lane before it is given back, well within the lease."""
FAILURES_TO_CLOSE = 5
FIRST_CLOSED, LONGEST_CLOSED = 15.0, 300.0
SUSPECT_FOR = 600.0
"""Seconds for which a target that timed out is sent through the narrow lane."""
IDLE_LANES = 5000


@dataclass(slots=True)
class _Lane:
    name: str
    channel: Channel
    width: int
    waiting: deque[tuple[float, Parcel]] = field(default_factory=deque)
    running: int = 0
    answered: float = 0.0
    failures: int = 0
    closed_until: float = 0.0
    closed_for: float = FIRST_CLOSED

    def is_stalled(self, now: float) -> bool:
        return self.running >= self.width and now - self.answered > STALLED_AFTER

    def is_closed(self, now: float) -> bool:
        return now < self.closed_until


class Sender:
    """Sends parcels by their channels; ``results`` fills as they are done."""

    def __init__(self, channels: Mapping[str, Channel], *, seed: int | None = None) -> None:
        self.channels = dict(channels)
        self.results: queue.SimpleQueue[tuple[Parcel, Outcome]] = queue.SimpleQueue()
        self._chance = random.Random(seed)  # noqa: S311 - spreads retries, guards nothing
        self._lanes: dict[str, _Lane] = {}
        self._suspects: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sender", daemon=True)

    def __enter__(self) -> Sender:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def submit(self, parcels: Sequence[Parcel]) -> None:
        """Take parcels; each comes back once through ``results``."""
        if parcels:
            self._loop.call_soon_threadsafe(self._take, list(parcels))

    def give_back(self) -> None:
        """Give everything back that has not been started: the worker is about to stop."""
        self._loop.call_soon_threadsafe(self._empty_all)

    async def _open(self) -> None:
        for channel in self.channels.values():
            await channel.open()
        self._ticker = asyncio.create_task(self._tick())

    async def _close(self) -> None:
        self._ticker.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._ticker, *self._tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.close()

    def _take(self, parcels: list[Parcel]) -> None:
        now = time.monotonic()
        touched = set()
        for parcel in parcels:
            lane = self._lane_of(parcel, now)
            if lane.is_closed(now):
                self._put_back(parcel, lane.closed_until - now)
            elif lane.is_stalled(now):
                self._put_back(parcel, LONGEST_WAITING / 2)
            else:
                lane.waiting.append((now, parcel))
                touched.add(lane.name)
        for name in touched:
            self._pump(self._lanes[name])

    def _lane_of(self, parcel: Parcel, now: float) -> _Lane:
        channel = self.channels[parcel.channel]
        name = f"{parcel.channel} {channel.lane(parcel)}"
        width = channel.settings.width
        if self._suspects.get(parcel.target, 0.0) > now:
            name, width = f"{name} (slow)", max(1, width // 8)
        if name not in self._lanes:
            if len(self._lanes) > IDLE_LANES:
                self._forget_idle(now)
            self._lanes[name] = _Lane(name, channel, width, answered=now)
        return self._lanes[name]

    def _forget_idle(self, now: float) -> None:
        for name, lane in list(self._lanes.items()):
            if not lane.running and not lane.waiting and not lane.is_closed(now):
                del self._lanes[name]

    def _pump(self, lane: _Lane) -> None:
        """Start what the lane's width allows; one parcel alone where the last ones failed."""
        width = 1 if lane.failures >= FAILURES_TO_CLOSE else lane.width
        while lane.waiting and lane.running < width:
            if not lane.running:
                lane.answered = time.monotonic()
            chunk = min(lane.channel.chunk if width > 1 else 1, len(lane.waiting))
            parcels = [lane.waiting.popleft()[1] for _ in range(chunk)]
            lane.running += 1
            task = asyncio.create_task(self._send(lane, parcels))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, lane: _Lane, parcels: list[Parcel]) -> None:
        limit = lane.channel.settings.timeout_s
        try:
            async with asyncio.timeout(limit * len(parcels)):
                outcomes = await lane.channel.send(parcels)
        except TimeoutError:
            late = Outcome.failed(f"No answer within {limit:g} s.", host_down=True)
            outcomes = [late] * len(parcels)
            until = time.monotonic() + SUSPECT_FOR
            self._suspects.update({parcel.target: until for parcel in parcels})
        except asyncio.CancelledError:
            outcomes = [Outcome.put_back(timedelta(0))] * len(parcels)
        except Exception as error:
            log.exception("Channel %s failed", lane.channel.name)
            outcomes = [Outcome.failed(f"{type(error).__name__}: {error}")] * len(parcels)
        if lane.channel.calls_recipient:
            outcomes = [outcome.of_target() for outcome in outcomes]
        lane.running -= 1
        lane.answered = time.monotonic()
        for parcel, outcome in zip(parcels, outcomes, strict=True):
            self.results.put((parcel, outcome))
            self._watch(lane, outcome)
        if lane.is_closed(lane.answered):
            self._empty(lane, lane.closed_until - lane.answered)
        self._pump(lane)

    def _watch(self, lane: _Lane, outcome: Outcome) -> None:
        """Count failures of the machine itself; an answer of any kind shows that it is there."""
        if outcome.kind == "put_back":
            return
        if not outcome.host_down:
            lane.failures, lane.closed_for = 0, FIRST_CLOSED
            return
        lane.failures += 1
        now = time.monotonic()
        if lane.failures >= FAILURES_TO_CLOSE and not lane.is_closed(now):
            lane.closed_until = now + lane.closed_for
            lane.closed_for = min(lane.closed_for * 2, LONGEST_CLOSED)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            self._suspects = {one: until for one, until in self._suspects.items() if until > now}
            for lane in list(self._lanes.values()):
                if lane.is_stalled(now):
                    self._empty(lane, LONGEST_WAITING / 2)
                while lane.waiting and now - lane.waiting[0][0] > LONGEST_WAITING:
                    self._put_back(lane.waiting.popleft()[1], 0.0)

    def _empty(self, lane: _Lane, wait: float) -> None:
        while lane.waiting:
            self._put_back(lane.waiting.popleft()[1], wait)

    def _empty_all(self) -> None:
        for lane in self._lanes.values():
            self._empty(lane, 0.0)

    def _put_back(self, parcel: Parcel, wait: float) -> None:
        spread = wait * (1 + self._chance.random() / 2)
        # Whole tenths: those given back together are recorded together.
        self.results.put((parcel, Outcome.put_back(timedelta(seconds=round(spread, 1)))))
