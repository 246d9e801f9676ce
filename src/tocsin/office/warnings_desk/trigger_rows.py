"""The evidence of a trigger at a moment: a row for each area, as a message keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.office.places.models import Region
from tocsin.office.watch.models import Observation, Series, Trigger
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import Level, Rule, Season, say
from tocsin.units import convert

from .wording import LEVEL_WORDS

__all__ = ["rows_of"]

KNOWN_AFTER = timedelta(minutes=60)
"""A value is known this long after its label: decision 4."""


def rows_of(trigger: Trigger, rule: Rule, at: datetime) -> list[dict[str, Any]]:
    """Return a row for each area in which the rule was set off in the hours of ``trigger``.

    Raises
    ------
    StateError
        None of it was known at ``at``.
    """
    until = min(at - KNOWN_AFTER, trigger.last_at)
    together = (
        Trigger.objects.filter(
            rule_version=trigger.rule_version, first_at__lte=until, last_at__gte=trigger.first_at
        )
        .select_related("area", "station")
        .order_by("area__code", "-level", "first_at")
    )
    zone = ZoneInfo(Region.objects.values_list("time_zone", flat=True).get())
    rows: dict[str, dict[str, Any]] = {}
    for one in together:
        if one.area.code not in rows and (row := _row(one, rule, at, zone)):
            rows[one.area.code] = row | {"rule": str(trigger.rule_version)}
    if not rows:
        raise StateError(
            _(
                "Nothing of this trigger was known at %(at)s UTC: it begins with the value of "
                "%(first)s UTC."
            )
            % {"at": f"{at:%Y-%m-%d %H:%M}", "first": f"{trigger.first_at:%Y-%m-%d %H:%M}"}
        )
    return list(rows.values())


def _row(trigger: Trigger, rule: Rule, at: datetime, zone: ZoneInfo) -> dict[str, Any] | None:
    """Return the row of one area, None where no good value of it was known."""
    level = Level(trigger.level)
    asked = _threshold(rule, level, trigger.area.code, trigger.first_at.astimezone(zone))
    threshold = limit_at(rule, asked, trigger.station.code)
    values = [
        (time, round(float(convert(value, unit, rule.unit)), 3))
        for time, value, unit in Observation.objects.filter(
            series__station=trigger.station,
            series__quantity=rule.indicator,
            series__kind=Series.INDICATOR,
            time__gte=trigger.first_at,
            time__lte=min(trigger.last_at, at - KNOWN_AFTER),
            value__isnull=False,
            flags=0,
        )
        .order_by("time")
        .values_list("time", "value", "series__unit")
    ]
    low = rule.when == "at-or-below"
    reached = [
        (time, value)
        for time, value in values
        if (value <= threshold if low else value >= threshold)
    ]
    if not reached:
        return None
    observed_at, value = reached[-1]
    latest_at, latest = values[-1]
    peak_at, peak = (min if low else max)(values, key=lambda one: one[1])
    near = dict(trigger.area.stations)
    return {
        "area": trigger.area.code,
        "level": int(level),
        "station": trigger.station.code,
        "indicator": rule.indicator,
        "value": value,
        "unit": rule.unit,
        "threshold": threshold,
        "observed_at": observed_at.isoformat(),
        "latest": latest,
        "latest_at": latest_at.isoformat(),
        "crossed_at": trigger.first_at.isoformat(),
        "peak": peak,
        "peak_at": peak_at.isoformat(),
        "distance_km": near.get(trigger.station.code),
        **({"years": asked} if rule.by_return_period else {}),
        **(_share(trigger, rule, threshold, observed_at) if rule.min_share is not None else {}),
    }


def _share(trigger: Trigger, rule: Rule, threshold: float, at: datetime) -> dict[str, float]:
    """Return which share of the area's known surface reached a threshold, and which is known."""
    shares = trigger.area.shares
    rows = Observation.objects.filter(
        series__station__code__in=list(shares),
        series__quantity=rule.indicator,
        series__kind=Series.INDICATOR,
        time=at,
        value__isnull=False,
        flags=0,
    ).values_list("series__station__code", "value", "series__unit")
    known = reached = 0.0
    for station, stored, unit in rows:
        value = round(float(convert(stored, unit, rule.unit)), 9)
        known += shares[station]
        if value <= threshold if rule.when == "at-or-below" else value >= threshold:
            reached += shares[station]
    return {"share": round(reached / known, 4), "known": round(known, 4)} if known else {}


def _threshold(rule: Rule, level: Level, area: str, local: datetime) -> float:
    """Return the threshold that held there and then: the area's own, the season's, the rule's."""
    own = (rule.levels_by_area or {}).get(area, {})
    day = (local.month, local.day)
    seasons = [part.levels for part in rule.levels_by_season or () if _is_in(day, part)]
    for levels in (own, *seasons, rule.levels):
        by_word = {str(word): value for word, value in levels.items()}
        if level.word in by_word:
            return by_word[level.word]
    raise StateError(
        _("%(rule)s has no threshold for %(level)s any more.")
        % {"rule": rule.id, "level": say(dict(LEVEL_WORDS[level]), get_language() or "en")}
    )


def _is_in(day: tuple[int, int], part: Season) -> bool:
    first, last = part.months_days()
    return first <= day <= last if first <= last else day >= first or day <= last
