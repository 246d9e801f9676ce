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
from .models import Correction, Observation
from .table import Table, in_order, joined, read_rows, write_rows
from .times import as_utc

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
MANY = 5000
"""Keys of one statement; both databases take several times as many."""
_OFF = np.uint16(0xFFFF ^ int(Flag.HELD | OWN))


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Series of one feed and quantity that moved alike: decided together."""

    holds: tuple[Hold, ...]
    values: int
    last_at: datetime | None

    @property
    def first(self) -> Hold:
        """One of them; feed, quantity and units are all alike."""
        return self.holds[0]

    @property
    def stations(self) -> list[str]:
        """Their stations."""
        return [hold.series.station.code for hold in self.holds]

    @property
    def keys(self) -> str:
        """The keys of the holds, as the form sends them back."""
        return ",".join(str(hold.pk) for hold in self.holds)


def held_groups() -> list[HeldGroup]:
    """Return what is held now, oldest first."""
    rows = Hold.objects.filter(verdict=Hold.OPEN).select_related("feed", "series__station")
    groups: dict[tuple[object, ...], list[Hold]] = {}
    for hold in rows.order_by("first_at", "series__station__code"):
        groups.setdefault(_alike(hold), []).append(hold)
    return [_group(some) for some in groups.values()]


def _alike(hold: Hold) -> tuple[object, ...]:
    """Return what holds that are decided together have in common, and the audit row says once."""
    return (hold.feed_id, hold.series.quantity, hold.taken, hold.sent)


def may_decide(user: object) -> bool:
    """Whether an account has a post that may decide what is held."""
    return isinstance(user, User) and bool(post_for("review_held", user, _is_whole_region))


def _is_whole_region(_area_code: str) -> bool:
    """Whether a post for one area is enough: stations serve every area they are near to."""
    return False


def _group(holds: list[Hold]) -> HeldGroup:
    held = (
        Observation.objects.filter(series__in=[one.series_id for one in holds], flags__gt=0)
        .annotate(held=F("flags").bitand(int(Flag.HELD)))
        .filter(held__gt=0)
        .aggregate(count=Count("pk"), last=Max("time"))
    )
    return HeldGroup(tuple(holds), held["count"], held["last"])


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
    holds = list(
        Hold.objects.select_for_update(of=("self",))
        .filter(pk__in=keys, verdict=Hold.OPEN)
        .select_related("feed", "series__station")
        .order_by("pk")  # as the watch locks them
    )
    if not holds or len(holds) != len(set(keys)):
        raise StateError(_("Some of these were decided before; look at the list again."))
    if len({_alike(one) for one in holds}) > 1:
        raise StateError(_("These moved in different ways; decide each group by itself."))
    values = sum(_write(hold, verdict, at) for hold in holds)
    Hold.objects.filter(pk__in=[one.pk for one in holds]).update(
        verdict=verdict, decided_at=at, decided_by=actor
    )
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


def _write(hold: Hold, verdict: str, at: datetime) -> int:
    """Write a verdict into the held values of one series."""
    last = hold.series.observations.aggregate(last=Max("time"))["last"]
    if last is None:
        return 0
    rows = read_rows([hold.series_id], hold.first_at - LOOK_BACK, last)
    held = rows.flags & np.uint16(Flag.HELD) > 0
    mine = rows[held]
    if verdict == Hold.RELEASED:
        now = replace(mine, flags=mine.flags & np.uint16(0xFFFF ^ Flag.HELD))
    elif verdict == Hold.REFUSED:
        off = mine.flags & np.uint16(0xFFFF ^ Flag.HELD)
        now = replace(mine, flags=off | np.uint16(Flag.REFUSED))
    else:
        values = reread(mine.values, hold.series.unit, hold.taken, hold.sent)
        now = _tested(hold, replace(mine, values=values, flags=mine.flags & _OFF), rows[~held])
        _correct(mine, now, at)
    write_rows(now)
    return len(now)


def _tested(hold: Hold, now: Table, others: Table) -> Table:
    """Return converted values with the flags that they deserve among the others."""
    every = in_order(joined([now, others]))
    key = (str(hold.series.station_id), hold.series.quantity)
    flags = flag_table(
        [key], np.zeros(len(every), np.int64), every.times, every.values, every.flags
    )
    return replace(now, flags=flags[np.isin(every.times, now.times)])


def _correct(before: Table, now: Table, at: datetime) -> None:
    rows = zip(before.times, before.values, before.flags, now.values, strict=True)
    Correction.objects.bulk_create(
        [
            Correction(
                series_id=int(now.series[0]), time=as_utc(time), before=_known(old),
                before_flags=int(bits), after=_known(new), at=at,
            )
            for time, old, bits, new in rows
        ],
        batch_size=2000,
    )  # fmt: skip


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
