"""The desk's long lists: warnings, the audit trail, rules with what each has raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from tocsin.office.audit.models import Entry
from tocsin.office.watch.asked import Asked, Period
from tocsin.office.watch.models import RuleVersion, Trigger
from tocsin.triggers.rules import LEVELS

from .desk_episodes import Episode
from .desk_map import area_short_names
from .queries import Standing
from .wording import said

__all__ = [
    "Raised",
    "WarningRow",
    "WarningsWanted",
    "audit_choices",
    "audit_entries",
    "raised_by",
    "trigger_rows",
    "warning_rows",
    "warnings_table",
]

CHOICES = 200
LEVELS_BY_WORD = {level.word: level for level in LEVELS}


@dataclass(frozen=True, slots=True)
class WarningsWanted:
    """Which warnings a list shows."""

    hazard: str
    level: str
    area: str
    words: str
    period: Period | None

    @classmethod
    def read(cls, asked: Asked, hazards: Iterable[str], areas: Mapping[str, Any]) -> WarningsWanted:
        """Read the choice from a query string; unknown ones are left out with a note."""
        dated = asked.text("from") or asked.text("to")
        return cls(
            hazard=asked.choice("hazard", tuple(hazards)),
            level=asked.choice("level", LEVELS_BY_WORD),
            area=asked.choice("area", areas),
            words=asked.text("q"),
            period=asked.period(days=366) if dated else None,
        )

    def takes(self, episode: Episode, names: str) -> bool:
        """Whether the list shows this warning; ``names`` is what its words are looked for in."""
        return (
            self.hazard in ("", episode.hazard)
            and (not self.level or episode.level >= LEVELS_BY_WORD[self.level])
            and (not self.area or self.area in episode.areas)
            and all(word in names for word in self.words.casefold().split())
            and (
                self.period is None
                or (episode.start < self.period.end and episode.end > self.period.start)
            )
        )


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A warning in the list; ``state`` is seen from the region's clock: later, in-force, over."""

    episode: Episode
    state: str
    areas: tuple[str, ...]


def warning_rows(
    found: Sequence[Episode], wanted: WarningsWanted, at: datetime, stands: Standing
) -> list[WarningRow]:
    """Return those in force, then those over, newest first; last those later in a replay."""
    names = {code: said(area.names) for code, area in stands.areas.items()}
    short = area_short_names({code: names[code] for code in names if stands.areas[code].is_leaf})
    rows = []
    for episode in found:
        words = (episode.slug, *episode.name.values(), *(names.get(c, c) for c in episode.areas))
        if wanted.takes(episode, " ".join(words).casefold()):
            state = "later" if episode.start > at else "in-force" if episode.at(at) else "over"
            areas = tuple(short.get(code, code) for code in episode.areas)
            rows.append(WarningRow(episode, state, areas))
    later = [row for row in rows if row.state == "later"]
    known = [row for row in reversed(rows) if row.state != "later"]
    return sorted(known, key=lambda row: row.state != "in-force") + later


def warnings_table(rows: Sequence[WarningRow]) -> tuple[list[str], Iterator[list[Any]]]:
    """Return head and lines of the list as CSV; codes, not words, so that it reads the same."""
    head = ["warning", "rule", "version", "hazard", "highest_level", "first_sent_utc", "end_utc"]
    head += ["hours_in_force", "messages", "areas"]
    lines = (
        [
            row.episode.slug,
            row.episode.rule,
            row.episode.version,
            row.episode.hazard,
            next((word for word, lv in LEVELS_BY_WORD.items() if lv == row.episode.level), "none"),
            row.episode.start.isoformat(),
            row.episode.end.isoformat(),
            round(row.episode.hours, 2),
            len(row.episode.stretches),
            " ".join(row.episode.areas),
        ]
        for row in rows
    )
    return head, lines


def audit_choices() -> dict[str, list[str]]:
    """Return the actors, verbs and kinds of things that the trail knows."""
    names = ("actor", "verb", "object_type")
    known = list(Entry.objects.order_by().values_list(*names).distinct())
    return {
        name: sorted({row[place] for row in known})[:CHOICES] for place, name in enumerate(names)
    }


def audit_entries(
    asked: Asked, choices: Mapping[str, list[str]]
) -> tuple[QuerySet[Entry], dict[str, Any]]:
    """Return the entries asked for, newest first, and the choice as understood."""
    wanted: dict[str, Any] = {name: asked.choice(name, known) for name, known in choices.items()}
    wanted["q"] = asked.text("q")
    chosen = {name: wanted[name] for name in choices if wanted[name]}
    entries = Entry.objects.filter(**chosen)
    if wanted["q"]:
        entries = entries.filter(object_id__icontains=wanted["q"])
    if asked.text("from") or asked.text("to"):
        wanted["period"] = period = asked.period(days=366)
        entries = entries.filter(at__gte=period.start, at__lt=period.end)
    return entries, wanted


@dataclass(frozen=True, slots=True)
class Raised:
    """What a rule has raised: warnings by their highest level, hours in force, the last one."""

    counts: tuple[tuple[int, int], ...]
    total: int
    hours: float
    last: Episode | None


def raised_by(rule: str, found: Sequence[Episode]) -> Raised:
    """Return what ``rule`` has raised in the ledger."""
    its = [episode for episode in found if episode.rule == rule]
    counts = Counter(episode.level for episode in its)
    return Raised(
        counts=tuple((int(level), counts[level]) for level in reversed(LEVELS) if counts[level]),
        total=len(its),
        hours=sum(episode.hours for episode in its),
        last=its[-1] if its else None,
    )


def triggers_of(version: RuleVersion, area: str, level: str) -> QuerySet[Trigger]:
    """Return the triggers of a rule, of every version, oldest first."""
    found = Trigger.objects.filter(rule_version__rule=version.rule)
    if area:
        found = found.filter(area__code=area)
    if level:
        found = found.filter(level=LEVELS_BY_WORD[level])
    return (
        found.select_related("area", "station")
        .defer("area__geometry")
        .order_by("first_at", "area__code", "id")
    )


def trigger_counts() -> dict[str, int]:
    """Return how many triggers each rule has."""
    rows = Trigger.objects.order_by().values("rule_version__rule").annotate(count=Count("id"))
    return {row["rule_version__rule"]: row["count"] for row in rows}


def trigger_rows(found: QuerySet[Trigger], unit: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Return head and lines of a rule's triggers as CSV."""
    head = ["area", "level", "first_utc", "last_utc", "station", "peak_value", "unit", "peak_utc"]
    words = {int(level): level.word for level in LEVELS}
    lines = (
        [
            one.area.code,
            words.get(one.level, one.level),
            one.first_at.isoformat(),
            one.last_at.isoformat(),
            one.station.code,
            one.peak_value,
            unit,
            one.peak_at.isoformat(),
        ]
        for one in found.iterator(chunk_size=1000)
    )
    return head, lines
