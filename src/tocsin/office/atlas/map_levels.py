"""The level that the value of each area would reach by itself: the colours of the desk's map.

By itself: persistence, hold time and joined conditions are the watch's business. Thresholds are
those that the area has at the hour: its own, the season's, those of the station's own record; where
levels follow from impact, what the value does to the people of the area, as if it were certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.times import from_utc
from tocsin.triggers.evaluate import Calendar, areas_of, thresholds
from tocsin.triggers.impact import RuleImpact
from tocsin.triggers.levels import season_mask
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.units import convert

from .desk_queries import Reading

__all__ = ["levels_reached"]


def levels_reached(
    values: Mapping[str, Reading], versions: Sequence[RuleVersion], at: datetime, zone: ZoneInfo
) -> dict[str, int]:
    """Return by area the highest level that its value alone has reached, by any rule."""
    calendar = Calendar.of(np.array([from_utc(at)]), zone)
    found = dict.fromkeys(values, 0)
    for version in versions:
        rule = Rule.model_validate(version.definition)
        codes = [
            code
            for code in areas_of(rule, dict.fromkeys(values, ()))
            if values[code].quantity == rule.indicator and values[code].stored is not None
        ]
        if not codes or not season_mask(calendar.month, calendar.day, rule.season)[0]:
            continue
        readings = [values[code] for code in codes]
        stored = np.array([one.stored for one in readings], np.float64)
        there = np.asarray(convert(stored, readings[0].shown.stored, rule.unit), np.float64)
        if rule.impact is not None and rule.by_impact:
            reached = _by_impact(rule.impact, there, rule.unit, codes)
        else:
            near = [one.station for one in readings]
            reached = _by_thresholds(rule, there, codes, near, calendar)
        for code, level in zip(codes, reached.tolist(), strict=True):
            found[code] = max(found[code], level)
    return found


def _by_thresholds(
    rule: Rule,
    values: NDArray[np.float64],
    codes: Sequence[str],
    stations: Sequence[str],
    calendar: Calendar,
) -> NDArray[np.int64]:
    limits = np.broadcast_to(thresholds(rule, codes, calendar)[0], (len(LEVELS), len(codes)))
    if rule.by_return_period:
        limits = np.array(
            [[limit_at(rule, *one) for one in zip(row, stations, strict=True)] for row in limits]
        )
    passed = values <= limits if rule.when == "at-or-below" else values >= limits
    return np.asarray((passed * np.array(LEVELS)[:, None]).max(axis=0))


def _by_impact(
    impact: RuleImpact, values: NDArray[np.float64], unit: str, codes: Sequence[str]
) -> NDArray[np.int64]:
    """Return levels from how many each value harms; of areas whose people are unknown, none.

    Worked out forwards: looking for the value at which each of thousands of areas would reach a
    level takes seconds.
    """
    amounts = np.array([(impact.amounts or {}).get(code, np.nan) for code in codes])
    harmed = np.asarray(impact.curve.ratio(convert(values, unit, impact.curve.unit))) * amounts
    certain = [Level.of(word) for word in impact.matrix.levels[-1]] if impact.matrix else []
    levels = np.maximum.accumulate([Level.NONE, *certain])  # a worse class is never a lower level
    classes = np.searchsorted([one.at_least for one in impact.steps], harmed, side="right")
    return np.where(np.isnan(harmed), Level.NONE, levels[classes])
