"""States of recursive indicators, kept so that a live cycle need not begin with the record.

A state says what all rows of a function up to the label ``after`` leave at one station. They are
kept at midnights UTC: of the last eight days all, before that every eighth day, every 64th, and so
on. Where a value comes late or is corrected, the states of its station from that hour on are
forgotten and made again from the one before. Levels and values of a cycle that goes on from states
are, bit by bit, those of one run over the whole record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Max

from tocsin import __version__
from tocsin.indicators.catalogue import CATALOGUE, Indicator
from tocsin.office.places.models import Station
from tocsin.triggers.evaluate import Calendar
from tocsin.triggers.rows import CONTEXT_H, Resumed, own_start, state_after
from tocsin.triggers.rules import Rule

from .grid import observed_grid
from .models import Series
from .recent_rows import RecentRows
from .state_models import IndicatorState
from .table import record_begins
from .times import as_utc

__all__ = ["States", "bring_up", "forget", "functions_of"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEP = 8
CARRIED = timedelta(hours=26)
"""A noon's value stands for a day, and clocks may be set: what is older than this is not carried
into an hour."""
FEW = 500
"""Stations asked for by name; of more, all are read."""
CELLS = 20_000_000
"""Hours x stations read at once."""


@dataclass(frozen=True, slots=True)
class States:
    """States that are up to date: ``marks`` are the hours at which every station has one."""

    marks: Mapping[str, frozenset[datetime]] = field(default_factory=dict)

    def begin(self, functions: Collection[str], hour: datetime) -> datetime | None:
        """Return from where a grid has to be read so that all is right from ``hour`` on.

        None where there is no state that old: the whole record has to be read.
        """
        both = frozenset.intersection(*(self.marks.get(one, frozenset()) for one in functions))
        marks = [mark for mark in both if mark <= hour - CARRIED]
        return max(marks) - (CONTEXT_H - 1) * HOUR if marks else None

    def resumed(
        self, functions: Collection[str], begin: datetime, stations: Sequence[str]
    ) -> dict[str, Resumed]:
        """Return what a grid of ``stations`` that begins at ``begin`` goes on from."""
        mark = begin + (CONTEXT_H - 1) * HOUR
        return {one: Resumed(CONTEXT_H, _state_at(one, mark, stations)) for one in functions}


def functions_of(rules: Iterable[Rule]) -> set[str]:
    """Return the recursive functions that rules rest on, as the catalogue calls them."""
    entries = [CATALOGUE[name] for rule in rules for name in rule.indicators]
    return {entry.path for entry in entries if entry.state}


def forget(since: Mapping[int, np.datetime64]) -> None:
    """Take out the states that rest on values that are others now.

    ``since`` is, by the key of a station, its oldest value that changed.
    """
    newest = IndicatorState.objects.aggregate(at=Max("after"))["at"]
    hours: dict[datetime, list[int]] = {}
    for station, time in since.items():
        hour = as_utc(time.astype("datetime64[h]"))
        if newest is not None and hour <= newest:
            hours.setdefault(hour, []).append(station)
    for hour, stations in hours.items():
        for start in range(0, len(stations), 500):
            IndicatorState.objects.filter(
                station__in=stations[start : start + 500], after__gte=hour
            ).delete()


def bring_up(
    functions: Collection[str],
    hour: datetime,
    zone: ZoneInfo,
    *,
    recent: RecentRows | None = None,
) -> States:
    """Make the states that are missing up to ``hour`` and return those that are kept."""
    first = record_begins() if functions else None
    if first is None or first > hour:
        return States()
    newest = hour.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    kept = _kept(first, newest)
    marks = {}
    for name in sorted(functions):
        entry = _entry(name)
        wanted = _marks_by_station(entry, zone)
        behind = _behind(name, wanted, newest)
        for last, stations in behind.items():
            later = [mark for mark in kept if last is None or mark > last]
            _make(entry, stations, last or first - HOUR, later, zone, recent)
        if behind and kept:
            _thin_out(name, kept)
        marks[name] = _whole_marks(name, len(wanted), newest)
    return States(marks)


def _entry(function: str) -> Indicator:
    return next(entry for entry in CATALOGUE.values() if entry.path == function)


def _kept(first: datetime, newest: datetime) -> list[datetime]:
    """Return the midnights whose states are kept, oldest first; none before the record begins."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    day, oldest = (newest - epoch).days, (first - epoch).days + 1
    days: set[int] = set()
    step = 1
    while True:
        days.update(range(day - day % step, max(oldest, day - STEP * step) - 1, -step))
        if day - STEP * step < oldest:
            break
        step *= STEP
    return [epoch + one * DAY for one in sorted(days) if one >= oldest]


def _rests_on(entry: Indicator, station: Station, units: Mapping[str, str], zone: ZoneInfo) -> str:
    """Return the mark of all that a station's states rest on beside its values."""
    facts = {
        "function": entry.path,
        "options": {name: repr(value) for name, value in sorted(entry.options.items())},
        "latitude": station.lat if "latitude" in entry.needs else None,
        "zone": zone.key,
        "units": dict(sorted(units.items())),
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _marks_by_station(entry: Indicator, zone: ZoneInfo) -> dict[int, tuple[str, str]]:
    """Return code and mark of each station that measures any of the inputs, by its key."""
    units: dict[int, dict[str, str]] = {}
    rows = Series.objects.filter(kind=Series.OBSERVED, quantity__in=set(entry.inputs.values()))
    for key, quantity, unit in rows.order_by().values_list("station", "quantity", "unit"):
        units.setdefault(key, {})[quantity] = unit
    return {
        station.pk: (station.code, _rests_on(entry, station, units[station.pk], zone))
        for station in Station.objects.all()
        if station.pk in units
    }


def _behind(
    function: str, wanted: Mapping[int, tuple[str, str]], newest: datetime
) -> dict[datetime | None, list[tuple[int, str, str]]]:
    """Return the stations without the newest state, by the last one that they have.

    States that rest on something else than holds now are taken out.
    """
    states = IndicatorState.objects.filter(function=function)
    have: dict[int, datetime] = {}
    for key, rests_on, last in states.values_list("station", "rests_on").annotate(at=Max("after")):
        if key in wanted and wanted[key][1] == rests_on:
            have[key] = last
        else:
            states.filter(station=key, rests_on=rests_on).delete()
    behind: dict[datetime | None, list[tuple[int, str, str]]] = {}
    for key, (code, rests_on) in wanted.items():
        last = have.get(key)
        if last is None or last < newest:
            behind.setdefault(last, []).append((key, code, rests_on))
    return behind


def _make(
    entry: Indicator,
    stations: Sequence[tuple[int, str, str]],
    last: datetime,
    marks: Sequence[datetime],
    zone: ZoneInfo,
    recent: RecentRows | None,
) -> None:
    """Compute and keep the states of some stations at ``marks``, from the one after ``last`` on."""
    if not marks:
        return
    longest = max((late - early) / HOUR for early, late in zip([last, *marks], marks, strict=False))
    together = max(1, int(CELLS / (longest + CONTEXT_H)))
    for start in range(0, len(stations), together):
        some = {code: (key, rests_on) for key, code, rests_on in stations[start : start + together]}
        before = last
        for mark in marks:
            _step(entry, some, before, mark, zone, recent)
            before = mark


def _step(
    entry: Indicator,
    some: Mapping[str, tuple[int, str]],
    before: datetime,
    mark: datetime,
    zone: ZoneInfo,
    recent: RecentRows | None,
) -> None:
    """Keep the states at ``mark`` of some stations, which have theirs at ``before`` or none."""
    grid = observed_grid(
        before - (CONTEXT_H - 1) * HOUR, mark,
        quantities=set(entry.inputs.values()), stations=set(some), recent=recent,
    )  # fmt: skip
    start = Resumed(CONTEXT_H, _state_at(entry.path, before, grid.stations))
    left = state_after(entry, grid, Calendar.of(grid.times, zone), start, grid.times.size - 1)
    parts = left if isinstance(left, tuple) else (left,)
    numbers = np.stack([np.broadcast_to(part, len(grid.stations)) for part in parts], axis=1)
    IndicatorState.objects.bulk_create(
        [
            IndicatorState(
                function=entry.path,
                station_id=some[code][0],
                after=mark,
                state=[None if np.isnan(one) else one for one in row],
                rests_on=some[code][1],
            )
            for code, row in zip(grid.stations, numbers.tolist(), strict=True)
        ],
        batch_size=2000,
    )


def _state_at(function: str, mark: datetime, stations: Sequence[str]) -> Any:
    """Return the stored states as the function takes them; None where there are none at all."""
    rows = IndicatorState.objects.filter(function=function, after=mark)
    if len(stations) <= FEW:
        rows = rows.filter(station__code__in=stations)
    stored = dict(rows.values_list("station__code", "state"))
    if not stored.keys() & set(stations):
        return None
    template = own_start(_entry(function), [0.0])
    width = len(template) if isinstance(template, tuple) else 1
    nowhere = [None] * width  # a station that measures none of it has no values either
    parts = np.array([stored.get(code, nowhere) for code in stations], np.float64).T
    return type(template)(*parts) if isinstance(template, tuple) else parts[0]


def _thin_out(function: str, kept: Collection[datetime]) -> None:
    """Take out the states between those that are kept."""
    states = IndicatorState.objects.filter(function=function, after__lt=max(kept, default=None))
    marks = set(states.order_by().values_list("after", flat=True).distinct())
    for mark in marks.difference(kept):
        states.filter(after=mark).delete()


def _whole_marks(function: str, stations: int, hour: datetime) -> frozenset[datetime]:
    """Return the hours up to ``hour`` at which all of the stations have a state."""
    states = IndicatorState.objects.filter(function=function, after__lte=hour).order_by()
    counts = states.values_list("after").annotate(count=Count("pk"))
    return frozenset(mark for mark, count in counts if count == stations)
