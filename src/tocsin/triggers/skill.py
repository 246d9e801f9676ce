"""Were the probabilities right: every run of an archive against what was measured later.

For each run alone the rule's indicator is computed at the areas, member by member, on the
observations that were there when it was begun; the share of members at or beyond a threshold is its
probability for each hour. Scores and their names: :mod:`tocsin.triggers.scores`, after the WMO's
Joint Working Group on Forecast Verification Research.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.ahead import look_ahead, quantities_of
from tocsin.triggers.backtest import Archive
from tocsin.triggers.evaluate import HOUR, Calendar, Evaluation
from tocsin.triggers.forecasts import LeadSkill, Run, skill_by_lead
from tocsin.triggers.futures import futures
from tocsin.triggers.rules import Level, Rule

__all__ = ["EDGES_H", "RuleSkill", "rule_runs", "skill_of"]

EDGES_H = (0, 6, 12, 24, 48, 72, 120, 240)
BACK_H = 96
"""Hours of observations before a run that its indicators are computed on; of indices with a memory
of months the beginning is then not quite what the watch has."""


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
