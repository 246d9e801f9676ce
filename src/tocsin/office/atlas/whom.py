"""Who and what is inside, in words: each number rounded by one rule, with source and day. Pure.

The facts are those that ``warnings_desk.impact_words.facts_of`` puts into a message's row; what is
not known is said so, and never shown as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from tocsin.exposure import about
from tocsin.office.warnings_desk.impact_words import BLANK, WHOLE

from . import wording

__all__ = [
    "Expected",
    "Line",
    "expected_said",
    "facility_count",
    "facility_counts",
    "facility_words",
    "filled_in",
    "lines_of",
    "people_said",
]

Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One number: what it says, the share of the place it is known for, and where it is from."""

    text: str
    known: str
    """Empty where all of it is known."""
    source: str
    day: str
    grade: str
    is_unknown: bool


def lines_of(facts: Iterable[Fact]) -> list[Line]:
    """Return a line for each number; nothing at all, where that is known, has none.

    Things of which there are none in the part that is known share a line, where their source does.
    """
    lines: list[Line] = []
    empty: dict[Line, list[str]] = {}
    for fact in facts:
        if fact["value"] == 0 and fact["unit"] == "" and not _is_whole(fact):
            empty.setdefault(_line(fact, ""), []).append(_name(fact))
        elif fact["value"] or not _is_whole(fact):
            lines.append(_line(fact, _text(fact, _name(fact))))
    comma = gettext(", ")
    return lines + [replace(line, text=_none(comma.join(names))) for line, names in empty.items()]


def _line(fact: Fact, text: str) -> Line:
    return Line(
        text=text,
        known="" if _is_whole(fact) else _percent(float(fact["known"])),
        source=str(fact["source"]),
        day=_day(fact["date"]),
        grade=_grade(str(fact["grade"])),
        is_unknown=fact["value"] is None,
    )


def people_said(impact: Mapping[str, Any]) -> str:
    """Return how many people a message concerns, as a sentence has it."""
    people = impact.get("people")
    if impact.get("people_is_at_most"):  # messages from before shapes were counted
        return gettext("at most %s people") % wording.people_count(people)
    if people is None:
        return gettext("number of people unknown")
    return _people(people, known=float(impact.get("people_known", 1)))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a warning is expected to do, in words, and what the number rests on."""

    text: str
    why: str
    """Likelihood and class of impact; empty without a matrix."""
    classes: tuple[tuple[str, str, str], ...]
    """Name, from which number on, and how probable."""
    rests_on: str
    left_out: str
    day: str
    grade: str


def expected_said(facts: Fact) -> Expected:
    """Return the expected impact of ``warnings_desk.impact_expected.expected_facts`` in words."""
    value, members = facts["value"], int(facts["members"])
    harm = wording.said(facts["harm"])
    said = gettext("Expected impact (%s): not known") % harm
    if value is not None:
        number = wording.people_count(about(value))
        said = gettext("Expected: about %(n)s %(harm)s") % {"n": number, "harm": harm}
    rests_on = gettext("By what was observed: one certain case.")
    if facts["forecast"]:
        rests_on = ngettext(
            "By a forecast of %(n)d member.", "By a forecast of %(n)d members.", members
        ) % {"n": members}
    return Expected(
        text=said,
        why=_likely(facts),
        classes=tuple(_class(one) for one in facts["classes"]),
        rests_on=rests_on if members else "",
        left_out=_left_out(int(facts["left_out"])),
        day=_day(facts["date"]),
        grade=_grade(str(facts["grade"])),
    )


def _likely(facts: Fact) -> str:
    if not facts["likelihood"] or not facts["class"]:
        return ""
    return gettext("Likelihood: %(likelihood)s; impact: %(impact)s") % {
        "likelihood": wording.said(facts["likelihood"]),
        "impact": wording.said(facts["class"]),
    }


def _class(one: Fact) -> tuple[str, str, str]:
    probability = one["probability"]
    share = gettext("not known") if probability is None else f"{probability * 100:.0f} %"
    return wording.said(one["name"]), wording.number(one["at_least"]), share


def _left_out(count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(n)d area is not in the number: it is not known there.",
        "%(n)d areas are not in the number: it is not known there.",
        count,
    ) % {"n": count}


def facility_words(facts: Sequence[Fact]) -> list[str]:
    """Return "3 airports", "1 hospital" of the things that are there."""
    return [_text(fact, fact["name"]) for fact in facts if fact["unit"] == "" and fact["value"]]


def facility_counts(by_kind: Mapping[str, list[str]]) -> list[str]:
    """Return "3 airports", "1 hospital" for each kind that has any."""
    counted = Counter({kind: len(codes) for kind, codes in by_kind.items() if codes})
    return [facility_count(kind, count) for kind, count in sorted(counted.items())]


def facility_count(kind: str, count: int) -> str:
    """Return "3 airports"; of a kind without words here, the kind itself."""
    values = {"count": count}
    known = {
        "airport": ngettext("%(count)d airport", "%(count)d airports", count),
        "school": ngettext("%(count)d school", "%(count)d schools", count),
        "hospital": ngettext("%(count)d hospital", "%(count)d hospitals", count),
        "shelter": ngettext("%(count)d shelter", "%(count)d shelters", count),
        "depot": ngettext("%(count)d depot", "%(count)d depots", count),
        "bridge": ngettext("%(count)d bridge", "%(count)d bridges", count),
        "heliport": ngettext("%(count)d heliport", "%(count)d heliports", count),
        "seaplane-base": ngettext("%(count)d seaplane base", "%(count)d seaplane bases", count),
        "railway-station": ngettext(
            "%(count)d railway station", "%(count)d railway stations", count
        ),
    }
    return (known.get(kind) or f"%(count)d {kind}") % values


def filled_in(text: str, impact: Mapping[str, Any]) -> str:
    """Return an officer's text with ``{people}`` filled in, as the message itself has it."""
    if BLANK not in text:
        return text
    people = impact.get("people")
    if people is None:
        return text.replace(BLANK, gettext("an unknown number of"))
    known = float(impact.get("people_known", 1))
    number = f"{about(people, down=known < WHOLE):,}"
    said = number if known >= WHOLE else gettext("at least %s") % number
    return text.replace(BLANK, said)


def _people(people: float, *, known: float) -> str:
    if known >= WHOLE:
        return gettext("about %s people") % wording.people_count(about(people))
    return gettext("at least %s people") % wording.people_count(about(people, down=True))


def _is_whole(fact: Fact) -> bool:
    return float(fact["known"]) >= WHOLE


def _name(fact: Fact) -> str:
    name = str(fact["name"])
    if fact.get("title"):
        return wording.said(fact["title"])
    known = {"people": gettext("people"), "people in towns": gettext("people in towns")}
    return known.get(name) or str(wording.FACILITY_KINDS.get(name, name.replace("-", " ")))


def _text(fact: Fact, name: str) -> str:
    value = fact["value"]
    if value is None:
        return gettext("%(what)s: not known") % {"what": name}
    if fact["name"] == "people":
        return _people(value, known=float(fact["known"]))
    if fact["unit"] in {"km", "km2"}:
        unit = wording.unit_symbol(fact["unit"]).replace("km2", "km²")
        number = f"{wording.number(about(value))} {unit}"
        return gettext("about %(n)s of %(what)s") % {"n": number, "what": name}
    if fact["unit"] == "":
        return facility_count(str(fact["name"]), int(value)) if value else _none(name)
    words = wording.people_count(about(value, down=not _is_whole(fact)))
    said = (
        gettext("about %(n)s %(what)s") if _is_whole(fact) else gettext("at least %(n)s %(what)s")
    )
    return said % {"n": words, "what": name}


def _none(name: str) -> str:
    return gettext("%(what)s: none where it is known") % {"what": name}


def _percent(share: float) -> str:
    """Return a share below all as percent: never 100 %, and 0 % of nothing only."""
    return f"{min(max(share * 100, 0.1 if share else 0), 99.9):.3g} %"


def _day(given: str | None) -> str:
    if not given:
        return gettext("undated")
    day = date.fromisoformat(given)
    short = wording.month_day(day.month, day.day)
    is_chinese = (get_language() or "en").startswith("zh")
    return f"{day.year}年{short}" if is_chinese else f"{short} {day.year}"


def _grade(grade: str) -> str:
    return {
        "counted": gettext("counted"),
        "modelled": gettext("modelled"),
        "estimated": gettext("estimated"),
        "example": gettext("example, made up"),
    }.get(grade, grade)
