"""A rule's whole past at the desk: every message it would have caused, from levels alone.

The walk visits every hour and takes the desk's own decision (``reconcile.decide``, compiled) on
arrays; tests/triggers holds it against asking ``reconcile`` hour by hour. A message always says
the levels wanted at its hour, so it is kept as that hour.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.triggers.ahead_past import AheadLevels
from tocsin.triggers.evaluate import Evaluation
from tocsin.triggers.evidence import wanted_levels
from tocsin.triggers.reconcile import REASONS, Policy, Reason, decide
from tocsin.triggers.rules import LEVELS, Level
from tocsin.triggers.verification import Warned

__all__ = ["Course", "Sent", "as_utc", "walk"]

ISSUE, CANCEL, RAISE, LOWER = 0, 1, 2, 4


@dataclass(frozen=True, slots=True)
class Sent:
    """One message, for a person to read: why, when and what it says."""

    warning: int
    reason: Reason
    at: datetime
    until: datetime
    levels: dict[str, Level]


@dataclass(frozen=True, slots=True)
class Course:
    """Every message of one rule in order of time; arrays (message,).

    ``warnings`` counts episodes from 1; ``hours`` is the index of the hour whose levels a message
    says; ``until`` is when the next message of its warning took its place, or it ran out. A cancel
    stands for no time.
    """

    evaluation: Evaluation
    warnings: NDArray[np.int64]
    hours: NDArray[np.int64]
    reasons: NDArray[np.int8]
    at: NDArray[np.datetime64]
    until: NDArray[np.datetime64]

    @property
    def count(self) -> int:
        """How many warnings (episodes) there were."""
        return int(self.warnings[-1]) if self.warnings.size else 0

    def sent(self) -> list[Sent]:
        """Return the messages as objects."""
        return [
            Sent(
                int(self.warnings[i]),
                REASONS[int(self.reasons[i])] or "issue",
                as_utc(self.at[i]),
                as_utc(self.until[i]),
                {} if self.reasons[i] == CANCEL else wanted_levels(self.evaluation, int(hour)),
            )
            for i, hour in enumerate(self.hours)
        ]

    def levels(self) -> NDArray[np.int8]:
        """Return the levels each message says, (message, area); none in a cancel."""
        rows = self.evaluation.levels[self.hours]
        return np.where((self.reasons == CANCEL)[:, None], np.int8(0), rows)

    def highest(self) -> NDArray[np.int8]:
        """Return the highest level each warning ever said, (warning,)."""
        out = np.zeros(self.count, np.int8)
        np.maximum.at(out, self.warnings - 1, self.levels().max(axis=1, initial=0))
        return out

    def spans(self) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
        """Return when each warning began and ended, (warning,)."""
        first = np.flatnonzero(np.diff(self.warnings, prepend=0))
        last = np.append(first[1:], self.warnings.size)[: first.size] - 1
        return self.at[first], self.until[last]

    def flaps(self) -> int:
        """Return how often the news of a warning turned: a raise after a lowering or back."""
        turns = np.flatnonzero((self.reasons == RAISE) | (self.reasons == LOWER))
        same = self.warnings[turns[1:]] == self.warnings[turns[:-1]]
        return int((same & (self.reasons[turns[1:]] != self.reasons[turns[:-1]])).sum())

    def warned(self, hazard: str) -> list[Warned]:
        """Return, for verification, one row for each warning, area and level it reached.

        The row of a level begins with the first message that gave the area this level or a higher
        one and ends with the last moment at which it had it.
        """
        rows: list[Warned] = []
        said = self.levels()
        for number in range(1, self.count + 1):
            begin, end = np.searchsorted(self.warnings, [number, number + 1])
            part = said[begin:end]
            for level in LEVELS:
                there = part >= level
                for place in np.flatnonzero(there.any(axis=0)):
                    first = begin + int(there[:, place].argmax())
                    last = end - 1 - int(there[::-1, place].argmax())
                    rows.append(
                        Warned(
                            f"{self.evaluation.rule.id}-{number}",
                            hazard,
                            self.evaluation.areas[place],
                            level,
                            as_utc(self.at[first]),
                            as_utc(self.until[last]),
                        )
                    )
        return rows


def walk(
    evaluation: Evaluation,
    times: NDArray[np.datetime64],
    policy: Policy,
    *,
    delay: timedelta = timedelta(0),
    ahead: AheadLevels | None = None,
) -> Course:
    """Return every message that ``evaluation`` would have caused.

    Parameters
    ----------
    evaluation : Evaluation
        Levels (time, area) of one rule.
    times : array (time,) of datetime64, hourly, UTC
        The label of each hour.
    policy : Policy
        The desk's patience.
    delay : timedelta
        How long after its label an hour is known; messages go out at ``label + delay``.
    ahead : AheadLevels, optional
        What forecasts asked for at each hour. The levels of the course are then those wanted: what
        was observed, raised by what was expected, and held by the run before while it stood.
    """
    known = times.astype("datetime64[s]") + np.timedelta64(int(delay.total_seconds()), "s")
    patience = (policy.valid, policy.min_update, policy.renew_before, policy.let_expire)
    wanted = np.ascontiguousarray(evaluation.levels)
    extra = np.zeros(wanted.shape[0] if ahead else 1)
    if ahead:
        wanted = wanted.copy()
        evaluation = replace(evaluation, levels=wanted)
    none, never = np.zeros((1, 1), np.int8), np.zeros((1, 1))
    warnings, hours, reasons = _machine()(
        wanted,
        known.astype(np.int64),
        *(length.total_seconds() for length in patience),
        ahead.level if ahead else none,
        ahead.held if ahead else none,
        ahead.later if ahead else never,
        ahead.held_later if ahead else never,
        extra,
        bool(ahead),
    )
    at = known[hours]
    until = at + np.timedelta64(int(policy.valid.total_seconds()), "s")
    if ahead:
        until = until + extra[hours].astype("timedelta64[s]")
    same = np.append(warnings[1:] == warnings[:-1], np.zeros(min(1, warnings.size), np.bool_))
    until[same] = np.minimum(until[same], at[1:][same[:-1]])
    until[reasons == CANCEL] = at[reasons == CANCEL]
    return Course(evaluation, warnings, hours, reasons, at, until)


def as_utc(moment: np.datetime64) -> datetime:
    """Return a label of an array as an aware datetime, to the second."""
    naive: datetime = moment.astype("datetime64[s]").item()
    return naive.replace(tzinfo=UTC)


@functools.cache
def _machine() -> Callable[..., Any]:
    """Compile on first use; the decision is the one that ``reconcile`` takes."""
    from numba import njit

    decision, want, against = (njit(cache=True)(one) for one in (decide, _want, _against))

    @njit(cache=True)
    def run(  # type: ignore[no-untyped-def]
        levels, known, valid, min_update, renew_before, let_expire, ahead, held, later, held_later,
        extra, with_ahead,
    ):  # fmt: skip
        count, areas = levels.shape
        seen = levels.copy() if with_ahead else levels
        warnings = np.empty(count, np.int64)
        hours = np.empty(count, np.int64)
        reasons = np.empty(count, np.int8)
        n, number, standing = 0, 0, -1  # standing: the hour of the message in force
        for hour in range(count):
            lasts = valid + extra[standing] if with_ahead and standing >= 0 else valid
            if standing >= 0 and known[standing] + lasts <= known[hour]:
                standing = -1
            if with_ahead:
                extra[hour] = want(levels, hour, standing, ahead, held, later, held_later)
            want_max = 0
            for area in range(areas):
                want_max = max(want_max, levels[hour, area])
            if standing < 0:
                if want_max == 0:
                    continue
                number += 1
                reason = ISSUE
            else:
                stand_max, higher, differs, confirmed = against(levels, seen, hour, standing)
                age = float(known[hour] - known[standing])
                reason = decision(
                    want_max, stand_max, higher, differs, lasts - age, age,
                    min_update, renew_before, let_expire, confirmed,
                )  # fmt: skip
                if reason == 0:
                    continue
            warnings[n], hours[n], reasons[n] = number, hour, reason
            n += 1
            standing = -1 if reason == CANCEL else hour
        return warnings[:n].copy(), hours[:n].copy(), reasons[:n].copy()

    compiled: Callable[..., Any] = run
    return compiled


def _against(levels, seen, hour, standing):  # type: ignore[no-untyped-def]
    """Hold one hour's levels against those that stand; without forecasts ``seen`` is ``levels``."""
    stand_max, higher, differs, confirmed = 0, False, False, False
    for area in range(levels.shape[1]):
        asked, stand = levels[hour, area], levels[standing, area]
        stand_max = max(stand_max, stand)
        higher |= asked > stand
        differs |= asked != stand
        if asked > 0 and stand > seen[standing, area]:
            confirmed |= seen[hour, area] >= asked
    return stand_max, higher, differs, confirmed


def _want(levels, hour, standing, ahead, held, later, held_later):  # type: ignore[no-untyped-def]
    """Raise one hour's observed levels to those wanted; return how much later the last is due."""
    late = 0.0
    for area in range(levels.shape[1]):
        stand = levels[standing, area] if standing >= 0 else 0
        seen, asked = levels[hour, area], ahead[hour, area]
        due = later[hour, area]
        holds = min(stand, held[hour, area])
        if holds > asked:
            asked, due = holds, held_later[hour, area]
        if asked > seen:
            levels[hour, area] = asked
            late = max(late, due)
    return late
