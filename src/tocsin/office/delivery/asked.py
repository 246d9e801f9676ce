"""What the composer asks: how many would this reach? Read from a query string, a form or JSON."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tocsin.triggers.rules import LEVELS

__all__ = ["ReachAsked", "Unclear"]

LEVEL_NUMBERS = {level.word: int(level) for level in LEVELS}
MOST_BYTES = 1_000_000


class Unclear(ValueError):
    """A question that cannot be read; says which value and why."""


def _with_level(area: str, level: object) -> tuple[str, object]:
    """Split ``36081:blue`` into the code and its own level; ``36081`` has ``level``."""
    code, _, own = area.rpartition(":")
    return (code, LEVEL_NUMBERS[own]) if code and own in LEVEL_NUMBERS else (area, level)


class ReachAsked(BaseModel):
    """Hazard, level and where: ``levels`` by area code, and shapes as CAP has them."""

    model_config = ConfigDict(extra="forbid")

    hazard: str
    level: int
    levels: dict[str, int] = Field(default_factory=dict)
    polygons: list[list[tuple[float, float]]] = Field(default_factory=list)
    circles: list[tuple[float, float, float]] = Field(default_factory=list)

    @field_validator("level", mode="before")
    @classmethod
    def _level(cls, value: object) -> object:
        """Take a level as a word (orange) or as its number."""
        if isinstance(value, str) and not value.isdigit():
            if value not in LEVEL_NUMBERS:
                raise ValueError(f"{value!r} is no level; there are {', '.join(LEVEL_NUMBERS)}")
            return LEVEL_NUMBERS[value]
        return value

    @field_validator("levels", mode="before")
    @classmethod
    def _levels(cls, value: object) -> object:
        return {k: cls._level(v) for k, v in value.items()} if isinstance(value, dict) else value

    @classmethod
    def read(cls, request: HttpRequest) -> ReachAsked:
        """Read ``?hazard=heat&level=orange&area=36061&area=36081:blue``, a form, or JSON.

        An area without a level of its own has that of the warning.
        """
        try:
            if request.content_type == "application/json":
                return cls.model_validate(json.loads(request.body[:MOST_BYTES]))
            given = request.POST if request.method == "POST" else request.GET
            fields: dict[str, Any] = {
                "hazard": given.get("hazard", ""),
                "level": given.get("level", ""),
            }
            for name in ("polygons", "circles"):
                if text := given.get(name):
                    fields[name] = json.loads(text)
            level = cls._level(fields["level"])
            fields["levels"] = dict(_with_level(one, level) for one in given.getlist("area"))
            return cls.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise Unclear(f"{place}: {first['msg']} (got {first['input']!r:.80})") from None
        except ValueError as error:
            raise Unclear(str(error)) from None

    def wanted(self) -> dict[str, Any]:
        """Return what ``subscribers.matching.recipients`` takes."""
        return {
            "hazard": self.hazard,
            "level": self.level,
            "levels_by_area": self.levels,
            "polygons": self.polygons,
            "circles": self.circles,
        }
