"""What a rule says of impact: whom its hazard harms, by which curve, and how much that is.

A rule may name a layer of what is exposed and a vulnerability curve. The impact in an area is then
amount x ratio(value); the members of a forecast make an expected impact and the probability of
reaching each class of it; an observation is a single, certain member. With a matrix in place of
thresholds the level follows from likelihood and impact (``tocsin.triggers.matrix``).

For one certain member the level rises with the value alone, so the matrix and the curve become
thresholds of each area, in the rule's unit (``limits``): evidence, charts, hysteresis and the try
page work with them as with any other.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.exposure import Grade, Hazard, Vulnerability, event_sum
from tocsin.triggers.level import LEVELS, WORDS, Level, LevelValues
from tocsin.triggers.matrix import Class, Matrix
from tocsin.units import convert

__all__ = [
    "ClassShare",
    "ExpectedImpact",
    "InWords",
    "RuleImpact",
    "expected_impact",
    "in_words",
    "limit_of",
]

MOST_CLASSES = len(LEVELS)
FURTHEST = 1e6
"""An intensity that no hazard has, in any unit: beyond it a curve has reached its end."""


class RuleImpact(BaseModel):
    """Whom a rule's hazard harms and how; what a region's files say is filled in when it is read.

    ``layer``, ``curve`` and ``matrix`` are names in a region's files; a rule that has been read
    holds the curve and the matrix themselves, the ``amounts`` of each area, and their source, so
    that a version of a rule judges by the same numbers for ever.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    layer: str = Field(min_length=1, description="a layer of the region: people, households")
    curve: Vulnerability
    classes: tuple[Class, ...] | None = Field(
        None, min_length=1, description="classes of impact; a matrix has its own"
    )
    matrix: Matrix | None = Field(None, description="levels by likelihood and impact")
    amounts: dict[str, float] | None = Field(
        None, description="area -> how much is there; filled in, an area that is missing is unknown"
    )
    unknown: tuple[str, ...] = Field((), description="areas of which that is not known; filled in")
    by_class: bool = Field(
        False, exclude=True, description="judged by classes in place of levels: RuleImpact.judged"
    )
    unit: str = ""
    source: str = ""
    date: datetime.date | None = None
    grade: Grade = "counted"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.classes is None) == (self.matrix is None):
            raise ValueError("give classes of impact or a matrix: one of the two")
        limits = [one.at_least for one in self.steps]
        if limits != sorted(set(limits)):
            raise ValueError(f"the classes begin at {limits}: each above the one before")
        if self.matrix is not None and len(limits) > MOST_CLASSES:
            raise ValueError(
                f"the matrix has {len(limits)} classes of impact; a rule can use {MOST_CLASSES}"
            )
        return self

    @property
    def steps(self) -> tuple[Class, ...]:
        """The classes of impact, rising: the matrix's, or the rule's own."""
        if self.matrix is not None:
            return self.matrix.impact
        return self.classes or ()

    def level_words(self) -> tuple[str, ...]:
        """Return the levels that the matrix has somewhere, lowest first; none without one."""
        if self.by_class:
            return WORDS[: len(self.steps)]
        there = {word for row in self.matrix.levels for word in row} if self.matrix else set()
        return tuple(word for word in WORDS if word in there)

    def limits(
        self, when: Literal["at-or-above", "at-or-below"], unit: str, area: str
    ) -> LevelValues:
        """Return the value from which on an area has each level if it is certain, in ``unit``.

        A level that no value reaches there, or of an area whose amount is unknown, is left out.
        """
        if self.matrix is None:
            return {}
        if self.by_class:
            return self._class_limits(when, unit, area)
        certain = [Level.of(word) for word in self.matrix.levels[-1]]
        found: LevelValues = {}
        for level in LEVELS:
            first = next((n for n, one in enumerate(certain) if one >= level), None)
            if first is not None and level.word in self.level_words():
                value = self._value_for(self.matrix.impact[first].at_least, when, unit, area)
                if value is not None:
                    found[level.word] = value  # type: ignore[index]
        return found

    def _class_limits(
        self, when: Literal["at-or-above", "at-or-below"], unit: str, area: str
    ) -> LevelValues:
        """Return the value from which on an area has each class of impact, as levels from blue."""
        found: LevelValues = {}
        for word, one in zip(WORDS, self.steps, strict=False):
            value = self._value_for(one.at_least, when, unit, area)
            if value is not None:
                found[word] = value  # type: ignore[index]
        return found

    def _value_for(self, impact: float, when: str, unit: str, area: str) -> float | None:
        amount = (self.amounts or {}).get(area)
        if not amount:
            return None
        found = limit_of(self.curve, impact / amount, falls=when == "at-or-below")
        if found is None:
            return None
        return float(np.round(convert(np.array(found), self.curve.unit, unit), 6))

    def judged(self) -> Self:
        """Return the same, whose limits are those of classes: the first class stands as blue.

        So the members of a forecast go through the machine of every rule, class by class, and the
        matrix is asked with the share that has reached each.
        """
        return self.model_copy(update={"by_class": True})


@lru_cache(maxsize=8192)
def limit_of(curve: Vulnerability, ratio: float, *, falls: bool) -> float | None:
    """Return the mildest intensity at which a curve reaches a damage ratio; None if it never does.

    The curve is taken to rise with the intensity, or to fall (``falls``, cold): the region's check
    sees to it. Found by halving, to a part in 10^12.
    """
    sign = -1.0 if falls else 1.0

    def is_reached(x: float) -> bool:
        return bool(curve.ratio(sign * x) >= ratio)

    low, high = -FURTHEST, FURTHEST
    if ratio > 1 or not is_reached(high):
        return None
    while high - low > 1e-9 and not math.isclose(low, high, rel_tol=1e-12):
        middle = (low + high) / 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    short = round(high, 6)  # the number somebody wrote, where it serves
    return sign * (short if is_reached(short) else high)


@dataclass(frozen=True, slots=True)
class InWords:
    """Why an area has its level: how likely, how bad; None where no class is reached."""

    likelihood: Class | None
    """Of the matrix; None without one, and where it is less likely than its first row."""
    step: Class | None
    """The class of impact that counts."""
    probability: float | None
    """That of reaching the class; None where it is not known."""


def in_words(impact: RuleImpact, found: ExpectedImpact) -> InWords:
    """Return the likelihood and the class of impact that a forecast's level rests on.

    With a matrix it is the cell of the highest level, of those the likeliest, whose threshold the
    evidence has, and of those the worst class; without one the worst class that is more likely than
    not.
    """
    best, best_rank = InWords(None, None, None), (0, 0)
    for number, share in enumerate(found.classes):
        if share.probability is None:
            return InWords(None, None, None)
        if impact.matrix is None:
            if share.probability > 0.5:
                best = InWords(None, share.one, share.probability)
            continue
        row = impact.matrix.likelihood_of(share.probability)
        if row is None:
            continue
        level = Level.of(impact.matrix.levels[row][number])
        if level > 0 and (level, row) >= best_rank:
            best = InWords(impact.matrix.likelihood[row], share.one, share.probability)
            best_rank = (level, row)
    return best


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class of impact and how probable it is to be reached; None where that is not known."""

    one: Class
    probability: float | None


@dataclass(frozen=True, slots=True)
class ExpectedImpact:
    """What a forecast, or an observation as its only member, means in numbers."""

    value: float | None
    """Expected impact of what is known; None where nothing is."""
    members: int
    areas: int
    """Areas in the sum."""
    left_out: int
    """Areas of which amount or value is not known: they are in no sum."""
    classes: tuple[ClassShare, ...]


def expected_impact(
    impact: RuleImpact,
    values: Mapping[str, Sequence[float]],
    amounts: Mapping[str, float | None],
    unit: str,
) -> ExpectedImpact:
    """Return the expected impact over areas: the event sum over the members of a forecast.

    Parameters
    ----------
    impact : RuleImpact
    values : area -> one value for each member [``unit``]
        One of an observation; NaN where a member says nothing. As many for each area.
    amounts : area -> how much of the layer lies inside, None where it is not known
        The areas asked about, whether or not there is a value.
    """
    known: list[str] = [
        code
        for code, amount in amounts.items()
        if amount is not None and code in values and not np.isnan(values[code]).all()
    ]
    left_out = len(amounts) - len(known)
    if not known:
        nothing = tuple(ClassShare(one, None) for one in impact.steps)
        return ExpectedImpact(None, 0, 0, left_out, nothing)
    members = np.array([values[code] for code in known], np.float64).T
    intensity: NDArray[np.float64] = np.asarray(
        convert(members, unit, impact.curve.unit), np.float64
    )
    told = intensity[~np.isnan(intensity).any(axis=1)]  # a member that says nothing of an area
    if not len(told):
        nothing = tuple(ClassShare(one, None) for one in impact.steps)
        return ExpectedImpact(None, 0, 0, left_out, nothing)
    there = np.array([amounts[code] for code in known], np.float64)
    found = event_sum(Hazard.of_members(told, impact.curve.unit), there, impact.curve)
    shares = tuple(ClassShare(one, found.at_least(one.at_least)) for one in impact.steps)
    return ExpectedImpact(found.expected, len(told), len(known), left_out, shares)
