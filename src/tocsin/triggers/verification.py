"""Warnings against events: what was hit, missed or cried in vain, and how early.

The counting is that of warnings verification (WMO JWGFVR; U.S. National Weather Service
Instruction 10-1601, *Verification*): POD counts events, FAR counts warnings. An event is hit when
a warning of its hazard for its area, at the level asked for or above, stood at some moment from
``early`` before its first hour to ``late`` after its last. A warning is right when it hit at least
one event. With one hit event for one right warning both counts agree; ``match`` keeps them apart
where one warning covers two events or the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from tocsin.triggers.rules import Level
from tocsin.triggers.scores import NAN, Table

__all__ = ["Event", "Match", "Verdicts", "Warned", "match"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: an observed exceedance, a reported impact, a row of a CSV."""

    hazard: str
    area: str
    first: datetime
    last: datetime
    level: Level = Level.BLUE
    """How bad it was; a warning counts for it at this level or, with ``any_level``, at any."""
    source: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(
                f"{self.hazard} event in {self.area} ends ({self.last}) before it begins "
                f"({self.first})"
            )


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning for one area: from the first moment at ``level`` or above to its end."""

    warning: str
    hazard: str
    area: str
    level: Level
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """An event and the earliest warning that hit it; None where none did."""

    event: Event
    warned: Warned | None

    @property
    def lead(self) -> timedelta | None:
        """How long before the event the warning stood; negative when it came during it."""
        return None if self.warned is None else self.event.first - self.warned.first


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Every event with its warning, and every warning with whether it was right."""

    matches: tuple[Match, ...]
    right: tuple[Warned, ...]
    false_alarms: tuple[Warned, ...]

    @property
    def hits(self) -> int:
        """Events that were warned of."""
        return sum(m.warned is not None for m in self.matches)

    @property
    def pod(self) -> float:
        """Probability of detection, by events."""
        return self.hits / len(self.matches) if self.matches else NAN

    @property
    def far(self) -> float:
        """False alarm ratio, by warnings."""
        warned = len(self.right) + len(self.false_alarms)
        return len(self.false_alarms) / warned if warned else NAN

    @property
    def csi(self) -> float:
        """Critical success index from both ratios: 1 / (1/POD + 1/(1 - FAR) - 1).

        NaN where POD or FAR is not known; 0 where nothing was hit.
        """
        pod, success = self.pod, 1 - self.far
        if np.isnan(pod) or np.isnan(success):
            return NAN
        return 0.0 if pod == 0 or success == 0 else 1 / (1 / pod + 1 / success - 1)

    @property
    def bias(self) -> float:
        """Warnings / events."""
        warned = len(self.right) + len(self.false_alarms)
        return warned / len(self.matches) if self.matches else NAN

    @property
    def leads_h(self) -> list[float]:
        """Lead times of the hit events in hours, shortest first."""
        return sorted(m.lead / timedelta(hours=1) for m in self.matches if m.lead is not None)

    def blocks(self) -> list[Table]:
        """Return one table for each day (UTC) on which something began, for the bootstrap.

        Hits and misses are events, false alarms warnings, so that POD is exact and FAR counts a
        warning of several events as often as it hit.
        """
        days: dict[object, list[int]] = defaultdict(lambda: [0, 0, 0])
        for m in self.matches:
            days[m.event.first.date()][0 if m.warned else 1] += 1
        for w in self.false_alarms:
            days[w.first.date()][2] += 1
        return [Table(*counts) for _, counts in sorted(days.items(), key=lambda item: str(item[0]))]

    def warned_blocks(self) -> list[Table]:
        """Return one table for each day (UTC) on which a warning began: right ones, false alarms.

        For intervals of FAR. Areas under one storm are right or wrong together, so that each area
        for itself would make the interval too narrow.
        """
        days: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        for number, rows in enumerate((self.right, self.false_alarms)):
            for warned in rows:
                days[warned.first.date()][number] += 1
        return [Table(right, 0, false) for _, (right, false) in sorted(days.items())]


def match(
    events: Iterable[Event],
    warnings: Iterable[Warned],
    *,
    early: timedelta = timedelta(0),
    late: timedelta = timedelta(0),
    any_level: bool = False,
) -> Verdicts:
    """Join events and warnings by hazard, area and time; see the head of this module.

    Parameters
    ----------
    events, warnings
        Of any hazards and areas; only equal hazards and areas meet. Both ends of each count.
    early : timedelta
        A warning that ended up to this long before the event still counts as its warning.
    late : timedelta
        A warning that began up to this long after the event's end still counts (late reports).
    any_level : bool
        Whether a warning below the event's level counts as well.
    """
    events, warnings = list(events), list(warnings)
    at: dict[tuple[str, str], list[Warned]] = defaultdict(list)
    for warned in sorted(warnings, key=lambda w: (w.first, w.last, w.warning)):
        at[warned.hazard, warned.area].append(warned)
    matches, right = [], set()
    for event in sorted(events, key=lambda e: (e.first, e.hazard, e.area, e.last)):
        hit = [
            warned
            for warned in at[event.hazard, event.area]
            if warned.first <= event.last + late
            and warned.last >= event.first - early
            and (any_level or warned.level >= event.level)
        ]
        right.update(hit)
        matches.append(Match(event, hit[0] if hit else None))
    return Verdicts(tuple(matches), *_apart(warnings, right))


def _apart(
    warnings: Sequence[Warned], right: set[Warned]
) -> tuple[tuple[Warned, ...], tuple[Warned, ...]]:
    return (
        tuple(w for w in warnings if w in right),
        tuple(w for w in warnings if w not in right),
    )
