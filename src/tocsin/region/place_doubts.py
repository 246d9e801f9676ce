"""What stations cannot say to a rule: records that are too short, surface that nobody measures.

As in :mod:`tocsin.region.doubts` these are notes, no faults: the folder can be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tocsin.exposure.shares import area_shares
from tocsin.region.doubts import Doubt
from tocsin.region.model import Region
from tocsin.triggers.evaluate import areas_of
from tocsin.triggers.return_levels import FAR, MIN_YEARS, speaks
from tocsin.triggers.rules import WORDS, Condition, Rule
from tocsin.triggers.taking import MIN_KNOWN, SLACK

__all__ = ["doubts_of_place", "stations_at_one_place"]

NAMED = 3
SAME_DEGREES = 4
"""Decimals of latitude and longitude, some 10 m, to which two stations are at one place."""


def doubts_of_place(rule: Rule, region: Region) -> list[Doubt]:
    """Return what the stations of a region cannot say to one of its rules."""
    found: list[Doubt] = []
    for condition in rule.conditions:
        if condition.by_return_period:
            found += _of_records(rule, condition, [one.id for one in region.stations])
        if condition.min_share is not None:
            found += _of_surface(rule, condition, region)
    return found


def stations_at_one_place(region: Region) -> list[str]:
    """Return a sentence for each place that has several stations: one of them, or one twice."""
    there: dict[tuple[float, float], list[str]] = defaultdict(list)
    for one in region.stations:
        there[round(one.lat, SAME_DEGREES), round(one.lon, SAME_DEGREES)].append(one.id)
    return [
        f"stations {_some(names)} stand at one place, {lat:g}, {lon:g}. If they are one, keep one "
        "and name the other in [feed.options.stations]; areas take the value of the first that has "
        "one."
        for (lat, lon), names in there.items()
        if len(names) > 1
    ]


def _of_records(rule: Rule, condition: Condition, stations: Sequence[str]) -> Iterator[Doubt]:
    name = condition.indicator
    heard = [one for one in stations if speaks(condition, one)]
    if not heard:
        yield Doubt(
            rule.id, "no-record",
            f"Its levels of {name} are return periods, and no station has a record of "
            f"{MIN_YEARS} years that varies: none of them can be reached.",
            f"Make one with  tocsin records REGION --rule {rule.id}  and name it in [files], "
            'records = "records.csv".',
        )  # fmt: skip
        return
    if silent := [one for one in stations if one not in heard]:
        yield Doubt(
            rule.id, "short-record",
            f"{_some(silent)} {'has' if len(silent) == 1 else 'have'} no record of {MIN_YEARS} "
            f"years of {name} that varies, so no thresholds: areas take the nearest station that "
            "has.",
            "Add the years that are missing to the records.",
        )  # fmt: skip
    for word in WORDS:
        years = max(_years(condition, word), default=0.0)
        short = [
            f"{one} ({record.years} years)"
            for one, record in sorted((condition.record or {}).items())
            if record.gev is not None and years > FAR * record.years
        ]
        if short:
            yield Doubt(
                rule.id, "far-period",
                f"{word}, once in {years:g} years, lies beyond twice the record of {_some(short)}.",
                "What a curve says so far out is uncertain: ask for fewer years, or find more.",
            )  # fmt: skip


def _years(condition: Condition, word: str) -> list[float]:
    """Return every return period that a level has: everywhere, in an area, in a season."""
    parts = [condition.levels, *(condition.levels_by_area or {}).values()]
    parts += [one.levels for one in condition.levels_by_season or ()]
    return [value for part in parts for name, value in part.items() if name == word]


def _of_surface(rule: Rule, condition: Condition, region: Region) -> Iterator[Doubt]:
    known = MIN_KNOWN if condition.min_known is None else condition.min_known
    shaped = [area for area in region.areas if area.geometry is not None]
    shares = area_shares(shaped, region.stations, region.area_method.max_distance_km)
    asked = areas_of(rule, {code: [] for code in shares})
    if dark := [code for code in asked if sum(shares[code].values()) < known - SLACK]:
        yield Doubt(
            rule.id, "no-surface",
            f"{_some(dark)}: less than {known:.0%} of the surface lies within "
            f"{region.area_method.max_distance_km:g} km of a station, so {condition.indicator} is "
            "never known there.",
            "Add stations, or lower min_known.",
        )  # fmt: skip
    if alone := [code for code in asked if len(shares[code]) == 1 and code not in dark]:
        yield Doubt(
            rule.id, "no-surface",
            f"{_some(alone)}: one station stands for the whole surface, so min_share says nothing.",
            "Add stations, or leave those areas to a rule without it.",
        )  # fmt: skip


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
