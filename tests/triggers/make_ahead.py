"""Makers of futures: an hourly record of temperatures, runs that follow on it, the look ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.triggers.ahead import Ahead, look_ahead, quantities_of
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar, Grid
from tocsin.triggers.futures import ModelRun, futures
from tocsin.triggers.rules import Rule

from .make import make_rule

T0, HOUR = np.datetime64("2026-07-15T00", "s"), np.timedelta64(1, "h")
UTC = ZoneInfo("UTC")
TEMPERATURE, HUMIDITY = "air_temperature", "relative_humidity"
UNITS = {TEMPERATURE: "degC", HUMIDITY: "1"}


def hours(first: int, count: int) -> np.ndarray:
    return T0 + HOUR * np.arange(first, first + count)


def warm_rule(**changed: Any) -> Rule:
    """Levels straight from the temperature: blue 30, yellow 35, red 40 degC."""
    return make_rule(**{"indicator": "temperature", "lead_h": 6, **changed})


def seen_of(*values: float) -> Grid:
    return Grid(hours(0, len(values)), ("A",), (40.0,), {TEMPERATURE: np.array([values]).T}, UNITS)


def run_of(rows: list[list[float]], *, first: int, **changed: object) -> ModelRun:
    """A run of temperatures at one station whose hours begin at ``first``."""
    values = np.array(rows, np.float64)[:, :, None]
    run = ModelRun(
        feed="ens", model="m", issued=T0, arrived=T0, times=hours(first, values.shape[1]),
        values={TEMPERATURE: values}, units=UNITS, members=len(rows),
    )  # fmt: skip
    return replace(run, **changed)


def ahead_of(
    rule: Rule, seen: Grid, runs: list[ModelRun], at: np.datetime64 | None = None
) -> Ahead | None:
    found = futures(
        seen,
        runs,
        quantities_of([rule]),
        lead_h=rule.lead_h,
        at=seen.times[-1] if at is None else at,
    )
    if found is None:
        return None
    return look_ahead(rule, found, {"X": [0]}, Calendar.of(found.grid.times, UTC))


def archive_of(truth: Grid, runs: Sequence[ModelRun], stations: Sequence[int] = (0,)) -> Archive:
    """A past with forecasts; area X has the stations nearest first."""
    calendar = Calendar.of(truth.times, UTC)
    return Archive(truth, {"X": stations}, calendar, timedelta(hours=1), runs=runs, zone=UTC)
