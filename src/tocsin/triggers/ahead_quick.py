"""Looking ahead by indicators that rest on their own hour alone: the quick way through a past.

What an area says of an hour is then the same at every question: it is computed once for the hours
observed and once for each set of runs. A question walks along it with the rule's patience, and only
where some hour reaches a level at all. The answers are those of ``ahead.look_ahead``, asked anew at
each hour; a test holds the one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.indicators.catalogue import CATALOGUE
from tocsin.triggers.ahead import asked_for, judged_of
from tocsin.triggers.evaluate import Calendar, Grid, indicator_values
from tocsin.triggers.futures import Chosen
from tocsin.triggers.levels import Reached, levels_of
from tocsin.triggers.members import said_by, there_in
from tocsin.triggers.rules import Rule
from tocsin.triggers.taking import Shares

__all__ = ["Said", "ask", "grid_of", "is_by_hour", "say"]


@dataclass(frozen=True, slots=True)
class Said:
    """What areas say of hours, arrays (time, member, area); see ``levels.Reached``.

    ``there`` is where any condition has a value.
    """

    level: NDArray[np.int8]
    held: NDArray[np.int8]
    known: NDArray[np.bool_]
    there: NDArray[np.bool_]

    def between(self, first: int, end: int) -> Said:
        """Return some of the hours."""
        of = slice(first, end)
        return Said(self.level[of], self.held[of], self.known[of], self.there[of])


def is_by_hour(rule: Rule) -> bool:
    """Whether each indicator of the rule rests on its own hour alone."""
    entries = [CATALOGUE[name] for name in rule.indicators]
    return all(
        one.cadence == "instant" and one.gaps.rule == "row" and not one.state for one in entries
    )


def grid_of(chosen: Chosen, seen: Grid) -> Grid:
    """Return the hours to come alone as a grid, the stations of ``seen`` member after member."""
    values = {
        name: np.ascontiguousarray(one.transpose(1, 0, 2)).reshape(chosen.times.size, -1)
        for name, one in chosen.values.items()
    }
    many = chosen.members
    return Grid(chosen.times, seen.stations * many, seen.latitudes * many, values, chosen.units)


def say(
    rule: Rule,
    grid: Grid,
    members: int,
    order: Mapping[str, Sequence[int]],
    calendar: Calendar,
    shares: Shares | None,
) -> Said:
    """Return what areas say of the hours of ``grid``; ``calendar`` is of these hours."""
    judged = judged_of(rule)
    values = indicator_values(list(rule.indicators), grid, calendar)
    stations = grid.stations[: len(grid.stations) // members]
    parts, what = said_by(
        judged, values, members, order, calendar, stations=stations, shares=shares
    )
    shape = (grid.times.size, members, -1)
    there = there_in(parts).reshape(members, grid.times.size, -1).transpose(1, 0, 2)
    level, held = what.level.reshape(shape), what.held.reshape(shape)
    return Said(level, held, what.known.reshape(shape), there)


def ask(
    rule: Rule, past: Said, later: Said, in_season: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return the level asked for in each area, and the first hour after by which it is, else -1.

    ``past`` has one member; ``in_season`` (time,) is of its hours and the later ones.
    """
    areas = later.level.shape[2]
    level, first = np.zeros(areas, np.int8), np.full(areas, -1, np.int64)
    rises = (later.level > 0).any(axis=0) | (past.level > 0).any(axis=0)  # (member, area)
    places = np.flatnonzero(rises.any(axis=0))
    if not places.size:
        return level, first
    member, area = np.nonzero(rises)
    what = (
        np.concatenate([before[:, 0, area], after[:, member, area]])
        for before, after in (
            (past.level, later.level), (past.held, later.held), (past.known, later.known),
        )
    )  # fmt: skip
    walked = levels_of(Reached(*what), judged_of(rule), in_season)
    levels = np.zeros(later.level.shape, np.int8)
    levels[:, member, area] = walked[len(past.level) :]
    levels = levels[:, :, places].transpose(1, 0, 2)
    there = later.there[:, :, places].transpose(1, 0, 2)
    _, level[places], first[places], _ = asked_for(rule, levels, there)
    return level, first
