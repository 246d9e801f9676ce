"""Which version of a rule is in force at a moment; see decision 14.

The office's newest approved version whose moment has come; without one the folder's. Once the
folder says the same as that version, the folder leads again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import ValidationError

from tocsin.triggers.rules import Rule

from .models import RuleVersion
from .notes import Note, note

__all__ = [
    "in_force", "notes", "pick", "rules_at", "rules_over", "turns", "waits_behind",
    "why_unreadable",
]  # fmt: skip


def pick(versions: Iterable[RuleVersion], at: datetime) -> RuleVersion | None:
    """Return the version of one rule that is in force at ``at``; it may be one that is off. Pure.

    None before the first: a rule that only the office has, and not yet.
    """
    there = sorted(versions, key=lambda one: one.version)
    folder = [one for one in there if one.origin == RuleVersion.FOLDER]
    office = [
        one
        for one in there
        if one.origin == RuleVersion.OFFICE and one.valid_from is not None and one.valid_from <= at
    ]
    newest = folder[-1] if folder else None
    if not office:
        return newest
    leads = max(office, key=lambda one: (one.valid_from, one.version))
    if newest is not None and _has_caught_up(folder, leads):
        return newest
    return leads


def _has_caught_up(folder: Iterable[RuleVersion], office: RuleVersion) -> bool:
    """Whether the folder has come to say what the office's version says."""
    return not office.is_off and any(
        one.version > office.version and one.digest == office.digest for one in folder
    )


def waits_behind(versions: Iterable[RuleVersion], stands: RuleVersion) -> RuleVersion | None:
    """Return the folder's text that is newer than the office's version in force and another. Pure.

    None where the folder says nothing newer, or the same.
    """
    if stands.origin != RuleVersion.OFFICE:
        return None
    newer = [
        one for one in versions if one.origin == RuleVersion.FOLDER and one.version > stands.version
    ]
    newest = max(newer, key=lambda one: one.version, default=None)
    return None if newest is None or newest.digest == stands.digest else newest


def rules_at(at: datetime, *, with_off: bool = False) -> list[RuleVersion]:
    """Return each rule as it stands at ``at``, by id; rules out of use only ``with_off``."""
    groups = _by_rule(RuleVersion.objects.all()).values()
    found = (_readable(some, at) for some in groups)
    return [one for one in found if one is not None and (with_off or not one.is_off)]


def rules_over(
    first: datetime, last: datetime, *, is_replay: bool
) -> list[tuple[datetime, list[RuleVersion]]]:
    """Return from when which rules stood, from ``first`` to ``last``, in order; none that was off.

    A text of the folder counts from when it came here, its oldest from ever. A replay is of
    another time than that: there the folder's newest counts from ever, as in :func:`turns`.
    """
    groups = _by_rule(RuleVersion.objects.all())
    came = {at for some in groups.values() for one in some if (at := one.valid_from or one.kept_at)}
    found = []
    for at in sorted({first, *(one for one in came if first < one <= last)}):
        known = (some if is_replay else _known_by(some, at) for some in groups.values())
        there = (_readable(some, at) for some in known)
        found.append((at, [one for one in there if one is not None and not one.is_off]))
    return found


def _known_by(versions: Iterable[RuleVersion], at: datetime) -> list[RuleVersion]:
    there = list(versions)
    folder = [one for one in there if one.origin == RuleVersion.FOLDER]
    oldest = min(folder, key=lambda one: one.version, default=None)
    return [
        one
        for one in there
        if one.origin == RuleVersion.OFFICE
        or one is oldest
        or (one.kept_at is not None and one.kept_at <= at)
    ]


def _readable(versions: Iterable[RuleVersion], at: datetime) -> RuleVersion | None:
    """Return what :func:`pick` picks of those that this program can read.

    Only what is picked is read: a rule that was changed a hundred times has a hundred versions.
    """
    left = list(versions)
    while (one := pick(left, at)) is not None and why_unreadable(one):
        left.remove(one)
    return one


def in_force(folder: Mapping[str, RuleVersion], at: datetime) -> dict[str, RuleVersion]:
    """Return what the rules are at ``at``: the folder's newest, and what the office put instead.

    ``folder`` is what the folder holds now, by rule. A rule that is off is left out. A version of
    the office that this program cannot read any more does not count; ``notes`` tells of it.
    """
    said = dict(folder)
    of_office = RuleVersion.objects.filter(origin=RuleVersion.OFFICE, valid_from__lte=at)
    names = set(of_office.order_by().values_list("rule", flat=True))
    for rule, versions in _by_rule(RuleVersion.objects.filter(rule__in=names)).items():
        stands = _readable(versions, at)
        if stands is None or stands.origin == RuleVersion.FOLDER:
            continue
        if stands.is_off:
            said.pop(rule, None)
        else:
            said[rule] = stands
    return said


def turns(
    folder: Mapping[str, RuleVersion], first: datetime, last: datetime
) -> list[tuple[datetime, dict[str, RuleVersion]]]:
    """Return from when which versions are in force, from ``first`` to ``last``, in order."""
    within = RuleVersion.objects.filter(valid_from__gt=first, valid_from__lte=last)
    moments = sorted({first, *(one for one in within.values_list("valid_from", flat=True) if one)})
    return [(moment, in_force(folder, moment)) for moment in moments]


def notes(at: datetime, since: datetime | None) -> list[Note]:
    """Return what the desk has to know of its rules at the cycle of ``at``; ``since`` is the last.

    Three things: a version of the office has come into force, the folder has a newer text that
    waits behind one, a version cannot be read by this program.
    """
    said: list[Note] = []
    names = RuleVersion.objects.filter(origin=RuleVersion.OFFICE).order_by().values("rule")
    for versions in _by_rule(RuleVersion.objects.filter(rule__in=names)).values():
        said += _unreadable_notes(versions)
        stands = _readable(versions, at)
        if stands is None or stands.origin != RuleVersion.OFFICE or stands.valid_from is None:
            continue
        if since is not None and since < stands.valid_from <= at:
            said.append(note("out-of-use" if stands.is_off else "in-force", version=str(stands)))
        waiting = waits_behind(versions, stands)
        if waiting is not None and waiting.kept_at == at:
            newer = f"v{waiting.version}"
            said.append(note("folder-waits", rule=stands.rule, newer=newer, version=str(stands)))
    return said


def _unreadable_notes(versions: Iterable[RuleVersion]) -> list[Note]:
    return [
        note("unreadable", version=str(one), why=why)
        for one in versions
        if one.origin == RuleVersion.OFFICE and (why := why_unreadable(one))
    ]


def why_unreadable(version: RuleVersion) -> str:
    """Return why this program cannot read an office's version; empty where it can.

    The folder's are read and checked with the folder; the office's may be older than the program.
    """
    if version.origin != RuleVersion.OFFICE:
        return ""
    try:
        Rule.model_validate(version.definition)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}."
    return ""


def _by_rule(versions: Iterable[RuleVersion]) -> dict[str, list[RuleVersion]]:
    found: dict[str, list[RuleVersion]] = defaultdict(list)
    for one in versions:
        found[one.rule].append(one)
    return found
