"""Profiles: what a country or an organisation asks of a CAP message beyond the standard.

A profile is a file of rules in ``profiles/``; this module knows only the few tests such rules are
made of. A profile never relaxes the standard, so call :func:`tocsin.cap.validate` as well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from tocsin.cap.catalogue import Finding, SeverityOfFinding
from tocsin.cap.message import SEQUENCE, Alert
from tocsin.errors import CapError

__all__ = ["PROFILES", "Profile", "ProfileRule", "check_profile", "load_profile"]

PROFILES = ("cap-au", "cap-cp", "cn", "ipaws", "wmo")


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """One rule of a profile; which of the last fields it uses depends on ``test``."""

    id: str
    part: str
    field: str
    test: str
    severity: SeverityOfFinding
    problem: Mapping[str, str]
    remedy: Mapping[str, str]
    value: str = ""
    values: tuple[str, ...] = ()
    pattern: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of rules and where they come from."""

    id: str
    name: Mapping[str, str]
    source: str
    rules: tuple[ProfileRule, ...]
    colours: Mapping[str, str]


@cache
def load_profile(name: str) -> Profile:
    """Return the profile called ``name``.

    Raises
    ------
    CapError
        There is no such profile.
    """
    if name not in PROFILES:
        raise CapError(f"there is no profile {name!r}; choose one of {', '.join(PROFILES)}")
    text = (resources.files("tocsin.cap") / "profiles" / f"{name}.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    rules = tuple(
        ProfileRule(**{**row, "values": tuple(row.get("values", ()))}) for row in raw["rule"]
    )
    return Profile(raw["id"], raw["name"], raw["source"], rules, raw.get("colours", {}))


def check_profile(alert: Alert, profile: Profile, language: str = "en") -> list[Finding]:
    """Return what the profile finds wrong, in the order of its rules.

    Parameters
    ----------
    alert : Alert
        A message; one without info (a Cancel, an Ack) is asked only for what stands in alert.
    profile : Profile
        Of :func:`load_profile`.
    language : str
        Language of the findings; English where the profile has no other.

    Returns
    -------
    list of Finding
        ``clause`` is the id of the profile; ``line`` is 0.
    """
    findings = []
    for rule in profile.rules:
        for path, part in _parts(alert, rule):
            value = _TESTS[rule.test](rule, part, profile)
            if value is not None:
                problem = rule.problem.get(language, rule.problem["en"])
                remedy = rule.remedy.get(language, rule.remedy["en"])
                place = f"{path}/{_element(part, rule.field)}"
                findings.append(
                    Finding(rule.id, profile.id, rule.severity, place, value[:80], problem, remedy)
                )
    return findings


def _parts(alert: Alert, rule: ProfileRule) -> Iterator[tuple[str, Any]]:
    if rule.part == "alert":
        if rule.field != "info" or alert.info:
            yield "alert", alert
        return
    for number, info in enumerate(alert.info, 1):
        path = f"alert/info[{number}]"
        if rule.part == "info":
            yield path, info
        else:
            for count, area in enumerate(info.area, 1):
                yield f"{path}/area[{count}]", area


def _element(part: object, field: str) -> str:
    return next(row.element for row in SEQUENCE[type(part)] if row.name == field)


def _named(part: Any, rule: ProfileRule) -> list[str]:
    pairs = getattr(part, rule.field)
    return [pair.value for pair in pairs if re.fullmatch(rule.value, pair.value_name)]


# Each test returns None where all is well, else the value that is wrong ("" if one is missing).


def _present(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    return None if getattr(part, rule.field) else ""


def _pattern(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    value = getattr(part, rule.field) or ""
    return None if re.fullmatch(rule.value, value) else value


def _contains(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    values = getattr(part, rule.field)
    return None if rule.value in values else " ".join(values)


def _contains_pattern(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    values = getattr(part, rule.field)
    return None if any(re.fullmatch(rule.value, value) for value in values) else " ".join(values)


def _some_named(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    return None if _named(part, rule) else ""


def _one_named(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    values = _named(part, rule)
    return None if len(values) == 1 else " ".join(values)


def _named_pattern(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    wrong = [value for value in _named(part, rule) if not re.fullmatch(rule.pattern, value)]
    return wrong[0] if wrong else None


def _named_pattern_due(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    return _named_pattern(rule, part, profile) if _named(part, rule) else ""


def _named_length(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    long = [value for value in _named(part, rule) if len(value) > rule.limit]
    return long[0] if long else None


def _points(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    most = max((len(polygon) for polygon in getattr(part, rule.field)), default=0)
    return f"{most} points" if most > rule.limit else None


def _languages(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    spoken = {(info.language or "en").split("-")[0].lower() for info in part.info}
    missing = [language for language in rule.values if language not in spoken]
    return f"no {', '.join(missing)}" if missing else None


def _same_named(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    codes = {
        pair.value
        for info in part.info
        for pair in info.event_code
        if re.fullmatch(rule.value, pair.value_name)
    }
    return " ".join(sorted(codes)) if len(codes) > 1 else None


def _colour(rule: ProfileRule, part: Any, profile: Profile) -> str | None:
    colours = [pair.value for pair in part.parameter if pair.value_name == rule.value]
    wanted = {profile.colours[colour] for colour in colours if colour in profile.colours}
    return f"{part.severity} with {colours[0]}" if wanted and part.severity not in wanted else None


_TESTS: Mapping[str, Callable[[ProfileRule, Any, Profile], str | None]] = {
    "present": _present,
    "pattern": _pattern,
    "contains": _contains,
    "contains-pattern": _contains_pattern,
    "some-named": _some_named,
    "one-named": _one_named,
    "named-pattern": _named_pattern,
    "named-pattern-due": _named_pattern_due,
    "named-length": _named_length,
    "points": _points,
    "languages": _languages,
    "same-named": _same_named,
    "colour": _colour,
}
