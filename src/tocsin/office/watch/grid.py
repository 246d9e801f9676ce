"""Stored observations as the hourly grid that the triggers evaluate; reads only."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from tocsin.office.places.models import Station
from tocsin.triggers.evaluate import Grid

from .models import Observation, Series
from .times import from_utc

__all__ = ["observed_grid"]


def observed_grid(first: datetime, last: datetime) -> Grid:
    """Return every observed quantity at every station from ``first`` to ``last``, hours inclusive.

    A value with a quality flag is NaN here: it is kept and shown, and raises no warning. Of several
    values in one hour the last one counts.
    """
    stations = list(Station.objects.all())
    column = {station.pk: i for i, station in enumerate(stations)}
    start, end = from_utc(first), from_utc(last)
    times = np.arange(start, end + np.timedelta64(1, "h"), np.timedelta64(1, "h"))
    values: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    for series in Series.objects.filter(kind=Series.OBSERVED):
        array = values.setdefault(series.quantity, np.full((times.size, len(stations)), np.nan))
        units[series.quantity] = series.unit
        rows = (
            Observation.objects.filter(series=series, flags=0, value__isnull=False)
            .filter(time__gte=first, time__lte=last)
            .order_by("time")
            .values_list("time", "value")
        )
        for time, value in rows.iterator(chunk_size=20_000):
            hour = int((time - first).total_seconds() // 3600)
            array[hour, column[series.station_id]] = value
    return Grid(
        times=times,
        stations=tuple(station.code for station in stations),
        latitudes=tuple(station.lat for station in stations),
        values=values,
        units=units,
    )
