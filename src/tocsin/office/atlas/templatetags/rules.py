"""What templates ask of a rule's definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from ..matrix_words import ByImpact, by_impact

register = template.Library()


@register.filter
def level_unit(rule: Mapping[str, Any]) -> str:
    """Return the unit of a definition's levels: years where they are return periods."""
    return "year" if rule.get("levels_as") == "return-period" else str(rule["unit"])


@register.filter
def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage."""
    return f"{round(100 * share)}%"


@register.filter
def goes_by(rule: Mapping[str, Any]) -> ByImpact | None:
    """Return what the impact of a definition says; None where it has none."""
    return by_impact(rule)
