"""What pydantic found wrong, said in plain sentences with a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

__all__ = ["Finding", "findings", "near"]

Finding = tuple[tuple[str | int, ...], Any, str, str]
"""Where (keys and numbers), the value there, what is wrong, what to do."""

_TYPES = {
    "string_type": ("This is not a text.", "Put it in quotes."),
    "float_type": ("This is not a number.", "Write a number without quotes."),
    "float_parsing": ("This is not a number.", "Write it with digits and a point."),
    "finite_number": ("This is not a number.", "Write it with digits and a point."),
    "int_type": ("This is not a whole number.", "Write digits only, without quotes."),
    "int_parsing": ("This is not a whole number.", "Write digits only."),
    "int_from_float": ("This is not a whole number.", "Write it without a fraction."),
    "bool_type": ("This is neither true nor false.", "Write true or false."),
    "bool_parsing": ("This is neither true nor false.", "Write true or false."),
    "dict_type": ("This is not a table.", "Write keys with values: { en = ..., zh-Hans = ... }."),
    "tuple_type": ("This is not a list.", "Write a list in square brackets."),
    "list_type": ("This is not a list.", "Write a list in square brackets."),
    "timezone_aware": (
        "This time has no offset from UTC.",
        "Write the offset: 2013-07-18T15:00:00-04:00.",
    ),
}
_DATES = ("date_", "datetime_")
_PATTERNS = {
    r"^[a-z][a-z0-9-]*$": "Use small letters, digits and hyphens, a letter first",
    r"^[a-z0-9][a-z0-9-]*$": "Use small letters, digits and hyphens",
    r"^[a-z][a-z-]*$": "Use small letters and hyphens",
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "Use letters, digits, points, hyphens and underscores",
    r"^\d\d-\d\d$": "Write two digits, a hyphen, two digits",
    r"^\S+$": "Leave out the spaces",
    r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$": "Write a language tag of BCP 47",
    r"^[^\s,<&]+$": "Leave out spaces, commas, < and &",
}
_SHOWN = 12


def near(wrong: str, known: Iterable[str]) -> str:
    """Return a remedy that names the known word nearest to a wrong one, else what there is."""
    words = sorted(known)
    if close := difflib.get_close_matches(wrong, words, n=1):
        return f"Did you mean {close[0]}?"
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"Use one of {', '.join(words[:_SHOWN])}{more}."


def findings(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Turn each error of a validation into a finding."""
    return [_finding(dict(one), model) for one in error.errors(include_url=False)]


def _finding(one: dict[str, Any], model: type[BaseModel]) -> Finding:
    where = tuple(part for part in one["loc"] if part != "[key]")
    problem, remedy = _words(one, where, model)
    value = "" if one["type"] in {"missing", "value_error"} else one["input"]
    if one["type"] == "value_error" and not isinstance(one["input"], dict | BaseModel):
        value = one["input"]
    return where, value, problem, remedy


def _words(
    one: dict[str, Any], where: Sequence[str | int], model: type[BaseModel]
) -> tuple[str, str]:
    kind, context = one["type"], one.get("ctx", {})
    name = str(where[-1]) if where else ""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "missing":
        return f"{name} is missing.", _hint(f"Give {name}", _field(model, where))
    if kind == "extra_forbidden":
        return "This key is not known here.", near(name, _known_keys(model, where[:-1]))
    if kind == "literal_error":
        wanted = str(context["expected"]).replace("'", "").replace(" or ", ", ")
        return "This word is not known here.", near(str(one["input"]), wanted.split(", "))
    if kind == "value_error":
        return _two_parts(str(context["error"]))
    if kind == "string_pattern_mismatch":
        return "This is not written as it should be.", _hint(
            _PATTERNS.get(context["pattern"], f"It must fit {context['pattern']}"),
            _field(model, where),
        )
    if kind.startswith(_DATES):
        return "This is not a date or time.", "Write it like 2013-07-18 or 2013-07-18T15:00:00Z."
    return _limit(kind, context)


def _limit(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    bounds = {
        "greater_than_equal": ("ge", "This is too small.", "It must be at least {}."),
        "greater_than": ("gt", "This is too small.", "It must be more than {}."),
        "less_than_equal": ("le", "This is too large.", "It must be at most {}."),
        "less_than": ("lt", "This is too large.", "It must be less than {}."),
        "string_too_short": ("min_length", "This is empty.", "Write at least {} character."),
        "string_too_long": ("max_length", "This is too long.", "Use at most {} characters."),
        "too_short": ("min_length", "This is empty.", "Give at least {}."),
        "too_long": ("max_length", "This has too many parts.", "Give at most {}."),
    }
    if kind in bounds:
        key, problem, remedy = bounds[kind]
        limit = context[key]
        return problem, remedy.format(f"{limit:g}" if isinstance(limit, float) else limit)
    return (
        "This value cannot be used here.",
        "See docs/guide/make-a-region.md for what may stand here.",
    )


def _two_parts(said: str) -> tuple[str, str]:
    """Split a validator's own words into the problem and the remedy."""
    for mark in (": ", "; ", ". "):
        problem, found, remedy = said.partition(mark)
        if found:
            break
    problem = problem.rstrip(".") + "."
    return _capital(problem), _capital(remedy.rstrip(".") + ".") if remedy else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _hint(remedy: str, description: str | None) -> str:
    return f"{remedy} ({description})." if description else f"{remedy}."


def _field(model: type[BaseModel], where: Sequence[str | int]) -> str | None:
    """Return the description of the field at a place of a model."""
    for owner in _models_at(model, where[:-1]):
        if where and str(where[-1]) in owner.model_fields:
            return owner.model_fields[str(where[-1])].description
    return None


def _known_keys(model: type[BaseModel], where: Sequence[str | int]) -> set[str]:
    return {
        name
        for owner in _models_at(model, where)
        for name, field in owner.model_fields.items()
        if not field.exclude
    }


def _models_at(model: type[BaseModel], where: Sequence[str | int]) -> list[type[BaseModel]]:
    owners = [model]
    for part in where:
        inner = []
        for owner in owners:
            if str(part) in owner.model_fields:
                inner += _inner_models(owner.model_fields[str(part)].annotation)
        owners = inner or owners
    return owners


def _inner_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _inner_models(part)]
