"""What a warning is expected to do: the event sum over the members of its forecast. Pure.

For rules that name a curve. The evidence has the values: of a forecast the worst of each member, of
an observation one, which counts in every member. What is exposed is what lies inside the warning,
so that a drawn half of a county counts half of its people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tocsin.cap.message import Parameter
from tocsin.exposure import about
from tocsin.triggers.impact import ExpectedImpact, RuleImpact, expected_impact, in_words
from tocsin.triggers.rules import Rule, say

from .wording import phrase

__all__ = ["expected_facts", "expected_parameters", "expected_words", "members_of", "row_impact"]

Row = Mapping[str, Any]


def members_of(rule: Rule, rows: Iterable[Row]) -> dict[str, list[float]]:
    """Return area -> the value of each member, as many for every area.

    An observation stands in every member. A forecast with other members than the most there are
    says nothing here. Values are those of the indicator that the curve is of, whichever one a row
    quotes: of a forecast they always are, an observation of another has them as ``own_value``.
    """
    found = {row["area"]: values for row in rows if (values := _values(rule, row))}
    most = max((len(values) for values in found.values()), default=0)
    return {
        area: values * most if len(values) == 1 else values
        for area, values in found.items()
        if len(values) in {1, most}
    }


def _values(rule: Rule, row: Row) -> list[float]:
    """Return the values of the rule's own indicator in a row of evidence; none if there is none."""
    if ahead := (row.get("forecast") or {}).get("values"):
        return list(ahead)
    if row["indicator"] == rule.indicator and row["unit"] == rule.unit:
        return [row["value"]]
    return [row["own_value"]] if row.get("own_value") is not None else []


def expected_facts(
    rule: Rule | None, rows: Sequence[Row], amounts: Mapping[str, float | None]
) -> dict[str, Any] | None:
    """Return the expected impact as a message's row keeps it; None of a rule without a curve.

    Parameters
    ----------
    rule : Rule or None
    rows : evidence of the warning
    amounts : area -> how much of the rule's layer lies inside the warning there, None if unknown
    """
    if rule is None or rule.impact is None or not amounts:
        return None
    impact = rule.impact
    found = expected_impact(impact, members_of(rule, rows), amounts, rule.unit)
    return {
        "value": None if found.value is None else round(found.value),
        "harm": impact.curve.harm,
        "layer": impact.layer,
        "members": found.members,
        "forecast": any(row.get("forecast") for row in rows),
        "areas": found.areas,
        "left_out": found.left_out,
        "classes": _classes(found),
        **_said(impact, found),
        "curve": impact.curve.source,
        "matrix": impact.matrix.source if impact.matrix else None,
        "source": impact.source,
        "date": impact.date.isoformat() if impact.date else None,
        "grade": impact.grade,
    }


def row_impact(rule: Rule, row: Row) -> dict[str, Any]:
    """Return what a row of evidence adds where its rule names a curve: how likely, how bad.

    ``{"impact": {"value": 1200, "likelihood": {...}, "class": {...}, "probability": 0.6}}``
    """
    if rule.impact is None or rule.impact.amounts is None:
        return {}
    amounts = {row["area"]: rule.impact.amounts.get(row["area"])}
    found = expected_impact(rule.impact, members_of(rule, [row]), amounts, rule.unit)
    words = in_words(rule.impact, found)
    told = None if words.probability is None else round(words.probability, 4)
    return {
        "impact": {
            "value": None if found.value is None else round(found.value),
            "harm": rule.impact.curve.harm,
            **_said(rule.impact, found),
            "probability": told,
        }
    }


def _classes(found: ExpectedImpact) -> list[dict[str, Any]]:
    return [
        {
            "name": dict(share.one.name),
            "at_least": share.one.at_least,
            "probability": None if share.probability is None else round(share.probability, 4),
        }
        for share in found.classes
    ]


def _said(impact: RuleImpact, found: ExpectedImpact) -> dict[str, Any]:
    words = in_words(impact, found)
    return {
        "likelihood": dict(words.likelihood.name) if words.likelihood else None,
        "class": dict(words.step.name) if words.step else None,
    }


def expected_words(facts: Mapping[str, Any] | None, language: str) -> str:
    """Return the sentence of a message: "Expected: about 1,200 people in need of help."."""
    if facts is None:
        return ""
    harm = _harm(facts, language)
    if facts["value"] is None:
        return phrase("impact-unknown", language, harm=harm)
    parts = [phrase("impact", language, n=f"{about(facts['value']):,}", harm=harm)]
    if facts["left_out"]:
        parts.append(phrase("impact-left-out", language, n=facts["left_out"]))
    if facts["class"] and facts["likelihood"]:
        parts.append(
            phrase(
                "impact-class",
                language,
                likelihood=say(dict(facts["likelihood"]), language),
                impact=say(dict(facts["class"]), language),
            )
        )
    space = "" if language.startswith("zh") else " "
    return space.join(parts)


def _harm(facts: Mapping[str, Any], language: str) -> str:
    """Return what is counted, in a language; of messages and curves with one word for all, that."""
    harm = facts["harm"]
    return harm if isinstance(harm, str) else say(dict(harm), language)


def expected_parameters(facts: Mapping[str, Any] | None, language: str) -> list[Parameter]:
    """Return the CAP parameters of an expected impact; docs/guide/impact.md says how they read."""
    if facts is None:
        return []
    number = "unknown" if facts["value"] is None else str(about(facts["value"]))
    told = "; ".join(
        (
            f"{number} {_harm(facts, language)}".replace(";", ","),
            f"members {facts['members']}",
            f"areas {facts['areas']}, left out {facts['left_out']}",
            facts["curve"].replace(";", ","),
        )
    )
    made = [Parameter("tocsin:expected-impact", told)]
    for one in facts["classes"]:
        probability = one["probability"]
        made.append(
            Parameter(
                f"tocsin:impact-at-least:{one['at_least']:g}",
                "unknown" if probability is None else f"{probability:g}",
            )
        )
    return made
