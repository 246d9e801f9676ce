"""Stored forecast runs as arrays: what looking ahead, verification and pages read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tocsin.intake.hours import stand_on_hours
from tocsin.triggers.futures import ModelRun

from .blocks import Block
from .forecast_models import ForecastRun, ForecastValues
from .times import from_utc

__all__ = ["newest_runs", "runs_between", "stored_runs"]

NEWEST = 4
"""Of each model: the newest run, and those before it for hours or members it does not have."""
HOUR_S = 3600


def newest_runs(
    first: datetime, at: datetime, *, quantities: Collection[str] | None = None
) -> list[ForecastRun]:
    """Return the newest runs of each model that had arrived at ``at`` and reach ``first``.

    With ``quantities`` only those that hold one of them.
    """
    found = ForecastRun.objects.filter(last_at__gte=first, arrived_at__lte=at)
    if quantities is not None:
        held = ForecastValues.objects.filter(quantity__in=list(quantities))
        found = found.filter(pk__in=held.order_by().values("run").distinct())
    of: dict[tuple[int, str], list[ForecastRun]] = defaultdict(list)
    for run in found.select_related("feed"):  # newest first
        if len(of[run.feed_id, run.model]) < NEWEST:
            of[run.feed_id, run.model].append(run)
    return [run for runs in of.values() for run in runs]


def runs_between(first: datetime, last: datetime) -> list[ForecastRun]:
    """Return every run that says something of a period, the oldest first."""
    found = ForecastRun.objects.filter(last_at__gte=first, issued_at__lte=last)
    return list(found.select_related("feed").order_by("issued_at", "feed", "model"))


def stored_runs(
    runs: Iterable[ForecastRun],
    stations: Sequence[str],
    quantities: Collection[str],
    *,
    whole: bool = False,
) -> list[ModelRun]:
    """Return stored runs over ``stations``; those without any of ``quantities`` are left out.

    ``whole`` asks when a run was complete instead of when it began to come: looking back, half a
    run must not be taken for a whole one before it was.
    """
    by_key = {run.pk: run for run in runs}
    rows = ForecastValues.objects.filter(
        run__in=list(by_key), quantity__in=list(quantities), station__code__in=list(stations)
    )
    parts: dict[int, list[tuple[str, str, str, Block]]] = defaultdict(list)
    for run, station, quantity, unit, packed in rows.order_by().values_list(
        "run", "station__code", "quantity", "unit", "packed"
    ):
        parts[run].append((station, quantity, unit, Block.unpack(packed)))
    column = {code: i for i, code in enumerate(stations)}
    return [_run(by_key[key], parts[key], column, whole) for key in by_key if key in parts]


def _run(
    row: ForecastRun,
    parts: Sequence[tuple[str, str, str, Block]],
    column: dict[str, int],
    whole: bool,
) -> ModelRun:
    numbers = tuple(sorted({number for *_, block in parts for number in block.numbers}))
    hours = np.unique(np.concatenate([block.times // HOUR_S for *_, block in parts]))
    values: dict[str, NDArray[np.float64]] = {}
    units = {}
    for station, quantity, unit, block in parts:
        array = values.setdefault(
            quantity, np.full((len(numbers), hours.size, len(column)), np.nan)
        )
        units[quantity] = unit
        at = np.searchsorted(hours, block.times // HOUR_S)
        for member, number in enumerate(block.numbers):
            there = np.isfinite(block.values[member])
            place = np.full(int(there.sum()), column[station])
            cells = array[numbers.index(number)]
            stand_on_hours(quantity, cells, at[there], place, block.values[member, there])
    return ModelRun(
        feed=row.feed.code,
        model=row.model,
        issued=from_utc(row.issued_at),
        arrived=from_utc(row.completed_at if whole else row.arrived_at),
        times=(hours * HOUR_S).astype("datetime64[s]"),
        values=values,
        units=units,
        members=max(row.members, len(numbers)),
    )
