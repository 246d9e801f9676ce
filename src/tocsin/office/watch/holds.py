"""What an officer decides of series that are held for review, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Count, F, Max
from django.utils.translation import gettext as _

from tocsin.errors import StateError
from tocsin.intake.jumps import OWN, reread
from tocsin.intake.quality import Flag, flag_table
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import post_for, require

from .hold_models import Hold
from .holding import MANY, NEVER, of_rows
from .models import Correction, Observation
from .table import SERIES_A_QUERY, Table, in_order, joined, labels, read_rows, write_rows
from .times import FAR, as_utc, from_utc

__all__ = [
    "VERDICTS",
    "Decided",
    "HeldGroup",
    "decide",
    "decided_since",
    "held_groups",
    "mark_taken_in",
    "may_decide",
]

VERDICTS = (Hold.RELEASED, Hold.CONVERTED, Hold.REFUSED)
LOOK_BACK = timedelta(hours=52)
"""Stored values that converted ones are tested with."""
_ALIKE = ("feed", "series__quantity", "taken", "sent")
"""What holds that are decided together have in common, and the audit row says once."""
_OFF = np.uint16(0xFFFF ^ int(Flag.HELD | OWN))


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Series of one feed and quantity that moved alike: decided together."""

    first: Hold
    """One of them; feed, quantity and units are all alike."""
    keys: tuple[int, ...]
    """Of the holds, as the form sends them back."""
    stations: list[str]
    values: int
    last_at: datetime | None


def held_groups() -> list[HeldGroup]:
    """Return what is held now, oldest first."""
    rows = Hold.objects.filter(verdict=Hold.OPEN).order_by("first_at", "series__station__code")
    groups: dict[tuple[object, ...], list[tuple[int, str]]] = {}
    for key, station, *alike in rows.values_list("pk", "series__station__code", *_ALIKE):
        groups.setdefault(tuple(alike), []).append((key, station))
    firsts = Hold.objects.select_related("feed", "series__station").in_bulk(
        [some[0][0] for some in groups.values()]
    )
    held = _held_values() if groups else {}
    return [
        HeldGroup(
            firsts[some[0][0]],
            tuple(key for key, _ in some),
            [station for _, station in some],
            *held.get(alike, (0, None)),
        )
        for alike, some in groups.items()
    ]


def _held_values() -> dict[tuple[object, ...], tuple[int, datetime]]:
    """Return for each group how many values are held, and when the last one was."""
    rows = (
        Observation.objects.filter(flags__gt=0, series__holds__verdict=Hold.OPEN)
        .annotate(held=F("flags").bitand(int(Flag.HELD)))
        .filter(held__gt=0)
        .order_by()
        .values_list(
            *(name if name.startswith("series") else f"series__holds__{name}" for name in _ALIKE)
        )
        .annotate(count=Count("pk"), last=Max("time"))
    )
    return {tuple(alike): (count, last) for *alike, count, last in rows}


def may_decide(user: object) -> bool:
    """Whether an account has a post that may decide what is held."""
    return isinstance(user, User) and bool(post_for("review_held", user, _is_whole_region))


def _is_whole_region(_area_code: str) -> bool:
    """Whether a post for one area is enough: stations serve every area they are near to."""
    return False


@transaction.atomic
def decide(keys: Sequence[int], verdict: str, *, by: User | str, at: datetime) -> int:
    """Release held values as they are, convert them by the named unit, or refuse them.

    Converting holds for what the feed brings from then on as well, until its settings are changed;
    after a refusal values that are still away are held anew. Returns how many values it was about.

    Raises
    ------
    NotAllowedError
        The post may not, or is for a part of the region: its stations serve the areas around too.
    StateError
        There is no such decision, one of the holds was decided before, or they are not alike.
    """
    if verdict not in VERDICTS:
        raise StateError(_("“%s” is no decision; choose one of those on the page.") % verdict)
    actor = require("review_held", by, _is_whole_region)
    holds = _locked(keys)
    if not holds or len(holds) != len(set(keys)):
        raise StateError(_("Some of these were decided before; look at the list again."))
    if len({(one.feed_id, one.series.quantity, one.taken, one.sent) for one in holds}) > 1:
        raise StateError(_("These moved in different ways; decide each group by itself."))
    values = _write(holds, verdict, at)
    for start in range(0, len(holds), MANY):
        some = [one.pk for one in holds[start : start + MANY]]
        Hold.objects.filter(pk__in=some).update(verdict=verdict, decided_at=at, decided_by=actor)
    first = holds[0]
    detail = {
        "verdict": verdict, "quantity": first.series.quantity, "taken": first.taken,
        "sent": first.sent, "values": values,
        "stations": sorted({one.series.station.code for one in holds}),
    }  # fmt: skip
    record("decide_held", "hold", by=actor, at=at, object_id=first.feed.code, detail=detail)
    return values


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions that the watch has not seen, and since when they make a station's values others."""

    since: dict[int, np.datetime64]
    keys: tuple[int, ...]


def decided_since(feed: str) -> Decided:
    """Return what officers have decided of a feed's holds and the watch has not seen."""
    since: dict[int, np.datetime64] = {}
    rows = Hold.objects.filter(feed__code=feed, taken_in_at=None).exclude(verdict=Hold.OPEN)
    found = list(rows.values_list("pk", "series__station", "first_at"))
    for _key, station, first in found:
        time = np.datetime64(first.replace(tzinfo=None), "s")
        since[station] = min(since.get(station, time), time)
    return Decided(since, tuple(key for key, _station, _first in found))


def mark_taken_in(decided: Decided, at: datetime) -> None:
    """Note that the watch has seen these decisions; one made meanwhile waits for its next look."""
    for start in range(0, len(decided.keys), MANY):
        keys = decided.keys[start : start + MANY]
        Hold.objects.filter(pk__in=keys).update(taken_in_at=at)


def _locked(keys: Sequence[int]) -> list[Hold]:
    """Lock those of the holds that are open, in the order in which the watch locks them."""
    wanted, found = sorted(set(keys)), []
    for start in range(0, len(wanted), MANY):
        rows = Hold.objects.filter(pk__in=wanted[start : start + MANY], verdict=Hold.OPEN)
        rows = rows.select_for_update(of=("self",)).select_related("feed", "series__station")
        found += list(rows.order_by("pk"))
    return found


def _write(holds: Sequence[Hold], verdict: str, at: datetime) -> int:
    """Write a verdict into the held values of series that moved alike, some hundred at a time."""
    count = 0
    by_time = sorted(holds, key=lambda one: one.first_at)
    for start in range(0, len(by_time), SERIES_A_QUERY):
        some = by_time[start : start + SERIES_A_QUERY]
        since = {one.series_id: from_utc(one.first_at - LOOK_BACK) for one in some}
        rows = read_rows(list(since), some[0].first_at - LOOK_BACK, FAR)
        rows = rows[rows.times >= of_rows(rows.series, since, NEVER)]
        held = rows.flags & np.uint16(Flag.HELD) > 0
        mine = rows[held]
        off = mine.flags & np.uint16(0xFFFF ^ Flag.HELD)
        if verdict == Hold.RELEASED:
            now = replace(mine, flags=off)
        elif verdict == Hold.REFUSED:
            now = replace(mine, flags=off | np.uint16(Flag.REFUSED))
        else:
            one = some[0]
            values = reread(mine.values, one.series.unit, one.taken, one.sent)
            now = replace(mine, values=values, flags=mine.flags & _OFF)
            now = _tested(one.series.quantity, now, rows[~held])
            _correct(mine, now, at)
        write_rows(now)
        count += len(now)
    return count


def _tested(quantity: str, now: Table, others: Table) -> Table:
    """Return converted values with the flags that they deserve among the others."""
    every = in_order(joined([now, others]))
    keys, which = np.unique(every.series, return_inverse=True)
    names = [(str(key), quantity) for key in keys.tolist()]
    flags = flag_table(names, which, every.times, every.values, every.flags)
    return replace(now, flags=flags[np.isin(labels(every), labels(now))])


def _correct(before: Table, now: Table, at: datetime) -> None:
    rows = zip(
        now.series.tolist(), before.times, before.values.tolist(), before.flags.tolist(),
        now.values.tolist(), strict=True,
    )  # fmt: skip
    Correction.objects.bulk_create(
        [
            Correction(
                series_id=series, time=as_utc(time), before=_known(old), before_flags=bits,
                after=_known(new), at=at,
            )
            for series, time, old, bits, new in rows
        ],
        batch_size=2000,
    )  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
