"""Replay: run the watch over a past year, hour by hour, as it would have run then.

Everything is computed from the stored observations by the one path that also runs live. Numbers and
levels are worked out for the whole period at once, which gives the same answer for each hour as an
hourly run; the desk then walks through the hours and issues, updates and cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from django.db import transaction

from tocsin.errors import StateError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.intake import known_after, read
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Region, Station
from tocsin.office.places.services import load_region_folder, set_clock
from tocsin.office.watch.ahead import Looked
from tocsin.office.watch.forecasts import keep_forecasts
from tocsin.office.watch.grid import observed_grid
from tocsin.office.watch.model_runs import runs_between, stored_runs
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_picks import turns
from tocsin.office.watch.services import (
    keep_folder_rules,
    keep_indicator,
    keep_reading,
    keep_triggers,
)
from tocsin.office.watch.shares import by_column, stored_shares
from tocsin.office.watch.times import as_utc, from_utc
from tocsin.region import Region as RegionSettings
from tocsin.region import load_region
from tocsin.region.archive import policy_of
from tocsin.triggers.ahead_past import Outlook
from tocsin.triggers.evaluate import Calendar, Evaluation, Grid, evaluate, indicator_values
from tocsin.triggers.reconcile import InForce, Policy
from tocsin.triggers.rules import Rule

from .cycle import Judged, Part, in_force, near_stations, plan, row_of
from .models import Message
from .services import Desk, issue, start_over

__all__ = ["Progress", "Report", "replay"]

Progress = Callable[[str, int, int], None]
"""Called with the step in words, how far it is and how far it goes."""

HOUR = timedelta(hours=1)
HOURS_A_TRANSACTION = 24 * 7
"""A replay that is stopped goes on from the last whole week."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay did, for the person who started it."""

    region: Region
    values_added: int
    faults: int
    triggers: int
    messages: int
    cycles: int


@dataclass(frozen=True, slots=True)
class _Watch:
    """The whole period, evaluated: what each hour's cycle asks."""

    grid: Grid
    turns: Sequence[tuple[datetime, Mapping[str, RuleVersion]]]
    """From which cycle on which versions are in force, the first turn from the beginning."""
    evaluations: Mapping[int, Evaluation]
    """By the version's key."""
    policies: Mapping[int, Policy]
    """By the version's key."""
    near: Mapping[str, Mapping[str, float]]
    delay: timedelta
    outlooks: Mapping[int, Outlook]
    """Of the versions that look ahead, where the region has forecasts; by the version's key."""

    def hour_of(self, cycle: datetime) -> int:
        """Return the index of the newest hour known at ``cycle``; below 0 before the first."""
        newest = cycle - self.delay
        return int((newest - as_utc(self.grid.times[0])) // HOUR)

    def judged(self, hour: int, cycle: datetime) -> Judged:
        """Return what the rules in force at ``cycle`` say of one hour."""
        versions = next(said for since, said in reversed(self.turns) if since <= cycle)
        evaluations = {name: self.evaluations[one.pk] for name, one in versions.items()}
        rules = {name: one.rule for name, one in evaluations.items()}
        policies = {name: self.policies[one.pk] for name, one in versions.items()}
        parts = {name: (Part(one, self.grid, hour),) for name, one in evaluations.items()}
        ahead = {
            name: Looked(*self.outlooks[one.pk].at(hour, from_utc(cycle)))
            for name, one in versions.items()
            if one.pk in self.outlooks
        }
        return Judged(rules, versions, policies, self.near, parts, ahead)


def replay(
    folder: Path,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    stand_at: datetime | None = None,
    fresh: bool = False,
    at: datetime,
    progress: Progress = lambda step, done, whole: None,
) -> Report:
    """Replay a region from ``first`` to ``last`` and stand its clock at ``stand_at``.

    Run again, it goes on from where it was stopped, and does nothing where nothing is left to do;
    ``fresh`` empties the ledger first, once everything else has been found in order.

    Raises
    ------
    RegionError, IntakeError
        The folder or a feed cannot be used; nothing was written of it.
    StateError
        The region is not a replay, or the period does not join on to what has been replayed.
    """
    settings = load_region(folder)
    if settings.replay is None:
        raise StateError(f"{folder} is not a replay region: region.toml has no [replay].")
    region = load_region_folder(folder, at=at)
    first, last = first or settings.replay.first, last or settings.replay.last
    if not first < last:
        raise StateError(f"The replay would end ({last}) before it begins ({first}).")
    if fresh:
        start_over(region, at=at)
        region.refresh_from_db()
    begin = _begin(region, first)
    added, faults = _take_in(settings, at, progress)
    watch, triggers = _evaluate(settings, region, at, progress)
    before = Message.objects.count()
    cycles = _walk(region, watch, begin, last, progress)
    region.refresh_from_db()
    stand = stand_at or settings.replay.stand_at
    set_clock(region, min(stand, region.replayed_until or stand), by=MACHINE, moment=at)
    region.refresh_from_db()
    return Report(region, added, faults, triggers, Message.objects.count() - before, cycles)


def _begin(region: Region, first: datetime) -> datetime:
    """Return the first cycle to run, and refuse a period that leaves hours out."""
    done = region.replayed_until
    if done is None:
        return first
    if first > done + HOUR:
        raise StateError(
            f"Hours would be left out: this region has been replayed until {done:%Y-%m-%d %H:%M} "
            "UTC. Begin there, or start over with --fresh."
        )
    return done + HOUR


def _take_in(settings: RegionSettings, at: datetime, progress: Progress) -> tuple[int, int]:
    """Read every feed and keep it; return how many values were new and how many faults."""
    added = faults = 0
    for number, feed in enumerate(settings.feeds):
        progress("read", number, len(settings.feeds))
        reading = read(feed, settings.stations)
        keep_forecasts(feed, reading, at=at)
        added += keep_reading(feed, reading, at=at)
        faults += len(reading.faults)
    progress("read", len(settings.feeds), len(settings.feeds))
    return added, faults


def _evaluate(
    settings: RegionSettings, region: Region, at: datetime, progress: Progress
) -> tuple[_Watch, int]:
    """Compute indicators, levels and triggers for the whole replay."""
    if settings.replay is None:
        raise StateError(f"{settings.id} is not a replay region.")
    grid = observed_grid(settings.replay.first, settings.replay.last)
    calendar = Calendar.of(grid.times, region.zone)
    last = settings.replay.last + delay_of(settings)
    said = turns(keep_folder_rules(settings.rules, at=at), settings.replay.first, last)
    versions = {one.pk: one for _, some in said for one in some.values()}
    rules = {key: Rule.model_validate(one.definition) for key, one in versions.items()}
    looked_at = {name for rule in rules.values() for name in rule.indicators}
    paths = {CATALOGUE[name].path for name in looked_at}
    ids = [name for name, entry in CATALOGUE.items() if entry.path in paths]
    values = indicator_values(ids, grid, calendar)
    for number, name in enumerate(ids):
        progress("compute", number, len(ids) + len(rules))
        keep_indicator(
            name,
            CATALOGUE[name].unit,
            grid.stations,
            grid.times,
            calendar.as_computed(CATALOGUE[name].cadence, values[name]),
        )
    near = near_stations()
    column = {code: i for i, code in enumerate(grid.stations)}
    order = {area: [column[station] for station in stations] for area, stations in near.items()}
    shares = by_column(stored_shares(), column)
    evaluations = {}
    for number, (key, rule) in enumerate(rules.items(), len(ids)):
        progress("compute", number, len(ids) + len(rules))
        evaluations[key] = evaluate(
            rule, values, order, calendar, stations=grid.stations, shares=shares
        )
    policies = {key: policy_of(settings, rule) for key, rule in rules.items()}
    runs = stored_runs(
        runs_between(settings.replay.first, last), grid.stations, grid.values, whole=True
    )
    outlooks = {
        key: Outlook(rule, grid, order, region.zone, runs, shares if rule.by_share else None)
        for key, rule in rules.items()
        if rule.lead_h > 0 and runs
    }
    watch = _Watch(grid, said, evaluations, policies, near, delay_of(settings), outlooks)
    triggers = _keep_triggers(watch, versions)
    progress("compute", 1, 1)
    return watch, triggers


def delay_of(settings: RegionSettings) -> timedelta:
    """Return how long after its label an hour is known: as long as the slowest feed takes."""
    return known_after(settings.feeds)


def _keep_triggers(watch: _Watch, versions: Mapping[int, RuleVersion]) -> int:
    """Store the triggers of every rule, each hour's by the version in force when it was known."""
    known = watch.grid.times + np.timedelta64(watch.delay)
    begins = [np.datetime64(since.replace(tzinfo=None), "s") for since, _ in watch.turns]
    turn = np.maximum(np.searchsorted(begins, known, side="right") - 1, 0)
    kept = 0
    for name in {one.rule for one in versions.values()}:
        found = []
        for key in (key for key, one in versions.items() if one.rule == name):
            in_turn = [n for n, (_, said) in enumerate(watch.turns) if key in _keys(said)]
            evaluation, hours = watch.evaluations[key], np.isin(turn, in_turn)
            levels = np.where(hours[:, None], evaluation.levels, np.int8(0))
            found.append((versions[key], replace(evaluation, levels=levels)))
        kept += keep_triggers(found, watch.grid.stations, watch.grid.times)
    return kept


def _keys(said: Mapping[str, RuleVersion]) -> set[int]:
    return {one.pk for one in said.values()}


def _walk(
    region: Region, watch: _Watch, begin: datetime, last: datetime, progress: Progress
) -> int:
    """Run every hourly cycle from ``begin`` to ``last``; return how many."""
    desk = Desk.of(region, {s.code: s.names for s in Station.objects.all()})
    cycles = [begin + HOUR * n for n in range(max(0, int((last - begin) / HOUR) + 1))]
    standing = {row.warning: row for row in in_force(begin)}
    for start in range(0, len(cycles), HOURS_A_TRANSACTION):
        progress("replay", start, len(cycles))
        with transaction.atomic():
            part = cycles[start : start + HOURS_A_TRANSACTION]
            for cycle in part:
                for message in _cycle(desk, watch, list(standing.values()), cycle):
                    standing[message.warning.slug] = row_of(message)
            standing = {slug: row for slug, row in standing.items() if row.expires_at > part[-1]}
            Region.objects.filter(pk=region.pk).update(replayed_until=part[-1])
    progress("replay", len(cycles), len(cycles))
    return len(cycles)


def _cycle(
    desk: Desk, watch: _Watch, standing: Sequence[InForce], cycle: datetime
) -> Iterator[Message]:
    """Do what has to be done at one hour."""
    hour = watch.hour_of(cycle)
    if not 0 <= hour < watch.grid.times.size:
        return
    for step in plan(watch.judged(hour, cycle), standing, cycle):
        yield issue(
            desk,
            step.action,
            step.rule,
            step.version,
            step.evidence,
            at=cycle,
            ended_by=step.ended_by,
        )
