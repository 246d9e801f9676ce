"""Drawing series against thresholds as an SVG chart: values in, points and ticks out. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tocsin.triggers.rules import LEVELS, Level

__all__ = ["Band", "Chart", "Line", "Size", "Tick", "draw_chart"]

Values = Sequence[tuple[datetime, float | None]]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
DAY_STEPS = (1, 2, 3, 5, 7, 14, 30, 61, 92, 183)
LABEL_GAP = 15
FAR = 0.6  # of the range of values: a threshold further off than this is left out
POINTS_PER_UNIT = 0.5  # a line has at most one point for every two units of width


@dataclass(frozen=True, slots=True)
class Size:
    """Room of a chart; ``right`` is kept free for the names of the thresholds."""

    width: int = 760
    height: int = 270
    left: int = 44
    right: int = 126
    top: int = 14
    bottom: int = 30


@dataclass(frozen=True, slots=True)
class Band:
    """The values of one level, and where its name stands."""

    level: Level
    threshold: float
    y: float
    height: float
    line_y: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis: a value or a local midnight."""

    at: float
    value: float | datetime


@dataclass(frozen=True, slots=True)
class Line:
    """The values of a station; a gap ends a piece and begins the next."""

    name: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the chart, with the value there if there is one."""

    x: float
    y: float | None
    on_left: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template prints."""

    size: Size
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    value_ticks: tuple[Tick, ...]
    time_ticks: tuple[Tick, ...]
    issued: Mark | None

    @property
    def inner_width(self) -> int:
        """How wide the plot itself is."""
        return self.size.width - self.size.left - self.size.right

    @property
    def edge(self) -> int:
        """The right end of the plot."""
        return self.size.width - self.size.right

    @property
    def floor(self) -> int:
        """The lower end of the plot."""
        return self.size.height - self.size.bottom


def draw_chart(
    series: Mapping[str, Values],
    thresholds: Mapping[Level, float],
    *,
    first: datetime,
    last: datetime,
    zone: tzinfo,
    issued: datetime | None = None,
    is_low: bool = False,
    max_gap: timedelta = timedelta(hours=3),
    size: Size | None = None,
) -> Chart | None:
    """Return the chart of ``series`` from ``first`` to ``last``; None where no value lies there.

    Thresholds further off than the one next to the values are left out, so that the values keep
    their room.
    """
    size = size or Size()
    values = [v for row in series.values() for t, v in row if v is not None and first <= t <= last]
    if not values or last <= first:
        return None
    shown = _shown(thresholds, values, is_low)
    ticks = _value_ticks(min([*values, *shown.values()]), max([*values, *shown.values()]))
    low, high = ticks[0], ticks[-1]
    floor, ceiling = size.height - size.bottom, size.top

    def x_of(when: datetime) -> float:
        inner = size.width - size.left - size.right
        return round(size.left + inner * ((when - first) / (last - first)), 1)

    def y_of(value: float) -> float:
        return round(floor - (floor - ceiling) * (value - low) / (high - low), 1)

    most = int((size.width - size.left - size.right) * POINTS_PER_UNIT)
    lines = tuple(
        Line(name, tuple(_pieces(row, first, last, x_of, y_of, max_gap, most)))
        for name, row in series.items()
    )
    return Chart(
        size=size,
        lines=lines,
        bands=_bands(shown, y_of, ceiling, floor, is_low),
        value_ticks=tuple(Tick(y_of(value), value) for value in ticks),
        time_ticks=tuple(Tick(x_of(day), day) for day in _days(first, last, zone, size)),
        issued=_mark(issued, series, first, last, x_of, y_of, size),
    )


def _shown(
    thresholds: Mapping[Level, float], values: list[float], is_low: bool
) -> dict[Level, float]:
    """Return the thresholds that were passed, and the next one unless it is far from them all."""
    shown: dict[Level, float] = {}
    worst = min(values) if is_low else max(values)
    for level in LEVELS:
        if level not in thresholds:
            continue
        limit = thresholds[level]
        passed = worst <= limit if is_low else worst >= limit
        inside = [*values, *shown.values()]
        if shown and not passed and abs(limit - worst) > FAR * (max(inside) - min(inside)):
            break
        shown[level] = limit
        if not passed:
            break
    return shown


def _value_ticks(low: float, high: float) -> list[float]:
    if high - low < 1e-3:
        low, high = low - 1, high + 1
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(one * power for one in STEPS if one * power >= rough)
    start, end = math.floor(low / step), math.ceil(high / step)
    if end == start:
        end += 1
    return [round(step * count, 6) for count in range(start, end + 1)]


def _bands(
    shown: Mapping[Level, float], y_of: object, ceiling: int, floor: int, is_low: bool
) -> tuple[Band, ...]:
    levels = list(shown)
    bands: list[Band] = []
    for place, level in enumerate(levels):
        here = y_of(shown[level])  # type: ignore[operator]
        following = y_of(shown[levels[place + 1]]) if place + 1 < len(levels) else None  # type: ignore[operator]
        if is_low:
            top, bottom = here, floor if following is None else following
        else:
            top, bottom = ceiling if following is None else following, here
        label = here + 12 if is_low else here - 4
        if bands and not is_low:
            label = min(label, bands[-1].label_y - LABEL_GAP)
        elif bands:
            label = max(label, bands[-1].label_y + LABEL_GAP)
        bands.append(
            Band(level, shown[level], top, round(max(bottom - top, 0), 1), here, round(label, 1))
        )
    return tuple(bands)


def _pieces(
    row: Values,
    first: datetime,
    last: datetime,
    x_of: object,
    y_of: object,
    gap: timedelta,
    most: int,
) -> list[str]:
    inside = [(t, v) for t, v in row if v is not None and first <= t <= last]
    pieces: list[list[tuple[float, float]]] = []
    before: datetime | None = None
    for when, value in _thinned(inside, most):
        if before is None or when - before > max(gap, (last - first) / most * 2):
            pieces.append([])
        pieces[-1].append((x_of(when), y_of(value)))  # type: ignore[operator]
        before = when
    return [" ".join(f"{x:g},{y:g}" for x, y in piece) for piece in pieces]


def _thinned(rows: list[tuple[datetime, float]], most: int) -> list[tuple[datetime, float]]:
    """Keep of each bucket its lowest and highest value, in order: peaks never vanish."""
    if len(rows) <= most:
        return rows
    size = math.ceil(len(rows) / (most / 2))
    kept: list[tuple[datetime, float]] = []
    for start in range(0, len(rows), size):
        bucket = rows[start : start + size]
        ends = {min(bucket, key=lambda row: row[1]), max(bucket, key=lambda row: row[1])}
        kept.extend(sorted(ends))
    return kept


def _days(first: datetime, last: datetime, zone: tzinfo, size: Size) -> list[datetime]:
    """Return local midnights, far enough apart for their names."""
    room = max(2, (size.width - size.left - size.right) // 74)
    days = (last - first) / timedelta(days=1)
    step = next((one for one in DAY_STEPS if days / one <= room), DAY_STEPS[-1])
    day = first.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day <= last:
        if day >= first:
            found.append(day)
        day = (day + timedelta(days=step)).replace(hour=0)
    return found


def _mark(
    issued: datetime | None, series: Mapping[str, Values], first: datetime, last: datetime,
    x_of: object, y_of: object, size: Size,
) -> Mark | None:  # fmt: skip
    if issued is None or not first <= issued <= last or not series:
        return None
    main = next(iter(series.values()))
    before = [v for t, v in main if v is not None and t <= issued]
    x = x_of(issued)  # type: ignore[operator]
    y = y_of(before[-1]) if before else None  # type: ignore[operator]
    return Mark(x, y, on_left=x > size.left + 190)
