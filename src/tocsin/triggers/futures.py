"""What may follow on the hours seen: which run stands at each hour to come, member by member.

Hours that are over are the observation in every member, a gap stays a gap; the hours after them are
the newest run that has members enough (:func:`tocsin.triggers.forecasts.newest`). A run counts at
an hour and station only with all the quantities that it gives there and are asked for: the
temperature of this run is never joined with the humidity of the one before. A single forecast
stands in every member, as an observation does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.evaluate import HOUR, Grid
from tocsin.triggers.forecasts import MINIMUM_SHARE, Run, newest

__all__ = ["Chosen", "Futures", "ModelRun", "before_newest", "choose", "futures", "joined"]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """One run of a model with all its quantities.

    Parameters
    ----------
    feed, model : str
        Where it came from and what the model is called.
    issued, arrived : datetime64
        When the run was begun, and when we had it.
    times : array (time,)
        Labels of hours, rising.
    values : quantity -> array (member, time, station) [the quantity's own unit]
        Rows are the same members and columns the same stations in each; NaN where there is none.
    members : int
        How many there should be.
    """

    feed: str
    model: str
    issued: np.datetime64
    arrived: np.datetime64
    times: NDArray[np.datetime64]
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    members: int


@dataclass(frozen=True, slots=True)
class Futures:
    """The hours seen and those after them, once for each member.

    ``grid`` has the stations member after member: column ``member * stations + station``.
    ``which`` (hour after, station) is the run of ``runs`` that stands there, -1 for none.
    """

    grid: Grid
    members: int
    begin: int
    """Index of the last hour that was seen."""
    runs: tuple[ModelRun, ...]
    which: NDArray[np.int64]

    @property
    def stations(self) -> int:
        """How many there are of each member."""
        return len(self.grid.stations) // self.members

    def of(self, values: NDArray[np.float64], member: int) -> NDArray[np.float64]:
        """Return one member's part of an array (time, column)."""
        return values[:, member * self.stations : (member + 1) * self.stations]


def before_newest(runs: Sequence[ModelRun], at: np.datetime64) -> list[ModelRun]:
    """Return the runs that had arrived at ``at``, without the newest one of each model."""
    known = [run for run in runs if run.arrived <= at]
    last: dict[tuple[str, str], np.datetime64] = {}
    for run in known:
        key = (run.feed, run.model)
        last[key] = max(last.get(key, run.issued), run.issued)
    return [run for run in known if run.issued < last[run.feed, run.model]]


def futures(
    seen: Grid,
    runs: Sequence[ModelRun],
    quantities: Sequence[str],
    *,
    lead_h: int,
    at: np.datetime64,
    minimum_share: float = MINIMUM_SHARE,
) -> Futures | None:
    """Return what may follow on the hours of ``seen``; None where no run says anything of it.

    Parameters
    ----------
    seen : Grid
        Observations; its last hour is the last one known.
    runs : sequence of ModelRun
        In any order, over the stations of ``seen``; of two begun at one time the one with more
        members goes first.
    quantities : sequence of str
        Those that belong together.
    lead_h : int
        How many hours after.
    at : datetime64
        The moment of the question.
    """
    after = seen.times[-1] + HOUR * np.arange(1, lead_h + 1)
    found = choose(runs, quantities, after, len(seen.stations), at=at, minimum_share=minimum_share)
    return None if found is None else joined(seen, found, quantities)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which run stands at each hour to come, and its values: the same whatever was observed.

    ``values`` (member, hour, station); ``which`` (hour, station) the run of ``runs``, -1 for none.
    """

    runs: tuple[ModelRun, ...]
    times: NDArray[np.datetime64]
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    which: NDArray[np.int64]
    members: int

    def between(self, first: int, end: int) -> Chosen:
        """Return some of the hours."""
        return Chosen(
            self.runs,
            self.times[first:end],
            {name: one[:, first:end] for name, one in self.values.items()},
            self.units,
            self.which[first:end],
            self.members,
        )


def choose(
    runs: Sequence[ModelRun],
    quantities: Sequence[str],
    hours: NDArray[np.datetime64],
    stations: int,
    *,
    at: np.datetime64,
    minimum_share: float = MINIMUM_SHARE,
) -> Chosen | None:
    """Return which run stands at each of ``hours``; None where none speaks of one or a later one.

    ``hours`` (hour,) rise; ``stations`` is how many the runs are over. The other parameters are
    those of :func:`futures`.
    """
    usable = sorted(
        (r for r in runs if r.arrived <= at and r.times.size and r.times[-1] >= hours[0]),
        key=lambda run: (run.issued, run.members, run.feed, run.model),
    )
    members = max((_size(run) for run in usable), default=0)
    if not members:
        return None
    whole = _whole(usable, quantities)
    nothing = np.full((hours.size, stations), np.nan)
    values, units = {}, {}
    which = np.full(nothing.shape, -1, np.int64)
    for name in quantities:
        of = [run for run in usable if name in run.values]
        if not of:
            continue
        units[name] = of[0].units[name]
        picked = newest(
            [_run(run, name, mask, members) for run, mask in zip(usable, whole, strict=True)],
            hours, nothing, at=at, minimum_share=minimum_share,
        )  # fmt: skip
        which = np.maximum(which, picked.which)
        values[name] = np.full((members, *nothing.shape), np.nan)
        values[name][: len(picked.values)] = picked.values
    return Chosen(tuple(usable), hours, values, units, which, members)


def joined(seen: Grid, found: Chosen, quantities: Sequence[str]) -> Futures | None:
    """Return the futures that begin with ``seen``; None where no run says anything of them."""
    if (found.which < 0).all():
        return None
    past, stations, members = seen.times.size, len(seen.stations), found.members
    values = {}
    for name in quantities:
        if name not in seen.values and name not in found.values:
            continue
        both = np.full((past + found.times.size, members, stations), np.nan)
        if name in seen.values:
            both[:past] = seen.values[name][:, None]
        if name in found.values:
            both[past:] = found.values[name].transpose(1, 0, 2)
        values[name] = both.reshape(both.shape[0], -1)  # (time, member * stations)
    grid = Grid(
        np.concatenate([seen.times, found.times]),
        seen.stations * members,
        seen.latitudes * members,
        values,
        {**found.units, **{name: seen.units[name] for name in seen.values}},
    )
    return Futures(grid, members, past - 1, found.runs, found.which)


def _size(run: ModelRun) -> int:
    return max((len(one) for one in run.values.values()), default=0)


def _whole(runs: Sequence[ModelRun], quantities: Sequence[str]) -> list[NDArray[np.bool_]]:
    """Return for each run where it has all that its model gives, (member, time, station)."""
    given: dict[tuple[str, str, str], NDArray[np.bool_]] = {}
    for run in runs:
        for name in quantities:
            if name in run.values:
                key = (run.feed, run.model, name)
                there = np.isfinite(run.values[name]).any(axis=(0, 1))
                given[key] = there | given.get(key, np.zeros(there.size, np.bool_))
    masks = []
    for run in runs:
        some = next(iter(run.values.values()))
        mask = np.ones(some.shape, np.bool_)
        for name in quantities:
            asked = given.get((run.feed, run.model, name))
            if asked is None:
                continue
            own = run.values.get(name)
            there = np.zeros(some.shape, np.bool_) if own is None else np.isfinite(own)
            mask &= there | ~asked
        masks.append(mask)
    return masks


def _run(run: ModelRun, name: str, mask: NDArray[np.bool_], members: int) -> Run:
    """Return one quantity of a run where it is whole; a single forecast stands in every member."""
    values = run.values.get(name)
    values = np.full(mask.shape, np.nan) if values is None else np.where(mask, values, np.nan)
    expected = run.members
    if expected == 1:
        values, expected = np.repeat(values, members, axis=0), members
    return Run(run.issued, max(run.arrived, run.issued), run.times, values, expected)
