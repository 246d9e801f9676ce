"""Which of two rules is the better one, level by level, and why: for a reader in a hurry.

Both are held against the same spells. A rule is better at a level where it warned of as many of
them or more, as early or earlier, and as rarely in vain or more rarely; where it wins one and loses
another, that is a choice and no verdict. Hours under warning decide only where all three are alike,
and only by a twentieth or more. A level that only one of them has is not judged, and then nothing
is said of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Literal

from tocsin.triggers.backtest import LevelCount
from tocsin.triggers.verification import Verdicts

__all__ = ["Judged", "judged", "overall"]

LEAST_SHARE = 0.05
"""Of the hours under warning, below which a difference is none."""

Kind = Literal["better", "worse", "choice", "same"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One level: the rule as tried beside the rule as it stands, pairs in this order."""

    level: int
    kind: Kind
    spells: int
    warned: tuple[int, int]
    in_vain: tuple[int, int]
    hours: tuple[float, float]
    earlier_h: float
    """How much earlier it came as tried, the middle case of the spells that both warned of."""

    @property
    def later_h(self) -> float:
        """The same the other way round, for the sentence."""
        return -self.earlier_h


def judged(
    level: int,
    counts: tuple[LevelCount, LevelCount],
    verdicts: tuple[Verdicts, Verdicts],
) -> Judged:
    """Judge one level; ``counts`` and ``verdicts`` are of the rule as tried and as it stands."""
    warned = (verdicts[0].hits, verdicts[1].hits)
    in_vain = (len(verdicts[0].false_alarms), len(verdicts[1].false_alarms))
    hours = (counts[0].hours, counts[1].hours)
    earlier_h = _earlier_h(*verdicts)
    gains = [warned[0] - warned[1], in_vain[1] - in_vain[0], earlier_h]
    if not any(gains) and abs(hours[1] - hours[0]) >= LEAST_SHARE * max(hours):
        gains = [hours[1] - hours[0]]
    spells = len(verdicts[0].matches)
    return Judged(level, _kind(gains), spells, warned, in_vain, hours, earlier_h)


def _earlier_h(tried: Verdicts, stands: Verdicts) -> float:
    leads = {one.event: one.lead for one in stands.matches}
    gained = [
        (one.lead - lead) / timedelta(hours=1)
        for one in tried.matches
        if one.lead is not None and (lead := leads[one.event]) is not None
    ]
    return median(gained) if gained else 0.0


def _kind(gains: Sequence[float]) -> Kind:
    if not any(gains):
        return "same"
    if min(gains) >= 0:
        return "better"
    return "worse" if max(gains) <= 0 else "choice"


def overall(levels: Sequence[Judged], *, alone: int = 0) -> Kind | Literal["other-levels"]:
    """Return what can be said of the rule as a whole: a verdict only where no level objects.

    ``alone`` is how many levels only one of the two has.
    """
    if alone:
        return "other-levels"
    kinds = {one.kind for one in levels} - {"same"}
    if not kinds:
        return "same"
    return kinds.pop() if len(kinds) == 1 else "choice"
