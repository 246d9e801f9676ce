"""Why an area has its level at an hour: the value, the threshold, the station and when it began."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.evaluate import AtAreas, Evaluation
from tocsin.triggers.rules import Level

__all__ = ["EndedBy", "Evidence", "evidence", "wanted_levels", "why_ended"]

EndedBy = Literal["values", "no-values", "withdrawn", "forecast"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Indices are into the evaluation's axes; values in the rule's unit."""

    area: str
    level: Level
    indicator: str
    unit: str
    """Of the condition that is quoted: the rule's own one, or the one that reached the level."""
    threshold: float
    station: int
    value: float
    """The newest value that reached the threshold."""
    observed: int
    """Its hour; past where the level is only held, by hysteresis, hold time or over a gap."""
    latest: float
    """The newest value of all; further back than ``value`` where the level is only held."""
    latest_hour: int
    crossed: int
    """First hour at this level or a higher one, without a break until now."""
    peak: float
    peak_hour: int
    """The worst value since ``crossed``."""
    years: float | None = None
    """Of levels by return period: the one behind ``threshold``, by the station's own record."""
    share: float | None = None
    """Of a minimum share: how much of the known surface reached ``threshold`` at ``observed``."""
    known: float | None = None
    """And how much of the whole area's surface had a value then."""

    own: float | None = None
    """Where another condition is quoted: the value of the rule's own indicator at ``observed``."""

    @property
    def how_rare_and_wide(self) -> dict[str, float]:
        """``years``, ``share`` and ``known`` by name, as far as there are such."""
        found = {"years": self.years, "share": self.share, "known": self.known}
        return {name: round(value, 4) for name, value in found.items() if value is not None}


def wanted_levels(evaluation: Evaluation, hour: int) -> dict[str, Level]:
    """Return the areas above none at ``hour``, in the order of the evaluation."""
    row = evaluation.levels[hour]
    return {evaluation.areas[i]: Level(int(row[i])) for i in np.flatnonzero(row)}


def evidence(evaluation: Evaluation, hour: int, area: str) -> Evidence:
    """Return what the level of ``area`` at ``hour`` rests on.

    Raises
    ------
    ValueError
        The area has no level there, or the evaluation has no such area.
    """
    place = evaluation.areas.index(area)
    level = Level(int(evaluation.levels[hour, place]))
    if level is Level.NONE:
        raise ValueError(f"{area} has no level of {evaluation.rule.id} at hour {hour}")
    below = np.flatnonzero(evaluation.levels[: hour + 1, place] < level)
    crossed = int(below[-1]) + 1 if below.size else 0
    # A level counts only after its persistence: the run that earned it began that much earlier.
    began = max(0, crossed - evaluation.rule.persistence_h + 1)
    part, reached = _reason(evaluation, level, place, began, hour)
    values = part.values[began : hour + 1, place]
    known = np.flatnonzero(~np.isnan(values))
    latest_hour = began + int(known[-1])
    observed = began + int(reached[-1] if reached.size else known[-1])
    limit = float(part.limits(level, place)[observed])
    share, known_share = (
        part.cover.reached(place, observed, limit) if part.cover is not None else (None, None)
    )
    low_is_bad = part.condition.when == "at-or-below"
    peak_hour = began + int(np.nanargmin(values) if low_is_bad else np.nanargmax(values))
    computed = evaluation.computed
    return Evidence(
        area=area,
        level=level,
        indicator=part.condition.indicator,
        unit=part.condition.unit,
        threshold=limit,
        station=int(part.stations[observed, place]),
        value=float(part.values[observed, place]),
        observed=int(computed[observed]),
        latest=float(part.values[latest_hour, place]),
        latest_hour=int(computed[latest_hour]),
        crossed=crossed,
        peak=float(part.values[peak_hour, place]),
        peak_hour=int(computed[peak_hour]),
        years=part.return_period(level, place, observed),
        share=share,
        known=known_share,
        own=None if part is evaluation.own else _known(evaluation.values[observed, place]),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _reason(
    evaluation: Evaluation, level: Level, place: int, began: int, hour: int
) -> tuple[AtAreas, NDArray[np.int64]]:
    """Return the condition to quote, and the hours since ``began`` at which it was met.

    It is the rule's own one, unless the conditions are joined by any and only another reached it.
    """
    for part in (evaluation.own, *(evaluation.also if evaluation.rule.join == "any" else ())):
        values = part.values[began : hour + 1, place]
        limits = part.limits(level, place)[began : hour + 1]
        with np.errstate(invalid="ignore"):
            low_is_bad = part.condition.when == "at-or-below"
            reached = np.flatnonzero(values <= limits if low_is_bad else values >= limits)
        if reached.size:
            return part, reached
    return evaluation.own, np.empty(0, np.int64)


def why_ended(evaluation: Evaluation, hour: int, areas: Iterable[str]) -> EndedBy:
    """Return why ``areas`` have no level at ``hour`` any more: their values, or that none came."""
    places = [i for i, code in enumerate(evaluation.areas) if code in set(areas)]
    recent = evaluation.values[max(0, hour - evaluation.rule.max_gap_h) : hour + 1, places]
    return "values" if recent.size and not np.isnan(recent).all() else "no-values"
