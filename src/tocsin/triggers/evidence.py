"""Why an area has its level at an hour: the value, the threshold, the station and when it began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.triggers.evaluate import Evaluation
from tocsin.triggers.rules import Level

__all__ = ["Evidence", "evidence", "wanted_levels"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Indices are into the evaluation's axes; values in the rule's unit."""

    area: str
    level: Level
    threshold: float
    station: int
    value: float
    observed: int
    """Hour of the newest value it rests on; earlier than asked where it is held over a gap."""
    crossed: int
    """First hour at this level or a higher one, without a break until now."""
    peak: float
    peak_hour: int
    """The worst value since ``crossed``."""


def wanted_levels(evaluation: Evaluation, hour: int) -> dict[str, Level]:
    """Return the areas above none at ``hour``, in the order of the evaluation."""
    row = evaluation.levels[hour]
    return {evaluation.areas[i]: Level(int(row[i])) for i in np.flatnonzero(row)}


def evidence(evaluation: Evaluation, hour: int, area: str) -> Evidence:
    """Return what the level of ``area`` at ``hour`` rests on; the area must be above none there."""
    place = evaluation.areas.index(area)
    level = Level(int(evaluation.levels[hour, place]))
    threshold = evaluation.rule.threshold(level)
    if threshold is None:
        raise ValueError(f"{area} has no level of {evaluation.rule.id} at hour {hour}")
    below = np.flatnonzero(evaluation.levels[: hour + 1, place] < level)
    crossed = int(below[-1]) + 1 if below.size else 0
    # A level counts only after its persistence: the run that earned it began that much earlier.
    began = max(0, crossed - evaluation.rule.persistence_h + 1)
    values = evaluation.values[began : hour + 1, place]
    known = np.flatnonzero(~np.isnan(values))
    observed = began + int(known[-1])
    worst = np.nanargmin if evaluation.rule.when == "at-or-below" else np.nanargmax
    peak_hour = began + int(worst(values))
    return Evidence(
        area=area,
        level=level,
        threshold=threshold,
        station=int(evaluation.stations[observed, place]),
        value=float(evaluation.values[observed, place]),
        observed=observed,
        crossed=crossed,
        peak=float(evaluation.values[peak_hour, place]),
        peak_hour=peak_hour,
    )
