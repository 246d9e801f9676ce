"""What a draft says, as a checked value: the JSON that forms, approvals and the composer share.

A draft may be half done, so empty texts, no area and no times can be kept. ``gaps`` says what is
still missing before it can be submitted; whether the message is good CAP is for
``compose_draft.examine``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from tocsin.errors import DraftError, Fault
from tocsin.region.plain import findings
from tocsin.triggers.rules import Level

__all__ = ["Block", "DraftContent", "LevelWord", "Texts", "gaps", "read_content"]

EMPTY = {
    "event": gettext_lazy("The event in %s is empty."),
    "headline": gettext_lazy("The headline in %s is empty."),
    "description": gettext_lazy("The description in %s is empty."),
}
"""What every message needs in each language of the region."""
LevelWord = Literal["blue", "yellow", "orange", "red"]
Status = Literal["Actual", "Exercise", "Test"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire",
    "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
]  # fmt: skip
ResponseType = Literal[
    "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"
]

_Lat = Annotated[float, Field(ge=-90, le=90)]
_Lon = Annotated[float, Field(ge=-180, le=180)]
_Point = tuple[_Lat, _Lon]
_Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
_Line = Annotated[str, Field(max_length=500)]
_Text = Annotated[str, Field(max_length=20_000)]
MAX_POINTS = 5_000
"""Of one drawn ring: more cannot be drawn by hand and no receiver wants them."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _closed(ring: tuple[_Point, ...]) -> tuple[_Point, ...]:
    """Close a ring, as maps leave it open and CAP wants it closed."""
    return ring if not ring or ring[0] == ring[-1] else (*ring, ring[0])


Ring = Annotated[
    tuple[_Point, ...], Field(min_length=3, max_length=MAX_POINTS), AfterValidator(_closed)
]
"""Latitude first, as CAP has it."""
Circle = tuple[_Lat, _Lon, Annotated[float, Field(gt=0, le=2_000)]]
"""Latitude, longitude, radius in km."""


class Block(_Strict):
    """Where one level holds: the union of whole areas, drawn rings and circles."""

    level: LevelWord
    area_codes: tuple[str, ...] = ()
    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it names no place at all."""
        return not (self.area_codes or self.polygons or self.circles)


class Texts(_Strict):
    """The words in one language; ``{level}`` in them becomes the word of each block's level."""

    event: Annotated[str, Field(max_length=200)] = ""
    headline: _Line = ""
    description: _Text = ""
    instruction: _Text = ""


class DraftContent(_Strict):
    """All that an officer decides about a message."""

    status: Status
    hazard: str = Field(pattern=r"^[a-z][a-z-]*$", max_length=40, description="heat, flood, wind")
    category: tuple[Category, ...] = Field(("Met",), min_length=1)
    blocks: tuple[Block, ...] = ()
    onset: _Moment | None = Field(None, description="none: from the moment it is sent")
    expires: _Moment | None = None
    urgency: Literal["Immediate", "Expected", "Future", "Past", "Unknown"] = "Immediate"
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"] | None = Field(
        None, description="none: by the level of each block, compose.SEVERITY"
    )
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"] = "Likely"
    response_types: tuple[ResponseType, ...] = ()
    texts: dict[str, Texts] = Field(default_factory=dict)
    web: str | None = Field(None, max_length=500)
    contact: str | None = Field(None, max_length=500)
    parameters: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_block_a_level(self) -> Self:
        levels = [block.level for block in self.blocks]
        codes = [code for block in self.blocks for code in block.area_codes]
        if len(set(levels)) < len(levels):
            raise ValueError("Two blocks have one level. Put their areas into one block.")
        if len(set(codes)) < len(codes):
            twice = next(code for code in codes if codes.count(code) > 1)
            raise ValueError(f"The area {twice} stands twice. Give it one level.")
        return self

    @property
    def level(self) -> Level:
        """The highest level of all blocks, none without a block."""
        return max((Level.of(block.level) for block in self.blocks), default=Level.NONE)

    @property
    def levels(self) -> dict[str, Level]:
        """Area code -> level, of the areas named whole."""
        return {code: Level.of(block.level) for block in self.blocks for code in block.area_codes}

    def as_json(self) -> dict[str, Any]:
        """Return it as the JSON column keeps it; ``read_content`` gives it back."""
        return self.model_dump(mode="json")


def read_content(data: Mapping[str, Any]) -> DraftContent:
    """Return a content from JSON.

    Raises
    ------
    DraftError
        With a fault for each field that is wrong; ``field`` is its path, ``blocks.0.level``.
    """
    try:
        return DraftContent.model_validate(data)
    except ValidationError as error:
        raise DraftError(
            [
                _fault(".".join(str(part) for part in where), value, problem, remedy)
                for where, value, problem, remedy in findings(error, DraftContent)
            ]
        ) from None


def gaps(
    content: DraftContent, *, kind: str, languages: Sequence[str], areas: Collection[str]
) -> list[Fault]:
    """Return what has to be filled in before anybody can be asked to approve it.

    Parameters
    ----------
    content : DraftContent
    kind : "issue", "update" or "cancel"
        A cancel names no area: it ends the warning wherever it was in force.
    languages : of the region
    areas : codes of the region's areas
    """
    faults = []
    if kind != "cancel":
        if not content.blocks:
            faults.append(
                _fault("blocks", "", _("No level and no area."), _("Choose where it holds."))
            )
        if content.expires is None:
            faults.append(_fault("expires", "", _("It has no end."), _("Say until when it holds.")))
    for number, block in enumerate(content.blocks):
        at = f"blocks.{number}"
        if block.is_empty:
            faults.append(
                _fault(
                    at, block.level, _("This level has no area."), _("Choose areas or draw one.")
                )
            )
        faults += [
            _fault(f"{at}.area_codes", code, _("The region has no such area."), _("Take it out."))
            for code in block.area_codes
            if code not in areas
        ]
    if content.onset and content.expires and content.expires <= content.onset:
        faults.append(
            _fault("expires", content.expires.isoformat(), _("It ends before it begins."),
                   _("Make the end later than the onset."))
        )  # fmt: skip
    for language in languages:
        texts = content.texts.get(language, Texts())
        for name, problem in EMPTY.items():
            if not getattr(texts, name).strip():
                faults.append(
                    _fault(f"texts.{language}.{name}", "", problem % language,
                           _("Write it; the region speaks this language."))
                )  # fmt: skip
    faults += [
        _fault(f"texts.{language}", "", _("%s is no language of the region.") % language,
               _("Use %s.") % ", ".join(languages))
        for language in content.texts
        if language not in languages
    ]  # fmt: skip
    return faults


def _fault(field: str, value: Any, problem: str, remedy: str) -> Fault:
    return Fault("draft", 0, field, str(value)[:80], problem, remedy)
