"""One rule as TOML text and back: what an officer edits, exports, and puts into the folder.

The writer knows no field by name: whatever a definition holds comes out, and comes back the same.
It stands in the order of the rule's model, whatever order its keys are kept in: PostgreSQL sorts
those of an object by their length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from tocsin.errors import Fault
from tocsin.region.checker import Checker
from tocsin.region.impact_files import Impacts
from tocsin.region.rule_files import rules_of
from tocsin.region.toml_lines import read_toml
from tocsin.triggers.rules import Rule

__all__ = ["definition_of", "read_rule", "rule_as_toml"]

FILE = "rule"
"""What faults name as their file."""
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")
_HEAD = ("id", "version", "name", "hazard")
"""What says which rule it is stands first; then its own condition, as in the model."""


def definition_of(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON, as a rule version keeps it."""
    return rule.model_dump(mode="json", exclude_none=True)


def rule_as_toml(definition: Mapping[str, Any]) -> str:
    """Return a definition as a rule file with one ``[[rule]]``.

    >>> print(rule_as_toml({"id": "heat", "levels": {"red": 40.0}}), end="")
    [[rule]]
    id = "heat"
    levels = { red = 40.0 }
    """
    rule = _in_order(definition, Rule)
    rule = {key: rule[key] for key in (*_HEAD, *rule) if key in rule}
    return "\n".join(_table("rule", rule, is_row=True)).strip() + "\n"


def read_rule(
    text: str,
    *,
    languages: tuple[str, ...],
    areas: Collection[str],
    impacts: Impacts | None = None,
) -> tuple[Rule | None, list[Fault]]:
    """Return the rule in a text, or every fault of it, each with its line.

    The checks are those of a rule file in the region folder; ``areas`` are the region's codes,
    ``impacts`` its curves and matrices, which the rule may name by their ids.
    """
    document, fault = read_toml(text, FILE)
    if document is None or fault is not None:
        return None, [fault] if fault else []
    check = Checker(Path(), languages=languages, area_lines=dict.fromkeys(areas, 0))
    check.impacts = impacts
    for kind in ("pack", "change"):
        if kind in document.data:
            check.fault_at(
                document, (kind,), None, "Here stands one whole rule.",
                "Packs are taken and changed in the region folder; write the rule's own lines.",
            )  # fmt: skip
    rules = [] if check.faults else list(rules_of(check, document, {}))
    if len(rules) > 1:
        check.fault(
            FILE, document.line(("rule", 1)), "rule", None, "There is more than one rule here.",
            "Propose one rule at a time.",
        )  # fmt: skip
    if check.faults:
        return None, check.faults
    return rules[0], []


def _in_order(value: Any, kind: Any) -> Any:
    """Return a value with its keys in the order of the model; those it does not name by letters."""
    if isinstance(value, (list, tuple)):
        return [_in_order(one, kind) for one in value]
    if not isinstance(value, Mapping):
        return value
    kinds, other = _kinds_in(kind)
    known = [key for key in kinds if key in value]
    rest = sorted(key for key in value if key not in kinds)
    return {key: _in_order(value[key], kinds.get(key, other)) for key in (*known, *rest)}


def _kinds_in(kind: Any) -> tuple[dict[str, Any], Any]:
    """Return the keys of a table of this kind, each with the kind of its value, and of any other.

    A kind is a type as the model has it: a model, a dict of them, or one of these in a tuple,
    optional or annotated; where it is none of these, nothing is known.
    """
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}, None
    if get_origin(kind) is dict:
        key, inner = get_args(kind)
        return dict.fromkeys(get_args(key), inner), inner
    found = (_kinds_in(one) for one in get_args(kind))
    return next((one for one in found if one != ({}, None)), ({}, None))


def _table(path: str, table: Mapping[str, Any], *, is_row: bool = False) -> Iterator[str]:
    """Yield the lines of a table: its plain keys, then the tables in it."""
    plain = {key: one for key, one in table.items() if _is_plain(one)}
    inner = {key: one for key, one in table.items() if key not in plain and one is not None}
    if plain or is_row or not inner:
        yield ""
        yield f"[[{path}]]" if is_row else f"[{path}]"
    for key, value in plain.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        for row in value if isinstance(value, list) else [value]:
            yield from _table(f"{path}.{_key(key)}", row, is_row=isinstance(value, list))


def _is_plain(value: Any) -> bool:
    """Whether a value fits on one line: no table in a table, no list of tables."""
    if value is None:
        return False
    if isinstance(value, dict):
        return bool(value) and not any(isinstance(one, (dict, list)) for one in value.values())
    return not isinstance(value, list) or not (value and all(isinstance(o, dict) for o in value))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        held = {key: one for key, one in value.items() if one is not None}
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in held.items()) + " }"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, (int, float)):
        return repr(value)
    return _quoted(str(value))


def _key(key: str) -> str:
    return key if _BARE.match(key) else _quoted(key)


def _quoted(text: str) -> str:
    """Quote a text; TOML takes JSON's escapes, and wants one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
