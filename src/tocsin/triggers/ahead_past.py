"""Looking ahead from every hour of a past: with the observations and runs that were known then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.ahead import (
    HOUR,
    Ahead,
    ModelRun,
    before_newest,
    futures,
    history_h,
    look_ahead,
    quantities_of,
    slice_of,
)
from tocsin.triggers.evaluate import Calendar, Grid, areas_of
from tocsin.triggers.expected import first_of
from tocsin.triggers.rules import Level, Rule
from tocsin.triggers.taking import Shares

__all__ = ["NEWEST", "AheadLevels", "Outlook"]

NEWEST = 4
"""Runs of a model that are looked at: the newest, and those before it for what it does not have."""


@dataclass(frozen=True, slots=True)
class AheadLevels:
    """What forecasts asked for at each hour, arrays (time, area).

    ``level`` by the newest runs and ``held`` by those before them; ``later`` and ``held_later`` are
    the seconds from the moment of the question to the hour that it is expected at. ``tried`` is in
    how many hours any run spoke of the hours to come.
    """

    level: NDArray[np.int8]
    held: NDArray[np.int8]
    later: NDArray[np.float64]
    held_later: NDArray[np.float64]
    tried: int


@dataclass(slots=True)
class Outlook:
    """One rule's look ahead at any hour of a grid.

    Parameters
    ----------
    rule : Rule
    grid : Grid
        The whole past, hourly.
    order : area -> station indices, nearest first
    zone : ZoneInfo
    runs : sequence of ModelRun
        All that there are, over the stations of the grid.
    shares : as :func:`tocsin.triggers.evaluate.evaluate` takes them
    """

    rule: Rule
    grid: Grid
    order: Mapping[str, Sequence[int]]
    zone: ZoneInfo
    runs: Sequence[ModelRun]
    shares: Shares | None = None
    _calendar: Calendar = field(init=False)

    def __post_init__(self) -> None:
        after = self.grid.times[-1] + HOUR * np.arange(1, self.rule.lead_h + 1)
        self._calendar = Calendar.of(np.concatenate([self.grid.times, after]), self.zone)
        self.runs = sorted(self.runs, key=lambda run: run.issued, reverse=True)

    def at(self, hour: int, moment: np.datetime64) -> tuple[Ahead | None, Ahead | None]:
        """Return what the newest runs say after ``hour``, and what those before them do."""
        runs = self._known(hour, moment)
        if not runs:
            return None, None
        back = history_h(self.rule)
        begin = 0 if back is None else max(0, hour - back)
        seen = self._seen(begin, hour)
        now = self._look(seen, runs, begin, moment)
        return now, self._look(seen, before_newest(runs, moment), begin, moment)

    def over(self, delay: timedelta) -> AheadLevels:
        """Return what was asked for at every hour, known ``delay`` after its label."""
        areas = areas_of(self.rule, self.order)
        shape = (self.grid.times.size, len(areas))
        level, held = np.zeros(shape, np.int8), np.zeros(shape, np.int8)
        later, held_later = np.zeros(shape), np.zeros(shape)
        known = self.grid.times + np.timedelta64(int(delay.total_seconds()), "s")
        tried = 0
        for hour in range(shape[0]):
            now, before = self.at(hour, known[hour])
            tried += now is not None
            _put(now, known[hour], level[hour], later[hour])
            _put(before, known[hour], held[hour], held_later[hour])
        return AheadLevels(level, held, later, held_later, tried)

    def _known(self, hour: int, moment: np.datetime64) -> list[ModelRun]:
        """Return the newest runs of each model that had arrived and speak of the hours to come."""
        first = self.grid.times[hour] + HOUR
        count: Counter[tuple[str, str]] = Counter()
        found = []
        for run in self.runs:
            key = (run.feed, run.model)
            if run.arrived <= moment and run.times[-1] >= first and count[key] < NEWEST:
                count[key] += 1
                found.append(run)
        return found

    def _seen(self, begin: int, hour: int) -> Grid:
        wanted = set(quantities_of([self.rule]))
        return Grid(
            self.grid.times[begin : hour + 1],
            self.grid.stations,
            self.grid.latitudes,
            {k: v[begin : hour + 1] for k, v in self.grid.values.items() if k in wanted},
            self.grid.units,
        )

    def _look(
        self, seen: Grid, runs: Sequence[ModelRun], begin: int, moment: np.datetime64
    ) -> Ahead | None:
        rule = self.rule
        found = futures(seen, runs, quantities_of([rule]), lead_h=rule.lead_h, at=moment)
        if found is None:
            return None
        calendar = slice_of(self._calendar, begin, begin + found.grid.times.size)
        return look_ahead(rule, found, self.order, calendar, self.shares)


def _put(
    ahead: Ahead | None,
    moment: np.datetime64,
    level: NDArray[np.int8],
    later: NDArray[np.float64],
) -> None:
    """Write what one look asks for into its row."""
    if ahead is None:
        return
    level[:] = ahead.level
    for place in np.flatnonzero(ahead.level):
        first = first_of(ahead, int(place), Level(int(ahead.level[place])))
        due = ahead.times[ahead.begin + 1 + first] - moment
        later[place] = max(0.0, due / np.timedelta64(1, "s"))
