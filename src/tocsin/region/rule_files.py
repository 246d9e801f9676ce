"""The rule files of a region: the schema, and what only the region and the catalogue know."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tocsin.errors import UnitError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.region.checker import Checker, dotted
from tocsin.region.plain import near
from tocsin.region.toml_lines import Document
from tocsin.triggers.evaluate import is_computable
from tocsin.triggers.rules import Rule
from tocsin.units import check_unit, same_dimension

__all__ = ["read_rules", "tables_of"]

_PLACEHOLDERS = frozenset({"value", "place", "until"})


@dataclass(frozen=True, slots=True)
class _Place:
    """One rule in its document, to point at its keys."""

    check: Checker
    document: Document
    number: int

    def fault(self, key: str, value: Any, problem: str, remedy: str) -> None:
        path: tuple[str | int, ...] = ("rule", self.number, *key.split("."))
        self.check.fault(
            self.document.file, self.document.line(path), dotted(path), value, problem, remedy
        )


def read_rules(check: Checker, file: str) -> tuple[Rule, ...]:
    """Read the rule file, or every ``*.toml`` of the rule folder in the order of their names."""
    rules: list[Rule] = []
    seen: dict[str, str] = {}
    for name in _files(check, file):
        document = check.toml(name)
        if document is None:
            continue
        for number, data in enumerate(tables_of(check, document, "rule")):
            rule = check.validated(Rule, data, document, ("rule", number))
            if rule is None:
                continue
            place = _Place(check, document, number)
            if rule.id in seen:
                place.fault("id", rule.id, f"{seen[rule.id]} has a rule of this id.", "Rename one.")
            seen.setdefault(rule.id, name)
            _check_number(place, rule)
            _check_words(place, rule)
            _check_where_and_when(place, rule, check.area_lines)
            rules.append(rule)
    return tuple(rules)


def _files(check: Checker, file: str) -> list[str]:
    folder = check.folder / file
    if folder.is_dir():
        found = sorted(f"{file}/{one.name}" for one in folder.glob("*.toml"))
        if not found:
            check.fault(file, 0, "folder", None, "The folder holds no rule file.", "Add one.")
        return found
    return [file] if check.has(file) else []


def tables_of(check: Checker, document: Document, name: str) -> list[Mapping[str, Any]]:
    """Return the ``[[name]]`` tables of a document; note any other key."""
    for key in document.data:
        if key != name:
            check.fault(
                document.file, document.line((key,)), key, None, "This key is not known here.",
                f"This file holds [[{name}]] tables only.",
            )  # fmt: skip
    tables = document.data.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        check.fault(
            document.file, document.line((name,)), name, None, "This is not a list of tables.",
            f"Begin each with [[{name}]], in two brackets.",
        )  # fmt: skip
        return []
    if not tables:
        check.fault(
            document.file, 0, name, None, f"The file holds no [[{name}]].", f"Write a [[{name}]]."
        )
    return tables


def _check_number(place: _Place, rule: Rule) -> None:
    """Check indicator, unit and direction against the catalogue."""
    indicator = CATALOGUE.get(rule.indicator)
    if indicator is None:
        place.fault(
            "indicator",
            rule.indicator,
            "No indicator has this id.",
            near(rule.indicator, CATALOGUE),
        )
        return
    if not is_computable(indicator):
        place.fault(
            "indicator",
            rule.indicator,
            f"A rule cannot look at it yet: it is computed by {indicator.cadence}.",
            "Use an indicator that hourly observations give: tocsin indicators list --for-rules.",
        )
    try:
        check_unit(rule.unit)
        fits = same_dimension(rule.unit, indicator.unit)
    except UnitError:
        place.fault(
            "unit", rule.unit, "This unit is not known.",
            f"{rule.indicator} is computed in {indicator.unit}; use a unit of that kind.",
        )  # fmt: skip
        return
    if not fits:
        place.fault(
            "unit", rule.unit, f"This unit does not measure {rule.indicator}.",
            f"Use a unit that can be turned into {indicator.unit}.",
        )  # fmt: skip
    wanted = "at-or-above" if indicator.direction == "high" else "at-or-below"
    if rule.when != wanted:
        place.fault(
            "when", rule.when, f"{rule.indicator} is dangerous when it is {indicator.direction}.",
            f'Write when = "{wanted}".',
        )  # fmt: skip


def _check_words(place: _Place, rule: Rule) -> None:
    """Check that every text is there in every language and fills in only what can be filled in."""
    texts = {"name": rule.name}
    for level, words in rule.text.items():
        if level not in rule.levels:
            place.fault(
                f"text.{level}", None, "There is a text but no threshold for this level.",
                f"Add {level} to levels or take its text out.",
            )  # fmt: skip
        texts[f"text.{level}.headline"] = words.headline
        texts[f"text.{level}.instruction"] = words.instruction
    for key, text in texts.items():
        path: tuple[str | int, ...] = ("rule", place.number, *key.split("."))
        place.check.languages_of(text, place.document.file, place.document.line(path), dotted(path))
        for code, words_ in text.items():
            for name in re.findall(r"\{([^{}]*)\}", words_):
                if name not in _PLACEHOLDERS:
                    place.fault(
                        f"{key}.{code}", f"{{{name}}}", "Nothing can be filled in here.",
                        near(name, _PLACEHOLDERS),
                    )  # fmt: skip


def _check_where_and_when(place: _Place, rule: Rule, areas: Collection[str] | None) -> None:
    """Check that the areas exist and the season's days are days."""
    for code in rule.areas:
        if areas is not None and code != "*" and code not in areas:
            place.fault("areas", code, "No area has this code.", near(code, {*areas, "*"}))
    if rule.season is None:
        return
    for key, (month, day) in zip(("first", "last"), rule.season.months_days(), strict=True):
        if day > calendar.monthrange(2000, month)[1]:
            place.fault(
                f"season.{key}", f"{month:02d}-{day:02d}", "There is no such day.",
                "Write month-day, 03-01.",
            )  # fmt: skip
