"""A small live region whose weather file grows: what a simulated day is played on."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.intake import nearest_stations, read
from tocsin.intake.quality import flag_reading
from tocsin.office.warnings_desk.live import LiveWatch
from tocsin.office.watch.models import Cycle
from tocsin.region import load_region
from tocsin.triggers.evaluate import Calendar, Grid, evaluate, indicator_values

from . import small_region

MIDNIGHT = datetime(2026, 7, 15, 4, tzinfo=UTC)
"""Midnight in New York."""
LINES = ("blue", "yellow", "orange", "red", "cancel")
AUTO = "\n".join(["[approval]", *(f'{line} = "auto"' for line in LINES)])
ONE = "\n".join(["[approval]", *(f'{line} = "one"' for line in LINES)])
HEAD = "station,time,temp,humid"
Values = dict[tuple[str, datetime], float | None]


def weather() -> Values:
    """Temperatures [degF] of 36 hours by station and hour; at 41 % 97 is orange, 94 is yellow."""
    values: Values = {}
    for station, top in (("AAA", 97.0), ("BBB", 94.0)):
        for hour in range(36):
            hot = 13 <= hour % 24 <= 16
            values[station, MIDNIGHT + timedelta(hours=hour)] = (
                top if hot else 75.0 + hour % 3 + (0.5 if hour % 2 else 0)
            )
    return values


def write(folder: Path, values: Values, until: datetime) -> None:
    """Write the file as it stands when the values labelled up to ``until`` have come."""
    rows = [HEAD]
    for (station, time), temp in values.items():
        if time <= until and temp is not None:
            rows.append(f"{station},{time:%Y-%m-%dT%H:%M:%SZ},{temp},{40 + time.hour % 2}")
    file = folder / "weather.csv"
    file.write_text("\n".join(rows) + "\n")
    # Two writes within the clock's grain must not look like one.
    os.utime(file, ns=(int(until.timestamp()) * 10**9, int(until.timestamp()) * 10**9 + len(rows)))


def make(folder: Path, approval: str = AUTO, **files: str) -> Path:
    """Write the live region; its weather file is empty but for one hour."""
    small_region.write_region(folder, **files)
    text = small_region.REGION
    begin, end = text.index("[replay]"), text.index("[cap]")
    (folder / "region.toml").write_text(text[:begin] + text[end:] + approval + "\n")
    write(folder, weather(), MIDNIGHT)
    return folder


def cycle(folder: Path, at: datetime, spool: Path | None = None) -> Cycle:
    """Run one cycle as a process of its own would."""
    watch = LiveWatch(folder, spool or folder / "spool", at=at)
    try:
        return watch.cycle(at)
    finally:
        watch.close()


def levels_by_file(folder: Path, hour: datetime) -> dict[str, dict[str, int]]:
    """What a backtest of the file as it stands says of ``hour``, without any database."""
    region = load_region(folder)
    times = np.arange(
        np.datetime64(MIDNIGHT.replace(tzinfo=None), "h"),
        np.datetime64(hour.replace(tzinfo=None), "h") + 1,
    ).astype("datetime64[s]")
    column = {one.id: i for i, one in enumerate(region.stations)}
    values: dict[str, np.ndarray] = {}
    units = {}
    for feed in region.feeds:
        reading = read(feed, region.stations)
        for part, flags in zip(reading.series, flag_reading(reading.series), strict=True):
            grid = values.setdefault(part.quantity, np.full((times.size, len(column)), np.nan))
            units[part.quantity] = part.unit
            rows = (part.times - times[0]).astype(np.int64) // 3600
            good = (flags == 0) & (rows >= 0) & (rows < times.size)
            grid[rows[good], column[part.station]] = part.values[good]
    grid = Grid(times, tuple(column), tuple(one.lat for one in region.stations), values, units)
    calendar = Calendar.of(times, ZoneInfo(region.time_zone))
    near = nearest_stations(region.areas, region.stations, region.area_method.max_distance_km)
    order = {code: [column[one] for one, _ in near[code]] for code in near if near[code]}
    found = {}
    for rule in region.rules:
        numbers = indicator_values(list(rule.indicators), grid, calendar)
        said = evaluate(rule, numbers, order, calendar)
        found[rule.id] = {
            code: int(level)
            for code, level in zip(said.areas, said.levels[-1], strict=True)
            if level
        }
    return {rule: levels for rule, levels in found.items() if levels}
