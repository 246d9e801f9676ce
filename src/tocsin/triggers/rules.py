"""What a rule is: the text an officer reads and changes, as checked objects.

A rule names one catalogue indicator, a threshold for each level, and how patient and how sticky it
is. Files of rules are TOML; ``tocsin.region`` reads them and places every fault at its line.
"""

from __future__ import annotations

from string import Formatter
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.triggers.impact import RuleImpact
from tocsin.triggers.level import LEVELS, WORDS, Level, LevelValues, Text, say

__all__ = [
    "LEVELS",
    "WORDS",
    "CapFields",
    "Condition",
    "Level",
    "LevelText",
    "LevelValues",
    "Rule",
    "Season",
    "SeasonLevels",
    "StationRecord",
    "Text",
    "say",
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Season(_Strict):
    """The part of the year in which a rule looks, both days included; may cross New Year."""

    first: str = Field(pattern=r"^\d\d-\d\d$", description="month-day, 05-01")
    last: str = Field(pattern=r"^\d\d-\d\d$", description="month-day, 09-30")

    def months_days(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return both ends as (month, day)."""
        first, last = ([int(part) for part in end.split("-")] for end in (self.first, self.last))
        return (first[0], first[1]), (last[0], last[1])

    @model_validator(mode="after")
    def _real_days(self) -> Self:
        for end in self.months_days():
            month, day = end
            if not (1 <= month <= 12 and 1 <= day <= 31):
                raise ValueError(f"{month:02d}-{day:02d} is not a day of the year; write month-day")
        return self


class LevelText(_Strict):
    """What the public reads at one level.

    Filled in are ``{value}``, ``{place}``, ``{time}``, ``{until}`` and ``{people}``; of levels by
    return period ``{years}``, of a rule with a minimum share ``{share}``.
    """

    headline: Text
    instruction: Text

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        for words in (*self.headline.values(), *self.instruction.values()):
            try:
                list(Formatter().parse(words))
            except ValueError as error:
                raise ValueError(
                    f"A brace has no partner: close it, or write {{{{ for a plain one, in {words!r}"
                ) from error
        return self


class CapFields(_Strict):
    """The codes that go into the CAP message, as the standard prints them."""

    category: tuple[
        Literal[
            "Geo", "Met", "Safety", "Security", "Rescue", "Fire",
            "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
        ],
        ...,
    ] = ("Met",)  # fmt: skip
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] = "Immediate"
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] = "Observed"
    response: tuple[
        Literal[
            "Shelter", "Evacuate", "Prepare", "Execute", "Avoid",
            "Monitor", "Assess", "AllClear", "None",
        ],
        ...,
    ] = ("Monitor",)  # fmt: skip


class SeasonLevels(Season):
    """Thresholds that stand in for the rule's own during a part of the year."""

    levels: LevelValues = Field(min_length=1)


class StationRecord(_Strict):
    """What a station's own record says of extremes, in the unit of the condition.

    ``gev`` is location, scale and shape of its annual extremes (Hosking's sign of the shape), of
    minima with the sign turned; None where the record is too short or does not vary.
    """

    years: int = Field(ge=0)
    first: int
    last: int
    gev: tuple[float, float, float] | None = None


class Condition(_Strict):
    """An indicator with a threshold for each level; thresholds may differ by area and season."""

    indicator: str = Field(description="an id of the catalogue: tocsin indicators list")
    unit: str = Field(description="the unit of the values and, unless they are years, of levels")
    when: Literal["at-or-above", "at-or-below"] = "at-or-above"
    levels: LevelValues = Field(min_length=1)
    levels_as: Literal["value", "return-period"] | None = Field(
        None, description="what levels are: a value in unit, or years of the station's own record"
    )
    record: dict[str, StationRecord] | None = Field(
        None, description="filled in from the region's records when it is loaded, never by hand"
    )
    min_share: float | None = Field(
        None, gt=0, le=1, description="share of the area's surface that has to reach a level"
    )
    min_known: float | None = Field(
        None, gt=0, le=1, description="share of the surface that must have a value; 0.5"
    )
    levels_by_area: dict[str, LevelValues] | None = Field(
        None, min_length=1, description="area code -> thresholds that stand in for levels there"
    )
    levels_by_season: tuple[SeasonLevels, ...] | None = Field(
        None, min_length=1, description="thresholds of a part of the year; an area's own go first"
    )
    hysteresis: float = Field(0.0, ge=0, description="how far back it must go, in unit")

    _levels_differ: ClassVar[bool] = False  # a joined condition may ask the same of two levels

    @property
    def by_return_period(self) -> bool:
        """Whether levels are years of the station's own record."""
        return self.levels_as == "return-period"

    @property
    def level_unit(self) -> str:
        """The unit in which ``levels`` are written."""
        return "year" if self.by_return_period else self.unit

    @model_validator(mode="after")
    def _share_fits(self) -> Self:
        if self.min_share is not None and self.by_return_period:
            raise ValueError(
                "a minimum share and levels by return period cannot go together, since each "
                "station has thresholds of its own: join two conditions with also"
            )
        if self.min_known is not None and self.min_share is None:
            raise ValueError(
                "the least known share says nothing without min_share: add that, or take min_known "
                "out"
            )
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        others = [
            (f"levels_by_area.{code}", own) for code, own in (self.levels_by_area or {}).items()
        ]
        others += [
            (f"levels_by_season from {part.first}", part.levels)
            for part in self.levels_by_season or ()
        ]
        for name, own in [("levels", self.levels), *others]:
            if unknown := [word for word in own if word not in self.levels]:
                raise ValueError(
                    f"{name} has {unknown[0]}, which levels does not have; add it there"
                )
            whole = {**self.levels, **own}
            rising = [whole[word] for word in WORDS if word in whole]
            known = set(rising) if self._levels_differ else rising
            falls = self.when == "at-or-below" and not self.by_return_period
            if rising != sorted(known, reverse=falls):
                raise ValueError(
                    f"thresholds {rising} of {name} are not in order: from blue to red they must "
                    f"{'fall' if falls else 'rise'}"
                )
            if self.by_return_period and rising[0] <= 1:
                raise ValueError(
                    f"thresholds {rising} of {name} are return periods in years: each must be more "
                    "than 1"
                )
        return self

    def threshold(self, level: Level) -> float | None:
        """Return the threshold of ``level`` in ``level_unit``, None where there is none."""
        by_word = {str(word): value for word, value in self.levels.items()}
        return by_word.get(level.word)

    def reaches(self, level: Level) -> bool:
        """Whether the condition can reach a level: by a threshold of its own here."""
        return self.threshold(level) is not None


def _is_nothing(value: object) -> bool:
    return value == 0


def _is_half(value: object) -> bool:
    return value == 0.5  # left out of what is stored, so that rules without it stay as they were


class Rule(Condition):
    """Indicator + thresholds + persistence + hysteresis + season + areas -> level.

    ``also`` adds conditions on other indicators. With ``join = "all"`` a place has the level that
    every condition reaches, with ``"any"`` the highest that one of them reaches. The rule's own
    indicator stays the one that messages quote.
    """

    _levels_differ: ClassVar[bool] = True

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    version: int = Field(ge=1)
    name: Text
    hazard: str = Field(pattern=r"^[a-z][a-z-]*$", description="heat, cold, rain, wind, fog, fire")
    also: tuple[Condition, ...] | None = Field(None, min_length=1)
    join: Literal["all", "any"] | None = Field(None, description="how also is joined on")
    persistence_h: int = Field(1, ge=1, le=240, description="hours in a row before it counts")
    hold_h: int = Field(3, ge=0, le=240, description="hours below before the level falls")
    max_gap_h: int = Field(3, ge=0, le=48, description="hours without a value it is carried over")
    valid_h: int = Field(12, ge=1, le=120, description="hours until the message expires")
    lead_h: int = Field(
        0, ge=0, le=240, exclude_if=_is_nothing, description="hours ahead that forecasts may raise"
    )
    probability: float = Field(
        0.5, gt=0, le=1, exclude_if=_is_half, description="share of members that must reach a level"
    )
    season: Season | None = None
    areas: tuple[str, ...] = ("*",)
    levels: LevelValues = Field(
        default_factory=dict, description="thresholds; none where impact names a matrix"
    )
    impact: RuleImpact | None = Field(
        None, description="whom the hazard harms, by which curve, and classes or a matrix of it"
    )
    cap: CapFields = CapFields()
    source: str = Field(description="where the thresholds come from")
    text: dict[Literal["blue", "yellow", "orange", "red"], LevelText]

    @model_validator(mode="after")
    def _levels_from_one_source(self) -> Self:
        if not self.by_impact:
            if not self.levels:
                raise ValueError("levels is missing: write thresholds, or an impact with a matrix")
            return self
        given = {
            "levels": self.levels, "levels_by_area": self.levels_by_area,
            "levels_by_season": self.levels_by_season, "levels_as": self.levels_as,
            "min_share": self.min_share, "also": self.also,
        }  # fmt: skip
        if there := [name for name, value in given.items() if value]:
            raise ValueError(
                f"{there[0]} and a matrix of impact cannot go together: the level follows from "
                "likelihood and impact alone, take one of them out"
            )
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.also is None) != (self.join is None):
            raise ValueError('also and join go together: write join = "all" or join = "any"')
        if missing := [word for word in self.level_words if word not in self.text]:
            raise ValueError(f"no text for level {missing[0]}: add [rule.text.{missing[0]}]")
        for condition in self.also or ():
            if self.join == "all" and condition.levels.keys() != self.levels.keys():
                raise ValueError(
                    f"the condition on {condition.indicator} has levels "
                    f"{', '.join(condition.levels)}, the rule {', '.join(self.levels)}: joined by "
                    "all, every condition needs a threshold for each level"
                )
        return self

    @property
    def level_words(self) -> tuple[str, ...]:
        """The levels the rule can reach, by one condition or another, lowest first."""
        there = {str(word) for condition in self.conditions for word in condition.levels}
        if self.impact is not None:
            there |= set(self.impact.level_words())
        return tuple(word for word in WORDS if word in there)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The rule's own condition, then those that are joined on."""
        return (self, *(self.also or ()))

    @property
    def by_impact(self) -> bool:
        """Whether levels follow from likelihood and impact by a matrix."""
        return self.impact is not None and self.impact.matrix is not None

    def reaches(self, level: Level) -> bool:
        """Whether the rule's own condition can reach a level: by a threshold, or by the matrix."""
        return super().reaches(level) or (self.by_impact and level.word in self.level_words)

    @property
    def by_share(self) -> bool:
        """Whether a condition asks for a minimum share of the area's surface."""
        return any(condition.min_share is not None for condition in self.conditions)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The catalogue ids the rule looks at, each once."""
        return tuple(dict.fromkeys(condition.indicator for condition in self.conditions))
