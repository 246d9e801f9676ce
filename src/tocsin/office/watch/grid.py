"""Stored observations as the hourly grid that the triggers evaluate; reads only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import numpy as np

from tocsin.intake.hours import stand_on_hours
from tocsin.office.places.models import Station
from tocsin.triggers.evaluate import Grid

from .models import Series
from .recent_rows import RecentRows
from .series_list import read_series
from .table import read_rows
from .times import from_utc

__all__ = ["observed_grid"]

HOUR_END = timedelta(minutes=59, seconds=59)
"""The last hour is whole: a gust at 14:51 is of the hour 14:00, live and in a backtest."""


def observed_grid(
    first: datetime,
    last: datetime,
    *,
    quantities: Collection[str] | None = None,
    stations: Collection[str] | None = None,
    recent: RecentRows | None = None,
) -> Grid:
    """Return every observed quantity at every station from ``first`` to ``last``, hours inclusive.

    A value with a quality flag is NaN here: it is kept and shown, and raises no warning. Which of
    several values stands for their hour, the table of quantities says. ``quantities`` and
    ``stations`` ask for some alone; ``recent`` is read instead of the database where it reaches.
    """
    every = Station.objects.order_by("code").values_list("pk", "code", "lat")
    places = [one for one in every if stations is None or one[1] in stations]
    start, end = from_utc(first), from_utc(last)
    times = np.arange(start, end + np.timedelta64(1, "h"), np.timedelta64(1, "h"))
    listed = recent.series.of_kind(Series.OBSERVED) if recent else read_series(Series.OBSERVED)
    if quantities is not None:
        listed = listed.of(quantities)
    keys = np.array([one[0] for one in places], np.int64)
    column = np.full(max(keys.max(initial=0), listed.stations.max(initial=0)) + 1, -1)
    column[keys] = np.arange(keys.size)
    listed = listed[column[listed.stations] >= 0]
    units = listed.units()
    values = {name: np.full((times.size, len(places)), np.nan) for name in units}
    table = (recent.rows if recent else read_rows)(listed.keys, first, last + HOUR_END)
    table = table[(table.flags == 0) & ~np.isnan(table.values)]
    hours = (table.times - start).astype(np.int64) // 3600
    which = np.searchsorted(listed.keys, table.series)
    columns, quantity = column[listed.stations][which], listed.quantity[which]
    for name, array in values.items():
        mine = quantity == listed.words.index(name)
        stand_on_hours(name, array, hours[mine], columns[mine], table.values[mine])
    return Grid(
        times=times,
        stations=tuple(code for _, code, _ in places),
        latitudes=tuple(lat for _, _, lat in places),
        values=values,
        units=units,
    )
