"""Verbs of the watch: keep readings, indicators, rule versions and triggers.

Values come in hundreds of thousands, so they are written by ``executemany`` with ``ON CONFLICT DO
NOTHING``, which both databases know: reading a file twice adds nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Reading
from tocsin.intake.quality import flag_reading
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Area, Station
from tocsin.triggers.evaluate import Evaluation
from tocsin.triggers.rules import Rule
from tocsin.triggers.spells import spells

from .models import Feed, RuleVersion, Series, Trigger
from .times import as_utc, column_values

__all__ = ["keep_indicator", "keep_reading", "keep_rules", "keep_triggers"]

FAULTS_KEPT = 100
INSERT_ROWS = (
    "INSERT INTO watch_observation (series_id, time, value, flags) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (series_id, time) DO NOTHING"
)
INSERT_ARRAYS = (
    "INSERT INTO watch_observation (series_id, time, value, flags) "
    "SELECT %s, * FROM unnest(%s::timestamptz[], %s::float8[], %s::int2[]) "
    "ON CONFLICT (series_id, time) DO NOTHING"
)


@transaction.atomic
def keep_reading(feed: FeedSettings, reading: Reading, *, by: str = MACHINE, at: datetime) -> int:
    """Check what a feed gave and store it, flagged values too; return how many values were new."""
    stations = {station.code: station for station in Station.objects.all()}
    added = 0
    for part, flags in zip(reading.series, flag_reading(reading.series), strict=True):
        series, _ = Series.objects.get_or_create(
            station=stations[part.station],
            quantity=part.quantity,
            kind=Series.OBSERVED,
            defaults={"unit": part.unit},
        )
        added += _insert(series, part.times, part.values, flags)
    row, _ = Feed.objects.update_or_create(
        code=feed.id,
        defaults={
            "source": feed.source,
            "licence": feed.licence,
            "delay_min": feed.delay_min,
            "read_at": at,
            "rows_read": reading.rows_read,
            "rows_used": reading.rows_used,
            "faults": [str(fault) for fault in reading.faults[:FAULTS_KEPT]],
            "fault_count": len(reading.faults),
        },
    )
    if added:
        detail = {"values": added, "rows": reading.rows_read, "faults": len(reading.faults)}
        record("keep_reading", row, by=by, at=at, object_id=feed.id, detail=detail)
    return added


@transaction.atomic
def keep_indicator(
    indicator: str,
    unit: str,
    stations: Sequence[str],
    times: NDArray[np.datetime64],
    values: NDArray[np.float64],
) -> None:
    """Store an indicator, ``values`` (time, station); an hour without a value is left out."""
    known = {station.code: station for station in Station.objects.all()}
    for column, code in enumerate(stations):
        there = ~np.isnan(values[:, column])
        series, _ = Series.objects.get_or_create(
            station=known[code], quantity=indicator, kind=Series.INDICATOR, defaults={"unit": unit}
        )
        series.observations.all().delete()
        _insert(series, times[there], values[there, column], None)


@transaction.atomic
def keep_rules(rules: Iterable[Rule], *, by: str = MACHINE, at: datetime) -> dict[str, RuleVersion]:
    """Store each rule as it stands now; a version that has been used is never altered.

    A rule whose text changed without a new version number becomes the next version by itself, so
    that a warning always names the very text that raised it.
    """
    kept: dict[str, RuleVersion] = {}
    for rule in rules:
        definition = rule.model_dump(mode="json", exclude_none=True)
        body = json.dumps({**definition, "version": 0}, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(body.encode()).hexdigest()
        newest = RuleVersion.objects.filter(rule=rule.id).first()
        if newest and newest.digest == digest:
            kept[rule.id] = newest
            continue
        version = max(rule.version, newest.version + 1 if newest else 1)
        kept[rule.id] = RuleVersion.objects.create(
            rule=rule.id,
            version=version,
            hazard=rule.hazard,
            definition={**definition, "version": version},
            digest=digest,
        )
        record("keep_rule", kept[rule.id], by=by, at=at, object_id=f"{rule.id} v{version}")
    return kept


@transaction.atomic
def keep_triggers(
    version: RuleVersion,
    evaluation: Evaluation,
    stations: Sequence[str],
    times: NDArray[np.datetime64],
) -> int:
    """Store each spell of a rule as a trigger, in place of those before; return how many."""
    areas = dict(Area.objects.values_list("code", "pk"))
    keys = dict(Station.objects.values_list("code", "pk"))
    low = evaluation.rule.when == "at-or-below"
    rows = []
    for spell in spells(evaluation.levels, evaluation.values, low_is_bad=low):
        station = evaluation.stations[spell.peak, spell.place]
        rows.append(
            Trigger(
                rule_version=version,
                area_id=areas[evaluation.areas[spell.place]],
                level=int(spell.level),
                first_at=as_utc(times[spell.first]),
                last_at=as_utc(times[spell.last]),
                station_id=keys[stations[station]],
                peak_value=float(evaluation.values[spell.peak, spell.place]),
                peak_at=as_utc(times[spell.peak]),
            )
        )
    Trigger.objects.filter(rule_version__rule=version.rule).delete()
    Trigger.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _insert(
    series: Series,
    times: NDArray[np.datetime64],
    values: NDArray[np.float64],
    flags: NDArray[Any] | None,
) -> int:
    """Insert values that are not there yet; return how many were."""
    bits = np.zeros(times.size, np.int64) if flags is None else flags.astype(np.int64)
    columns = (
        column_values(times),
        [None if np.isnan(value) else value for value in values.tolist()],
        bits.tolist(),
    )
    before = series.observations.count()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement: far faster than a row each
            cursor.execute(INSERT_ARRAYS, [series.pk, *map(list, columns)])
        else:
            rows = [(series.pk, *row) for row in zip(*columns, strict=True)]
            cursor.executemany(INSERT_ROWS, rows)
    return series.observations.count() - before
