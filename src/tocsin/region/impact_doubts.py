"""Whether a rule whose levels follow from impact can fire at all: the people, the curve, the span.

The largest impact there can be is that of the area with most of what is exposed, at the worst value
that passes quality control. Where no area comes to the first class of the matrix that has a level,
the rule can never fire; areas of unknown people never have a level.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from tocsin.triggers.level import Level
from tocsin.triggers.rules import Rule
from tocsin.units import convert

__all__ = ["impact_doubts"]

Kind = Literal["never", "no-value"]
SHOWN = 6


def impact_doubts(rule: Rule, span: tuple[float, float] | None) -> Iterator[tuple[Kind, str, str]]:
    """Give kind, problem and remedy of each doubt; ``span`` is of believable values [rule's unit].

    Nothing is said of a rule without a matrix, or that no region has filled in.
    """
    impact = rule.impact
    if impact is None or impact.matrix is None or impact.amounts is None:
        return
    if impact.unknown:
        named = ", ".join(impact.unknown[:SHOWN])
        more = max(len(impact.unknown) - SHOWN, 0)
        others = f" and {more} more" if more else ""
        yield (
            "no-value",
            f"How much of {impact.layer} there is in {named}{others} is "
            "not known: these areas never have a level.",
            "Give the number with its source, or take the areas out of the rule.",
        )
    first = next(
        one.at_least
        for one, word in zip(impact.steps, impact.matrix.levels[-1], strict=True)
        if Level.of(word) > Level.NONE
    )
    most = max(impact.amounts.values(), default=0.0)
    ends = np.array([-1e6, 1e6]) if span is None else np.array(span)
    ratio = impact.curve.ratio(np.asarray(convert(ends, rule.unit, impact.curve.unit)))
    worst = float(np.max(ratio)) * most
    if worst < first:
        yield (
            "never",
            f"No impact comes to {first:,.0f}, where the matrix begins: at the worst believable "
            f"{rule.indicator} it is {worst:,.0f} of the {most:,.0f} in the fullest area.",
            "Look at the classes of the matrix and at the curve.",
        )
