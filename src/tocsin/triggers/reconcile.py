"""What the desk has to do: what is in force against what ought to be. Pure and idempotent.

Like the control loop of a machine it compares two states and returns the steps between them; run
again after the steps were taken it returns none. It never flaps: worse news goes out at once,
better news waits until the last message is ``min_update`` old. A level that was only expected and
is measured now is said anew, once: the public must know that it has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.triggers.rules import Level

__all__ = ["REASONS", "Action", "InForce", "Policy", "Reason", "decide", "reconcile"]

Reason = Literal["issue", "raise", "areas", "lower", "extend", "cancel", "confirm"]
REASONS: tuple[Reason | None, ...] = (
    None, "cancel", "raise", "areas", "lower", "extend", "confirm",
)  # fmt: skip
AreaLevels = Mapping[str, Level]


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the desk is with one rule's warnings."""

    valid: timedelta
    """A message expires this long after it was sent."""
    min_update: timedelta = timedelta(hours=3)
    """Better news (lower levels, fewer areas) waits until the last message is this old."""
    renew_before: timedelta = timedelta(hours=1)
    """A message that is still true is extended when no more than this is left."""
    let_expire: timedelta = timedelta(hours=1)
    """A message with no more than this left is not cancelled but runs out."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The newest message of a warning."""

    warning: str
    rule: str
    levels: AreaLevels
    sent_at: datetime
    expires_at: datetime
    expected: frozenset[str] = frozenset()
    """Areas whose level only a forecast reached when the message was sent."""


@dataclass(frozen=True, slots=True)
class Action:
    """One message to send: ``warning`` is None for a new one."""

    reason: Reason
    rule: str
    warning: str | None
    levels: AreaLevels


def reconcile(
    in_force: Iterable[InForce],
    wanted: Mapping[str, AreaLevels],
    now: datetime,
    policies: Mapping[str, Policy],
    seen: Mapping[str, AreaLevels] | None = None,
) -> list[Action]:
    """Return the messages to send now, by rule.

    Parameters
    ----------
    in_force : InForce rows
        One for each warning; rows that expired at or before ``now`` are passed over.
    wanted : rule -> {area: level}
        Levels above none, as the rules see them now.
    now : aware datetime
    policies : rule -> Policy
        A rule without one has been withdrawn: its warnings are cancelled.
    seen : rule -> {area: level}, optional
        Of ``wanted`` what observations alone reach; all of it, where nothing is said.

    Returns
    -------
    list of Action
        At most one for each warning and one for each rule.
    """
    actions: list[Action] = []
    served: set[str] = set()
    for row in sorted(in_force, key=lambda row: (row.rule, row.warning)):
        if row.expires_at <= now:
            continue
        want = _above_none(wanted.get(row.rule, {})) if row.rule not in served else {}
        policy = policies.get(row.rule)
        served.add(row.rule)
        if policy is None:
            actions.append(Action("cancel", row.rule, row.warning, {}))
        elif reason := _reason(row, want, now, policy, _seen(row.rule, seen, want)):
            actions.append(Action(reason, row.rule, row.warning, want))
    for rule in sorted(wanted):
        want = _above_none(wanted[rule])
        if want and rule not in served and rule in policies:
            actions.append(Action("issue", rule, None, want))
    return actions


def _above_none(levels: AreaLevels) -> dict[str, Level]:
    return {area: level for area, level in levels.items() if level > Level.NONE}


def _seen(rule: str, seen: Mapping[str, AreaLevels] | None, want: AreaLevels) -> AreaLevels:
    return want if seen is None else seen.get(rule, {})


def _reason(
    row: InForce, want: AreaLevels, now: datetime, policy: Policy, seen: AreaLevels
) -> Reason | None:
    """Why this warning needs a message now, None if it does not."""
    confirmed = any(
        area in row.expected and seen.get(area, Level.NONE) >= level for area, level in want.items()
    )
    code = decide(
        int(max(want.values(), default=Level.NONE)),
        int(max(row.levels.values(), default=Level.NONE)),
        any(level > row.levels.get(area, Level.NONE) for area, level in want.items()),
        dict(want) != dict(row.levels),
        (row.expires_at - now).total_seconds(),
        (now - row.sent_at).total_seconds(),
        policy.min_update.total_seconds(),
        policy.renew_before.total_seconds(),
        policy.let_expire.total_seconds(),
        confirmed,
    )
    return REASONS[code]


def decide(
    want_max: int,
    stand_max: int,
    higher: bool,
    differs: bool,
    left: float,
    age: float,
    min_update: float,
    renew_before: float,
    let_expire: float,
    confirmed: bool = False,
) -> int:
    """Return the place in ``REASONS`` of what a standing warning needs; times in seconds.

    The one decision of the desk: :func:`reconcile` asks it for levels in dictionaries, the walk of
    a backtest (``triggers/episodes.py``), which compiles it, for levels in arrays.

    Parameters
    ----------
    want_max, stand_max : highest level wanted and standing, 0 for none
    higher : whether some area is wanted at more than it stands at
    differs : whether wanted and standing differ at all
    left, age : until the last message expires, and since it was sent
    min_update, renew_before, let_expire : of the :class:`Policy`
    confirmed : whether some area's level was only expected, and is measured now
    """
    if want_max == 0:
        return 1 if left > let_expire else 0
    if higher:
        return 2 if want_max > stand_max else 3
    ends_soon = left <= renew_before
    if differs:
        if ends_soon or age >= min_update:
            return 4 if want_max < stand_max else 3
        return 0
    if confirmed:
        return 6
    return 5 if ends_soon else 0
