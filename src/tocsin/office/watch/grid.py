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
    places = [one for one in Station.objects.all() if stations is None or one.code in stations]
    column = {station.pk: i for i, station in enumerate(places)}
    start, end = from_utc(first), from_utc(last)
    times = np.arange(start, end + np.timedelta64(1, "h"), np.timedelta64(1, "h"))
    series = Series.objects.filter(kind=Series.OBSERVED)
    if quantities is not None:
        series = series.filter(quantity__in=list(quantities))
    rows = [
        row for row in series.values_list("pk", "station", "quantity", "unit") if row[1] in column
    ]
    units = {quantity: unit for _, _, quantity, unit in rows}
    values = {name: np.full((times.size, len(places)), np.nan) for name in units}
    rows_of = recent.rows if recent else read_rows
    table = rows_of([row[0] for row in rows], first, last + HOUR_END)
    table = table[(table.flags == 0) & ~np.isnan(table.values)]
    hours = (table.times - start).astype(np.int64) // 3600
    keys = np.array(sorted(row[0] for row in rows), np.int64)
    facts = {row[0]: row for row in rows}
    which = np.searchsorted(keys, table.series)
    columns = np.array([column[facts[key][1]] for key in keys.tolist()], np.int64)
    for name, array in values.items():
        mine = np.array([facts[key][2] == name for key in keys.tolist()])[which]
        stand_on_hours(name, array, hours[mine], columns[which[mine]], table.values[mine])
    return Grid(
        times=times,
        stations=tuple(station.code for station in places),
        latitudes=tuple(station.lat for station in places),
        values=values,
        units=units,
    )
