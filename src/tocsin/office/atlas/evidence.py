"""A warning's page: the chart, what was measured, where and whom, and what each message changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext

from tocsin.indicators.catalogue import CATALOGUE, Indicator
from tocsin.intake.quality import Flag
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.compose import quoted_row
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.watch.times import from_utc
from tocsin.triggers.evaluate import Calendar, thresholds
from tocsin.triggers.return_levels import limit_at
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.units import convert

from . import cards, charts, pictures, queries, wording
from .queries import Standing
from .whom import people_said

__all__ = ["Shown", "flag_words", "page_of", "values_shown"]

BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
LINES = 3
NARROW = charts.Size(width=360, height=250, left=34, right=8, top=12, bottom=26)
EMPTY: tuple[None, int, str] = (None, 0, "")


@dataclass(frozen=True, slots=True)
class Shown:
    """The values behind a warning: station -> (time, value in the rule's unit, flags)."""

    indicator: Indicator
    first: datetime
    last: datetime
    by_station: Mapping[str, list[tuple[datetime, float | None, int]]]


def page_of(
    warning: Warning, messages: list[Message], region: Region, standing: Standing, at: datetime,
    known: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Return all that the template prints; ``known`` is the newest observation known at ``at``."""
    newest = messages[-1]
    newest.warning = warning
    over = newest.msg_type == "Cancel" or newest.expires_at <= at
    peak = max(messages, key=lambda one: (one.level, len(one.levels))) if over else newest
    peak.warning = warning
    card = cards.card_of(newest, standing, at, peak=peak if peak is not newest else None)
    page = {
        "card": card,
        "warning": warning,
        "newest": newest,
        "words": cards.written(newest),
        "picture": pictures.region_map(region, standing, *cards.on_the_map([peak])),
        "people_by_level": _people_by_level(peak, card),
        "facilities": _facilities(peak, standing),
        "settlements": _settlements(peak, standing),
        "impact": peak.impact,
        "history": _history(messages, standing),
    }
    versions = cards.versions_behind(warning, messages)
    if versions:
        rule = cards.rule_of(versions[-1])
        page |= _rests_on(rule, messages, peak, region, standing, known)
        page["versions"] = versions
    return page


def _rests_on(
    rule: Rule, messages: list[Message], peak: Message, region: Region, standing: Standing,
    known: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Return what a rule's warning rests on: the chart, thresholds and values."""
    shown = values_shown(rule, messages, known)
    return {
        "rule": rule,
        "indicator": shown.indicator,
        "indicator_name": wording.said(shown.indicator.names),
        "thresholds": list(_limits(rule, shown, messages, region).items()),
        "charts": _charts(shown, rule, messages, region),
        "main_station": _station_name(next(iter(shown.by_station), ""), standing),
        "other_stations": [_station_name(code, standing) for code in list(shown.by_station)[1:]],
        "measured": _measured(peak, rule, shown.indicator, standing, region),
        "expected": list(_expected(peak, standing)),
        "quantities": _quantities(shown.indicator),
    }


def values_shown(rule: Rule, messages: list[Message], known: datetime) -> Shown:
    """Return the indicator around the warning at its stations, the main one first."""
    indicator = CATALOGUE[rule.indicator]
    stations = Counter(row["station"] for message in messages for row in message.evidence)
    end = max(
        message.sent_at if message.msg_type == "Cancel" else message.expires_at
        for message in messages
    )
    first, last = messages[0].sent_at - BEFORE, min(known, end + AFTER)
    worst = _main_station(rule, messages)
    names = sorted(stations, key=lambda code: (code != worst, -stations[code], code))[:LINES]
    found = queries.values_between(rule.indicator, names, first, last)
    by_station = {
        code: [
            (
                time,
                None if value is None else float(convert(value, indicator.unit, rule.unit)),
                flags,
            )
            for time, value, flags in found[code]
        ]
        for code in names
    }
    return Shown(indicator, first, last, by_station)


def _main_station(rule: Rule, messages: list[Message]) -> str:
    worst = _worst(rule, messages)
    return str(worst["station"]) if worst else ""


def _worst(rule: Rule, messages: list[Message]) -> Mapping[str, Any] | None:
    """Return the row of evidence that a message would quote, had it known each row's peak."""
    rows = [{**row, "value": row["peak"]} for message in messages for row in message.evidence]
    return quoted_row(rows, rule) if rows else None


def _charts(
    shown: Shown, rule: Rule, messages: list[Message], region: Region
) -> dict[str, charts.Chart | None]:
    series = {
        code: [(time, None if flags else value) for time, value, flags in rows]
        for code, rows in shown.by_station.items()
    }
    limits = _limits(rule, shown, messages, region)
    gap = timedelta(hours=26 if shown.indicator.cadence == "daily-noon" else 3)
    drawn = {}
    for name, size in (("wide", charts.Size()), ("narrow", NARROW)):
        drawn[name] = charts.draw_chart(
            series, limits, first=shown.first, last=shown.last, zone=region.zone,
            issued=messages[0].sent_at, is_low=rule.when == "at-or-below", max_gap=gap, size=size,
        )  # fmt: skip
    return drawn


def _limits(
    rule: Rule, shown: Shown, messages: list[Message], region: Region
) -> dict[Level, float]:
    """Return the threshold of each level where it stood worst [the rule's unit].

    They are those of its area and of that part of the year, of levels by return period those of
    the main station; of levels by impact one that is passed over, since a higher one begins at the
    same value, is left out.
    """
    worst = _worst(rule, messages)
    at = datetime.fromisoformat(worst["observed_at"]) if worst else messages[0].sent_at
    calendar = Calendar.of(np.array([from_utc(at)]), region.zone)
    own = thresholds(rule, [str(worst["area"]) if worst else ""], calendar)[0, :, 0].tolist()
    main = next(iter(shown.by_station), "")
    limits = {lv: limit_at(rule, limit, main) for lv, limit in zip(LEVELS, own, strict=True)}
    known = {lv: limit for lv, limit in limits.items() if limit == limit}  # NaN: none, no record
    if not rule.by_impact:
        return known
    highest = {limit: lv for lv, limit in known.items()}
    return {lv: limit for limit, lv in highest.items()}


def _station_name(code: str, standing: Standing) -> str:
    station = standing.stations.get(code)
    return wording.said(station.names) if station else code


def _quantities(indicator: Indicator) -> list[tuple[str, str]]:
    names = dict.fromkeys(indicator.inputs.values())
    return [(name, wording.quantity_word(name)) for name in names]


def _expected(message: Message, standing: Standing) -> Iterator[dict[str, Any]]:
    """Return a row for each area whose level only a forecast reaches, one for like stations."""
    told = set()
    for row in message.evidence:
        ahead = row.get("forecast")
        if ahead and (key := (row["station"], row["level"])) not in told:
            told.add(key)
            yield {
                "station": _station_name(row["station"], standing),
                "level": Level(row["level"]),
                "value": wording.value_text(row["value"], row["unit"]),
                "worst_at": datetime.fromisoformat(row["observed_at"]),
                "begins": datetime.fromisoformat(row["crossed_at"]),
                "issued": datetime.fromisoformat(ahead["issued_at"]),
                "share": round(100 * ahead["probability"]),
                **ahead,
            }


def _measured(
    message: Message, rule: Rule, indicator: Indicator, standing: Standing, region: Region
) -> list[dict[str, Any]]:
    """Return a row for each station and moment: first and last reached, worst, newest."""
    moments: dict[tuple[str, datetime], list[str]] = {}
    for row in message.evidence:
        if row.get("forecast"):
            continue  # nothing of it has been measured
        for key, word in (
            ("crossed_at", gettext("reached")),
            ("peak_at", gettext("worst")),
            ("observed_at", gettext("last reached")),
            ("latest_at", gettext("newest")),
        ):
            words = moments.setdefault((row["station"], datetime.fromisoformat(row[key])), [])
            if word not in words:
                words.append(word)
    quantities = _quantities(indicator)
    names = [name for name, _word in quantities]
    found = queries.values_at(set(moments), [*names, indicator.id])
    rows = []
    for (code, time), words in sorted(moments.items()):
        value, _flags, unit = found.get((code, time, indicator.id), EMPTY)
        cells = [found.get((code, time, name), EMPTY) for name in names]
        rows.append(
            {
                "station": _station_name(code, standing),
                "time": time,
                "words": gettext(", ").join(words),
                "cells": [
                    (word, _cell(cell, name, region))
                    for cell, (name, word) in zip(cells, quantities, strict=True)
                ],
                "value": _indicator_text(value, unit, indicator, rule),
                "quality": gettext(", ").join(flag_words(_all_flags(cells))) or gettext("good"),
            }
        )
    return rows


def _all_flags(cells: list[tuple[float | None, int, str]]) -> int:
    bits = 0
    for _value, flags, _unit in cells:
        bits |= flags
    return bits


def _cell(cell: tuple[float | None, int, str], name: str, region: Region) -> str:
    value, _flags, unit = cell
    return wording.value_text(*wording.display_value(value, name, unit, region.display_units))


def _indicator_text(value: float | None, unit: str, indicator: Indicator, rule: Rule) -> str:
    if value is None:
        return "–"
    shown = float(convert(value, unit, rule.unit))
    same = rule.unit == indicator.unit
    return wording.value_text(shown, rule.unit, decimals=indicator.decimals if same else None)


def flag_words(bits: int) -> list[str]:
    """Return why a value is doubtful, nothing for a good one."""
    words = {
        "RANGE": gettext("outside what is possible"),
        "STEP": gettext("jumps too far"),
        "STUCK": gettext("sensor stuck"),
        "DUPLICATE": gettext("two rows for the hour"),
        "CLOCK": gettext("clock went back"),
        "UNREADABLE": gettext("not a number"),
        "INCONSISTENT": gettext("contradicts another value"),
    }
    return [words.get(flag.name or "", flag.name or "") for flag in Flag if bits & flag]


def _people_by_level(message: Message, card: cards.Card) -> list[tuple[Level, int, str]]:
    """Return each level with its number of areas and how many people live there, in words.

    Of a single level nothing is said of people where the list below it counts them, with a source.
    """
    counted = any(
        one["name"] == "people" and one["value"] for one in message.impact.get("amounts", ())
    )
    is_said = counted and len(card.groups) == 1
    return [
        (
            group.level,
            len(group.codes),
            "" if is_said else people_said(_of_level(message.impact, group)),
        )
        for group in card.groups
    ]


def _of_level(impact: Mapping[str, Any], group: cards.Group) -> Mapping[str, Any]:
    """Return the people of one level: those counted in its shapes, else those of its areas."""
    counted = (impact.get("by_level") or {}).get(group.level.word)
    if counted is not None:
        return {"people": counted["people"], "people_known": counted["known"]}
    by_area = impact.get("people_by_area") or {}
    known = [n for code in group.codes if (n := by_area.get(code)) is not None]
    share = len(known) / max(len(group.codes), 1)
    return {"people": sum(known) if known else None, "people_known": share}


def _facilities(message: Message, standing: Standing) -> list[dict[str, Any]]:
    by_kind = message.impact.get("facilities") or {}
    return [
        {
            "kind": str(wording.FACILITY_KINDS.get(kind, kind)),
            "places": [
                {"name": wording.said(one.names), "is_example": one.is_example}
                for code in codes
                if (one := standing.facilities.get(code))
            ],
        }
        for kind, codes in sorted(by_kind.items())
        if codes
    ]


def _settlements(message: Message, standing: Standing) -> list[tuple[str, int]]:
    codes = message.impact.get("settlements") or []
    known = [standing.settlements[code] for code in codes if code in standing.settlements]
    return [(wording.said(one.names), one.population) for one in known]


def _history(messages: list[Message], standing: Standing) -> list[dict[str, Any]]:
    """Return every message, newest first, with what it changed."""
    told = []
    before: Message | None = None
    for message in messages:
        told.append(
            {
                "message": message,
                "reason": str(wording.REASONS.get(message.reason, message.reason)),
                "changes": cards.changes(before, message, standing),
            }
        )
        before = message
    return told[::-1]
