"""How many hours have to be looked at so that the newest one is judged as a full run would.

Indicators say how far they look back (``Gaps.rows``); a recursive one goes on from a state that
is kept (``states``), or begins with the record. Levels remember too: an area may have been held at
yellow for a week. They forget it all when the machine of ``triggers.levels`` starts afresh: out of
season, after a gap longer than the rule bridges, or after ``hold`` hours in a row in which nothing
was held. An area with such an hour inside the window is settled: from there on its levels are those
of a full run, whatever was before. The others are judged anew over four times the hours, until they
are settled or the record begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE, Indicator
from tocsin.triggers.evaluate import Calendar, Evaluation, Grid, evaluate, indicator_values
from tocsin.triggers.levels import join, reached, season_mask
from tocsin.triggers.rules import Rule

from .grid import observed_grid
from .recent_rows import RecentRows
from .shares import by_column
from .states import States, functions_of
from .table import record_begins

__all__ = ["Judgement", "is_resumable", "judge_hour", "look_back", "reach_h", "settled"]

BOUNDED = frozenset({"row", "window", "ends", "any", "recent", "durations", "day", "mean"})
"""Rules of gaps that look back over ``rows`` hours and no further."""
HOUR = timedelta(hours=1)
LEAST_H = 24
WIDER = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rule over some areas, exact from hour ``since`` (area,) of the grid on."""

    evaluation: Evaluation
    grid: Grid
    since: NDArray[np.int64]


def judge_hour(
    rules: Sequence[Rule],
    near: Mapping[str, Sequence[str]],
    hour: datetime,
    zone: ZoneInfo,
    *,
    shares: Mapping[str, Mapping[str, float]] | None = None,
    at_least_h: int = LEAST_H,
    recent: RecentRows | None = None,
    states: States | None = None,
) -> dict[str, list[Judgement]]:
    """Return the judgements of each rule whose last hour is ``hour``.

    Parameters
    ----------
    rules : the rules in force
    near : area -> codes of its stations, nearest first
    hour : the newest hour to look at
    zone : the region's
    shares : area -> code of a station -> the share of the area's surface it stands for; needed by
        rules with a minimum share
    recent : read instead of the database where it reaches
    at_least_h : how many hours before are looked at however well all is settled
    states : of recursive indicators, up to date; without them these begin with the record
    """
    first = record_begins()
    if first is None or first > hour:
        return {}
    whole = int((hour - first) / HOUR)
    found: dict[str, list[Judgement]] = {rule.id: [] for rule in rules}
    left = [(rule, set(near)) for rule in rules]
    hours = max([at_least_h, *(_patience(rule) for rule in rules)])
    while left:
        left = _round(left, near, shares or {}, hour, hours, whole, zone, found, recent, states)
        hours *= WIDER
    return found


def look_back(rule: Rule) -> int | None:
    """Return how many hours before its own an indicator of the rule rests on; None for all."""
    entries = [CATALOGUE[name] for name in rule.indicators]
    return reach_h(rule) if all(map(_is_bounded, entries)) else None


def reach_h(rule: Rule) -> int:
    """Return the same for those indicators that do not rest on all hours; 0 if none is such."""
    entries = [entry for name in rule.indicators if _is_bounded(entry := CATALOGUE[name])]
    return max((max(one.gaps.rows, one.window_h or 1) - 1 for one in entries), default=0)


def is_resumable(rule: Rule) -> bool:
    """Whether what looks back without end in a rule can go on from a state."""
    entries = [CATALOGUE[name] for name in rule.indicators]
    return all(entry.state or _is_bounded(entry) for entry in entries)


def _is_bounded(entry: Indicator) -> bool:
    return entry.gaps.rule in BOUNDED and entry.cadence != "daily-noon" and not entry.state


def settled(evaluation: Evaluation, calendar: Calendar, exact_from: int) -> NDArray[np.int64]:
    """Return for each area the first hour at which its levels depend on nothing before the grid.

    ``exact_from`` is the first hour whose indicators are complete; an area that is not settled has
    the length of the grid.
    """
    rule = evaluation.rule
    parts = [evaluation.own, *evaluation.also]
    what = join(
        [reached(one.values, one.thresholds, one.condition) for one in parts], rule.join or "all"
    )
    size = what.known.shape[0]
    outside = ~season_mask(calendar.month, calendar.day, rule.season)
    quiet = _run(what.known & (what.held == 0), what.known & (what.held > 0), exact_from)
    silent = _run(~what.known, what.known, exact_from)
    fresh = (quiet >= max(1, rule.hold_h)) | (silent > rule.max_gap_h) | outside[:, None]
    fresh[: exact_from + rule.persistence_h] = False
    hours: NDArray[np.int64] = np.where(fresh.any(axis=0), fresh.argmax(axis=0), size)
    return hours


def _run(counts: NDArray[np.bool_], breaks: NDArray[np.bool_], first: int) -> NDArray[np.int64]:
    """Return at each hour how many ``counts`` there were since the last of ``breaks``."""
    counts = counts.copy()
    counts[:first] = False
    total = np.cumsum(counts, axis=0)
    at_break: NDArray[np.int64] = total - np.maximum.accumulate(np.where(breaks, total, 0), axis=0)
    return at_break


def _patience(rule: Rule) -> int:
    """Return the hours in which an area usually settles."""
    return rule.persistence_h + rule.hold_h + rule.max_gap_h + 12


def _round(
    left: Sequence[tuple[Rule, set[str]]],
    near: Mapping[str, Sequence[str]],
    shares: Mapping[str, Mapping[str, float]],
    hour: datetime,
    hours: int,
    whole: int,
    zone: ZoneInfo,
    found: dict[str, list[Judgement]],
    recent: RecentRows | None,
    states: States | None,
) -> list[tuple[Rule, set[str]]]:
    """Judge what is left over ``hours``; return what has not settled."""
    again: list[tuple[Rule, set[str]]] = []
    short = [one for one in left if look_back(one[0]) is not None]
    endless = [one for one in left if look_back(one[0]) is None]
    for group in (short, endless):
        if not group:
            continue
        past, length = _past(group, hour, hours, whole, states)
        grid = _grid(group, near, shares, hour, length, recent)
        calendar = Calendar.of(grid.times, zone)
        values = _values(group, grid, calendar, hour - HOUR * length, states if past else None)
        column = {code: i for i, code in enumerate(grid.stations)}
        for rule, areas in group:
            order = {code: [column[one] for one in near[code]] for code in near if code in areas}
            some = {code: shares.get(code, {}) for code in areas if rule.by_share}
            judged = partial(
                evaluate, rule, values, stations=grid.stations, shares=by_column(some, column)
            )
            evaluation = judged(order=order, calendar=calendar)
            since = np.zeros(len(evaluation.areas), np.int64)
            if length < whole:
                since = settled(evaluation, calendar, past or look_back(rule) or 0)
            open_ = {
                code
                for code, one in zip(evaluation.areas, since, strict=True)
                if one >= grid.times.size
            }
            if open_:
                again.append((rule, open_))
            if open_ != set(evaluation.areas):
                kept = {code: near for code, near in order.items() if code not in open_}
                if open_:
                    evaluation = judged(order=kept, calendar=calendar)
                    since = since[since < grid.times.size]
                found[rule.id].append(Judgement(evaluation, grid, since))
    return again


def _values(
    group: Sequence[tuple[Rule, set[str]]],
    grid: Grid,
    calendar: Calendar,
    begin: datetime,
    states: States | None,
) -> dict[str, NDArray[np.float64]]:
    """Return the indicators of some rules; with ``states`` recursive ones go on from ``begin``."""
    functions = functions_of(rule for rule, _ in group)
    resumed = states.resumed(functions, begin, grid.stations) if states else {}
    names = sorted({name for rule, _ in group for name in rule.indicators})
    return indicator_values(names, grid, calendar, resumed=resumed)


def _past(
    group: Sequence[tuple[Rule, set[str]]],
    hour: datetime,
    hours: int,
    whole: int,
    states: States | None,
) -> tuple[int, int]:
    """Return how many hours a grid has before the exact ones, and its length before ``hour``.

    The first is 0 where no recursive indicator goes on from a state: how far the others look back
    is each rule's own affair.
    """
    before = max(reach_h(rule) for rule, _ in group)
    functions = functions_of(rule for rule, _ in group)
    if hours + before >= whole:
        return 0, whole
    if all(look_back(rule) is not None for rule, _ in group):
        return 0, hours + before
    if states is None or not all(is_resumable(rule) for rule, _ in group):
        return 0, whole
    begin = states.begin(functions, hour - HOUR * (hours + before))
    length = whole if begin is None else int((hour - begin) / HOUR)
    return (length - hours, length) if length < whole else (0, whole)


def _grid(
    group: Sequence[tuple[Rule, set[str]]],
    near: Mapping[str, Sequence[str]],
    shares: Mapping[str, Mapping[str, float]],
    hour: datetime,
    length: int,
    recent: RecentRows | None,
) -> Grid:
    """Read the observations that some rules over some areas rest on."""
    quantities = {
        quantity
        for rule, _ in group
        for name in rule.indicators
        for quantity in CATALOGUE[name].inputs.values()
    }
    areas = set().union(*(areas for _, areas in group))
    stations = {station for area in areas for station in near[area]}
    for rule, some in group:
        if rule.by_share:
            stations |= {station for area in some for station in shares.get(area, ())}
    return observed_grid(
        hour - HOUR * length, hour, quantities=quantities, stations=stations, recent=recent
    )
