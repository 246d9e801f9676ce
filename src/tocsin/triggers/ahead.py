"""Looking ahead: what a rule would say if one member of a forecast came true, and how many say so.

A member together with the observations so far is one complete future (:mod:`.futures` lays them
out). Each is judged by the very same functions as the past, so a forecast that comes true gives the
level that observing it will give. The share of members that reach a level is its probability.

``look_ahead`` is one look, with all that is behind it (:mod:`.expected` says why); a backtest looks
from every hour of a past (:mod:`.ahead_past`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.evaluate import Calendar, Evaluation, indicator_values
from tocsin.triggers.futures import Futures
from tocsin.triggers.matrix import ROUNDING, Matrix
from tocsin.triggers.members import evaluate_members
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.triggers.taking import Shares

Bars = Mapping[tuple[int, int], tuple[int, float]]
Asked = tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.int64], Bars | None]

__all__ = [
    "Ahead",
    "asked_for",
    "by_matrix",
    "history_h",
    "judged_of",
    "look_ahead",
    "quantities_of",
]

BOUNDED = frozenset({"row", "window", "ends", "any", "recent", "durations"})


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
    members: Sequence[Evaluation]
    known: NDArray[np.bool_]
    shares: NDArray[np.float64]
    level: NDArray[np.int8]
    first: NDArray[np.int64]
    bars: Bars | None = None
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
        """All hours (time,), those seen first."""
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
    judged = judged_of(rule)
    members = evaluate_members(
        judged,
        indicators,
        found.members,
        order,
        calendar,
        stations=found.grid.stations[: found.stations],
        shares=shares,
    )
    begin = found.begin + 1
    known, levels = members.known()[:, begin:], members.levels[:, begin:]
    reach, level, first, bars = asked_for(rule, levels, known)
    return Ahead(rule, members.areas, found, members, known, reach, level, first, bars)


def judged_of(rule: Rule) -> Rule:
    """Return the rule by which members are judged: with a matrix of impact class by class."""
    if rule.impact is not None and rule.by_impact:
        return rule.model_copy(update={"impact": rule.impact.judged()})
    return rule


def asked_for(rule: Rule, levels: NDArray[np.int8], known: NDArray[np.bool_]) -> Asked:
    """Return what members ask for together, by ``levels`` and ``known`` (member, hour, area).

    Shares (level, hour, area), level and first hour of each area, and the bars of a matrix.
    """
    reach = _shares(levels, known, judged_of(rule))
    if rule.impact is not None and rule.impact.matrix is not None:
        return reach, *by_matrix(reach, rule.impact.matrix)
    return reach, *_asked(reach, rule), None


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
            enough = shares[one - 1] >= rule.probability - ROUNDING
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
            rows = [Level.of(row[number]) >= one for row in matrix.levels]
            if not any(rows):
                continue
            asked = matrix.likelihood[rows.index(True)].at_least
            with np.errstate(invalid="ignore"):
                enough = shares[number] >= asked - ROUNDING
            for place in np.flatnonzero(enough.any(axis=0)).tolist():
                hour = int(enough[:, place].argmax())
                if level[place] < one or hour < first[place]:
                    level[place], first[place] = one, hour
                    bars[place, int(one)] = number + 1, asked
    return level, first, bars
