"""Looking ahead: what a rule would say if one member of a forecast came true, and how many say so.

A member together with the observations so far is one complete future. Hours that are over are the
observation in every member, a gap stays a gap; the hours after them are the newest run that has
members enough (:func:`tocsin.triggers.forecasts.newest`). Each future is judged by the very same
functions as the past, so a forecast that comes true gives the level that observing it will give.

A run counts at an hour and station only with all the quantities that it gives there and the rule
looks at: the temperature of this run is never joined with the humidity of the one before. A single
forecast stands in every member, as an observation does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.evaluate import Calendar, Evaluation, Grid, evaluate, indicator_values
from tocsin.triggers.forecasts import MINIMUM_SHARE, Run, newest
from tocsin.triggers.matrix import Matrix
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.triggers.taking import Shares

__all__ = [
    "Ahead",
    "Futures",
    "ModelRun",
    "before_newest",
    "futures",
    "history_h",
    "look_ahead",
    "quantities_of",
]

HOUR = np.timedelta64(1, "h")
BOUNDED = frozenset({"row", "window", "ends", "any", "recent", "durations"})
NEARLY = 1e-9
"""Three of ten members are a share of 0.3, whatever binary fractions make of it."""


@dataclass(frozen=True, slots=True)
class ModelRun:
    """One run of a model with all its quantities.

    Parameters
    ----------
    feed, model : str
        Where it came from and what the model is called.
    issued, arrived : datetime64
        When the run was begun, and when we had it.
    times : array (time,)
        Labels of hours, rising.
    values : quantity -> array (member, time, station) [the quantity's own unit]
        Rows are the same members and columns the same stations in each; NaN where there is none.
    members : int
        How many there should be.
    """

    feed: str
    model: str
    issued: np.datetime64
    arrived: np.datetime64
    times: NDArray[np.datetime64]
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    members: int


@dataclass(frozen=True, slots=True)
class Futures:
    """The hours seen and those after them, once for each member.

    ``grid`` has the stations member after member: column ``member * stations + station``.
    ``which`` (hour after, station) is the run of ``runs`` that stands there, -1 for none.
    """

    grid: Grid
    members: int
    begin: int
    """Index of the last hour that was seen."""
    runs: tuple[ModelRun, ...]
    which: NDArray[np.int64]

    @property
    def stations(self) -> int:
        """How many there are of each member."""
        return len(self.grid.stations) // self.members

    def of(self, values: NDArray[np.float64], member: int) -> NDArray[np.float64]:
        """Return one member's part of an array (time, column)."""
        return values[:, member * self.stations : (member + 1) * self.stations]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a rule says of the hours after the last one seen.

    ``members`` are the futures, judged; ``known`` (member, hour after, area) where one has a value.
    ``shares`` (level, hour after, area), from blue to red, is the share of the members on hand that
    have reached the level by that hour; NaN where no member is on hand or the rule has no such
    level. ``level`` (area) is the highest that the rule's probability is reached for, ``first``
    (area) the first hour after (0 is the next one) at which it is, -1 for none.
    """

    rule: Rule
    areas: tuple[str, ...]
    futures: Futures
    members: tuple[Evaluation, ...]
    known: NDArray[np.bool_]
    shares: NDArray[np.float64]
    level: NDArray[np.int8]
    first: NDArray[np.int64]
    bars: Mapping[tuple[int, int], tuple[int, float]] | None = None
    """Of a rule with a matrix of impact: (area, level) -> the class of impact that gives it, from
    1, and the probability that the matrix asks for. ``members`` and ``shares`` are by class then.
    """

    def bar(self, place: int, level: int) -> tuple[int, float]:
        """Return the row of ``shares`` that decides about a level, from 1, and what it must be."""
        if self.bars is None:
            return level, self.rule.probability
        return self.bars.get((place, level), (level, np.inf))

    @property
    def times(self) -> NDArray[np.datetime64]:
        """All hours, those seen first."""
        return self.futures.grid.times

    @property
    def begin(self) -> int:
        """Index of the last hour seen."""
        return self.futures.begin

    def values(self) -> NDArray[np.float64]:
        """Return the rule's own indicator, (member, hour after, area) [the rule's unit]."""
        return np.array([one.values[self.begin + 1 :] for one in self.members])

    def is_known(self) -> NDArray[np.bool_]:
        """Return which areas any member says something of, (area)."""
        return np.asarray(self.known.any(axis=(0, 1)), np.bool_)


def quantities_of(rules: Collection[Rule]) -> tuple[str, ...]:
    """Return the quantities that the rules' indicators are computed from."""
    return tuple(
        sorted(
            {
                quantity
                for rule in rules
                for name in rule.indicators
                for quantity in CATALOGUE[name].inputs.values()
            }
        )
    )


def history_h(rule: Rule) -> int | None:
    """Return how many hours seen a look ahead needs; None for the whole record.

    The level of a future only matters where it rises: for that it takes the hours an indicator
    looks back over, and those in a row that the rule asks for, with the gaps it bridges. A level
    that is merely held is the observed one's already.
    """
    rows = 1
    for name in rule.indicators:
        entry = CATALOGUE[name]
        if entry.gaps.rule not in BOUNDED or entry.cadence == "daily-noon" or entry.state:
            return None
        rows = max(rows, entry.gaps.rows, entry.window_h or 1)
    return rows + rule.persistence_h * (1 + rule.max_gap_h)


def before_newest(runs: Sequence[ModelRun], at: np.datetime64) -> list[ModelRun]:
    """Return the runs that had arrived at ``at``, without the newest one of each model."""
    known = [run for run in runs if run.arrived <= at]
    last: dict[tuple[str, str], np.datetime64] = {}
    for run in known:
        key = (run.feed, run.model)
        last[key] = max(last.get(key, run.issued), run.issued)
    return [run for run in known if run.issued < last[run.feed, run.model]]


def futures(
    seen: Grid,
    runs: Sequence[ModelRun],
    quantities: Sequence[str],
    *,
    lead_h: int,
    at: np.datetime64,
    minimum_share: float = MINIMUM_SHARE,
) -> Futures | None:
    """Return what may follow on the hours of ``seen``; None where no run says anything of it.

    Parameters
    ----------
    seen : Grid
        Observations; its last hour is the last one known.
    runs : sequence of ModelRun
        In any order, over the stations of ``seen``; of two begun at one time the one with more
        members goes first.
    quantities : sequence of str
        Those that belong together.
    lead_h : int
        How many hours after.
    at : datetime64
        The moment of the question.
    """
    after = seen.times[-1] + HOUR * np.arange(1, lead_h + 1)
    usable = sorted(
        (r for r in runs if r.arrived <= at and r.times.size and r.times[-1] >= after[0]),
        key=lambda run: (run.issued, run.members, run.feed, run.model),
    )
    members = max((_size(run) for run in usable), default=0)
    if not members:
        return None
    whole = _whole(usable, quantities)
    nothing = np.full((lead_h, len(seen.stations)), np.nan)
    values, units = {}, {}
    which = np.full(nothing.shape, -1, np.int64)
    for name in quantities:
        of = [run for run in usable if name in run.values]
        if not of and name not in seen.values:
            continue
        units[name] = seen.units[name] if name in seen.units else of[0].units[name]
        picked = newest(
            [_run(run, name, mask, members) for run, mask in zip(usable, whole, strict=True)],
            after, nothing, at=at, minimum_share=minimum_share,
        )  # fmt: skip
        which = np.maximum(which, picked.which)
        later = np.full((members, *nothing.shape), np.nan)
        later[: len(picked.values)] = picked.values
        past = seen.values.get(name, np.full((seen.times.size, nothing.shape[1]), np.nan))
        columns = np.concatenate(
            [np.concatenate([past, one], axis=0) for one in later], axis=1
        )  # (time, member * stations)
        values[name] = columns
    if (which < 0).all():
        return None
    grid = Grid(
        np.concatenate([seen.times, after]),
        seen.stations * members,
        seen.latitudes * members,
        values,
        units,
    )
    return Futures(grid, members, seen.times.size - 1, tuple(usable), which)


def look_ahead(
    rule: Rule,
    found: Futures,
    order: Mapping[str, Sequence[int]],
    calendar: Calendar,
    shares: Shares | None = None,
) -> Ahead:
    """Return what ``rule`` says of the futures; ``calendar`` is of all their hours.

    ``order`` and ``shares`` are what :func:`tocsin.triggers.evaluate.evaluate` takes.
    """
    indicators = indicator_values(list(rule.indicators), found.grid, calendar)
    judged = rule
    if rule.impact is not None and rule.by_impact:
        judged = rule.model_copy(update={"impact": rule.impact.judged()})
    members = tuple(
        evaluate(
            judged,
            {name: found.of(values, member) for name, values in indicators.items()},
            order,
            calendar,
            stations=found.grid.stations[: found.stations],
            shares=shares,
        )
        for member in range(found.members)
    )
    begin = found.begin + 1
    known = np.array(
        [
            np.any([np.isfinite(part.values[begin:]) for part in (one.own, *one.also)], axis=0)
            for one in members
        ]
    )
    levels = np.array([one.levels[begin:] for one in members])
    reach = _shares(levels, known, judged)
    if rule.impact is not None and rule.impact.matrix is not None:
        level, first, bars = by_matrix(reach, rule.impact.matrix)
        return Ahead(rule, members[0].areas, found, members, known, reach, level, first, bars)
    level, first = _asked(reach, rule)
    return Ahead(rule, members[0].areas, found, members, known, reach, level, first)


def _size(run: ModelRun) -> int:
    return max((len(one) for one in run.values.values()), default=0)


def _whole(runs: Sequence[ModelRun], quantities: Sequence[str]) -> list[NDArray[np.bool_]]:
    """Return for each run where it has all that its model gives, (member, time, station)."""
    given: dict[tuple[str, str, str], NDArray[np.bool_]] = {}
    for run in runs:
        for name in quantities:
            if name in run.values:
                key = (run.feed, run.model, name)
                there = np.isfinite(run.values[name]).any(axis=(0, 1))
                given[key] = there | given.get(key, np.zeros(there.size, np.bool_))
    masks = []
    for run in runs:
        some = next(iter(run.values.values()))
        mask = np.ones(some.shape, np.bool_)
        for name in quantities:
            asked = given.get((run.feed, run.model, name))
            if asked is None:
                continue
            own = run.values.get(name)
            there = np.zeros(some.shape, np.bool_) if own is None else np.isfinite(own)
            mask &= there | ~asked
        masks.append(mask)
    return masks


def _run(run: ModelRun, name: str, mask: NDArray[np.bool_], members: int) -> Run:
    """Return one quantity of a run where it is whole; a single forecast stands in every member."""
    values = run.values.get(name)
    values = np.full(mask.shape, np.nan) if values is None else np.where(mask, values, np.nan)
    expected = run.members
    if expected == 1:
        values, expected = np.repeat(values, members, axis=0), members
    return Run(run.issued, max(run.arrived, run.issued), run.times, values, expected)


def _shares(levels: NDArray[np.int8], known: NDArray[np.bool_], rule: Rule) -> NDArray[np.float64]:
    """Return the shares of the members on hand that have reached each level by each hour."""
    reached = np.maximum.accumulate(levels, axis=1)
    there = known.sum(axis=0)
    out = np.full((len(LEVELS), *there.shape), np.nan)
    for level in LEVELS:
        if level.word in rule.level_words:
            with np.errstate(invalid="ignore", divide="ignore"):
                out[level - 1] = (known & (reached >= level)).sum(axis=0) / there
    return out


def _asked(shares: NDArray[np.float64], rule: Rule) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return the level that the rule's probability is reached for, and from when on."""
    areas = shares.shape[2]
    level, first = np.zeros(areas, np.int8), np.full(areas, -1, np.int64)
    for one in LEVELS:
        with np.errstate(invalid="ignore"):
            enough = shares[one - 1] >= rule.probability - NEARLY
        there = enough.any(axis=0)
        level[there] = one
        first[there] = enough.argmax(axis=0)[there]
    return level, first


def by_matrix(
    shares: NDArray[np.float64], matrix: Matrix
) -> tuple[NDArray[np.int8], NDArray[np.int64], dict[tuple[int, int], tuple[int, float]]]:
    """Return level and first hour of each area, and which class and likelihood each level rests on.

    ``shares`` (class, hour after, area). A level is asked for when the share that has reached some
    class is as large as the first likelihood that gives the level to this class; of several such
    classes the one that comes first counts.
    """
    areas = shares.shape[2]
    level, first = np.zeros(areas, np.int8), np.full(areas, -1, np.int64)
    bars: dict[tuple[int, int], tuple[int, float]] = {}
    for one in LEVELS:
        for number in range(len(matrix.impact)):
            rows = [Level[row[number].upper()] >= one for row in matrix.levels]
            if not any(rows):
                continue
            asked = matrix.likelihood[rows.index(True)].at_least
            with np.errstate(invalid="ignore"):
                enough = shares[number] >= asked - NEARLY
            for place in np.flatnonzero(enough.any(axis=0)).tolist():
                hour = int(enough[:, place].argmax())
                if level[place] < one or hour < first[place]:
                    level[place], first[place] = one, hour
                    bars[place, int(one)] = number + 1, asked
    return level, first, bars


def slice_of(calendar: Calendar, first: int, end: int) -> Calendar:
    """Return some hours of a calendar."""
    parts: tuple[Any, Any] = (calendar.date[first:end], calendar.standard_hour[first:end])
    return Calendar(*parts)
