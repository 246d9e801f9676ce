"""Curves and matrices of a region, and the rules that name them: resolved, checked, filled in.

``[files] curves`` names a file of ``[[curve]]`` and ``[[matrix]]`` tables, each with an id and its
source. A rule's ``[rule.impact]`` names a layer, a curve, and classes or a matrix; what it names is
put into the rule, so that a stored version of it judges by the same numbers for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from tocsin.errors import UnitError
from tocsin.exposure import Curve, Layer, Sigmoid, Vulnerability, exposed
from tocsin.region.checker import Checker
from tocsin.region.plain import near
from tocsin.region.toml_lines import Document
from tocsin.triggers.matrix import Matrix
from tocsin.triggers.rules import Rule
from tocsin.units import same_dimension

__all__ = ["Impacts", "impact_fault", "read_impacts", "resolved", "with_amounts"]

TRIED = np.linspace(-150.0, 1500.0, 16501)
"""Intensities at which a curve is held to rise or fall: a tenth apart, whatever the unit."""


@dataclass(frozen=True, slots=True)
class Impacts:
    """The curves and matrices of a region by id, and the names of its layers."""

    curves: Mapping[str, Vulnerability] = field(default_factory=dict)
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    broken: frozenset[str] = frozenset()
    """Ids of curves and matrices that have faults of their own, told already."""


def read_impacts(check: Checker, file: str | None, layers: Sequence[str]) -> Impacts:
    """Read the file of curves and matrices; of a region without one, none."""
    document = check.toml(file) if file else None
    if document is None:
        return Impacts(layers=tuple(layers))
    curves: dict[str, Vulnerability] = {}
    matrices: dict[str, Matrix] = {}
    broken: set[str] = set()
    for kind, found in (("curve", curves), ("matrix", matrices)):
        for number, table in enumerate(check.tables(document, kind, ("curve", "matrix"))):
            at, data = (kind, number), dict(table)
            name = data.pop("id", None)
            if not isinstance(name, str) or not name or name in found:
                said = "It has no id." if not name else "Another one has this id already."
                check.fault_at(document, (*at, "id"), name, said, "Give each an id of its own.")
                continue
            model: Any = Matrix if kind == "matrix" else Sigmoid if "threshold" in data else Curve
            one = check.validated(model, data, document, at)
            if one is None:
                broken.add(name)
                continue
            found[name] = one
            _check_words(check, document, at, one)
    return Impacts(curves, matrices, tuple(layers), frozenset(broken))


def _check_words(
    check: Checker, document: Document, at: tuple[str | int, ...], one: Vulnerability | Matrix
) -> None:
    if not isinstance(one, Matrix):
        if isinstance(one.harm, dict):
            check.languages_at(document, (*at, "harm"), one.harm)
        return
    for kind, classes in (("likelihood", one.likelihood), ("impact", one.impact)):
        for number, row in enumerate(classes):
            check.languages_at(document, (*at, kind, number, "name"), row.name)


def resolved(
    check: Checker, document: Document, at: tuple[str | int, ...], data: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """Return a rule's table with the curve and matrix it names put in; None after a fault.

    A rule that holds them already, as one that was stored does, stays as it is.
    """
    given = data.get("impact")
    if not isinstance(given, Mapping):
        return data
    impacts: Impacts = check.impacts or Impacts()
    made, is_sound = dict(given), True
    for key, known in (("curve", impacts.curves), ("matrix", impacts.matrices)):
        name = given.get(key)
        if not isinstance(name, str):
            continue
        if name in known:
            made[key] = known[name].model_dump(exclude_none=True)
        else:
            is_sound = False
            if name in impacts.broken:
                continue
            remedy = near(name, known) if known else f"Write a [[{key}]] into the file of curves."
            check.fault_at(document, (*at, "impact", key), name, f"No {key} has this id.", remedy)
    layer = given.get("layer")
    if impacts.layers and isinstance(layer, str) and layer not in impacts.layers:
        is_sound = False
        remedy = near(layer, impacts.layers)
        check.fault_at(document, (*at, "impact", "layer"), layer, "No layer has this name.", remedy)
    return {**data, "impact": made} if is_sound else None


def impact_fault(rule: Rule) -> tuple[str, str | None, str, str] | None:
    """Return what is wrong with a rule's impact: key, value, problem, remedy; None where nothing.

    The curve has to be in a unit of the rule's kind. Where levels follow from it, it has to begin
    with no harm and only grow towards the dangerous side: a level could not be ranked otherwise.
    """
    if rule.impact is None:
        return None
    curve = rule.impact.curve
    try:
        fits = same_dimension(curve.unit, rule.unit)
    except UnitError:
        fits = False
    if not fits:
        return (
            "impact.curve", curve.unit, f"The curve is of another kind than {rule.unit}.",
            "Take a curve of this indicator.",
        )  # fmt: skip
    if not rule.by_impact:
        return None
    tried = TRIED
    if isinstance(curve, Curve):
        tried = np.unique(np.concatenate([TRIED, np.array(curve.intensity)]))
    ratio = curve.ratio(tried)
    ratio = ratio[::-1] if rule.when == "at-or-below" else ratio
    if ratio[0] > 0 or (np.diff(ratio) < -1e-12).any():
        return (
            "impact.curve", None,
            "A curve that levels follow from begins with no harm and only grows with the danger.",
            "Take another curve, or classes and thresholds in place of the matrix.",
        )  # fmt: skip
    return None


def with_amounts(rule: Rule, layer: Layer, outlines: Mapping[str, shapely.Geometry]) -> Rule:
    """Return a rule with how much of its layer is in each area it looks at, and from where.

    An area of which it is not known, or not of all of it, is left out: it is unknown.
    """
    if rule.impact is None:
        return rule
    looked = {c: o for c, o in outlines.items() if "*" in rule.areas or c in rule.areas}
    found = {code: amounts[0] for code, amounts in exposed([layer], looked).items() if amounts}
    first = next(iter(found.values()), None)
    if first is None:
        return rule
    amounts = {
        code: round(one.value, 3)
        for code, one in found.items()
        if one.value is not None and one.known > 0.9995
    }
    facts = {
        "amounts": amounts, "unknown": tuple(sorted(set(looked) - set(amounts))),
        "unit": first.unit, "source": first.source.title,
        "date": first.source.valid_on, "grade": first.source.grade,
    }  # fmt: skip
    return rule.model_copy(update={"impact": rule.impact.model_copy(update=facts)})
