"""Indicators of the live watch, stored for charts: only the hours that new values touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.office.places.models import Station
from tocsin.triggers.evaluate import Calendar, indicator_values
from tocsin.triggers.rules import Rule

from .grid import observed_grid
from .models import Series
from .recent_rows import RecentRows
from .series_list import SeriesList, SeriesLists, add_series
from .states import States, functions_of
from .table import Table, in_order, insert_rows, labels, read_rows, record_begins, write_rows
from .times import as_utc
from .window import is_resumable, look_back, reach_h

__all__ = ["refresh_indicators"]

HOUR = timedelta(hours=1)


@transaction.atomic
def refresh_indicators(
    rules: Sequence[Rule],
    since: Mapping[int, np.datetime64],
    hour: datetime,
    zone: ZoneInfo,
    *,
    recent: RecentRows | None = None,
    states: States | None = None,
) -> int:
    """Compute the rules' indicators anew at the stations whose values changed; return the rows.

    ``since`` is, by the key of a station, its oldest value that changed. A recursive indicator
    (fire codes) goes on from the state before that hour; without ``states`` it is computed from the
    record's beginning. Written is what differs.
    """
    codes = dict(Station.objects.values_list("pk", "code"))
    oldest = min(since.values(), default=None)
    if oldest is None or as_utc(oldest) > hour:
        return 0
    paths = {CATALOGUE[name].path for rule in rules for name in rule.indicators}
    begin = as_utc(oldest).replace(minute=0, second=0)
    functions = functions_of(rules)
    start = begin - max((reach_h(rule) for rule in rules), default=0) * HOUR
    from_states: datetime | None = None
    if any(look_back(rule) is None for rule in rules):
        if states is not None and all(map(is_resumable, rules)):
            from_states = states.begin(functions, start)
        start = from_states or record_begins() or start
    ids = [name for name, entry in CATALOGUE.items() if entry.path in paths]
    quantities = {one for name in ids for one in CATALOGUE[name].inputs.values()}
    stations = {codes[key] for key in since}
    grid = observed_grid(start, hour, quantities=quantities, stations=stations, recent=recent)
    calendar = Calendar.of(grid.times, zone)
    resumed = states.resumed(functions, start, grid.stations) if states and from_states else {}
    values = indicator_values(ids, grid, calendar, resumed=resumed)
    first = max(0, int((begin - start).total_seconds() // 3600))
    shown = {
        name: calendar.as_computed(CATALOGUE[name].cadence, values[name])[first:] for name in ids
    }
    return _keep(shown, grid.stations, grid.times[first:], recent)


def _keep(
    shown: Mapping[str, NDArray[np.float64]],
    stations: Sequence[str],
    times: NDArray[np.datetime64],
    recent: RecentRows | None,
) -> int:
    """Write the values of indicators (time, station) where they differ from what is stored."""
    series = _series_of(list(shown), stations, recent)
    given = in_order(
        Table(
            np.repeat(series, times.size),
            np.tile(times.astype("datetime64[s]"), series.size),
            np.concatenate([np.ascontiguousarray(one.T).ravel() for one in shown.values()]),
            np.zeros(series.size * times.size, np.uint16),
        )
    )
    stored = read_rows(series, as_utc(times[0]), as_utc(times[-1]))
    there = np.isin(labels(given), labels(stored), assume_unique=True)
    place = np.searchsorted(labels(stored), labels(given[there]))
    before, now = stored.values[place], given.values[there]
    differs = ~((now == before) | (np.isnan(now) & np.isnan(before)))
    new = given[~there & ~np.isnan(given.values)]
    changed = given[there][differs]
    insert_rows(new)
    write_rows(changed)
    return len(new) + len(changed)


def _series_of(
    names: Sequence[str], stations: Sequence[str], recent: RecentRows | None
) -> NDArray[np.int64]:
    """Return the key of each indicator's series at each station, made where it is not there."""
    by_code = dict(Station.objects.values_list("code", "pk"))
    keys = np.array([by_code[code] for code in stations], np.int64)
    lists = recent.series if recent else SeriesLists()
    found = _keys_in(lists.of_kind(Series.INDICATOR), names, keys)
    fresh = found < 0
    if fresh.any():
        units = [CATALOGUE[name].unit for name in names]
        missing = np.argwhere(fresh).tolist()
        add_series(
            ((int(keys[column]), names[row], units[row]) for row, column in missing),
            kind=Series.INDICATOR,
        )
        found = _keys_in(lists.of_kind(Series.INDICATOR), names, keys)
    return found.ravel()


def _keys_in(
    listed: SeriesList, names: Sequence[str], stations: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the keys of series (name, station); -1 where there is none."""
    found = np.full((len(names), stations.size), -1)
    for row, name in enumerate(names):
        some = listed.of({name})
        by_station = np.full(max(stations.max(initial=0), some.stations.max(initial=0)) + 1, -1)
        by_station[some.stations] = some.keys
        found[row] = by_station[stations]
    return found
