"""Stored observations as an archive that rules are tried on; kept in memory while it holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Max, Sum

from tocsin.office.places.models import Area, Region
from tocsin.region import Region as Settings
from tocsin.region import load_region
from tocsin.region.archive import policy_of
from tocsin.region.doubts import Doubt, brought_by, doubts_of
from tocsin.region.place_doubts import doubts_of_place
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.rules import Rule

from .forecast_models import ForecastRun
from .grid import observed_grid
from .model_runs import runs_between, stored_runs
from .models import Correction, Feed, Observation
from .shares import by_column, stored_shares

__all__ = ["settings_of", "stored_archive", "stored_doubts", "stored_policy", "stored_records"]

MOST_LOOKS = 10_000
"""Hours times members that a page looks ahead over: ten seconds or so."""


def stored_archive(region: Region, first: datetime, last: datetime) -> Archive:
    """Return what is stored from ``first`` to ``last``, whole hours, both inclusive.

    The newest one is kept: it serves until observations are added or corrected, the region's
    folder is loaded anew or another period is asked for.
    """
    newest = Observation.objects.aggregate(newest=Max("pk"))["newest"]
    corrected = Correction.objects.aggregate(newest=Max("pk"))["newest"]
    first, last = (end.replace(minute=0, second=0, microsecond=0) for end in (first, last))
    runs = ForecastRun.objects.aggregate(count=Sum("values"), other=Sum("corrected"))
    marks = (newest or 0, corrected or 0, runs["count"] or 0, runs["other"] or 0)
    return _archive(region.pk, region.digest, marks, first, last)


def stored_policy(region: Region, rule: Rule) -> Policy:
    """Return how patient the desk is with a rule, as the region's folder says.

    Raises
    ------
    RegionError
        The folder cannot be read any more.
    """
    return policy_of(_settings(region.folder, region.digest), rule)


def stored_doubts(region: Region, rule: Rule) -> list[Doubt]:
    """Return what feeds, quantities and stations of the region's folder say against a rule.

    Raises
    ------
    RegionError
        The folder cannot be read any more.
    """
    settings = _settings(region.folder, region.digest)
    return [*doubts_of(rule, brought_by(settings.feeds)), *doubts_of_place(rule, settings)]


def stored_records(region: Region) -> tuple[Any, ...]:
    """Return the records of the region's stations, as ``tocsin.region.records`` fits them.

    Raises
    ------
    RegionError
        The folder cannot be read any more.
    """
    return _settings(region.folder, region.digest).records


def settings_of(region: Region) -> Settings:
    """Return what the region's folder says: its curves, matrices and layers among it.

    Raises
    ------
    RegionError
        The folder cannot be read any more.
    """
    return _settings(region.folder, region.digest)


@lru_cache(maxsize=1)
def _settings(folder: str, _digest: str) -> Settings:
    return load_region(Path(folder))


@lru_cache(maxsize=1)
def _archive(
    region: int, _digest: str, _newest: tuple[int, ...], first: datetime, last: datetime
) -> Archive:
    grid = observed_grid(first, last)
    column = {code: i for i, code in enumerate(grid.stations)}
    rows = Area.objects.exclude(stations=[]).order_by("code").values_list("code", "stations")
    measuring = Feed.objects.exclude(series=None)  # nobody waits for a forecast to know an hour
    delay = measuring.aggregate(longest=Max("delay_min"))["longest"] or 0
    zone = Region.objects.get(pk=region).zone
    runs = stored_runs(runs_between(first, last), grid.stations, grid.values, whole=True)
    return Archive(
        grid,
        {code: [column[station] for station, _ in near] for code, near in rows},
        Calendar.of(grid.times, zone),
        delay=timedelta(minutes=delay),
        shares=lambda: by_column(stored_shares(), column),
        runs=runs,
        zone=zone,
        most_looks=MOST_LOOKS,
    )
