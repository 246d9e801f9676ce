"""A rule in words, field by field, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.office.warnings_desk.differences import Change, words_changed
from tocsin.office.watch.labels import quantity_name
from tocsin.triggers.rules import LEVELS

from . import wording

__all__ = ["described", "differences"]

HOURS = ("persistence_h", "hold_h", "max_gap_h", "valid_h")
Areas = Mapping[str, str]
"""Area code -> its name in the language of the page."""


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], areas: Areas, *,
    was_off: bool = False, is_off: bool = False,
) -> list[Change]:  # fmt: skip
    """Return the fields that differ between two definitions, in the order in which rules are read.

    Without ``before`` everything is new.
    """
    old = described(before, areas, is_off=was_off) if before is not None else {}
    new = described(after, areas, is_off=is_off)
    order = list(dict.fromkeys([*new, *old]))
    return [
        Change(name, was, now, tuple(words_changed(was, now)))
        for name in order
        if (was := old.get(name, "")) != (now := new.get(name, ""))
    ]


def described(
    definition: Mapping[str, Any], areas: Areas, *, is_off: bool = False
) -> dict[str, str]:
    """Return a definition as field -> words; a field that has no words here comes by its key."""
    return dict(_lines(definition, areas, is_off=is_off))


def _lines(
    rule: Mapping[str, Any], areas: Areas, *, is_off: bool
) -> Iterator[tuple[str, str]]:  # fmt: skip
    yield _("In use"), _("no: it raises nothing") if is_off else _("yes")
    for tag, words in sorted(rule.get("name", {}).items()):
        yield f"{_('Name')} ({tag})", words
    yield _("Hazard"), wording.hazard_word(rule.get("hazard", ""))
    yield from _condition(rule, "", areas)
    for number, condition in enumerate(rule.get("also") or (), 2):
        yield from _condition(condition, _("Condition %d: ") % number, areas)
    if rule.get("join"):
        joined = {"all": _("all of them"), "any": _("any of them")}
        yield _("Conditions that must hold"), joined.get(rule["join"], str(rule["join"]))
    words = {
        "persistence_h": _("A level counts after"),
        "hold_h": _("It falls after so long below"),
        "max_gap_h": _("Without a value carried over"),
        "valid_h": _("A message runs out after"),
    }
    for name in HOURS:
        if name in rule:
            yield words[name], hours(rule[name])
    yield _("Season"), _season(rule.get("season"))
    yield _("Areas"), _areas(rule.get("areas") or ["*"], areas)
    for word in (level.word for level in reversed(LEVELS)):
        yield from _texts(word, rule.get("text", {}).get(word) or {})
    yield _("Where the thresholds come from"), rule.get("source", "")
    yield from _rest(rule)


def _condition(one: Mapping[str, Any], head: str, areas: Areas) -> Iterator[tuple[str, str]]:
    unit, low = one.get("unit", ""), one.get("when") == "at-or-below"
    rare = one.get("levels_as") == "return-period"
    yield head + _("Looks at"), quantity_name(one.get("indicator", ""))
    tables = [("", one.get("levels") or {})]
    tables += [
        (_(" in %s") % areas.get(code, code), own)
        for code, own in sorted((one.get("levels_by_area") or {}).items())
    ]
    tables += [
        (_(", %s") % wording.season_said(part), part.get("levels") or {})
        for part in one.get("levels_by_season") or ()
    ]
    for where, levels in tables:
        for level in reversed(LEVELS):
            if level.word in levels:
                limit = wording.bound_text(
                    float(levels[level.word]), "year" if rare else unit, is_low=low
                )
                name = _("%(level)s from") % {"level": wording.LEVEL_WORDS[level]}
                yield f"{head}{name[:1].upper()}{name[1:]}{where}", limit
    if record := one.get("record"):
        said = [
            f"{name} {of['first']}–{of['last']} ({of['years']})"
            for name, of in sorted(record.items())
        ]
        yield head + _("Records of stations"), _(", ").join(said)
    if "min_share" in one:
        yield head + _("Least share of the surface"), f"{round(100 * one['min_share'])}%"
    if "min_known" in one:
        yield head + _("Of it with values at least"), f"{round(100 * one['min_known'])}%"
    if "hysteresis" in one:
        yield head + _("It must go back by more than"), _value(one["hysteresis"], unit)


def _texts(word: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    level = next(str(wording.LEVEL_WORDS[one]) for one in LEVELS if one.word == word)
    parts = {"headline": _("Headline"), "instruction": _("What to do")}
    for part, words in parts.items():
        for tag, text in sorted((said.get(part) or {}).items()):
            yield f"{words}, {level} ({tag})", text
    yield from _flat({k: v for k, v in said.items() if k not in parts}, f"text.{word}.")


_SAID = frozenset(
    {"id", "version", "name", "hazard", "indicator", "unit", "when", "levels", "levels_by_area",
     "levels_by_season", "levels_as", "record", "min_share", "min_known", "hysteresis", "also",
     "join", "season", "areas", "text", "source", "cap", *HOURS}
)  # fmt: skip


def _rest(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the codes of the message, and every field that has no words of its own, by its key."""
    yield from _flat(rule.get("cap") or {}, "CAP ")
    yield from _flat({key: one for key, one in rule.items() if key not in _SAID}, "")
    for number, condition in enumerate(rule.get("also") or (), 2):
        more = {key: one for key, one in condition.items() if key not in _SAID}
        yield from _flat(more, _("Condition %d: ") % number)


def _flat(value: Mapping[str, Any], head: str) -> Iterator[tuple[str, str]]:
    for key, one in sorted(value.items()):
        if isinstance(one, Mapping):
            yield from _flat(one, f"{head}{key}.")
        elif isinstance(one, (list, tuple)) and any(isinstance(part, Mapping) for part in one):
            for number, part in enumerate(one, 1):
                yield from _flat(
                    part if isinstance(part, Mapping) else {"": part}, f"{head}{key}[{number}]."
                )
        else:
            yield f"{head}{key}", ", ".join(map(str, one)) if isinstance(one, list) else str(one)


def _season(season: Mapping[str, str] | None) -> str:
    return wording.season_said(season) if season else _("the whole year")


def _areas(codes: list[str], areas: Areas) -> str:
    if "*" in codes:
        return _("every area")
    return _(", ").join(areas.get(code, code) for code in codes)


def _value(value: Any, unit: str) -> str:
    if isinstance(value, (int, float)):
        return wording.limit_text(float(value), unit)
    return str(value)


def hours(number: Any) -> str:
    """Return a number of hours in words."""
    return str(ngettext("%d hour", "%d hours", number) % number)
