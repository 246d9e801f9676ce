"""What a rule would have done: the very path of the live watch, run over an archive.

:class:`Archive` keeps what does not depend on thresholds (indicators, the values areas take), so
that a changed threshold is answered from levels on: a year of a county's rule in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import ShapeError
from tocsin.triggers.ahead_past import AheadLevels, Outlook
from tocsin.triggers.episodes import Course, as_utc, walk
from tocsin.triggers.evaluate import (
    HOUR,
    AtAreas,
    Calendar,
    Evaluation,
    Grid,
    areas_of,
    indicator_values,
    judge,
)
from tocsin.triggers.futures import ModelRun
from tocsin.triggers.levels import join, reached
from tocsin.triggers.reconcile import Policy
from tocsin.triggers.rules import LEVELS, Condition, Level, Rule
from tocsin.triggers.taking import Shares, Taken, take
from tocsin.triggers.verification import Event, Warned

__all__ = ["Archive", "LevelCount", "Outcome", "exceedances"]


@dataclass(frozen=True, slots=True)
class LevelCount:
    """One level's part: warnings that reached it, and how long it stood."""

    level: Level
    warnings: int
    """Episodes that reached this level or a higher one."""
    hours: float
    """Hours in which this level or a higher one stood in at least one area."""
    area_hours: float
    """The same, added over the areas."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule over one period: its levels, the warnings and the work they would have caused."""

    rule: Rule
    evaluation: Evaluation
    course: Course
    ahead: AheadLevels | None = None
    """What forecasts asked for; None where the archive has none, or the rule does not look."""

    too_long: bool = False
    """Whether looking ahead was left out because it would have taken too long."""

    @property
    def without_forecasts(self) -> bool:
        """Whether the rule looks ahead and there was nothing to look at."""
        tried = self.ahead is not None and self.ahead.tried > 0
        return self.rule.lead_h > 0 and not tried and not self.too_long

    @property
    def warned(self) -> list[Warned]:
        """The warnings as rows for :func:`tocsin.triggers.verification.match`."""
        return self.course.warned(self.rule.hazard)

    @property
    def warnings(self) -> int:
        """How many warnings (episodes) there were."""
        return self.course.count

    @property
    def messages(self) -> int:
        """Every message sent: first ones, updates, cancels."""
        return int(self.course.hours.size)

    @property
    def flaps(self) -> int:
        """How often a level turned round within a warning."""
        return self.course.flaps()

    @property
    def lengths_h(self) -> NDArray[np.float64]:
        """Length of each warning (warning,) [h], in the order of time."""
        first, end = self.course.spans()
        hours: NDArray[np.float64] = (end - first) / HOUR
        return hours

    def counts(self) -> list[LevelCount]:
        """Return one row for each level that the rule has, lowest first."""
        said, course = self.course.levels(), self.course
        stood = (course.until - course.at) / HOUR
        highest = course.highest()
        rows = []
        for level in LEVELS:
            if level.word not in self.rule.level_words:
                continue
            areas = (said >= level).sum(axis=1)
            rows.append(
                LevelCount(
                    level,
                    warnings=int((highest >= level).sum()),
                    hours=float(stood[areas > 0].sum()),
                    area_hours=float((stood * areas).sum()),
                )
            )
        return rows


@dataclass(slots=True, eq=False)
class Archive:
    """Stored observations of a period, asked again and again with other rules.

    Parameters
    ----------
    grid : Grid
        Hourly observations (time, station); flagged values NaN.
    order : area code -> station indices, nearest first
    calendar : Calendar of the same hours
    delay : timedelta
        How long after its label an hour is known.
    shares : called once a rule with a minimum share is asked
        Gives what each station stands for in each area.
    runs : forecast runs over the stations of the grid
        With them, rules that look ahead are tried as the desk would have known them.
    zone : of the region; needed with ``runs``
    most_looks : hours times members beyond which nobody waits for a look ahead; None for any
    """

    grid: Grid
    order: Mapping[str, Sequence[int]]
    calendar: Calendar
    delay: timedelta = timedelta(hours=1)
    shares: Callable[[], Shares] = dict
    runs: Sequence[ModelRun] = ()
    zone: ZoneInfo | None = None
    most_looks: int | None = None
    _values: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _areas: dict[tuple[object, ...], Taken] = field(default_factory=dict)
    _shares: Shares | None = None

    def __post_init__(self) -> None:
        if self.calendar.date.shape != self.grid.times.shape:
            raise ShapeError(
                f"Archive() got a calendar of {self.calendar.date.size} hours for a grid of "
                f"{self.grid.times.size}; make it with Calendar.of(grid.times, zone)"
            )

    def evaluation(self, rule: Rule) -> Evaluation:
        """Return the levels of one rule over the whole archive."""
        areas = areas_of(rule, self.order)
        parts = [self._at_areas(condition, areas) for condition in rule.conditions]
        return judge(rule, areas, parts, self.calendar)

    def outcome(self, rule: Rule, policy: Policy) -> Outcome:
        """Run one rule over the whole archive and walk the desk along it."""
        too_long = rule.lead_h > 0 and self._is_too_long()
        evaluation, ahead = self.evaluation(rule), None if too_long else self.ahead(rule)
        course = walk(evaluation, self.grid.times, policy, delay=self.delay, ahead=ahead)
        return Outcome(rule, evaluation, course, ahead, too_long)

    def _is_too_long(self) -> bool:
        """Whether there are more looks than somebody waits for."""
        if self.most_looks is None or not self.runs:
            return False
        first = max(min(run.arrived for run in self.runs), self.grid.times[0])
        last = min(max(run.times[-1] for run in self.runs), self.grid.times[-1])
        hours = max(0.0, (last - first) / HOUR)
        return bool(hours * max(run.members for run in self.runs) > self.most_looks)

    def ahead(self, rule: Rule) -> AheadLevels | None:
        """Return what forecasts asked for at every hour; None where there is nothing to look at."""
        if rule.lead_h == 0 or not self.runs or self.zone is None:
            return None
        shares = self.shares() if rule.by_share else None
        outlook = Outlook(rule, self.grid, self.order, self.zone, self.runs, shares)
        return outlook.over(self.delay)

    def _at_areas(self, condition: Condition, areas: tuple[str, ...]) -> AtAreas:
        """Return what the areas take of a condition's indicator; its values computed once."""
        name = condition.indicator
        if name not in self._values:
            self._values.update(indicator_values([name], self.grid, self.calendar))
        key = (name, condition.unit, areas, *_way(condition))
        if key not in self._areas:
            if condition.min_share is not None and self._shares is None:
                self._shares = self.shares()
            self._areas[key] = take(
                condition, self._values[name], areas, self.order, self.grid.stations, self._shares
            )
        return AtAreas.of(condition, self._areas[key], areas, self.calendar, self.grid.stations)


def _way(condition: Condition) -> tuple[object, ...]:
    """Return what else decides which value an area takes."""
    heard = sorted(code for code, one in (condition.record or {}).items() if one.gev is not None)
    by_share = condition.min_share and (condition.min_share, condition.min_known, condition.when)
    return by_share, tuple(heard) if condition.by_return_period else None


def exceedances(
    evaluation: Evaluation, times: NDArray[np.datetime64], level: Level, *, join_h: int = 6
) -> list[Event]:
    """Return, as events, when each area's values met ``level``: the rule's conditions, joined.

    Hours apart by at most ``join_h`` hours are one event: a heat day is not two events because a
    cloud passed. These are plain exceedances, without the rule's persistence or hold time.
    ``times`` (time,) are the evaluation's hours.

    Raises
    ------
    ValueError
        No condition of the rule has a threshold for the level.
    """
    rule = evaluation.rule
    if level.word not in rule.level_words:
        raise ValueError(f"{rule.id} has no threshold for {level.word}; ask for one it has")
    parts = (evaluation.own, *evaluation.also)
    said = [reached(part.values, part.thresholds, part.condition) for part in parts]
    over = join(said, rule.join or "all").level >= level
    found = []
    for place, area in enumerate(evaluation.areas):
        hours = np.flatnonzero(over[:, place])
        if not hours.size:
            continue
        for run in np.split(hours, np.flatnonzero(np.diff(hours) > join_h) + 1):
            first, last = as_utc(times[run[0]]), as_utc(times[run[-1]])
            found.append(Event(rule.hazard, area, first, last, level, "observed"))
    return found
