"""What the hours to come add to one round of the desk: levels that only a forecast reaches.

A level ahead raises what is observed and never lowers it. It is taken back by the second run in a
row that does not ask for it: while a warning stands, the run before the newest one still holds it
(docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tocsin.office.watch.ahead import Looked
from tocsin.office.watch.times import as_utc
from tocsin.triggers.ahead import Ahead
from tocsin.triggers.expected import expected
from tocsin.triggers.reconcile import InForce
from tocsin.triggers.rules import Level, Rule

from .impact_expected import row_impact

__all__ = [
    "Asked",
    "certainty_of",
    "expected_areas",
    "expires_of",
    "forecast_row",
    "only_expected",
    "urgency_of",
    "with_ahead",
    "worst_values",
]

Levels = dict[str, dict[str, Level]]
LIKELY = 0.5
"""CAP 1.2, certainty: "Likely" is p > ~50 %, "Possible" is less."""
SOON = timedelta(hours=1)
"""CAP 1.2, urgency: "Expected" is within the next hour, "Future" later."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The level that a forecast asks for in an area, and the look ahead that does."""

    ahead: Ahead
    level: Level


def with_ahead(
    seen: Mapping[str, Mapping[str, Level]],
    looked: Mapping[str, Looked],
    standing: Sequence[InForce],
) -> tuple[Levels, dict[tuple[str, str], Asked]]:
    """Return the levels wanted, by rule and area, and those of them that only a forecast reaches.

    Parameters
    ----------
    seen : what observations reach
    looked : rule -> what it says of the hours to come
    standing : what is in force
    """
    wanted: Levels = {rule: dict(levels) for rule, levels in seen.items()}
    asked: dict[tuple[str, str], Asked] = {}
    for rule, one in looked.items():
        stands: dict[str, Level] = {}
        for row in standing:
            if row.rule == rule:
                stands |= row.levels
        for area in _areas(one):
            found = _asked(one, area, stands.get(area, Level.NONE))
            if found is not None and found.level > wanted.get(rule, {}).get(area, Level.NONE):
                wanted.setdefault(rule, {})[area] = found.level
                asked[rule, area] = found
    return wanted, asked


def _areas(looked: Looked) -> tuple[str, ...]:
    some = looked.now or looked.before
    return some.areas if some else ()


def _asked(looked: Looked, area: str, stands: Level) -> Asked | None:
    """Return what the newest run asks for; of what stands, the one before holds its part."""
    found = None
    if looked.now is not None:
        level = _level(looked.now, area)
        found = Asked(looked.now, level) if level else None
    if looked.before is not None:
        held = min(stands, _level(looked.before, area))
        if held > (found.level if found else Level.NONE):
            found = Asked(looked.before, Level(held))
    return found


def _level(ahead: Ahead, area: str) -> Level:
    return Level(int(ahead.level[ahead.areas.index(area)]))


def only_expected(rows: Sequence[InForce]) -> bool:
    """Whether all that a warning says was only expected."""
    return bool(rows) and all(set(row.levels) <= row.expected for row in rows)


def expected_areas(looked: Looked | None, rows: Sequence[InForce]) -> bool:
    """Whether a run still says something of an area of a warning."""
    if looked is None or looked.now is None:
        return False
    known = dict(zip(looked.now.areas, looked.now.is_known().tolist(), strict=True))
    return any(known.get(area, False) for row in rows for area in row.levels)


def forecast_row(asked: Asked, area: str, near: Mapping[str, float]) -> dict[str, Any]:
    """Return the row of evidence of an area whose level a forecast asks for.

    It has the keys of a measured one, with the worst value that is expected as its value;
    ``forecast`` tells that nothing of it was measured.
    """
    ahead = asked.ahead
    found = expected(ahead, area, asked.level)
    if found is None:
        raise ValueError(f"{area}: no forecast of {ahead.rule.id} asks for {asked.level.word}")
    why, run = found.evidence, found.run
    times, station = ahead.times, ahead.futures.grid.stations[why.station]
    worst_at = as_utc(times[why.peak_hour]).isoformat()
    row = {
        "area": area,
        "level": int(asked.level),
        "station": station,
        "indicator": why.indicator,
        "value": round(why.peak, 3),
        "unit": why.unit,
        "threshold": why.threshold,
        "observed_at": worst_at,
        "latest": round(why.peak, 3),
        "latest_at": worst_at,
        "crossed_at": as_utc(times[found.first]).isoformat(),
        "peak": round(why.peak, 3),
        "peak_at": worst_at,
        "distance_km": near.get(station),
        **why.how_rare_and_wide,
        "forecast": {
            "feed": run.feed,
            "model": run.model,
            "issued_at": as_utc(run.issued).isoformat(),
            "lead_h": round(found.lead_h, 1),
            "members": run.members,
            "present": found.present,
            "probability": round(found.share, 3),
            "until": as_utc(times[found.until]).isoformat(),
            **({"values": worst_values(ahead, area)} if ahead.rule.impact else {}),
        },
    }
    return row | row_impact(ahead.rule, row)


def worst_values(ahead: Ahead, area: str) -> list[float]:
    """Return the worst value of each member that says something of an area [the rule's unit]."""
    values = ahead.values()[:, :, ahead.areas.index(area)]
    told = values[~np.isnan(values).all(axis=1)]
    worst = np.nanmin if ahead.rule.when == "at-or-below" else np.nanmax
    return [round(float(one), 3) for one in worst(told, axis=1)] if len(told) else []


def certainty_of(row: Mapping[str, Any], rule: Rule) -> str:
    """Return CAP's certainty of a row of evidence."""
    ahead = row.get("forecast")
    if not ahead:
        return rule.cap.certainty
    return "Likely" if ahead["probability"] >= LIKELY else "Possible"


def urgency_of(row: Mapping[str, Any], rule: Rule, at: datetime) -> str:
    """Return CAP's urgency of a row of evidence in a message sent at ``at``."""
    if not row.get("forecast"):
        return rule.cap.urgency
    return "Expected" if datetime.fromisoformat(row["crossed_at"]) <= at + SOON else "Future"


def expires_of(rule: Rule, evidence: Sequence[Mapping[str, Any]], at: datetime) -> datetime:
    """Return when a message of a rule runs out: its time, counted from when all of it is due."""
    due = [datetime.fromisoformat(row["crossed_at"]) for row in evidence if row.get("forecast")]
    return max([at, *due]) + timedelta(hours=rule.valid_h)
