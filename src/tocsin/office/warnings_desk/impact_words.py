"""Numbers of people in sentences, in each language: about, at least, or not known. Pure.

Rounded by the rule of ``tocsin.exposure.about``: two significant digits; of a number that is known
in part, the part, rounded down and said as a lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tocsin.cap.message import Parameter
from tocsin.exposure import Amount, about

from .wording import phrase

__all__ = ["BLANK", "facts_of", "filled", "parameters", "people_in", "people_words", "whom"]

BLANK = "{people}"
"""In a text it becomes the number of people inside what the text is about."""
WHOLE = 0.9995
"""A share known that is said as all of it: what is left is the rounding of outlines."""


def people_in(amounts: Sequence[Amount]) -> Amount | None:
    """Return the amount of people, the first layer there is; None where there is none."""
    return next((one for one in amounts if one.unit == "person"), None)


def people_words(people: Amount | None, language: str) -> str:
    """Return what stands for ``{people}``: "41,000", "at least 41,000", "an unknown number of"."""
    if people is None or people.value is None:
        return phrase("people-unknown", language)
    if people.known >= WHOLE:
        return f"{about(people.value):,}"
    return phrase("people-at-least", language, people=f"{about(people.value, down=True):,}")


def whom(people: Amount | None, language: str) -> str:
    """Return the sentence on how many people live inside."""
    if people is None or people.value is None:
        return phrase("whom-unknown", language)
    if people.known >= WHOLE:
        return phrase("whom", language, people=f"{about(people.value):,}")
    return phrase("whom-at-least", language, people=f"{about(people.value, down=True):,}")


def filled(text: str, people: Amount | None, language: str) -> str:
    """Return a text with ``{people}`` filled in."""
    return text.replace(BLANK, people_words(people, language)) if BLANK in text else text


def facts_of(
    amounts: Sequence[Amount], titles: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Return amounts as a message's row keeps them: whole numbers of people and things.

    ``titles`` are the words of layers that have their own; they are kept along.
    """
    return [
        {
            "name": one.name,
            **({"title": dict(titles[one.name])} if one.name in titles else {}),
            "value": _kept(one),
            "unit": one.unit,
            "known": round(one.known, 4),
            "source": one.source.title,
            "date": one.source.valid_on.isoformat() if one.source.valid_on else None,
            "grade": one.source.grade,
        }
        for one in amounts
    ]


def parameters(amounts: Sequence[Amount]) -> list[Parameter]:
    """Return the CAP parameters ``tocsin:exposed:NAME``; docs/guide/impact.md says how they read.

    ``41000 person; known 93.1 %; Census 2020, table 1; 2020-11-01; estimated``: the number rounded
    by the rule, or the word ``unknown``; the share of the place for which it is known; source, day
    (or ``undated``) and grade.
    """
    return [Parameter(f"tocsin:exposed:{_slug(one.name)}", _told(one)) for one in amounts]


def _told(one: Amount) -> str:
    day = one.source.valid_on
    parts = (
        _number(one),
        f"known {one.known * 100:.4g} %",
        one.source.title.replace(";", ","),
        day.isoformat() if day else "undated",
        one.source.grade,
    )
    return "; ".join(part for part in parts if part)


def _number(one: Amount) -> str:
    if one.value is None:
        return "unknown"
    if one.unit in {"", "km", "km2"}:
        return f"{_kept(one):g} {one.unit}".strip()
    return f"{about(one.value, down=one.known < WHOLE)} {one.unit}"


def _kept(one: Amount) -> float | int | None:
    """Return a value to the digits it has: kilometres to a tenth, all else whole."""
    if one.value is None:
        return None
    return round(one.value, 1) if one.unit in {"km", "km2"} else round(one.value)


def _slug(name: str) -> str:
    return name.replace(" ", "-")
