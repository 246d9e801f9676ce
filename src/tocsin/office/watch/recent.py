"""Triggers of the live watch: spells of the hours just judged, in place of those before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from tocsin.office.places.models import Area, Station
from tocsin.triggers.spells import spells

from .models import RuleVersion, Trigger
from .times import as_utc
from .window import Judgement

__all__ = ["keep_recent_triggers"]


@transaction.atomic
def keep_recent_triggers(version: RuleVersion, judgements: Sequence[Judgement]) -> int:
    """Store the spells since each area last started afresh; return how many rows changed.

    No spell crosses that hour, so what ended before it stays as it was found then.
    """
    areas = dict(Area.objects.values_list("code", "pk"))
    keys = _keys_of_stations(judgements)
    wanted: set[tuple[Any, ...]] = set()
    begins: dict[int, Any] = {}
    for one in judgements:
        evaluation, times = one.evaluation, one.grid.times
        low = evaluation.rule.when == "at-or-below"
        for place, code in enumerate(evaluation.areas):
            begins[areas[code]] = as_utc(times[one.since[place]])
        levels = evaluation.levels.copy()
        for place, first in enumerate(one.since):
            levels[:first, place] = 0
        for spell in spells(levels, evaluation.values, low_is_bad=low):
            station = evaluation.stations[spell.peak, spell.place]
            wanted.add(
                (
                    version.pk,
                    areas[evaluation.areas[spell.place]],
                    int(spell.level),
                    as_utc(times[spell.first]),
                    as_utc(times[spell.last]),
                    keys[one.grid.stations[station]],
                    float(evaluation.values[spell.peak, spell.place]),
                    as_utc(times[spell.peak]),
                )
            )
    names = (
        "rule_version_id", "area_id", "level", "first_at", "last_at", "station_id", "peak_value",
        "peak_at",
    )  # fmt: skip
    oldest = min(begins.values(), default=None)
    if oldest is None:
        return 0
    stored = {
        row[1:]: row[0]
        for row in Trigger.objects.filter(
            rule_version__rule=version.rule, last_at__gte=oldest
        ).values_list("pk", *names)
        if row[2] in begins and row[5] >= begins[row[2]]
    }
    gone = [key for row, key in stored.items() if row not in wanted]
    fresh = [row for row in wanted if row not in stored]
    for start in range(0, len(gone), 500):
        Trigger.objects.filter(pk__in=gone[start : start + 500]).delete()
    Trigger.objects.bulk_create(
        [Trigger(**dict(zip(names, row, strict=True))) for row in sorted(fresh)], batch_size=1000
    )
    return len(gone) + len(fresh)


def _keys_of_stations(judgements: Sequence[Judgement]) -> dict[str, int]:
    """Return the key of each station, by its code; nothing where no level is above none."""
    if not any(one.evaluation.levels.any() for one in judgements):
        return {}
    return dict(Station.objects.values_list("code", "pk"))
