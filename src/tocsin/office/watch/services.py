"""Verbs of the watch: keep readings, indicators, rule versions and triggers.

Reading a file twice adds nothing: see ``keeping``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Reading
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Area, Region, Station
from tocsin.triggers.evaluate import Evaluation
from tocsin.triggers.rules import Rule
from tocsin.triggers.spells import spells

from .keeping import keep_values
from .models import RuleVersion, Series, Trigger
from .occurrences import keep_occurrences
from .rule_picks import in_force
from .table import Table, insert_rows
from .times import as_utc

__all__ = [
    "add_version",
    "digest_of",
    "keep_folder_rules",
    "keep_indicator",
    "keep_reading",
    "keep_rules",
    "keep_triggers",
]


def keep_reading(feed: FeedSettings, reading: Reading, *, by: str = MACHINE, at: datetime) -> int:
    """Check what a feed gave and store it, flagged values too; return how many values were new."""
    new = keep_values(feed, reading, by=by, at=at).new
    return new + keep_occurrences(feed, reading, by=by, at=at).new


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
        size = int(there.sum())
        insert_rows(
            Table(
                np.full(size, series.pk, np.int64),
                times[there],
                values[there, column],
                np.zeros(size, np.uint16),
            )
        )


@transaction.atomic
def keep_rules(rules: Iterable[Rule], *, by: str = MACHINE, at: datetime) -> dict[str, RuleVersion]:
    """Store the folder's rules as they stand now; return the version of each in force at ``at``.

    That is the folder's, or what was approved in the office instead: see ``rule_picks``. A rule
    that the office took out of use is left out, one that only the office has comes along.
    """
    return in_force(keep_folder_rules(rules, by=by, at=at), at)


@transaction.atomic
def keep_folder_rules(
    rules: Iterable[Rule], *, by: str = MACHINE, at: datetime
) -> dict[str, RuleVersion]:
    """Store each rule of the folder; a version that has been used is never altered.

    A rule whose text changed without a new version number becomes the next version by itself, so
    that a warning always names the very text that raised it.
    """
    kept: dict[str, RuleVersion] = {}
    for rule in rules:
        definition = rule.model_dump(mode="json", exclude_none=True)
        digest = digest_of(definition)
        versions = RuleVersion.objects.filter(rule=rule.id)  # newest first
        newest = versions.filter(origin=RuleVersion.FOLDER).first()
        if newest and newest.digest == digest:
            kept[rule.id] = newest
            continue
        kept[rule.id] = add_version(
            definition, least=rule.version, origin=RuleVersion.FOLDER, kept_at=at
        )
        record("keep_rule", kept[rule.id], by=by, at=at, object_id=str(kept[rule.id]))
    return kept


def add_version(definition: Mapping[str, Any], *, least: int, **fields: Any) -> RuleVersion:
    """Write a definition as the next version of its rule, ``least`` or higher.

    The one place where a version gets its number; call it inside a transaction.
    """
    Region.objects.select_for_update().first()  # one writer at a time: a number comes once
    newest = RuleVersion.objects.filter(rule=definition["id"]).first()
    version = max(least, newest.version + 1 if newest else 1)
    return RuleVersion.objects.create(
        rule=definition["id"],
        version=version,
        hazard=definition["hazard"],
        definition={**definition, "version": version},
        digest=digest_of(definition),
        **fields,
    )


def digest_of(definition: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a definition, whatever number it bears."""
    body = json.dumps({**definition, "version": 0}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


@transaction.atomic
def keep_triggers(
    found: Sequence[tuple[RuleVersion, Evaluation]],
    stations: Sequence[str],
    times: NDArray[np.datetime64],
) -> int:
    """Store each spell of one rule as a trigger, in place of those before; return how many.

    ``found`` is the rule's versions that were in force, each with its evaluation over ``times``,
    its levels none at the hours of the others.
    """
    areas = dict(Area.objects.values_list("code", "pk"))
    keys = dict(Station.objects.values_list("code", "pk"))
    rows = []
    for version, evaluation in found:
        low = evaluation.rule.when == "at-or-below"
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
    names = {version.rule for version, _ in found}
    Trigger.objects.filter(rule_version__rule__in=names).delete()
    Trigger.objects.bulk_create(rows, batch_size=1000)
    return len(rows)
