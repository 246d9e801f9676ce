"""One round of the desk, shared by the replay and the live watch: what the rules say, what to do.

``Judged`` is the rules' word on one hour; ``plan`` holds it against what is in force and returns
the steps between the two, each with its evidence. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import StateError
from tocsin.office.places.models import Area, Region
from tocsin.office.watch.ahead import Looked
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.times import as_utc
from tocsin.triggers.evaluate import Evaluation, Grid
from tocsin.triggers.evidence import EndedBy, evidence, wanted_levels, why_ended
from tocsin.triggers.reconcile import Action, InForce, Policy, reconcile
from tocsin.triggers.rules import Level, Rule

from .impact_expected import row_impact
from .models import Message
from .outlook import Asked, expected_areas, forecast_row, only_expected, with_ahead

__all__ = ["Judged", "Part", "Step", "in_force", "near_stations", "plan", "row_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """One rule over some areas: the evaluation, the grid it stands on and the hour asked for."""

    evaluation: Evaluation
    grid: Grid
    hour: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What every rule says of one hour; the parts of a rule have no area in common.

    ``ahead`` is what rules with a lead say of the hours after it.
    """

    rules: Mapping[str, Rule]
    versions: Mapping[str, RuleVersion]
    policies: Mapping[str, Policy]
    near: Mapping[str, Mapping[str, float]]
    parts: Mapping[str, Sequence[Part]]
    ahead: Mapping[str, Looked] = field(default_factory=dict)

    def wanted(self) -> dict[str, dict[str, Level]]:
        """Return the areas that observations set above none, by rule."""
        found: dict[str, dict[str, Level]] = {}
        for rule, parts in self.parts.items():
            for part in parts:
                if part.evaluation.levels[part.hour].any():
                    found.setdefault(rule, {}).update(wanted_levels(part.evaluation, part.hour))
        return found

    def only_ahead(self) -> int:
        """Return how many areas forecasts set above what was observed, over all rules."""
        seen, count = self.wanted(), 0
        for rule, looked in self.ahead.items():
            if looked.now is not None:
                for area, level in zip(looked.now.areas, looked.now.level.tolist(), strict=True):
                    count += level > seen.get(rule, {}).get(area, Level.NONE)
        return count

    def ended_by(self, action: Action, standing: Sequence[InForce]) -> EndedBy:
        """Return why a warning ends: values, none came, its rule is gone, or a newer forecast."""
        if action.rule not in self.policies:
            return "withdrawn"
        rows = [row for row in standing if row.warning == action.warning]
        if only_expected(rows):
            return "forecast" if expected_areas(self.ahead.get(action.rule), rows) else "no-values"
        areas = [area for row in standing if row.warning == action.warning for area in row.levels]
        said = {
            why_ended(part.evaluation, part.hour, areas)
            for part in self.parts.get(action.rule, ())
            if set(areas) & set(part.evaluation.areas)
        }
        return "values" if "values" in said else "no-values"

    def evidence(
        self, action: Action, asked: Mapping[tuple[str, str], Asked]
    ) -> list[dict[str, Any]]:
        """Return the evidence of an action, a row for each area, as a message keeps it."""
        rows = []
        for area in action.levels:
            said = {"rule": str(self.versions[action.rule])}
            if (action.rule, area) in asked:
                row = forecast_row(asked[action.rule, area], area, self.near[area])
                rows.append(row | said)
                continue
            part = next(one for one in self.parts[action.rule] if area in one.evaluation.areas)
            rows.append(self._row(part, area) | said)
        return rows

    def _row(self, part: Part, area: str) -> dict[str, Any]:
        found, times = evidence(part.evaluation, part.hour, area), part.grid.times
        station = part.grid.stations[found.station]
        row = {
            "area": area,
            "level": int(found.level),
            "station": station,
            "indicator": found.indicator,
            "value": round(found.value, 3),
            "unit": found.unit,
            "threshold": found.threshold,
            "observed_at": _iso(times, found.observed),
            "latest": round(found.latest, 3),
            "latest_at": _iso(times, found.latest_hour),
            "crossed_at": _iso(times, found.crossed),
            "peak": round(found.peak, 3),
            "peak_at": _iso(times, found.peak_hour),
            "distance_km": self.near[area].get(station),
            **found.how_rare_and_wide,
        }
        if part.evaluation.rule.impact is not None and found.own is not None:
            row["own_value"] = round(found.own, 3)  # the curve is of the rule's own indicator
        return row | row_impact(part.evaluation.rule, row)


@dataclass(frozen=True, slots=True)
class Step:
    """A message to be sent, or drafted, with all that it rests on."""

    action: Action
    rule: Rule
    version: RuleVersion
    evidence: list[dict[str, Any]]
    ended_by: EndedBy


def plan(judged: Judged, standing: Sequence[InForce], at: datetime) -> list[Step]:
    """Return what has to be done at ``at``; asked again after it was done, nothing."""
    standing = [row for row in standing if row.levels]
    seen = judged.wanted()
    wanted, asked = with_ahead(seen, judged.ahead, standing)
    if not wanted and not standing:
        return []
    steps = []
    for action in reconcile(standing, wanted, at, judged.policies, seen):
        version = judged.versions.get(action.rule) or _version_of(action)
        rule = judged.rules.get(action.rule) or Rule.model_validate(version.definition)
        rows = judged.evidence(action, asked)
        steps.append(Step(action, rule, version, rows, judged.ended_by(action, standing)))
    return steps


def near_stations() -> dict[str, dict[str, float]]:
    """Return, for each area with stations in reach, their distances in km, nearest first."""
    rows = Area.objects.exclude(stations=[]).order_by("code").values_list("code", "stations")
    return {code: dict(near) for code, near in rows}


def in_force(at: datetime, region: Region | None = None) -> list[InForce]:
    """Return what the rules have in force; what an officer wrote by hand is the officer's.

    Of ``region`` only what is public: a drill on a live desk does not stand for the real thing.
    """
    found = Message.objects.all() if region is None else Message.objects.public(region)
    of_rules = found.in_force(at).exclude(warning__rule_version=None)
    rows = of_rules.select_related("warning__rule_version").defer("raw")
    return [row_of(message) for message in rows]


def row_of(message: Message) -> InForce:
    """Return a message as the reconciling sees it."""
    version = message.warning.rule_version
    if version is None:
        raise StateError(f"{message.warning.slug} was written by hand: no rule goes on with it.")
    return InForce(
        warning=message.warning.slug,
        rule=version.rule,
        levels={code: Level(level) for code, level in message.levels.items()},
        sent_at=message.sent_at,
        expires_at=message.expires_at,
        expected=frozenset(row["area"] for row in message.evidence if row.get("forecast")),
    )


def _version_of(action: Action) -> RuleVersion:
    """Return the version that raised a warning whose rule is no longer in the folder."""
    return RuleVersion.objects.get(warnings__slug=action.warning)


def _iso(times: NDArray[np.datetime64], hour: int) -> str:
    return as_utc(times[hour]).astimezone(UTC).isoformat()
