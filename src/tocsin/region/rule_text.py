"""One rule as TOML text and back: what an officer edits, exports, and puts into the folder.

The writer knows no field by name: whatever a definition holds comes out, and comes back the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

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
_ORDER = {name: number for number, name in enumerate(("id", "version", "name", "hazard"))}


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
    return "\n".join(_table("rule", definition, is_row=True)).strip() + "\n"


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
            check.fault(
                FILE, document.line((kind,)), kind, None, "Here stands one whole rule.",
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


def _table(path: str, table: Mapping[str, Any], *, is_row: bool = False) -> Iterator[str]:
    """Yield the lines of a table: its plain keys, then the tables in it."""
    plain = {key: one for key, one in table.items() if _is_plain(one)}
    inner = {key: one for key, one in table.items() if key not in plain and one is not None}
    if plain or is_row or not inner:
        yield ""
        yield f"[[{path}]]" if is_row else f"[{path}]"
    for key in sorted(plain, key=lambda key: _ORDER.get(key, len(_ORDER))):
        yield f"{_key(key)} = {_value(plain[key])}"
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
