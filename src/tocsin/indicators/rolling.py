"""An indicator kept up as time rolls on: observations overwrite forecasts, states roll back.

A ``Rolling`` holds the rows since a checkpoint and the state before them. ``advance`` puts new rows
in and returns a new ``Rolling`` with the values; nothing is changed in place. Whatever the order in
which rows arrive within the kept time, the values are those of one run over everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.indicators.indicator import Indicator

__all__ = ["Rolled", "Rolling", "start"]

STEPS = {
    "hourly": np.timedelta64(1, "h"),
    "hourly-sum": np.timedelta64(1, "h"),
    "instant": np.timedelta64(1, "h"),
    "daily": np.timedelta64(1, "D"),
    "daily-noon": np.timedelta64(1, "D"),
}
ROLLING_RULES = ("row", "window", "ends", "still", "recedes", "streak", "recent", "durations")


@dataclass(frozen=True, slots=True)
class Rolled:
    """Values of the kept rows (time, place), and what a person should know of them.

    ``missing`` are rows up to the last observed one in which an input is not there at some place;
    ``bridged`` those of them that the policy filled; ``forecast`` is True for rows after the last
    observed one.
    """

    times: Any
    values: Any
    forecast: Any
    missing: tuple[np.datetime64, ...]
    bridged: tuple[np.datetime64, ...]


@dataclass(frozen=True, slots=True)
class Rolling:
    """The kept rows of one indicator; made by ``start``."""

    entry: Indicator
    places: int
    keep: int
    policy: Literal["report", "bridge"]
    longest_bridge: int
    needs: Mapping[str, Any]
    times: Any
    inputs: Mapping[str, Any]
    observed: Mapping[str, Any]
    folded: bool = False
    context: int = 0
    state: Any = None
    carried: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def last_observed(self) -> np.datetime64 | None:
        """The newest row in which anything was observed; None before the first."""
        rows = np.flatnonzero(_any_observed(self))
        last: np.datetime64 | None = self.times[rows[-1]] if rows.size else None
        return last

    def advance(
        self, times: Any, inputs: Mapping[str, Any], *, observed: bool
    ) -> tuple[Rolling, Rolled]:
        """Put rows in and compute anew from the state at the checkpoint.

        Parameters
        ----------
        times : array of datetimes
            On the indicator's own step; gaps and any order are fine.
        inputs : mapping of argument to array (time, place)
            In the declared units; NaN where nothing is known, which overwrites nothing.
        observed : bool
            Observations overwrite forecasts and older observations; forecasts overwrite forecasts.

        Returns
        -------
        rolling : Rolling
            To go on from. Of rows further back than ``keep`` before the last observed one only the
            state is kept.
        rolled : Rolled
            Values of all kept rows.

        Raises
        ------
        ShapeError
            Arguments are missing, shapes do not fit, a time is given twice, off the step, or older
            than the rows that are kept.
        """
        whole = _merged(self, times, inputs, observed)
        believed = _believed(whole)
        filled, bridged, _ = _fill(whole, believed, whole.times.size)
        values, _ = _compute(whole, filled, slice(None))
        rows = _any_observed(whole)
        last = int(np.flatnonzero(rows)[-1]) if rows.any() else -1
        upto = np.arange(whole.times.size) <= last
        gaps = np.any([np.isnan(series).any(axis=1) for series in believed.values()], axis=0)
        seen = slice(whole.context, None)
        rolled = Rolled(
            whole.times[seen],
            values[seen],
            ~upto[seen],
            tuple(whole.times[gaps & upto]),
            tuple(whole.times[bridged & upto]),
        )
        return _trimmed(whole, last), rolled


def start(
    indicator: str | Indicator,
    *,
    places: int = 1,
    keep: int = 72,
    policy: Literal["report", "bridge"] = "report",
    longest_bridge: int = 1,
    state: Any = None,
    **needs: Any,
) -> Rolling:
    """Return an empty ``Rolling``.

    Parameters
    ----------
    indicator : str or Indicator
        Of the catalogue, hourly or daily, whose past is a state or a window.
    places : int
        How many columns the inputs have.
    keep : int
        How many rows before the last observed one can still be corrected.
    policy : {"report", "bridge"}
        What a missing row up to the last observed one does: it stays missing, with the effect that
        the indicator's rule of gaps states, and is reported; or the row before it is repeated (an
        amount of rain or snow counts as none) for up to ``longest_bridge`` rows, and is reported.
    longest_bridge : int
        A longer gap stays missing from there on.
    state
        As a run before returned it; the indicator's own start if not given.
    needs
        What the indicator wants beside its series, but for ``time``.

    Raises
    ------
    LookupError
        The id is not in the catalogue.
    ValueError
        The indicator cannot be rolled: it fits a record of years, or has no step. Or the policy is
        not one of those above, or a number is below 1.
    """
    entry = CATALOGUE.get(indicator) if isinstance(indicator, str) else indicator
    if entry is None:
        raise LookupError(f"{indicator!r} is not an indicator; see tocsin.indicators.catalogue.")
    if entry.cadence not in STEPS or entry.gaps.rule not in ROLLING_RULES:
        raise ValueError(
            f"start(): {entry.id} ({entry.cadence}, {entry.gaps.rule}) cannot be rolled; "
            "compute it over its whole record."
        )
    if policy not in ("report", "bridge"):
        raise ValueError(f"start(): policy is {policy!r}; give 'report' or 'bridge'.")
    if min(places, keep, longest_bridge) < 1:
        raise ValueError(
            f"start(): places is {places}, keep {keep}, longest_bridge {longest_bridge}; "
            "give at least 1."
        )
    empty = {argument: np.empty((0, places)) for argument in entry.takes}
    seen = {argument: np.empty((0, places), dtype=bool) for argument in entry.takes}
    unit = "datetime64[D]" if entry.cadence.startswith("daily") else "datetime64[h]"
    return Rolling(
        entry, places, keep, policy, longest_bridge, needs, np.empty(0, unit), empty, seen,
        state=state,
    )  # fmt: skip


def _any_observed(rolling: Rolling) -> Any:
    return np.any([seen.any(axis=1) for seen in rolling.observed.values()], axis=0)


def _on_axis(rolling: Rolling, times: Any) -> Any:
    """Return the times on the indicator's step, or refuse them."""
    given = np.asarray(times)
    exact = given.astype("datetime64[s]")
    at = exact.astype(rolling.times.dtype)
    name = rolling.entry.id
    if at.ndim != 1 or not at.size:
        raise ShapeError(f"{name}: times have shape {at.shape}, expected (rows,), at least one.")
    if (off := exact != at.astype("datetime64[s]")).any():
        raise ShapeError(f"{name}: {given[off][0]} is not on its {rolling.entry.cadence} step.")
    if np.unique(at).size != at.size:
        raise ShapeError(f"{name}: a time is given twice; give each row once.")
    if rolling.folded and (at < rolling.times[rolling.context]).any():
        raise ShapeError(
            f"{name}: {at.min()} is before {rolling.times[rolling.context]}, the oldest row kept; "
            "run again from the start, or keep more rows."
        )
    return at


def _merged(rolling: Rolling, times: Any, inputs: Mapping[str, Any], observed: bool) -> Rolling:
    at = _on_axis(rolling, times)
    if missing := rolling.entry.takes.keys() ^ inputs.keys():
        raise ShapeError(
            f"{rolling.entry.id}: expected {', '.join(rolling.entry.takes)}; "
            f"{sorted(missing)[0]} is missing or unknown."
        )
    step = STEPS[rolling.entry.cadence]
    old = rolling.times
    first, last = min([at.min(), *old[:1]]), max([at.max(), *old[-1:]])
    axis = np.arange(first, last + step, step)
    rows = ((at - first) / step).astype(np.int64)
    shift = int((old[0] - first) / step) if old.size else 0
    kept = slice(shift, shift + old.size)
    merged, seen = {}, {}
    for argument, series in rolling.inputs.items():
        new = np.asarray(inputs[argument], dtype=np.float64)
        new = new[:, None] if new.ndim == 1 else new
        if new.shape != (at.size, rolling.places):
            raise ShapeError(
                f"{rolling.entry.id}: {argument} has shape {new.shape}, "
                f"expected {(at.size, rolling.places)}."
            )
        values = np.full((axis.size, rolling.places), np.nan)
        known = np.zeros(values.shape, dtype=bool)
        values[kept], known[kept] = series, rolling.observed[argument]
        take = np.isfinite(new) & (observed | ~known[rows])
        values[rows] = np.where(take, new, values[rows])
        known[rows] |= take & observed
        merged[argument], seen[argument] = values, known
    return replace(rolling, times=axis, inputs=merged, observed=seen)


def _believed(rolling: Rolling) -> dict[str, Any]:
    """Return the inputs, a place's forecasts only after the last row that was observed there.

    What was forecast for a time that is past and was never observed is missing, not known.
    """
    seen = np.any(list(rolling.observed.values()), axis=0)
    past = np.maximum.accumulate(seen[::-1], axis=0)[::-1]
    return {
        argument: np.where(past & ~rolling.observed[argument], np.nan, series)
        for argument, series in rolling.inputs.items()
    }


def _fill(
    rolling: Rolling, inputs: Mapping[str, Any], upto: int
) -> tuple[Mapping[str, Any], Any, Mapping[str, Any]]:
    """Return inputs with bridged gaps, which rows were bridged, and what the next row starts from.

    Rows after the last observed one are bridged as well: a forecast can have holes, too.
    """
    bridged = np.zeros(upto, dtype=bool)
    if rolling.policy == "report":
        return {name: series[:upto] for name, series in inputs.items()}, bridged, {}
    filled, carried = {}, {}
    for argument, series in inputs.items():
        values = series[:upto].copy()
        nothing = (np.full(rolling.places, np.nan), np.zeros(rolling.places))
        before, age = rolling.carried.get(argument, nothing)
        amount = "thickness_of" in rolling.entry.inputs[argument]
        for row in range(upto):
            gap = np.isnan(values[row])
            age = np.where(gap, age + 1, 0)
            use = gap & (age <= rolling.longest_bridge) & ~np.isnan(before)
            values[row] = np.where(use, 0.0 if amount else before, values[row])
            bridged[row] |= use.any()
            before = np.where(gap & ~use, before, values[row])
        filled[argument], carried[argument] = values, (before, age)
    return filled, bridged, carried


def _compute(rolling: Rolling, inputs: Mapping[str, Any], rows: slice) -> tuple[Any, Any]:
    """Return values and state of rows that begin at the checkpoint."""
    entry = rolling.entry
    needs = dict(rolling.needs)
    if "time" in entry.needs:
        needs["time"] = rolling.times[rows]
    if entry.state and rolling.state is not None:
        needs["initial"] = rolling.state
    given = {argument: series[rows] for argument, series in inputs.items()}
    result = entry.function(**given, **entry.options, **needs)
    values, state = result if entry.state else (result, None)
    picked = getattr(values, entry.output) if entry.output else values
    return np.asarray(picked, dtype=np.float64), state


def _trimmed(rolling: Rolling, last: int) -> Rolling:
    """Fold rows too old to be corrected into the state, or keep them as a window's context."""
    drop = max(0, last + 1 - rolling.keep)
    context = 0 if rolling.entry.state else rolling.entry.gaps.rows - 1
    fold = max(0, drop - context)
    if not fold:
        return replace(rolling, context=min(drop, context))
    only_observed = {
        name: np.where(rolling.observed[name], series, np.nan)
        for name, series in rolling.inputs.items()
    }  # a place that fell silent keeps the state of its last observed row
    filled, _, carried = _fill(rolling, only_observed, fold)
    _, state = _compute(rolling, filled, slice(0, fold))
    return replace(
        rolling,
        times=rolling.times[fold:],
        folded=True,
        inputs={name: series[fold:] for name, series in rolling.inputs.items()},
        observed={name: seen[fold:] for name, seen in rolling.observed.items()},
        context=drop - fold,
        state=state,
        carried=carried,
    )
