"""A simulated day of the live watch with one feed, whatever way its values come.

The day knows the truth: what was measured at two stations in each step. A way of bringing it
(``bring``) makes faults of its own; the watch runs a cycle a step, is killed in the midst of some
of them, and at the end the store must hold the truth, each value once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, pi
from pathlib import Path
from unittest import mock

from tests.office import live_region
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.watch.models import Correction, Cycle, Observation

BEGIN = live_region.MIDNIGHT
STEP = timedelta(minutes=10)
STEPS = 144
QUANTITY = "air_temperature"
STATIONS = ("AAA", "BBB")
Key = tuple[str, datetime]

KILLS = (
    "tocsin.office.watch.feeding.done",
    "tocsin.office.watch.feeding.keep_values",
    "tocsin.office.watch.keeping.record",
    "tocsin.office.watch.feeding.done",
    "tocsin.office.warnings_desk.live.judge_hour",
)
"""Where a cycle is killed, one after the other in the course of the day."""


class KilledError(BaseException):
    """The process is gone: nothing after this line is run."""


def measured(station: str, at: datetime) -> float:
    """Degrees Celsius, to a hundredth."""
    hour = (at - BEGIN) / timedelta(hours=1)
    return round(18 - 6 * cos(hour / 24 * 2 * pi) + (hour * 13 % 1) / 2 + (station == "BBB"), 2)


@dataclass
class Day:
    """One region, one feed; ``sent`` is what was measured and brought at least once."""

    folder: Path
    spool: Path
    feed: str
    bring: Callable[[Day, datetime, list[Key]], None]
    """Brings the values of some moments, in its own way, with its own faults."""
    sent: dict[Key, float] = field(default_factory=dict)
    step: timedelta = STEP
    steps: int = STEPS
    kills: int = 0
    errors: list[str] = field(default_factory=list)
    now: datetime = BEGIN

    def run(self) -> None:
        """Play the day and an hour more, in which all that was held back comes."""
        watch = None
        kills = {(n + 1) * self.steps // 6: place for n, place in enumerate(KILLS)}
        due: list[str] = []
        for step in range(self.steps + 6):
            self.now = BEGIN + step * self.step + timedelta(minutes=1)
            keys: list[Key] = []
            if step < self.steps:
                keys = [(station, BEGIN + step * self.step) for station in STATIONS]
            self.sent |= {key: measured(*key) for key in keys}
            self.bring(self, self.now, keys)
            watch = watch or LiveWatch(self.folder, self.spool, at=self.now)
            due += [kills[step]] if step in kills else []
            # Where nothing came, nothing is read: then it is killed as soon as something is.
            with killed(due[0] if due else None) as alive:
                self.errors += watch.cycle(self.now).errors
            if not alive:
                self.kills += 1
                due.pop(0)
                watch.close()
                watch = None  # the next one is another process, with nothing in memory
        if watch:
            watch.close()

    def check(self) -> None:
        """Hold the store against the truth."""
        rows = Observation.objects.filter(series__kind="observed", series__quantity=QUANTITY)
        kept = {
            (code, time): value
            for code, time, value in rows.values_list("series__station__code", "time", "value")
        }
        truth = self.sent
        assert len(truth) == 2 * self.steps
        assert sorted(truth.keys() - kept.keys()) == []
        assert sorted(kept.keys() - truth.keys()) == []
        assert {key: round(value, 6) for key, value in kept.items()} == truth
        assert rows.count() == len(truth)
        assert set(rows.values_list("flags", flat=True)) == {0}
        assert not Correction.objects.exists()
        # What the accounts of the cycles say they took in is what is there, no more and no less.
        assert sum(Cycle.objects.values_list("new", flat=True)) == len(truth)
        assert self.kills == len(KILLS)


@contextmanager
def killed(place: str | None) -> Iterator[list[bool]]:
    """Kill what runs inside at its first call of ``place``; the list is empty if it was."""
    alive = [True]
    if place is None:
        yield alive
        return
    with mock.patch(place, side_effect=KilledError):
        try:
            yield alive
        except KilledError:
            alive.clear()


def make_day(folder: Path, feed: str, bring: Callable[[Day, datetime, list[Key]], None]) -> Day:
    """Make the region with this one feed; ``feed`` is its TOML."""
    region = live_region.make(folder / "small")
    (region / "feeds.toml").write_text(feed)
    return Day(region, folder / "spool", feed, bring)


def message(keys: list[Key], day: Day) -> list[dict]:
    """What a gateway of its own says of some moments."""
    return [
        {"station": station, "time": at.isoformat(),
         "values": {QUANTITY: {"value": day.sent[station, at], "unit": "degC"}}}
        for station, at in keys
    ]  # fmt: skip
