"""Forecasts of a region's files as runs over its stations: for a backtest without a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.intake import Feed, Forecast
from tocsin.triggers.futures import ModelRun

__all__ = ["runs_of"]


def runs_of(feed: Feed, forecasts: Iterable[Forecast], stations: Sequence[str]) -> list[ModelRun]:
    """Return the runs of one feed, as known ``delay_min`` after they were begun.

    A forecast whose source does not say when it was begun cannot be placed in the past: it is left
    out.
    """
    parts: dict[tuple[str, np.datetime64], list[Forecast]] = defaultdict(list)
    for one in forecasts:
        if one.run is not None:
            parts[one.model, one.run.astype("datetime64[s]")].append(one)
    return [_run(feed, *key, some, stations) for key, some in sorted(parts.items())]


def _run(
    feed: Feed,
    model: str,
    issued: np.datetime64,
    parts: Sequence[Forecast],
    stations: Sequence[str],
) -> ModelRun:
    hours = np.unique(np.concatenate([one.series.times.astype("datetime64[h]") for one in parts]))
    numbers = sorted({-1 if one.member is None else one.member for one in parts})
    column = {code: i for i, code in enumerate(stations)}
    values: dict[str, NDArray[np.float64]] = {}
    for one in parts:
        series = one.series
        if series.station not in column:
            continue
        shape = (len(numbers), hours.size, len(column))
        array = values.setdefault(series.quantity, np.full(shape, np.nan))
        row = numbers.index(-1 if one.member is None else one.member)
        at = np.searchsorted(hours, series.times.astype("datetime64[h]"))
        good = np.isfinite(series.values) & (series.flags == 0)
        array[row, at[good], column[series.station]] = series.values[good]
    said = feed.options.get("members")
    return ModelRun(
        feed=feed.id,
        model=model,
        issued=issued,
        arrived=issued + np.timedelta64(feed.delay_min * 60, "s"),
        times=hours.astype("datetime64[s]"),
        values=values,
        units={one.series.quantity: one.series.unit for one in parts},
        members=max(said if isinstance(said, int) else 1, len(numbers)),
    )
