"""Ten years of hours, 20 rules, 1, 10 and 100 stations: how long a backtest takes, and its memory.

    python bench/backtest.py [YEARS]

Values are drawn at random round a yearly and a daily course; they stand for real ones only in
number. A first small run compiles; the table shows that the cost grows with the stations.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar, Grid
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.rules import Rule

RULES = 20
UNITS = {
    "air_temperature": "degC",
    "relative_humidity": "percent",
    "wind_speed": "m s-1",
    "lwe_thickness_of_precipitation_amount": "mm",
}


def grid(hours: int, stations: int) -> Grid:
    """Return random weather of ``stations`` places."""
    rng = np.random.default_rng(0)
    day = np.arange(hours)[:, None] / 24
    shape = (hours, stations)
    daily = np.repeat(rng.normal(0, 4, (hours // 24 + 1, stations)), 24, axis=0)[:hours]
    values = {
        "air_temperature": 15 - 12 * np.cos(2 * np.pi * day / 365.25) - 6 * np.cos(2 * np.pi * day)
        + daily,
        "relative_humidity": np.clip(
            60 + 20 * np.cos(2 * np.pi * day) + rng.normal(0, 10, shape), 5, 100
        ),
        "wind_speed": np.abs(rng.normal(4, 3, shape)),
        "lwe_thickness_of_precipitation_amount": np.where(
            rng.random(shape) < 0.05, rng.exponential(2, shape), 0
        ),
    }  # fmt: skip
    times = np.datetime64("2006-01-01T00", "h") + np.arange(hours)
    names = tuple(f"s{i}" for i in range(stations))
    return Grid(times, names, (40.0,) * stations, values, UNITS)


def rules() -> list[Rule]:
    """Return ten heat rules and ten fire rules with rising thresholds."""
    words = {"headline": {"en": "{value}"}, "instruction": {"en": "."}}
    made = []
    for number in range(RULES):
        heat = number % 2 == 0
        first, step = (28 + 0.3 * number, 4.0) if heat else (12 + number, 10.0)
        levels = {word: first + i * step for i, word in enumerate(("blue", "yellow", "red"))}
        made.append(
            Rule.model_validate(
                {
                    "id": f"rule-{number}",
                    "version": 1,
                    "name": {"en": "rule"},
                    "hazard": "heat" if heat else "fire",
                    "indicator": "heat_index" if heat else "fwi",
                    "unit": "degC" if heat else "1",
                    "levels": levels,
                    "hysteresis": 1,
                    "hold_h": 6,
                    "source": "made for a measurement",
                    "text": dict.fromkeys(levels, words),
                }
            )
        )
    return made


def run(years: float, stations: int) -> tuple[float, int]:
    """Return seconds and messages of one backtest, from observations to messages."""
    observed = grid(int(years * 8766), stations)
    begin = time.perf_counter()
    calendar = Calendar.of(observed.times, ZoneInfo("America/New_York"))
    order = {f"a{i}": [i] for i in range(stations)}
    archive = Archive(observed, order, calendar)
    policy = Policy(valid=timedelta(hours=12))
    messages = sum(archive.outcome(rule, policy).messages for rule in rules())
    return time.perf_counter() - begin, messages


def main() -> None:
    """Print the table."""
    years = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    run(0.1, 1)
    print(f"{years:g} years hourly, {RULES} rules (the aim: 100 stations within 10 s and 2 GB)")
    for stations in (1, 10, 100):
        seconds, messages = run(years, stations)
        print(f"{stations:>5} stations {seconds:>7.2f} s {messages:>9,} messages")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
