"""All members of a forecast judged at once: what ``evaluate`` says of each, in one pass over all.

What an area takes of an hour, and what a condition says of it, is of that hour alone: the members
stand one after the other along the hours. The patience of a rule walks along the hours of one
member: there they stand side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.evaluate import AtAreas, Calendar, Evaluation, areas_of, computed_of
from tocsin.triggers.levels import Reached, join, levels_of, reached, season_mask
from tocsin.triggers.rules import Rule
from tocsin.triggers.taking import Shares, take

__all__ = ["Members", "evaluate_members", "said_by", "there_in"]


@dataclass(frozen=True, slots=True, eq=False)
class Members(Sequence[Evaluation]):
    """The evaluations of all members, each made when it is asked for.

    ``levels`` is (member, time, area); the hours of ``parts`` are those of all members in turn.
    """

    rule: Rule
    areas: tuple[str, ...]
    levels: NDArray[np.int8]
    parts: tuple[AtAreas, ...]
    computed: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.levels)

    @overload
    def __getitem__(self, index: int) -> Evaluation: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Evaluation, ...]: ...

    def __getitem__(self, index: int | slice) -> Evaluation | tuple[Evaluation, ...]:
        """Return one member, or some."""
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        member = range(len(self))[index]
        hours = self.levels.shape[1]
        of = slice(member * hours, (member + 1) * hours)
        own, *also = (_part(part, of) for part in self.parts)
        levels = self.levels[member]
        return Evaluation(self.rule, self.areas, levels, own, tuple(also), self.computed)

    def known(self) -> NDArray[np.bool_]:
        """Return where any condition has a value, (member, time, area)."""
        return there_in(self.parts).reshape(self.levels.shape)


def evaluate_members(
    rule: Rule,
    at_stations: Mapping[str, NDArray[np.float64]],
    members: int,
    order: Mapping[str, Sequence[int]],
    calendar: Calendar,
    *,
    stations: Sequence[str] = (),
    shares: Shares | None = None,
) -> Members:
    """Return what ``evaluate`` returns for each member.

    Parameters
    ----------
    at_stations : indicator -> array (time, member * station) [unit of the catalogue]
    calendar, order, stations, shares : of one member
    """
    parts, what = said_by(
        rule, at_stations, members, order, calendar, stations=stations, shares=shares
    )
    areas, hours = areas_of(rule, order), calendar.date.size
    season = season_mask(calendar.month, calendar.day, rule.season)
    beside = levels_of(what, rule, season)
    levels = np.ascontiguousarray(beside.reshape(hours, members, len(areas)).transpose(1, 0, 2))
    return Members(rule, areas, levels, parts, computed_of(rule, calendar))


def said_by(
    rule: Rule,
    at_stations: Mapping[str, NDArray[np.float64]],
    members: int,
    order: Mapping[str, Sequence[int]],
    calendar: Calendar,
    *,
    stations: Sequence[str] = (),
    shares: Shares | None = None,
) -> tuple[tuple[AtAreas, ...], Reached]:
    """Return what the members' conditions say before the rule's patience walks along.

    Parameters are those of :func:`evaluate_members`. The hours of the parts are those of all
    members in turn; what is reached is (time, member * area).
    """
    areas = areas_of(rule, order)
    whole = Calendar(np.tile(calendar.date, members), np.tile(calendar.standard_hour, members))
    parts = []
    for condition in rule.conditions:
        values = _one_after_the_other(at_stations[condition.indicator], members)
        taken = take(condition, values, areas, order, stations, shares)
        parts.append(AtAreas.of(condition, taken, areas, whole, stations))
    said = join(
        [reached(part.values, part.thresholds, part.condition) for part in parts],
        rule.join or "all",
    )
    level, held, known = (
        _side_by_side(one, members) for one in (said.level, said.held, said.known)
    )
    return tuple(parts), Reached(level, held, known)


def there_in(parts: Sequence[AtAreas]) -> NDArray[np.bool_]:
    """Return where any condition has a value, (member * time, area)."""
    return np.asarray(np.any([np.isfinite(part.values) for part in parts], axis=0), np.bool_)


def _one_after_the_other(values: NDArray[np.float64], members: int) -> NDArray[np.float64]:
    """Turn (time, member * column) into (member * time, column)."""
    apart = values.reshape(values.shape[0], members, -1)
    turned: NDArray[np.float64] = apart.transpose(1, 0, 2)
    return np.ascontiguousarray(turned).reshape(-1, apart.shape[2])


def _side_by_side(values: NDArray[Any], members: int) -> NDArray[Any]:
    """Turn (member * time, column) into (time, member * column)."""
    apart = values.reshape(members, -1, values.shape[1]).transpose(1, 0, 2)
    return np.ascontiguousarray(apart).reshape(apart.shape[0], -1)


def _part(part: AtAreas, of: slice) -> AtAreas:
    """Return one member's hours."""
    cover = part.cover and replace(part.cover, at_stations=part.cover.at_stations[of])
    limits, years = part.thresholds, part.years
    return AtAreas(
        part.condition,
        part.values[of],
        part.stations[of],
        limits if limits.shape[0] == 1 else limits[of],
        years if years is None or years.shape[0] == 1 else years[of],
        cover,
    )
