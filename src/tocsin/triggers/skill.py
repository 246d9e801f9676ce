"""Were the probabilities right: every run of an archive against what was measured later.

``skill_by_lead`` compares runs of any one quantity with what was observed. ``skill_of`` does so for
a level of a rule: for each run alone the rule's indicator is computed at the areas, member by
member, on the observations that were there when it was begun; the share of members at or beyond the
threshold is its probability for each hour. Scores and their names: :mod:`tocsin.triggers.scores`,
after the WMO's Joint Working Group on Forecast Verification Research.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.triggers.ahead import look_ahead, quantities_of
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import HOUR, Calendar, Evaluation
from tocsin.triggers.forecasts import MINIMUM_SHARE, Run, When, exceedance
from tocsin.triggers.futures import futures
from tocsin.triggers.rules import Level, Rule
from tocsin.triggers.scores import Reliability, brier, reliability

__all__ = ["EDGES_H", "LeadSkill", "RuleSkill", "rule_runs", "skill_by_lead", "skill_of"]

EDGES_H = (0, 6, 12, 24, 48, 72, 120, 240)
BACK_H = 96
"""Hours of observations before a run that its indicators are computed on; of indices with a memory
of months the beginning is then not quite what the watch has."""


@dataclass(frozen=True, slots=True)
class LeadSkill:
    """How good the probabilities of one range of leads were.

    ``first_h`` and ``last_h`` bound the leads, the first included. ``skill`` is the Brier skill
    score against always saying ``happened``, how often the event was observed in these same cases:
    1 is perfect, 0 no better than that; NaN where it always or never happened. ``unknown`` counts
    the cases left out: too few members, or nothing observed.
    """

    first_h: float
    last_h: float
    cases: int
    unknown: int
    happened: float
    brier: float
    skill: float
    reliability: Reliability


def skill_by_lead(
    runs: Sequence[Run],
    times: NDArray[np.datetime64],
    observed: NDArray[np.float64],
    threshold: ArrayLike,
    *,
    edges_h: Sequence[float] = (0, 6, 12, 24, 48, 72, 120),
    when: When = "at-or-above",
    minimum_share: float = MINIMUM_SHARE,
    bins: int = 10,
) -> list[LeadSkill]:
    """Return the skill of the runs' probabilities, a row for each range of leads.

    Parameters
    ----------
    runs : sequence of Run
        All that were issued, replaced ones as well.
    times : array (time,)
    observed : array (time, place)
        What happened; NaN where it is not known.
    threshold : array-like, broadcastable to (place,)
    edges_h : sequence of float
        Borders of the ranges, rising; each but the last begins a range.
    when, minimum_share
        As for :func:`tocsin.triggers.forecasts.exceedance`.
    bins : int
        Of the reliability diagram.

    Raises
    ------
    ValueError
        Fewer than two edges, or they do not rise.
    """
    if len(edges_h) < 2 or any(b <= a for a, b in itertools.pairwise(edges_h)):
        raise ValueError(f"edges_h {list(edges_h)}: write two or more hours, rising")
    came = exceedance(observed[None], threshold, when=when)  # 1 or 0; NaN where it is not known
    pairs: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
    for run in runs:
        _, ours, theirs = np.intersect1d(times, run.times, return_indices=True)
        probability = exceedance(
            run.values[:, theirs], threshold, when=when, members=run.members,
            minimum_share=minimum_share,
        )  # fmt: skip
        lead = np.broadcast_to(run.leads_h[theirs, None], probability.shape)
        pairs.append((lead.ravel(), probability.ravel(), came[ours].ravel()))
    leads, forecast, happened = (
        (np.concatenate(column) for column in zip(*pairs, strict=True))
        if pairs
        else (np.empty(0), np.empty(0), np.empty(0))
    )
    return [
        _row(first, last, forecast[inside], happened[inside], bins)
        for first, last in itertools.pairwise(edges_h)
        for inside in [(leads >= first) & (leads < last)]
    ]


def _row(
    first: float, last: float, forecast: NDArray[np.float64], happened: NDArray[np.float64],
    bins: int,
) -> LeadSkill:  # fmt: skip
    known = ~(np.isnan(forecast) | np.isnan(happened))
    p, o = forecast[known], happened[known]
    score, rate = brier(p, o), float(o.mean()) if o.size else float("nan")
    reference = rate * (1 - rate)  # the Brier score of always saying the rate
    return LeadSkill(
        first_h=first,
        last_h=last,
        cases=int(known.sum()),
        unknown=int((~known).sum()),
        happened=rate,
        brier=score,
        skill=1 - score / reference if reference > 0 else float("nan"),
        reliability=reliability(p, o, bins),
    )


@dataclass(frozen=True, slots=True)
class RuleSkill:
    """How good forecasts of one level were: all leads together, and range by range."""

    rule: Rule
    level: Level
    runs: int
    whole: LeadSkill
    leads: tuple[LeadSkill, ...]


def rule_runs(archive: Archive, rule: Rule, level: Level) -> list[Run]:
    """Return each run of the archive: how far the rule's indicator is beyond the level's threshold.

    At its areas, (member, time, area); the threshold is that of each hour and, of levels by return
    period, of the station that the area has taken.
    """
    found = []
    for run in archive.runs:
        hour = int((run.issued - archive.grid.times[0]) // HOUR) - 1  # the last one before it
        if not 0 <= hour < archive.grid.times.size or archive.zone is None:
            continue
        arrived = max(run.arrived, run.issued)
        lead = int((run.times[-1] - archive.grid.times[hour]) // HOUR)
        seen = archive.grid.between(max(0, hour - BACK_H), hour + 1)
        ahead = futures(
            seen, [run], quantities_of([rule]), lead_h=max(1, lead), at=arrived, minimum_share=0
        )
        if ahead is None:
            continue
        said = look_ahead(
            rule,
            ahead,
            archive.order,
            Calendar.of(ahead.grid.times, archive.zone),
            archive.shares() if rule.by_share else None,
        )
        times = said.times[said.begin + 1 :]
        after = times >= run.issued
        beyond = np.array([_beyond(one, level)[said.begin + 1 :] for one in said.members])
        found.append(Run(run.issued, arrived, times[after], beyond[:, after], run.members))
    return found


def _beyond(evaluation: Evaluation, level: Level) -> NDArray[np.float64]:
    """Return value minus threshold, (time, area): 0 where it is just met."""
    own = evaluation.own
    difference: NDArray[np.float64] = own.values - own.thresholds[:, level - 1, :]
    return difference


def skill_of(
    archive: Archive, rule: Rule, level: Level, *, edges_h: Sequence[float] = EDGES_H
) -> RuleSkill | None:
    """Return how good the runs were at one level of a rule; None where it has none or no run.

    The event: the area's value is at or beyond the rule's own threshold of the level, in an hour.
    """
    if not rule.reaches(level):
        return None
    runs = rule_runs(archive, rule, level)
    if not runs:
        return None
    observed = _beyond(archive.evaluation(rule), level)

    def scored(edges: Sequence[float]) -> list[LeadSkill]:
        return skill_by_lead(runs, archive.grid.times, observed, 0.0, edges_h=edges, when=rule.when)

    return RuleSkill(
        rule, level, len(runs), scored((edges_h[0], edges_h[-1]))[0], tuple(scored(edges_h))
    )
