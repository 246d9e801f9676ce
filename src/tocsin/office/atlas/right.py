"""Were we right: the warnings of the ledger against what was measured and what was reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from statistics import median, quantiles

from tocsin.office.places.models import Region
from tocsin.office.watch.archive import stored_archive
from tocsin.office.watch.asked import bounds
from tocsin.office.watch.events import happened
from tocsin.office.watch.models import RuleVersion
from tocsin.office.watch.rule_picks import rules_over
from tocsin.triggers.backtest import Archive, exceedances
from tocsin.triggers.rules import LEVELS, Level, Rule
from tocsin.triggers.scores import Interval, bootstrap
from tocsin.triggers.verification import Event, Verdicts, Warned, match

from .desk_episodes import Episode

__all__ = ["Account", "Line", "account", "warned_of"]

HOUR = timedelta(hours=1)
SPELL_APART = 6 * HOUR
_Stood = tuple[datetime, tuple[tuple[int, str], ...]]
"""From when on, and which versions: key and digest of each."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account: a rule, a hazard, an area or a month, with what came of it."""

    key: str
    verdicts: Verdicts
    warnings: int
    """Warnings of the ledger, each counted once however many areas it had."""
    right: int
    """Of them, those that were right in at least one area."""

    @property
    def events(self) -> int:
        """Spells or reports, each counted in its area."""
        return len(self.verdicts.matches)

    @property
    def missed(self) -> int:
        """Events without a warning."""
        return self.events - self.verdicts.hits

    @property
    def lead_h(self) -> float | None:
        """Median hours from warning to event; below zero where the event came first."""
        leads = self.verdicts.leads_h
        return median(leads) if leads else None

    @property
    def lead_half_h(self) -> tuple[float, float] | None:
        """Between which leads the middle half of the cases lies; None of fewer than four."""
        leads = self.verdicts.leads_h
        if len(leads) < 4:
            return None
        low, _, high = quantiles(leads, method="inclusive")
        return low, high

    @property
    def lead_text(self) -> str:
        """The median lead without its sign, for a sentence."""
        return "" if self.lead_h is None else f"{abs(self.lead_h):.0f} h"

    @property
    def pod(self) -> Interval:
        """Share of events that were warned of, with its 95 % interval."""
        return bootstrap(self.verdicts.blocks(), lambda table: table.pod)

    @property
    def far(self) -> Interval:
        """Share of warned areas in which nothing came, with its 95 % interval."""
        return bootstrap(self.verdicts.warned_blocks(), lambda table: table.far)


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a period: one line for all of it, and the lines asked for."""

    whole: Line
    lines: tuple[Line, ...]


def account(
    region: Region,
    episodes: Iterable[Episode],
    *,
    first: datetime,
    last: datetime,
    level: Level,
    by: str,
    against: str,
) -> Account:
    """Return what came of the warnings that began from ``first`` to ``last``.

    Parameters
    ----------
    level : warnings and events of this level or above
    by : "rule", "hazard", "area", "season" or "month": what the lines are
    against : "measured" or "reported"
    """
    names = {one.slug: one for one in episodes}
    warned = [row for row in warned_of(names.values()) if row.level == level]
    if against == "reported":
        events = [event for event in happened(first, last) if event.level >= level]
    else:
        # A spell belongs to the rule that measures it, a report to every rule of its hazard.
        events = [spell for spell in _spells(region) if spell.level == level]
        warned = [replace(row, hazard=names[row.warning].rule) for row in warned]
    # All warnings take part, so that a spell at the edge of the period finds the one before it.
    found = match(events, warned, any_level=True)
    inside = _within(found, first, last)
    hazards = _hazards() if by == "hazard" and against == "measured" else {}
    groups = {
        "rule": (lambda e: e.hazard, lambda w: w.hazard),
        "hazard": (
            lambda e: hazards.get(e.hazard, e.hazard),
            lambda w: hazards.get(w.hazard, w.hazard),
        ),
        "area": (lambda e: e.area, lambda w: w.area),
        "season": (lambda e: _season(e, region), lambda w: _season(w, region)),
        "month": (
            lambda e: f"{e.first.astimezone(region.zone):%Y-%m}",
            lambda w: f"{w.first.astimezone(region.zone):%Y-%m}",
        ),
    }[by]
    return Account(_line("", inside), tuple(_lines(inside, *groups)))


def _hazards() -> dict[str, str]:
    """Return the hazard of each rule there ever was, by the newest version."""
    rows = RuleVersion.objects.order_by("version").values_list("rule", "hazard")
    return dict(rows)


def _season(row: Event | Warned, region: Region) -> str:
    """Return the three months a row began in, as ``12-02``, ``03-05``, ``06-08`` or ``09-11``."""
    first = row.first.astimezone(region.zone).month // 3 % 4 * 3
    return f"{first or 12:02d}-{first + 2:02d}"


def warned_of(episodes: Iterable[Episode]) -> list[Warned]:
    """Return one row for each warning, area and level: from its first moment there to its last."""
    rows = []
    for one in episodes:
        spans: dict[tuple[str, int], tuple[datetime, datetime]] = {}
        for stretch in one.stretches:
            for area, highest in stretch.levels.items():
                for level in range(1, highest + 1):
                    first, _ = spans.get((area, level), (stretch.start, stretch.end))
                    spans[area, level] = (first, stretch.end)
        rows += [
            Warned(one.slug, one.hazard, area, Level(level), first, last)
            for (area, level), (first, last) in sorted(spans.items())
        ]
    return rows


def _spells(region: Region) -> tuple[Event, ...]:
    """Return every spell over a threshold of the rules as they stood hour by hour, by rule."""
    span = bounds(region)
    archive = stored_archive(region, span.start, span.end)
    begin = span.start.replace(minute=0, second=0, microsecond=0)  # as the archive's: it is kept
    stood = rules_over(begin, span.end, is_replay=region.is_replay)
    return _measured(
        archive, tuple((at, tuple((one.pk, one.digest) for one in some)) for at, some in stood)
    )


@lru_cache(maxsize=4)
def _measured(archive: Archive, stood: tuple[_Stood, ...]) -> tuple[Event, ...]:
    """Return the spells of the hours in which each version was in force, joined over changes."""
    ends = [_label(at) for at, _ in stood[1:]] + [datetime.max.replace(tzinfo=UTC)]
    terms: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for (first, versions), end in zip(stood, ends, strict=True):
        for key, _digest in versions:
            terms[key].append((_label(first), end - HOUR))
    by_key = RuleVersion.objects.in_bulk(terms)
    parts = [
        replace(one, first=max(one.first, first), last=min(one.last, last))
        for key, some in terms.items()
        for one in _runs_of(archive, by_key[key])
        for first, last in some
        if max(one.first, first) <= min(one.last, last)
    ]
    return tuple(_joined(parts))


def _label(moment: datetime) -> datetime:
    """Return the first whole hour from a moment on."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + HOUR


def _runs_of(archive: Archive, version: RuleVersion) -> Iterator[Event]:
    """Return the hours on end at which a version's levels were reached."""
    rule = Rule.model_validate(version.definition)
    evaluation, own = archive.evaluation(rule), rule.level_words
    for level in LEVELS:
        # a rule without blue is at blue and above where it is at its own lowest level
        asked = next((one for one in LEVELS if one >= level and one.word in own), None)
        if asked is not None:
            runs = exceedances(evaluation, archive.grid.times, asked, join_h=1)
            yield from (replace(one, hazard=version.rule, level=level) for one in runs)


def _joined(parts: Iterable[Event]) -> list[Event]:
    """Join what is apart by no more than some hours: a cloud, or another version of the rule."""
    found: list[Event] = []
    of = attrgetter("hazard", "level", "area")
    for one in sorted(parts, key=attrgetter("hazard", "level", "area", "first")):
        before = found[-1] if found else None
        if before and of(before) == of(one) and one.first - before.last <= SPELL_APART:
            found[-1] = replace(before, last=max(before.last, one.last))
        else:
            found.append(one)
    return found


def _within(found: Verdicts, first: datetime, last: datetime) -> Verdicts:
    return Verdicts(
        tuple(m for m in found.matches if first <= m.event.first < last),
        tuple(w for w in found.right if first <= w.first < last),
        tuple(w for w in found.false_alarms if first <= w.first < last),
    )


def _lines(
    found: Verdicts, of_event: Callable[[Event], str], of_warned: Callable[[Warned], str]
) -> Iterable[Line]:
    keys = {of_event(m.event) for m in found.matches}
    keys |= {of_warned(w) for w in (*found.right, *found.false_alarms)}
    for key in sorted(keys):
        yield _line(
            key,
            Verdicts(
                tuple(m for m in found.matches if of_event(m.event) == key),
                tuple(w for w in found.right if of_warned(w) == key),
                tuple(w for w in found.false_alarms if of_warned(w) == key),
            ),
        )


def _line(key: str, found: Verdicts) -> Line:
    right = _names(found.right)
    return Line(key, found, len(right | _names(found.false_alarms)), len(right))


def _names(rows: Sequence[Warned]) -> set[str]:
    return {row.warning for row in rows}
