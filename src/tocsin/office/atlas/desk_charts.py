"""Charts of the desk drawn on the server: the year in one strip, the week by hazard.

Plain numbers in view-box units out; templates draw them. No chart here needs a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from .desk_episodes import Episode, Stretch

__all__ = ["STRIP_WIDTH", "Bar", "Tick", "Week", "week", "year_strip", "year_ticks"]

STRIP_WIDTH = 1000
STRIP_COLUMNS = 730  # half a day each over a year
WEEK_WIDTH = 640
WEEK_LEFT = 84  # room for the hazards' names
ROW = 26
DAY_LABEL = 44  # room for the name of a day
LABEL_GAP = 34  # months nearer than this to the edge get no label


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a chart at one level."""

    x: float
    width: float
    level: int
    start: datetime
    end: datetime
    y: float = 0
    is_later: bool = False
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on a time axis."""

    x: float
    at: datetime

    @property
    def percent(self) -> float:
        """Where it stands along the strip, in percent."""
        return round(100 * self.x / STRIP_WIDTH, 1)


class Drawn(Protocol):
    """What a strip draws: anything with stretches of time at one level."""

    @property
    def stretches(self) -> tuple[Stretch, ...]: ...


def year_strip(found: Iterable[Drawn], first: datetime, last: datetime) -> list[Bar]:
    """Return when warnings were in force: the highest level of each slot of the time."""
    whole = (last - first).total_seconds()
    levels = [0] * STRIP_COLUMNS
    for episode in found:
        for stretch in episode.stretches:
            begin = int((stretch.start - first).total_seconds() / whole * STRIP_COLUMNS)
            end = int((stretch.end - first).total_seconds() / whole * STRIP_COLUMNS) + 1
            for column in range(max(begin, 0), min(end, STRIP_COLUMNS) if stretch.level else 0):
                levels[column] = max(levels[column], stretch.level)
    return [
        Bar(
            x=_place(start, STRIP_COLUMNS),
            width=_place(end - start, STRIP_COLUMNS),
            level=levels[start],
            start=_whole_hour(first + (last - first) * (start / STRIP_COLUMNS), up=True),
            end=first + (last - first) * (end / STRIP_COLUMNS),
        )
        for start, end in _runs(levels)
        if levels[start]
    ]


def _place(column: int, columns: int) -> float:
    return round(column / columns * STRIP_WIDTH, 2)


def _whole_hour(at: datetime, *, up: bool) -> datetime:
    floor = at.replace(minute=0, second=0, microsecond=0)
    return floor + timedelta(hours=1) if up and floor < at else floor


def _runs(levels: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield (start, end) of each run of equal levels."""
    start = 0
    for index in range(1, len(levels) + 1):
        if index == len(levels) or levels[index] != levels[start]:
            yield start, index
            start = index


def year_ticks(first: datetime, last: datetime, zone: ZoneInfo) -> list[Tick]:
    """Return the first hour of each month between ``first`` and ``last``, in the zone."""
    ticks = []
    here = first.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while here.astimezone(UTC) < last:
        x = (here.astimezone(UTC) - first) / (last - first) * STRIP_WIDTH
        if -1 <= x < STRIP_WIDTH - LABEL_GAP:
            ticks.append(Tick(round(max(x, 0), 1), here))
        here = (here + timedelta(days=32)).replace(day=1)
    return ticks


@dataclass(frozen=True, slots=True)
class Week:
    """The week by hazard: rows with bars, days, and where now is."""

    rows: list[tuple[str, int, list[Bar]]]
    days: list[Tick]
    now_x: float
    height: int
    width: int = WEEK_WIDTH
    left: int = WEEK_LEFT

    @property
    def later_width(self) -> float:
        """How wide the part is that lies after the chosen moment."""
        return self.width - self.now_x


def week(found: Iterable[Episode], at: datetime, zone: ZoneInfo, hazards: Sequence[str]) -> Week:
    """Return the six days before ``at`` and the day after it, a row for each hazard."""
    first, last = at - timedelta(days=6), at + timedelta(days=1)
    scale = (WEEK_WIDTH - WEEK_LEFT) / (last - first).total_seconds()

    def x_of(moment: datetime) -> float:
        inside = min(max(moment, first), last)
        return round(WEEK_LEFT + (inside - first).total_seconds() * scale, 1)

    bars: dict[str, list[Bar]] = {hazard: [] for hazard in hazards}
    for episode in found:
        for stretch in episode.stretches:
            if stretch.level and stretch.end > first and stretch.start < last:
                left, right = x_of(stretch.start), x_of(stretch.end)
                bars.setdefault(episode.hazard, []).append(
                    Bar(
                        x=left,
                        width=round(max(right - left, 2), 1),
                        level=stretch.level,
                        start=stretch.start,
                        end=stretch.end,
                        is_later=stretch.start > at,
                        slug=episode.slug,
                    )
                )
    rows = [(hazard, 8 + ROW * row, bars[hazard]) for row, hazard in enumerate(bars)]
    midnight = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    midnights = [midnight + timedelta(days=number) for number in range(1, 9)]
    days = [Tick(x, day) for day in midnights if (x := x_of(day)) < WEEK_WIDTH - DAY_LABEL]
    return Week(rows, days, x_of(at), 8 + ROW * max(len(rows), 1) + 24)
