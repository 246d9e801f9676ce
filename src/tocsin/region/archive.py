"""A region's past without a database: its feeds read, flagged and stood on an hourly grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tocsin.errors import Fault, RegionError, StateError
from tocsin.exposure.shares import area_shares
from tocsin.intake import known_after, nearest_stations, read
from tocsin.intake.hours import stand_on_hours
from tocsin.intake.quality import flag_reading
from tocsin.region.checker import Checker
from tocsin.region.layers import filled_rules
from tocsin.region.model import Region
from tocsin.region.rule_files import read_rules
from tocsin.region.runs import runs_of
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import Calendar, Grid
from tocsin.triggers.futures import ModelRun
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.rules import Rule
from tocsin.triggers.taking import Shares

__all__ = ["archive_of", "policy_of", "rules_in", "skipped_feeds"]

Progress = Callable[[str, int, int], None]


def archive_of(
    region: Region,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    progress: Progress = lambda step, done, whole: None,
) -> Archive:
    """Return what the region's feeds hold from ``first`` to ``last``, hours inclusive.

    Feeds that are asked over the network, and drop folders, are left out (``skipped_feeds``).
    Without ends it is the region's replay. A flagged value is NaN, and of several values in one
    hour the quantity's own counts (``tocsin.intake.hours``): the same as in the live watch.

    Raises
    ------
    IntakeError
        A feed cannot be read.
    StateError
        The region is live and no period was given, the period is empty, or all feeds are live.
    """
    first, last = _period(region, first, last)
    feeds = [feed for feed in region.feeds if not feed.is_live]
    if not feeds:
        raise StateError(
            f"{region.id} has live feeds alone ({', '.join(skipped_feeds(region))}), which have no "
            "past in files. Try rules at the desk, over what the office has stored, or name a file "
            "of past values in feeds.toml."
        )
    times = np.arange(_hour(first), _hour(last) + np.timedelta64(1, "h"))
    column = {station.id: i for i, station in enumerate(region.stations)}
    values: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    runs: list[ModelRun] = []
    for number, feed in enumerate(feeds):
        progress("read", number, len(feeds))
        reading = read(feed, region.stations)
        runs += runs_of(feed, reading.forecasts, list(column))
        for part, flags in zip(reading.series, flag_reading(reading.series), strict=True):
            grid = values.setdefault(part.quantity, np.full((times.size, len(column)), np.nan))
            units[part.quantity] = part.unit
            hours = (part.times.astype("datetime64[h]") - times[0]).astype(np.int64)
            good = (hours >= 0) & (hours < times.size) & (flags == 0) & ~np.isnan(part.values)
            place = np.full(int(good.sum()), column[part.station])
            stand_on_hours(part.quantity, grid, hours[good], place, part.values[good])
    progress("read", len(feeds), len(feeds))
    reach = region.area_method.max_distance_km
    near = nearest_stations(region.areas, region.stations, reach)

    def shares() -> Shares:
        found = area_shares(region.areas, region.stations, reach)
        return {code: {column[s]: part for s, part in found[code].items()} for code in found}

    return Archive(
        Grid(times, tuple(column), tuple(one.lat for one in region.stations), values, units),
        {code: [column[name] for name, _ in near[code]] for code in sorted(near) if near[code]},
        Calendar.of(times, region.zone),
        delay=known_after(region.feeds),
        runs=runs,
        zone=region.zone,
        shares=shares,
    )


def skipped_feeds(region: Region) -> tuple[str, ...]:
    """Return the ids of the feeds that a backtest leaves out: what they give is not in a file."""
    return tuple(feed.id for feed in region.feeds if feed.is_live)


def policy_of(region: Region, rule: Rule) -> Policy:
    """Return how patient the region's desk is with a rule."""
    return Policy(
        valid=timedelta(hours=rule.valid_h),
        min_update=timedelta(hours=region.policy.min_update_h),
        renew_before=timedelta(hours=region.policy.renew_before_h),
    )


def rules_in(region: Region, file: Path) -> tuple[Rule, ...]:
    """Return the rules of another file or folder, checked against the region.

    Raises
    ------
    RegionError
        With every fault of the file, its line and its remedy.
    """
    if not file.exists():
        gone = "There is no such file or folder."
        raise RegionError([Fault(str(file), 0, "rules", "", gone, "Check the path.")])
    check = Checker(file.parent, languages=region.languages)
    check.area_lines = {area.code: 0 for area in region.areas}
    check.records, check.impacts = region.records, region.impacts
    rules = read_rules(check, file.name)
    if check.faults:
        raise RegionError(check.faults)
    return filled_rules(region, rules)


def _period(
    region: Region, first: datetime | None, last: datetime | None
) -> tuple[datetime, datetime]:
    if region.replay is not None:
        first, last = first or region.replay.first, last or region.replay.last
    if first is None or last is None:
        raise StateError(
            f"{region.id} is live and has no period of its own: name both --from and --to."
        )
    if not first < last:
        begin, end = (f"{one.astimezone(region.zone):%Y-%m-%d %H:%M}" for one in (first, last))
        raise StateError(
            f"The period would begin {begin} and would end {end} ({region.time_zone}), so there is "
            "no hour in it. Let --to be later than --from; one that is left out is that of "
            "[replay] in region.toml."
        )
    return first, last


def _hour(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "h")
