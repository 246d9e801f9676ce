"""What the desk's overview reads, for any moment of the region's time; nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, OuterRef, Subquery

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.intake.quality import Flag
from tocsin.office.places.models import Region
from tocsin.office.warnings_desk.content import read_content
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.office.warnings_desk.state_words import state_word
from tocsin.office.warnings_desk.states import DRAFT
from tocsin.office.watch.holds import held_groups
from tocsin.office.watch.labels import Shown, flag_words, quantity_name, shown_in
from tocsin.office.watch.models import Feed, Observation, Series

from .cards import Card, card_of
from .desk_episodes import OPEN_STATES, Episode, Facts, Stretch
from .queries import Standing, known_until

__all__ = [
    "InForce",
    "Reading",
    "cards_in_force",
    "county_levels",
    "county_values",
    "current_values",
    "flagged_lately",
    "moves_between",
    "needs",
    "values_table",
]

STILL_CURRENT = timedelta(hours=36)
"""An older value is not shown as current; noon values of yesterday still are."""
SILENT_AFTER = timedelta(hours=3)
ENDS_SOON = timedelta(hours=3)
DAY = timedelta(hours=24)
DRAFTS_SHOWN = 20
SILENT_SHOWN = 10
MOST_STATIONS = 60
"""Columns of the table of current values; the series page has every station."""
FLAGGED_READ, FLAGGED_SHOWN = 500, 3
"""Flagged values looked at, and the series of them that are named at once."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A warning in force and the message of it that counts."""

    episode: Episode
    stretch: Stretch

    @property
    def level(self) -> int:
        """The level that message brought."""
        return self.stretch.level


@dataclass(frozen=True, slots=True)
class Move:
    """What became of one warning over some hours, and by how many messages."""

    episode: Episode
    last: Stretch
    before: int
    after: int
    top: int
    messages: int


def moves_between(found: Sequence[Episode], start: datetime, end: datetime) -> list[Move]:
    """Return each warning that had messages after ``start`` and by ``end``, the worst first."""
    moves = []
    for episode in found:
        sent = [one for one in episode.stretches if start < one.start <= end]
        if all(one.reason == "extend" for one in sent):
            continue
        first = episode.at(start)
        before, after = first.level if first else 0, sent[-1].level
        top = max(before, *(one.level for one in sent))
        moves.append(Move(episode, sent[-1], before, after, top, len(sent)))
    return sorted(moves, key=lambda one: (-one.top, -one.last.start.timestamp()))


def cards_in_force(found: Sequence[Episode], at: datetime, stands: Standing) -> list[Card]:
    """Return the warnings in force at ``at``, the highest level first."""
    numbers = [stretch.number for episode in found if (stretch := episode.at(at))]
    messages = (
        Message.objects.published()
        .filter(number__in=numbers)
        .select_related("warning__rule_version", "draft")
        .defer("raw")
        .order_by("-level", "-warning__first_sent_at")
    )
    return [card_of(message, stands, at) for message in messages]


def county_levels(found: Sequence[Episode], at: datetime) -> dict[str, int]:
    """Return the highest level in force at ``at`` in each area that has any."""
    levels: dict[str, int] = {}
    for episode in found:
        if stretch := episode.at(at):
            for code, level in stretch.levels.items():
                levels[code] = max(level, levels.get(code, 0))
    return levels


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest value of a series at a moment, as stored and as shown."""

    quantity: str
    station: str
    kind: str
    stored: float | None
    shown: Shown
    time: datetime | None
    flags: int
    age_h: float

    @property
    def value(self) -> float | None:
        """The value in the shown unit."""
        return self.shown.of(self.stored)

    @property
    def reasons(self) -> str:
        """Why the value is flagged, in words."""
        return flag_words(self.flags) if self.flags else ""


def current_values(region: Region, at: datetime, feeds: list[Feed]) -> list[Reading]:
    """Return the newest value of every series that was known at ``at``, in one question."""
    known = known_until(at, feeds)
    newest = Observation.objects.filter(
        series=OuterRef("pk"), time__lte=known, time__gt=known - STILL_CURRENT, value__isnull=False
    ).order_by("-time")
    rows = Series.objects.annotate(
        last_time=Subquery(newest.values("time")[:1]),
        last_value=Subquery(newest.values("value")[:1]),
        last_flags=Subquery(newest.values("flags")[:1]),
    ).values_list(
        "quantity", "station__code", "kind", "unit", "last_time", "last_value", "last_flags"
    )
    found = []
    for quantity, station, kind, unit, time, value, flags in rows:
        shown = shown_in(quantity, unit, region.display_units)
        age = (at - time).total_seconds() / 3600 if time else 0.0
        found.append(Reading(quantity, station, kind, value, shown, time, flags or 0, age))
    return found


def county_values(
    readings: Sequence[Reading], indicator: str, stands: Standing
) -> dict[str, Reading]:
    """Return each area's value: the one of its nearest station that has an unflagged one."""
    at_station = {
        one.station: one
        for one in readings
        if one.quantity == indicator and one.value is not None and not one.flags
    }
    found = {}
    for code, area in stands.areas.items():
        near = next((name for name, _ in area.stations if name in at_station), None)
        if near is not None:
            found[code] = at_station[near]
    return found


def flagged_lately(at: datetime, feeds: list[Feed]) -> list[list[Observation]]:
    """Return what was flagged in the day before ``at``, by series, each newest first.

    What is held for review is not among them: it has its own line.
    """
    known = known_until(at, feeds)
    observed = Series.objects.filter(kind=Series.OBSERVED).values("pk")
    found = Observation.objects.filter(
        series__in=observed, time__gt=known - DAY, time__lte=known, flags__gt=0
    )
    found = found.annotate(held=F("flags").bitand(int(Flag.HELD))).filter(held=0)
    by_series: dict[int, list[Observation]] = {}
    for one in found.select_related("series__station").order_by("-time")[:FLAGGED_READ]:
        by_series.setdefault(one.series_id, []).append(one)
    return list(by_series.values())


def needs(
    region: Region, at: datetime, facts: Facts, readings: Sequence[Reading]
) -> dict[str, Any]:
    """Return what an officer has to look at, each kind apart; the page puts it into words."""
    feeds, flagged = list(facts.feeds), flagged_lately(at, list(facts.feeds))
    ending = [
        InForce(episode, stretch)
        for episode in facts.episodes
        if (stretch := episode.at(at)) and stretch.end - at <= ENDS_SOON
    ]
    delay = at - known_until(at, feeds)
    newest: dict[str, datetime | None] = {}
    for one in readings:
        if one.kind == Series.OBSERVED:
            before = newest.get(one.station)
            newest[one.station] = max(filter(None, (before, one.time)), default=None)
    silent = [
        (code, time)
        for code, time in sorted(newest.items())
        if time is None or at - time > delay + SILENT_AFTER
    ]
    fault = facts.ledger.fault
    held = [
        (group, quantity_name(group.first.series.quantity), group.stations)
        for group in held_groups()
    ]
    drafts = _open_drafts() if facts.drafts else []
    told = [_flagged_told(values, region.display_units) for values in flagged]
    late = [] if region.is_replay else [feed for feed in feeds if feed_is_late(feed, at)]
    return {
        "ending": sorted(ending, key=lambda one: one.stretch.end),
        "silent": silent[:SILENT_SHOWN],
        "more_silent": len(silent[SILENT_SHOWN:]),
        "flagged": told[:FLAGGED_SHOWN],
        "more_flagged": told[FLAGGED_SHOWN:],
        "ledger": fault,
        "late": late,
        "held": held,
        "drafts": drafts,
        "count": len(ending)
        + len(silent)
        + len(flagged)
        + len(late)
        + len(held)
        + facts.drafts
        + bool(fault),
    }


def _open_drafts() -> list[dict[str, Any]]:
    """Return the drafts that wait for somebody now, those of the machine among them."""
    found = Draft.objects.filter(state__in=OPEN_STATES).order_by("changed_at")[:DRAFTS_SHOWN]
    rows = [
        {
            "draft": one,
            "hazard": content.hazard,
            "level": content.level,
            "state": state_word(one.state),
            "page": "compose" if one.state == DRAFT else "review",
        }
        for one in found
        if (content := read_content(one.content))
    ]
    return sorted(rows, key=lambda row: -int(row["level"]))


def feed_is_late(feed: Feed, at: datetime) -> bool:
    """Whether a live feed is late: as the feeds page has it, before a first look by its reading."""
    if feed.checked_at is not None:
        return feed.is_late(at)
    return feed.read_at is None or at - feed.read_at > timedelta(minutes=feed.delay_min + 60)


def _flagged_told(values: Sequence[Observation], units: Mapping[str, str]) -> dict[str, Any]:
    """Return the newest flagged value of a series, how many there are, and all their reasons."""
    newest = values[0]
    shown = shown_in(newest.series.quantity, newest.series.unit, units)
    return {
        "newest": newest,
        "name": quantity_name(newest.series.quantity),
        "value": shown.of(newest.value),
        "unit": shown.unit,
        "decimals": shown.decimals,
        "count": len(values),
        "since": values[-1].time,
        "reasons": flag_words(reduce(or_, (one.flags for one in values))),
    }


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A line of the table of current values: a quantity, with a reading (or none) a station."""

    quantity: str
    name: str
    unit: str
    is_indicator: bool
    cells: list[Reading | None]


def values_table(readings: Sequence[Reading]) -> tuple[list[str], list[ValueRow], int]:
    """Return stations and lines of the table of current values, and how many stations there are."""
    every = sorted({one.station for one in readings})
    stations = every[:MOST_STATIONS]
    rows: dict[str, dict[str, Reading]] = {}
    for one in readings:
        rows.setdefault(one.quantity, {})[one.station] = one
    table = []
    for quantity in sorted(rows, key=order_of_series):
        first = next(iter(rows[quantity].values()))
        cells = [rows[quantity].get(code) for code in stations]
        is_indicator = first.kind == Series.INDICATOR
        name = quantity_name(quantity)
        table.append(ValueRow(quantity, name, first.shown.unit, is_indicator, cells))
    return stations, table, len(every)


def order_of_series(quantity: str) -> tuple[int, str]:
    """Return the place of a quantity in tables: as the catalogue has it, observed ones first."""
    names = list(CATALOGUE)
    return (names.index(quantity), quantity) if quantity in names else (-1, quantity)
