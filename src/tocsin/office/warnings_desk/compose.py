"""From a rule, levels and evidence to a CAP 1.2 message. Pure: the ledger does the writing.

One alert carries one episode of one rule: an info block for each level in it and each language, so
that one message shows the whole picture (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.cap.message import Alert, Area, Geocode, Info, Parameter, Polygon, Reference
from tocsin.exposure import Amount
from tocsin.triggers.evidence import EndedBy
from tocsin.triggers.rules import Level, Rule, say

from .impact_expected import expected_facts, expected_parameters, expected_words
from .impact_words import parameters, people_in, people_words, whom
from .outlook import certainty_of, urgency_of
from .wording import LEVEL_WORDS, blanks, phrase, value_with_unit, when, why

__all__ = ["SEVERITY", "Draft", "Place", "Sender", "compose", "quoted_row", "worst_row"]

SEVERITY: Mapping[Level, str] = MappingProxyType(
    {
        Level.BLUE: "Minor",
        Level.YELLOW: "Moderate",
        Level.ORANGE: "Severe",
        Level.RED: "Extreme",
    }
)
"""A proposal, not a standard: the colour itself always travels along as a parameter."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks, and whether it is an exercise."""

    sender: str
    names: dict[str, str]
    languages: tuple[str, ...]
    zone: ZoneInfo
    replay_year: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """An area as a message needs it."""

    code: str
    names: dict[str, str]
    polygons: tuple[Polygon, ...]
    people: int | None
    """None where nobody has said how many live there."""


def _nobody(_areas: Sequence[str]) -> Sequence[Amount]:
    return ()


@dataclass(frozen=True, slots=True)
class Draft:
    """All that one message says."""

    identifier: str
    msg_type: str
    sent_at: datetime
    expires_at: datetime
    rule: Rule
    levels: Mapping[str, Level]
    evidence: Sequence[Mapping[str, Any]]
    station_names: Mapping[str, dict[str, str]]
    references: tuple[Reference, ...]
    ended: tuple[str, ...] = ()
    """Of a cancel: the areas that the message before it named."""
    ended_by: EndedBy = "values"
    """Of a cancel: whether values, their absence or a withdrawn rule brought it about."""
    exposed: Callable[[Sequence[str]], Sequence[Amount]] = _nobody
    """Who and what lies inside areas, by their codes."""


def compose(draft: Draft, sender: Sender, places: Mapping[str, Place]) -> Alert:
    """Return the alert; what may be wrong in it is for ``tocsin.cap.validate`` to say."""
    exercise = sender.replay_year is not None
    notes = [
        phrase("replay-note", language, year=sender.replay_year) for language in sender.languages
    ]
    cancel = draft.msg_type == "Cancel"
    infos = [
        _ended(draft, sender, places, language)
        if cancel
        else _info(draft, sender, places, language, level, rows)
        for level, rows in ([(Level.NONE, [])] if cancel else _groups(draft))
        for language in sender.languages
    ]
    return Alert(
        identifier=draft.identifier,
        sender=sender.sender,
        sent=draft.sent_at.astimezone(sender.zone),
        status="Exercise" if exercise else "Actual",
        msg_type=draft.msg_type,
        scope="Public",
        note=" ".join(notes) if exercise else None,
        references=draft.references,
        info=tuple(infos),
    )


def _groups(draft: Draft) -> list[tuple[Level, list[Mapping[str, Any]]]]:
    """Return the evidence by level, highest first; what is measured apart from what is expected.

    CAP has one certainty and one onset for an info block.
    """
    found = []
    for level in sorted(set(draft.levels.values()), reverse=True):
        rows = [row for row in draft.evidence if draft.levels.get(row["area"]) == level]
        for ahead in (False, True):
            if some := [row for row in rows if bool(row.get("forecast")) == ahead]:
                found.append((level, some))
    return found


def _info(
    draft: Draft,
    sender: Sender,
    places: Mapping[str, Place],
    language: str,
    level: Level,
    rows: Sequence[Mapping[str, Any]],
) -> Info:
    rule = draft.rule
    there = {row["area"] for row in rows}
    inside = [code for code in draft.levels if code in there]
    worst = worst_row(rows, rule)
    words = rule.text[level.word]  # type: ignore[index]
    people = people_in(exposed := draft.exposed(inside))
    expected = _expected(rule, rows, inside)
    station = say(draft.station_names[worst["station"]], language)
    until = draft.expires_at.astimezone(sender.zone)
    fill = blanks(worst, station, language, until=until, people=people_words(people, language))
    return Info(
        language=language,
        category=rule.cap.category,
        event=_event(rule, level, language),
        response_type=rule.cap.response,
        urgency=urgency_of(min(rows, key=lambda row: row["crossed_at"]), rule, draft.sent_at),
        severity=SEVERITY[level],
        certainty=certainty_of(worst, rule),
        effective=draft.sent_at.astimezone(sender.zone),
        onset=min(datetime.fromisoformat(row["crossed_at"]) for row in rows).astimezone(
            sender.zone
        ),
        expires=draft.expires_at.astimezone(sender.zone),
        sender_name=say(sender.names, language),
        headline=_mark(sender, language)
        + (phrase("expected-mark", language) if worst.get("forecast") else "")
        + say(words.headline, language).format(**fill),
        description=" ".join(
            (
                why(worst, station, language, level=level, zone=sender.zone),
                *_held(sender, worst, language),
                *_concerned(people, expected, language),
            )
        ),
        instruction=say(words.instruction, language).format(**fill),
        parameter=(
            *_parameters(draft, worst, level),
            *parameters(exposed),
            *expected_parameters(expected, language),
        ),
        area=tuple(_area(places[code], language) for code in inside),
    )


def _expected(
    rule: Rule, rows: Sequence[Mapping[str, Any]], inside: Sequence[str]
) -> dict[str, Any] | None:
    """Return the expected impact in whole areas, by the amounts that the rule itself holds."""
    amounts = (rule.impact.amounts if rule.impact else None) or {}
    return expected_facts(rule, rows, {code: amounts.get(code) for code in inside})


def _concerned(
    people: Amount | None, expected: Mapping[str, Any] | None, language: str
) -> list[str]:
    """Return the sentences on who lives there and what is expected."""
    return [said for said in (whom(people, language), expected_words(expected, language)) if said]


def _ended(draft: Draft, sender: Sender, places: Mapping[str, Place], language: str) -> Info:
    name = say(draft.rule.name, language)
    clear = draft.ended_by in {"values", "forecast"}
    return Info(
        language=language,
        category=draft.rule.cap.category,
        event=name,
        response_type=("AllClear",) if clear else ("Monitor",),
        urgency="Past" if clear else "Unknown",
        severity="Minor",
        certainty=_certainty_of_end(draft.ended_by),
        effective=draft.sent_at.astimezone(sender.zone),
        expires=draft.expires_at.astimezone(sender.zone),
        sender_name=say(sender.names, language),
        headline=_mark(sender, language) + phrase("ended", language, name=name),
        description=phrase(f"ended-{draft.ended_by}", language),
        instruction=phrase("ended-do" if clear else "watch-out", language),
        parameter=(Parameter("tocsin:rule", f"{draft.rule.id} v{draft.rule.version}"),),
        area=tuple(_area(places[code], language) for code in draft.ended),
    )


def _certainty_of_end(ended_by: EndedBy) -> str:
    return {"values": "Observed", "forecast": "Unlikely"}.get(ended_by, "Unknown")


def _event(rule: Rule, level: Level, language: str) -> str:
    name = say(rule.name, language)
    if language.startswith("en") and not name[1:2].isupper():
        name = name[:1].lower() + name[1:]
    text = phrase(
        "event",
        language,
        level=LEVEL_WORDS[level].get(language, level.word),
        name=name,
    )
    return text[:1].upper() + text[1:]


def _held(sender: Sender, row: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Say what the newest value is where it no longer reaches the threshold."""
    if row["latest_at"] == row["observed_at"]:
        return ()
    at = datetime.fromisoformat(row["latest_at"]).astimezone(sender.zone)
    latest = value_with_unit(row["latest"], row["unit"], language)
    return (phrase("held", language, latest=latest, at=when(at, language)),)


def _mark(sender: Sender, language: str) -> str:
    return (
        ""
        if sender.replay_year is None
        else phrase("replay-mark", language, year=sender.replay_year)
    )


def quoted_row(rows: Sequence[Mapping[str, Any]], rule: Rule) -> Mapping[str, Any]:
    """Return the row that speaks for a whole message: the worst one of its highest level.

    What was measured speaks for a level, where another area has it by a forecast alone.
    """
    first = max((row["level"], not row.get("forecast")) for row in rows)
    return worst_row([r for r in rows if (r["level"], not r.get("forecast")) == first], rule)


def worst_row(rows: Sequence[Mapping[str, Any]], rule: Rule) -> Mapping[str, Any]:
    """Return the row of evidence to quote: the value farthest beyond its own threshold.

    Areas may have thresholds of their own. The rule's own indicator goes before those that are
    joined on, and of levels by return period the rarest one goes first.
    """
    low = {one.indicator for one in rule.conditions if one.when == "at-or-below"}

    def mildness(row: Mapping[str, Any]) -> tuple[bool, float, float, float, str]:
        sign = 1 if row["indicator"] in low else -1
        beyond = sign * round(row["value"] - row["threshold"], 6)
        other = row["indicator"] != rule.indicator
        return other, -row.get("years", 0.0), beyond, sign * row["value"], row["area"]

    return min(rows, key=mildness)


def _parameters(draft: Draft, row: Mapping[str, Any], level: Level) -> tuple[Parameter, ...]:
    return (
        Parameter("tocsin:level", level.word),
        Parameter("tocsin:rule", f"{draft.rule.id} v{draft.rule.version}"),
        Parameter("tocsin:indicator", str(row["indicator"])),
        Parameter("tocsin:value", f"{row['value']:g} {row['unit']}"),
        Parameter("tocsin:threshold", f"{row['threshold']:g} {row['unit']}"),
        Parameter("tocsin:station", str(row["station"])),
        *((Parameter("tocsin:return-period", f"{row['years']:g} year"),) if "years" in row else ()),
        *((Parameter("tocsin:share", f"{row['share']:g}"),) if "share" in row else ()),
        *_of_forecast(row),
    )


def _of_forecast(row: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Return when the value was observed, or when and by which forecast it is expected."""
    ahead = row.get("forecast")
    if not ahead:
        return (Parameter("tocsin:observed", str(row["observed_at"])),)
    return (
        Parameter("tocsin:expected", str(row["observed_at"])),
        Parameter("tocsin:forecast", f"{ahead['model']} {ahead['issued_at']}"),
        Parameter("tocsin:members", f"{ahead['present']} of {ahead['members']}"),
        Parameter("tocsin:probability", f"{ahead['probability']:g}"),
    )


def _area(place: Place, language: str) -> Area:
    return Area(
        area_desc=say(place.names, language),
        polygon=place.polygons,
        geocode=(Geocode("tocsin:area", place.code),),
    )
