"""What the desk has to do: what is in force against what ought to be. Pure and idempotent.

Like the control loop of a machine it compares two states and returns the steps between them; run
again after the steps were taken it returns none. It never flaps: worse news goes out at once,
better news waits until the last message is ``min_update`` old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from tocsin.triggers.rules import Level

__all__ = ["Action", "InForce", "Policy", "Reason", "reconcile"]

Reason = Literal["issue", "raise", "areas", "lower", "extend", "cancel"]
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
        elif reason := _reason(row, want, now, policy):
            actions.append(Action(reason, row.rule, row.warning, want))
    for rule in sorted(wanted):
        want = _above_none(wanted[rule])
        if want and rule not in served and rule in policies:
            actions.append(Action("issue", rule, None, want))
    return actions


def _above_none(levels: AreaLevels) -> dict[str, Level]:
    return {area: level for area, level in levels.items() if level > Level.NONE}


def _reason(row: InForce, want: AreaLevels, now: datetime, policy: Policy) -> Reason | None:
    """Why this warning needs a message now, None if it does not."""
    if not want:
        return "cancel" if row.expires_at - now > policy.let_expire else None
    ends_soon = row.expires_at - now <= policy.renew_before
    if any(level > row.levels.get(area, Level.NONE) for area, level in want.items()):
        return "raise" if max(want.values()) > max(row.levels.values()) else "areas"
    if dict(want) != dict(row.levels):
        if ends_soon or now - row.sent_at >= policy.min_update:
            return "lower" if max(want.values()) < max(row.levels.values()) else "areas"
        return None
    return "extend" if ends_soon else None
