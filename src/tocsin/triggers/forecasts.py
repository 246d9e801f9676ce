"""Runs of one quantity: which one counts at each hour, and how probable an exceedance is.

A run has an issue time and members; a deterministic one has a single member. The newest run that
has arrived replaces the older ones hour by hour, and an observation replaces them all. Members of
different runs are never mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tocsin.errors import ShapeError

__all__ = ["MINIMUM_SHARE", "Newest", "Run", "When", "exceedance", "newest"]

HOUR = np.timedelta64(1, "h")
MINIMUM_SHARE = 0.5
"""Of the members of a run: with fewer the probability is not known."""

When = Literal["at-or-above", "at-or-below"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a model.

    Parameters
    ----------
    issued : datetime64
        When the run was begun (its reference time); leads count from it.
    arrived : datetime64
        When we had it: before that no decision can have used it.
    times : array (time,)
        For which the values hold, rising.
    values : array (member, time, place)
        NaN where a member has none.
    members : int
        How many there should be; a member that never came is not among ``values``.
    """

    issued: np.datetime64
    arrived: np.datetime64
    times: NDArray[np.datetime64]
    values: NDArray[np.float64]
    members: int

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.values.shape[1] != self.times.size:
            raise ShapeError(
                f"Run() of {self.issued} got values {self.values.shape} for {self.times.size} "
                "times; expected (member, time, place)"
            )
        if self.times.size > 1 and not (np.diff(self.times) > np.timedelta64(0)).all():
            raise ShapeError(f"Run() of {self.issued}: its times do not rise; sort them")
        if not 1 <= len(self.values) <= self.members:
            raise ShapeError(
                f"Run() of {self.issued} got {len(self.values)} members; it says there are "
                f"{self.members}"
            )
        if self.arrived < self.issued:
            raise ShapeError(
                f"Run() of {self.issued} arrived at {self.arrived}, before it was begun; one of "
                "the clocks is wrong"
            )

    @property
    def leads_h(self) -> NDArray[np.float64]:
        """How many hours after the issue each time is, (time,)."""
        leads: NDArray[np.float64] = (self.times - self.issued) / HOUR
        return leads

    def present(self) -> NDArray[np.float64]:
        """Return the share of the members that have a value, (time, place)."""
        share: NDArray[np.float64] = np.isfinite(self.values).sum(axis=0) / self.members
        return share


@dataclass(frozen=True, slots=True)
class Newest:
    """What is known best at each hour and place.

    ``values`` (member, time, place) has as many members as the largest run, NaN where one has
    fewer; an observation stands in every member. ``share`` (time, place) is how many of its members
    the run had, 1 for an observation, 0 where nothing is known; ``issued`` (time, place) its issue
    time, NaT for an observation; ``observed`` where it is one; ``which`` (time, place) the place of
    the run among those given, -1 for none.
    """

    times: NDArray[np.datetime64]
    values: NDArray[np.float64]
    share: NDArray[np.float64]
    issued: NDArray[np.datetime64]
    observed: NDArray[np.bool_]
    which: NDArray[np.int64]

    def probability(
        self, threshold: ArrayLike, *, when: When = "at-or-above"
    ) -> NDArray[np.float64]:
        """Return the probability of reaching a threshold, (time, place); 0 or 1 once observed.

        Whether a run has members enough was decided when it was taken.
        """
        return exceedance(self.values, threshold, when=when, minimum_share=0)


def newest(
    runs: Sequence[Run],
    times: NDArray[np.datetime64],
    observed: NDArray[np.float64],
    *,
    at: np.datetime64,
    minimum_share: float = MINIMUM_SHARE,
) -> Newest:
    """Return for each hour and place the observation or, without one, the newest run.

    Parameters
    ----------
    runs : sequence of Run
        In any order, with the places of ``observed``, in its unit.
    times : array (time,)
    observed : array (time, place)
        NaN where nothing was observed, or was not known at ``at``.
    at : datetime64
        The moment of the question; runs that arrived later are not looked at.
    minimum_share : float
        A run that has fewer of its members at an hour and place does not replace the older one
        there: half a run that is still arriving must not blank out a whole one.

    Raises
    ------
    ShapeError
        A run has other places.
    """
    shape = (times.size, observed.shape[-1])
    if observed.shape != shape:
        raise ShapeError(f"newest() got observed {observed.shape} for {times.size} times")
    known = [row for row, run in enumerate(runs) if run.arrived <= at]
    order = sorted(known, key=lambda row: runs[row].issued)
    usable = [runs[row] for row in order]
    for run in usable:
        if run.values.shape[2] != shape[1]:
            raise ShapeError(
                f"The run of {run.issued} has {run.values.shape[2]} places, observed {shape[1]}"
            )
    seen = np.isfinite(observed)
    members = max((len(run.values) for run in usable), default=1)
    values, share = np.full((members, *shape), np.nan), np.where(seen, 1.0, 0.0)
    issued = np.full(shape, np.datetime64("NaT"), "datetime64[s]")
    which = np.full(shape, -1, np.int64)
    values[:, seen] = observed[seen]
    is_open = ~seen
    for place_of, run in zip(reversed(order), reversed(usable), strict=True):
        # The newest first: each hour and place is filled once.
        _, ours, theirs = np.intersect1d(times, run.times, return_indices=True)
        present = run.present()[theirs]
        row, place = np.nonzero(is_open[ours] & (present > 0) & (present >= minimum_share))
        to = ours[row]
        values[: len(run.values), to, place] = run.values[:, theirs[row], place]
        share[to, place], issued[to, place] = present[row, place], run.issued
        which[to, place] = place_of
        is_open[to, place] = False
    return Newest(times, values, share, issued, seen, which)


def exceedance(
    values: ArrayLike,
    threshold: ArrayLike,
    *,
    when: When = "at-or-above",
    members: int | None = None,
    minimum_share: float = MINIMUM_SHARE,
) -> NDArray[np.float64]:
    """Return the probability of reaching a threshold, the share of the members that do.

    Parameters
    ----------
    values : array-like (member, ...)
        NaN where a member is missing. Missing ones are left out of the share: they are taken to be
        like the others.
    threshold : array-like, broadcastable to (...)
        In the unit of the values.
    when : str
        ``at-or-above`` or ``at-or-below``.
    members : int, optional
        How many there should be; as many as ``values`` has, if not given.
    minimum_share : float
        With a smaller share of the members the probability is NaN.
    """
    values = np.asarray(values, np.float64)
    compare: Callable[..., NDArray[np.bool_]]
    compare = np.greater_equal if when == "at-or-above" else np.less_equal
    with np.errstate(invalid="ignore"):
        reached, known = compare(values, threshold), ~np.isnan(values)
    there = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        probability = reached.sum(axis=0) / there
    enough = (there > 0) & (there >= minimum_share * (members or len(known)))
    return np.where(enough, probability, np.nan)
