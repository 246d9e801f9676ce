"""What rules with a lead say of the hours to come, from the newest stored runs; reads only.

Only rules with ``lead_h`` above 0 are looked at, over their own stations, quantities and areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.triggers.ahead import Ahead, history_h, look_ahead, quantities_of
from tocsin.triggers.evaluate import Calendar, Grid
from tocsin.triggers.futures import ModelRun, before_newest, futures
from tocsin.triggers.rules import Rule
from tocsin.triggers.taking import Shares

from .grid import observed_grid
from .model_runs import newest_runs, stored_runs
from .recent_rows import RecentRows
from .shares import by_column, stored_shares
from .table import record_begins
from .times import from_utc

__all__ = ["Looked", "look"]

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one rule says of the hours after one: by the newest runs, and by those before them.

    ``before`` is what holds a level that stands when the newest run does not ask for it any more:
    only the second run in a row takes it back (docs/decisions/0015). None where no run says
    anything.
    """

    now: Ahead | None
    before: Ahead | None


def look(
    rules: Sequence[Rule],
    near: Mapping[str, Sequence[str]],
    hour: datetime,
    zone: ZoneInfo,
    *,
    at: datetime,
    recent: RecentRows | None = None,
) -> dict[str, Looked]:
    """Return what rules with a lead say of the hours after ``hour``, as it was known at ``at``.

    Parameters
    ----------
    rules : any rules; those without a lead are passed over
    near : area -> codes of its stations, nearest first
    hour : label of the newest hour whose observations count
    zone : the region's
    """
    found = {}
    for rule in rules:
        if rule.lead_h > 0:
            of = {code: near[code] for code in near if "*" in rule.areas or code in rule.areas}
            if of:
                found[rule.id] = _look(rule, of, hour, zone, at, recent)
    return found


def _look(
    rule: Rule,
    near: Mapping[str, Sequence[str]],
    hour: datetime,
    zone: ZoneInfo,
    at: datetime,
    recent: RecentRows | None,
) -> Looked:
    quantities = quantities_of([rule])
    rows = newest_runs(hour + HOUR, at, quantities=quantities)
    if not rows:
        return Looked(None, None)
    stations = {code for codes in near.values() for code in codes}
    shares = stored_shares() if rule.by_share else {}
    shares = {code: shares.get(code, {}) for code in near if rule.by_share}
    stations.update(code for parts in shares.values() for code in parts)
    seen = observed_grid(
        _begin(rule, hour), hour, quantities=quantities, stations=stations, recent=recent
    )
    runs = stored_runs(rows, seen.stations, quantities)
    moment = from_utc(at)
    parts = by_column(shares, {code: i for i, code in enumerate(seen.stations)})
    now = _ahead(rule, near, parts, seen, runs, zone, moment)
    before = _ahead(rule, near, parts, seen, before_newest(runs, moment), zone, moment)
    return Looked(now, before)


def _begin(rule: Rule, hour: datetime) -> datetime:
    """Return the first hour to read: as far back as the rule's indicators reach."""
    back = history_h(rule)
    if back is not None:
        return hour - HOUR * back
    first = record_begins()
    return hour if first is None else min(first, hour)


def _ahead(
    rule: Rule,
    near: Mapping[str, Sequence[str]],
    shares: Shares,
    seen: Grid,
    runs: Sequence[ModelRun],
    zone: ZoneInfo,
    at: np.datetime64,
) -> Ahead | None:
    found = futures(seen, runs, quantities_of([rule]), lead_h=rule.lead_h, at=at)
    if found is None:
        return None
    column = {code: i for i, code in enumerate(seen.stations)}
    order = {code: [column[one] for one in codes if one in column] for code, codes in near.items()}
    return look_ahead(rule, found, order, Calendar.of(found.grid.times, zone), shares)
