"""How many persons must approve what, and whether they have. Pure; ``drafts`` asks the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tocsin.office.places.models import Region
from tocsin.region import Approval
from tocsin.triggers.rules import Level

__all__ = ["PERSONS", "by_policy", "is_enough", "lowers", "policy_of"]

PERSONS: Mapping[str, int] = {"auto": 0, "one": 1, "two": 2}


def policy_of(region: Region) -> Approval:
    """Return the region's policy; of one loaded before there were policies, the default's."""
    if region.approval:
        return Approval.model_validate(region.approval)
    return Approval.of_replay() if region.is_replay else Approval()


def lowers(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    """Whether some area has a lower level than before, or none any more."""
    return any(after.get(area, 0) < level for area, level in before.items())


def by_policy(policy: Approval, kind: str, level: Level, *, lowered: bool) -> int:
    """Return how many persons approve: by the highest level, and by the line for better news."""
    better = PERSONS[policy.cancel]
    if kind == "cancel":
        return better
    by_level = 0 if level == Level.NONE else PERSONS[getattr(policy, level.word)]
    return max(by_level, better) if lowered else by_level


def is_enough(needed: int, approvers: Collection[int], authors: Collection[int]) -> bool:
    """Whether so many different persons have, and one of them who did not write it.

    ``approvers`` and ``authors`` are keys of accounts: who approved this revision, and who began
    the draft or wrote this revision of it.
    """
    if needed == 0:
        return True
    return len(set(approvers)) >= needed and bool(set(approvers) - set(authors))
