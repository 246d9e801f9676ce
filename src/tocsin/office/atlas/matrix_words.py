"""What a rule with an impact goes by, in words: what is exposed, the curve, classes, the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tocsin.triggers.rules import Level

from . import wording

__all__ = ["ByImpact", "by_impact"]


@dataclass(frozen=True, slots=True)
class ByImpact:
    """The impact of a definition, in the language of the page."""

    harm: str
    layer: str
    exposed_from: str
    """Source and day of what is exposed; empty before a folder has filled it in."""
    areas: int
    unknown: int
    """Of so many areas the amount is known, of so many not."""
    curve: str
    classes: tuple[str, ...]
    """Minor, 100 or more."""
    rows: tuple[tuple[str, tuple[Level, ...]], ...]
    """Of a matrix, the likeliest row first: its words, and a level for each class."""
    matrix: str
    """Who decided the matrix; empty without one."""


def by_impact(rule: Mapping[str, Any]) -> ByImpact | None:
    """Return what the impact of a definition says; None where it has none."""
    impact = rule.get("impact")
    if not impact:
        return None
    matrix = impact.get("matrix") or {}
    steps = matrix.get("impact") or impact.get("classes") or ()
    return ByImpact(
        harm=wording.said(impact["curve"]["harm"]),
        layer=_("people") if impact["layer"] == "people" else impact["layer"],
        exposed_from=", ".join(p for p in (impact.get("source"), impact.get("date")) if p),
        areas=len(impact.get("amounts") or ()),
        unknown=len(impact.get("unknown") or ()),
        curve=impact["curve"]["source"],
        classes=tuple(_step(one) for one in steps),
        rows=tuple(
            (_likelihood(one), tuple(Level.of(word) for word in levels))
            for one, levels in reversed(
                list(zip(matrix.get("likelihood", ()), matrix.get("levels", ()), strict=True))
            )
        ),
        matrix=matrix.get("source", ""),
    )


def _step(one: Mapping[str, Any]) -> str:
    words = {"name": wording.said(one["name"]), "limit": wording.number(one["at_least"])}
    return _("%(name)s, %(limit)s or more") % words


def _likelihood(one: Mapping[str, Any]) -> str:
    words = {"name": wording.said(one["name"]), "share": f"{100 * one['at_least']:g} %"}
    return _("%(name)s, from %(share)s") % words
