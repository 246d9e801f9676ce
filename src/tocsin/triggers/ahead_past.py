"""Looking ahead from every hour of a past: with the observations and runs that were known then.

Each hour is a question of its own, answered as ``ahead.look_ahead`` answers it; where the rule's
indicators rest on their own hour alone, :mod:`.ahead_quick` gives the same answers sooner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.ahead import Ahead, history_h, look_ahead, quantities_of
from tocsin.triggers.ahead_quick import Said, ask, grid_of, is_by_hour, say
from tocsin.triggers.evaluate import HOUR, Calendar, Grid, areas_of
from tocsin.triggers.futures import Chosen, ModelRun, before_newest, choose, joined
from tocsin.triggers.levels import season_mask
from tocsin.triggers.rules import Rule
from tocsin.triggers.taking import Shares

__all__ = ["NEWEST", "AheadLevels", "Outlook"]

Found = tuple[NDArray[np.int8], NDArray[np.int64]]
"""The level asked for in each area, and the first hour after by which it is."""
NEWEST = 4
"""Runs of a model that are looked at: the newest, and those before it for what it does not have."""
AT_ONCE = 12
"""Questions for which the hours to come are laid out together."""
KEPT = 2
"""Sets of runs whose hours are kept: the newest ones, and those before them."""


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
    _season: NDArray[np.bool_] = field(init=False)
    _chosen: dict[tuple[int, ...], Chosen | None] = field(init=False, default_factory=dict)
    _past: Said | None = field(init=False, default=None)
    _said: dict[tuple[int, ...], Said] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        after = self.grid.times[-1] + HOUR * np.arange(1, self.rule.lead_h + 1)
        self._calendar = Calendar.of(np.concatenate([self.grid.times, after]), self.zone)
        month, day = self._calendar.month, self._calendar.day
        self._season = season_mask(month, day, self.rule.season)
        self.runs = sorted(self.runs, key=lambda run: run.issued, reverse=True)

    def at(self, hour: int, moment: np.datetime64) -> tuple[Ahead | None, Ahead | None]:
        """Return what the newest runs say after ``hour``, and what those before them do."""
        runs = self._known(hour, moment)
        if not runs:
            return None, None
        back = history_h(self.rule)
        begin = 0 if back is None else max(0, hour - back)
        seen = self.grid.between(begin, hour + 1)
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
        self._chosen.clear()
        self._said.clear()
        look = self._quick if is_by_hour(self.rule) else self._slow
        for hour in range(shape[0]):
            now, before = look(hour, known[hour])
            tried += now is not None
            self._put(now, hour, known[hour], level, later)
            self._put(before, hour, known[hour], held, held_later)
        return AheadLevels(level, held, later, held_later, tried)

    def _slow(self, hour: int, moment: np.datetime64) -> tuple[Found | None, Found | None]:
        """Return level and first hour of each area, by the newest runs and those before them."""
        now, before = self.at(hour, moment)
        return (
            None if now is None else (now.level, now.first),
            None if before is None else (before.level, before.first),
        )

    def _quick(self, hour: int, moment: np.datetime64) -> tuple[Found | None, Found | None]:
        """Return the same for indicators that rest on their own hour alone."""
        runs = self._known(hour, moment)
        if not runs:
            return None, None
        return self._by_hour(runs, hour, moment), self._by_hour(
            before_newest(runs, moment), hour, moment
        )

    def _by_hour(self, runs: Sequence[ModelRun], hour: int, moment: np.datetime64) -> Found | None:
        first, lead = self.grid.times[hour] + HOUR, self.rule.lead_h
        chosen = self._choose(runs, first, moment)
        if chosen is None or (chosen.which < 0).all():
            return None
        key = tuple(map(id, runs))
        whole = self._chosen[key]
        if whole is None:
            return None
        if self._past is None:
            calendar = self._calendar.between(0, self.grid.times.size)
            self._past = say(self.rule, self.grid, 1, self.order, calendar, self.shares)
        if key not in self._said:
            begin = int((whole.times[0] - self.grid.times[0]) // HOUR)
            calendar = self._calendar.between(begin, begin + whole.times.size)
            grid = grid_of(whole, self.grid)
            self._said[key] = say(self.rule, grid, whole.members, self.order, calendar, self.shares)
        at = int((first - whole.times[0]) // HOUR)
        begin = max(0, hour - (history_h(self.rule) or 0))
        return ask(
            self.rule,
            self._past.between(begin, hour + 1),
            self._said[key].between(at, at + lead),
            self._season[begin : hour + 1 + lead],
        )

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

    def _look(
        self, seen: Grid, runs: Sequence[ModelRun], begin: int, moment: np.datetime64
    ) -> Ahead | None:
        chosen = self._choose(runs, seen.times[-1] + HOUR, moment)
        found = None if chosen is None else joined(seen, chosen, quantities_of([self.rule]))
        if found is None:
            return None
        calendar = self._calendar.between(begin, begin + found.grid.times.size)
        return look_ahead(self.rule, found, self.order, calendar, self.shares)

    def _put(
        self,
        found: Found | None,
        hour: int,
        moment: np.datetime64,
        level: NDArray[np.int8],
        later: NDArray[np.float64],
    ) -> None:
        """Write what one look asks for into its row."""
        if found is None:
            return
        level[hour], first = found
        there = level[hour] > 0
        due = self.grid.times[hour] + HOUR * (1 + first[there]) - moment
        later[hour, there] = np.maximum(0.0, due / np.timedelta64(1, "s"))

    def _choose(
        self, runs: Sequence[ModelRun], first: np.datetime64, moment: np.datetime64
    ) -> Chosen | None:
        """Return what stands in the hours from ``first`` on.

        The same runs are asked at every hour until another one comes: what stands is decided once,
        for all the hours that they speak of.
        """
        if not runs:
            return None
        key, lead = tuple(map(id, runs)), self.rule.lead_h
        kept = self._chosen.get(key)
        if key not in self._chosen or (kept and first + HOUR * lead > kept.times[-1] + HOUR):
            self._chosen.pop(key, None)
            self._said.pop(key, None)
            while len(self._chosen) >= KEPT:
                oldest = next(iter(self._chosen))
                del self._chosen[oldest]
                self._said.pop(oldest, None)
            end = min(first + HOUR * AT_ONCE, self.grid.times[-1] + HOUR) + HOUR * lead
            hours = np.arange(first, end, HOUR)
            quantities = quantities_of([self.rule])
            stations = len(self.grid.stations)
            self._chosen[key] = choose(runs, quantities, hours, stations, at=moment)
        chosen = self._chosen[key]
        if chosen is None or first < chosen.times[0]:  # asked backwards
            hours = first + HOUR * np.arange(lead)
            return choose(
                runs, quantities_of([self.rule]), hours, len(self.grid.stations), at=moment
            )
        begin = int((first - chosen.times[0]) // HOUR)
        return chosen.between(begin, begin + lead)
