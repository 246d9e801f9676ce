"""Why an area has a level that only a forecast reaches: which run, how sure, from when on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from tocsin.triggers.ahead import Ahead
from tocsin.triggers.evaluate import HOUR
from tocsin.triggers.evidence import Evidence, evidence
from tocsin.triggers.futures import ModelRun
from tocsin.triggers.matrix import ROUNDING
from tocsin.triggers.rules import Level

__all__ = ["Expected", "expected", "first_of"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the level of an area ahead rests on. Indices are into ``Ahead.times``.

    ``evidence`` is of the member that is quoted: the one whose worst value just so many of the
    members reach as the rule's probability asks for. Of a single forecast it is that one.
    """

    level: Level
    share: float
    """The largest share of members on hand that reach the level by some hour."""
    first: int
    """The first hour by which as many reach it as the rule asks for."""
    until: int
    """The last hour at which the member that is quoted has it without a break."""
    run: ModelRun
    present: int
    """Members on hand at ``first``; of a single forecast 1."""
    lead_h: float
    """Hours from the issue of the run to ``first``."""
    member: int
    evidence: Evidence


def first_of(ahead: Ahead, place: int, level: Level) -> int:
    """Return the first hour after by which a level is asked for, -1 for none."""
    bar, asked = ahead.bar(place, level)
    with np.errstate(invalid="ignore"):
        enough = ahead.shares[bar - 1, :, place] >= asked - ROUNDING
    return int(enough.argmax()) if enough.any() else -1


def expected(ahead: Ahead, area: str, level: Level | None = None) -> Expected | None:
    """Return what ``level`` of ``area`` rests on; the highest one asked for where none is named.

    None where the members do not ask for it.
    """
    place = ahead.areas.index(area)
    level = Level(int(ahead.level[place])) if level is None else level
    if level is Level.NONE or (first := first_of(ahead, place, level)) < 0:
        return None
    hour = ahead.begin + 1 + first
    bar, asked = ahead.bar(place, level)
    found = []
    for number, one in enumerate(ahead.members):
        if not ahead.known[number, first, place]:
            continue
        of = one.levels[:, place] >= bar
        reaching = np.flatnonzero(of[ahead.begin + 1 : hour + 1])
        if not reaching.size:
            continue
        begin = ahead.begin + 1 + int(reaching[0])
        after = np.flatnonzero(~of[begin:])
        until = begin + int(after[0]) - 1 if after.size else of.size - 1
        capped = replace(one, levels=np.minimum(one.levels, np.int8(bar)))
        found.append((number, until, evidence(capped, until, area)))
    low = ahead.rule.when == "at-or-below"
    found.sort(key=lambda row: (row[2].peak if low else -row[2].peak, row[0]))
    on_hand = int(ahead.known[:, first, place].sum())
    wanted = max(1, math.ceil(asked * on_hand - ROUNDING))
    member, until, why = found[min(wanted, len(found)) - 1]
    run = _run_of(ahead, why, hour)
    return Expected(
        level=level,
        share=float(np.nanmax(ahead.shares[bar - 1, :, place])),
        first=hour,
        until=until,
        run=run,
        present=min(on_hand, len(next(iter(run.values.values())))),
        lead_h=float((ahead.times[hour] - run.issued) / HOUR),
        member=member,
        evidence=why,
    )


def _run_of(ahead: Ahead, why: Evidence, hour: int) -> ModelRun:
    """Return the run that stands at the hour of the worst value, else the first one after."""
    which = ahead.futures.which[:, why.station]
    after = max(0, why.peak_hour - ahead.begin - 1)
    there = np.flatnonzero(which[after:] >= 0)
    if there.size:
        return ahead.futures.runs[int(which[after + there[0]])]
    return ahead.futures.runs[int(ahead.futures.which.max())]
