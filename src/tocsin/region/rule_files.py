"""The rule files of a region: the schema, and what only the region and the catalogue know."""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

from tocsin.errors import UnitError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.region.checker import Checker
from tocsin.region.impact_files import impact_fault, resolved
from tocsin.region.pack_files import rule_tables
from tocsin.region.plain import near
from tocsin.region.records import with_records
from tocsin.region.toml_lines import Document
from tocsin.triggers.evaluate import is_computable
from tocsin.triggers.rules import Condition, Rule, Season
from tocsin.units import check_unit, same_dimension

__all__ = ["read_rules", "rules_of"]

_PLACEHOLDERS = frozenset({"value", "place", "time", "until", "people"})
"""What every rule's texts may ask for; some may ask for more (``_blanks``)."""
MOST_OF_HAZARD = 40
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 refuses or discourages (2.2), and NUL that PostgreSQL refuses; lines may break."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One rule in its document, to point at its keys; of a pack, the table that takes it."""

    check: Checker
    document: Document
    at: tuple[str | int, ...]

    def path(self, key: str) -> tuple[str | int, ...]:
        """Return a key of the rule as a place in the document."""
        return (*self.at, *(int(part) if part.isdigit() else part for part in key.split(".")))

    def fault(self, key: str, value: Any, problem: str, remedy: str) -> None:
        self.check.fault_at(self.document, self.path(key), value, problem, remedy)


def read_rules(check: Checker, file: str) -> tuple[Rule, ...]:
    """Read the rule file, or every ``*.toml`` of the rule folder in the order of their names."""
    rules: list[Rule] = []
    seen: dict[str, str] = {}
    for name in _files(check, file):
        document = check.toml(name)
        if document is not None:
            rules += rules_of(check, document, seen)
    return tuple(rules)


def rules_of(check: Checker, document: Document, seen: dict[str, str]) -> Iterator[Rule]:
    """Yield the rules of one document, checked; ``seen`` is id -> file of those before."""
    for at, data in rule_tables(check, document):
        whole = resolved(check, document, at, data)
        rule = None if whole is None else check.validated(Rule, whole, document, at)
        if rule is None:
            continue
        place = _Place(check, document, at)
        if rule.id in seen:
            place.fault("id", rule.id, f"{seen[rule.id]} has a rule of this id.", "Rename one.")
        seen.setdefault(rule.id, document.file)
        _check_number(place, rule)
        if wrong := impact_fault(rule):
            place.fault(*wrong)
        _check_words(place, rule)
        _check_where_and_when(place, rule, check.area_lines)
        yield rule if check.records is None else with_records(rule, check.records)


def _files(check: Checker, file: str) -> list[str]:
    folder = check.folder / file
    if folder.is_dir():
        found = sorted(f"{file}/{one.name}" for one in folder.glob("*.toml"))
        if not found:
            check.fault(file, 0, "folder", None, "The folder holds no rule file.", "Add one.")
        return found
    return [file] if check.has(file) else []


def _check_number(place: _Place, rule: Rule) -> None:
    """Check indicator, unit and direction of every condition against the catalogue."""
    for number, condition in enumerate(rule.conditions):
        _check_condition(place, f"also.{number - 1}." if number else "", condition)


def _check_condition(place: _Place, at: str, condition: Condition) -> None:
    indicator = CATALOGUE.get(condition.indicator)
    if indicator is None:
        place.fault(
            f"{at}indicator",
            condition.indicator,
            "No indicator has this id.",
            near(condition.indicator, CATALOGUE),
        )
        return
    if not is_computable(indicator):
        place.fault(
            f"{at}indicator",
            condition.indicator,
            f"A rule cannot look at it yet: it is computed by {indicator.cadence}.",
            "Use an indicator that hourly observations give: tocsin indicators list --for-rules.",
        )
    try:
        check_unit(condition.unit)
        fits = same_dimension(condition.unit, indicator.unit)
    except UnitError:
        place.fault(
            f"{at}unit", condition.unit, "This unit is not known.",
            f"{condition.indicator} is computed in {indicator.unit}; use a unit of that kind.",
        )  # fmt: skip
        return
    if not fits:
        place.fault(
            f"{at}unit", condition.unit, f"This unit does not measure {condition.indicator}.",
            f"Use a unit that can be turned into {indicator.unit}.",
        )  # fmt: skip
    wanted = "at-or-above" if indicator.direction == "high" else "at-or-below"
    if condition.when != wanted:
        place.fault(
            f"{at}when", condition.when,
            f"{condition.indicator} is dangerous when it is {indicator.direction}.",
            f'Write when = "{wanted}".',
        )  # fmt: skip


def _check_words(place: _Place, rule: Rule) -> None:
    """Check that every text is there in every language and fills in only what can be filled in."""
    texts = {"name": rule.name}
    for level, words in rule.text.items():
        if level not in rule.level_words:
            place.fault(
                f"text.{level}", None, "There is a text but no threshold for this level.",
                f"Add {level} to levels or take its text out.",
            )  # fmt: skip
        texts[f"text.{level}.headline"] = words.headline
        texts[f"text.{level}.instruction"] = words.instruction
    blanks = _blanks(rule)
    for key, text in texts.items():
        place.check.languages_at(place.document, place.path(key), text)
        for code, words_ in text.items():
            _check_letters(place, f"{key}.{code}", words_)
            for name in _asked_of(words_):
                if name not in blanks:
                    place.fault(
                        f"{key}.{code}", f"{{{name}}}", "Nothing can be filled in here.",
                        near(name, blanks),
                    )  # fmt: skip
    _check_letters(place, "source", rule.source)
    if len(rule.hazard) > MOST_OF_HAZARD:
        place.fault(
            "hazard", rule.hazard, f"This has more than {MOST_OF_HAZARD} letters.", "Shorten it."
        )


def _check_letters(place: _Place, key: str, words: str) -> None:
    """Refuse what no message and no database can hold: a warning would fail on it hours later."""
    if found := _UNFIT.search(words):
        place.fault(
            key, ascii(found[0]), "Here stands a control character.",
            "Type the words anew; text that was copied may hold characters that nobody sees.",
        )  # fmt: skip


def _asked_of(words: str) -> list[str]:
    """Return what a text wants filled in, as it stands between its braces, formats included."""
    try:
        parts = list(Formatter().parse(words))
    except ValueError:  # told of where it matters; a name is never filled in
        return re.findall(r"\{([^{}]*)\}", words)
    return [
        name + (f"!{turned}" if turned else "") + (f":{form}" if form else "")
        for _, name, form, turned in parts
        if name is not None
    ]


def _blanks(rule: Rule) -> frozenset[str]:
    """Return what a rule's texts may ask for: what each condition that may be quoted can tell."""
    quoted = rule.conditions if rule.join == "any" else (rule,)
    more = {
        "years": all(one.by_return_period for one in quoted),
        "share": all(one.min_share is not None for one in quoted),
    }
    return _PLACEHOLDERS | {name for name, told in more.items() if told}


def _check_where_and_when(place: _Place, rule: Rule, areas: Collection[str] | None) -> None:
    """Check that the areas exist and the season's days are days."""
    for code in rule.areas:
        if areas is not None and code != "*" and code not in areas:
            place.fault("areas", code, "No area has this code.", near(code, {*areas, "*"}))
    _check_season(place, "season", rule.season)
    for number, condition in enumerate(rule.conditions):
        at = f"also.{number - 1}." if number else ""
        for code in condition.levels_by_area or {}:
            if areas is not None and code not in areas:
                key = f"{at}levels_by_area"
                place.fault(key, code, "No area has this code.", near(code, areas))
        for part, season in enumerate(condition.levels_by_season or ()):
            _check_season(place, f"{at}levels_by_season.{part}", season)


def _check_season(place: _Place, at: str, season: Season | None) -> None:
    if season is None:
        return
    for key, (month, day) in zip(("first", "last"), season.months_days(), strict=True):
        if day > calendar.monthrange(2000, month)[1]:
            place.fault(
                f"{at}.{key}", f"{month:02d}-{day:02d}", "There is no such day.",
                "Write month-day, 03-01.",
            )  # fmt: skip
