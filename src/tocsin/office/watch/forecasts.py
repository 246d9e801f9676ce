"""What a feed says of the time to come goes into the store: runs, completed as their pieces come.

A run that is read twice adds nothing. One that comes in pieces is completed; a value that comes
differently replaces the one before, and is counted. A source that does not say when its run was
begun gets a run of its own whenever it says something else than before, begun at the hour it came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction

from tocsin.errors import Fault
from tocsin.intake import Feed as FeedSettings
from tocsin.intake import Forecast, Reading
from tocsin.intake.quality import LIMITS
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Station

from .blocks import SINGLE, Block, joined
from .forecast_models import ForecastRun, ForecastValues
from .models import Feed
from .times import as_utc

__all__ = ["AHEAD_MOST", "KEPT", "KeptRuns", "keep_forecasts"]

KEPT = timedelta(days=60)
"""How long the runs of a live feed are kept: two months to verify, at most."""
AHEAD_MOST = timedelta(days=16)
"""Hours further ahead are not kept: rules look ten days ahead, and nobody else asks."""
CLOCK_SLACK = timedelta(minutes=5)
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """What the forecasts of a reading came to."""

    runs: int = 0
    """New ones."""
    values: int = 0
    """That were not there."""
    corrected: int = 0
    refused: int = 0


class _Key(NamedTuple):
    model: str
    issued: int | None
    """Seconds since 1970; None where the source does not say."""


Blocks = Mapping[tuple[str, str], tuple[str, Block]]
"""(station, quantity) -> unit, values."""


@transaction.atomic
def keep_forecasts(
    feed: FeedSettings, reading: Reading, *, by: str = MACHINE, at: datetime
) -> KeptRuns:
    """Store the forecasts of a reading; what is wrong with them joins the reading's faults.

    They came with the answer that was read; those of a file of the region, ``delay_min`` after
    their run began.
    """
    if not reading.forecasts:
        return KeptRuns()
    row, _ = Feed.objects.get_or_create(
        code=feed.id,
        defaults={"source": feed.source, "licence": feed.licence, "delay_min": feed.delay_min},
    )
    came = feed.fetched_at
    total = KeptRuns()
    for key, parts in _by_run(reading.forecasts).items():
        one = _keep_run(feed, row, key, parts, came, reading.faults)
        total = KeptRuns(*(a + b for a, b in zip(_sums(total), _sums(one), strict=True)))
    newest = row.runs.order_by("-issued_at").values_list("issued_at", flat=True).first()
    if came is not None and any(one.run is None for one in reading.forecasts):
        newest = came  # it says the same as before, and may have computed it anew: it is not silent
    row.newest_run_at, row.run_every_min = newest, feed.run_every_h * 60
    row.save(update_fields=["newest_run_at", "run_every_min"])
    if came is not None and total.runs:
        row.runs.filter(issued_at__lt=at - KEPT).delete()
    if total.values or total.corrected:
        detail = {"runs": total.runs, "values": total.values}
        if total.corrected:
            detail["corrected"] = total.corrected
        record("keep_forecasts", row, by=by, at=at, object_id=feed.id, detail=detail)
    return total


def _sums(kept: KeptRuns) -> tuple[int, int, int, int]:
    return kept.runs, kept.values, kept.corrected, kept.refused


def _by_run(forecasts: Iterable[Forecast]) -> dict[_Key, list[Forecast]]:
    found: dict[_Key, list[Forecast]] = defaultdict(list)
    for one in forecasts:
        issued = None if one.run is None else int(one.run.astype("datetime64[s]").astype(np.int64))
        found[_Key(one.model, issued)].append(one)
    return found


def _keep_run(
    feed: FeedSettings,
    row: Feed,
    key: _Key,
    parts: list[Forecast],
    came: datetime | None,
    faults: list[Fault],
) -> KeptRuns:
    """Keep one run, or tell why not."""
    moments = _moments(feed, key, came)
    if isinstance(moments, Fault):
        faults.append(moments)
        return KeptRuns(refused=1)
    issued, arrived = moments
    blocks = _blocks(feed, parts, issued, faults)
    if not blocks:
        return KeptRuns()
    run = _stored_run(row, key, issued, blocks)
    is_new = run is None
    if run is None:
        run = ForecastRun(
            feed=row, model=key.model, issued_at=issued, is_issue_told=key.issued is not None,
            arrived_at=arrived, completed_at=arrived, last_at=issued,
            members=0, present=0,
        )  # fmt: skip
        run.save()
    values, corrected = _write(run, blocks)
    _account(feed, row, run, blocks, values, corrected, arrived)
    return KeptRuns(int(is_new), values, corrected)


def _moments(
    feed: FeedSettings, key: _Key, came: datetime | None
) -> tuple[datetime, datetime] | Fault:
    """Return when a run was begun and when it came, or what is wrong with that."""
    if key.issued is not None:
        issued = as_utc(np.datetime64(key.issued, "s"))
        arrived = came or issued + timedelta(minutes=feed.delay_min)
        if issued <= arrived + CLOCK_SLACK:
            return issued, max(arrived, issued)
        said, problem = f"{issued:%Y-%m-%dT%H:%MZ}", f"It came at {arrived:%Y-%m-%dT%H:%MZ}, before"
        problem += " it was begun."
        remedy = "Set the clock here or at the source; the run is not kept."
    elif came is not None:
        return came.replace(minute=0, second=0, microsecond=0), came
    else:
        said, problem = "", "The file does not say when its run was begun."
        remedy = "Have it fetched as a live feed, or give a file that says it."
    return _fault(feed, key.model, said, problem, remedy)


def _fault(feed: FeedSettings, model: str, value: str, problem: str, remedy: str) -> Fault:
    return Fault(feed.path or feed.id, 0, f"run of {model}", value, problem, remedy)


def _blocks(
    feed: FeedSettings, parts: list[Forecast], issued: datetime, faults: list[Fault]
) -> dict[tuple[str, str], tuple[str, Block]]:
    """Join the members of each station and quantity; leave out what no forecast can be."""
    begin = int(issued.timestamp()) // HOUR_S * HOUR_S - HOUR_S  # rain is labelled an hour earlier
    end = begin + int(AHEAD_MOST.total_seconds())
    found: dict[tuple[str, str], tuple[str, Block]] = {}
    for part in parts:
        one = part.series
        times = one.times.astype("datetime64[s]").astype(np.int64)
        values = np.where(one.flags == 0, one.values, np.nan)
        limits = LIMITS.get(one.quantity)
        if limits is not None:
            with np.errstate(invalid="ignore"):
                wild = (values < limits.low) | (values > limits.high)
            if wild.any():
                said = f"{one.station}.{one.quantity}"
                problem = f"{int(wild.sum())} values cannot be: {values[wild][0]:g} {one.unit}."
                remedy = "They are left out; look whether the source has changed its unit."
                faults.append(_fault(feed, part.model, said, problem, remedy))
                values = np.where(wild, np.nan, values)
        good = np.isfinite(values) & (times >= begin) & (times <= end)
        if not good.any():
            continue
        number = SINGLE if part.member is None else part.member
        block = Block((number,), times[good], values[good][None])
        key = (one.station, one.quantity)
        if key in found:
            block, _, _ = joined(found[key][1], block)
        found[key] = (one.unit, block)
    return found


def _stored_run(row: Feed, key: _Key, issued: datetime, blocks: Blocks) -> ForecastRun | None:
    """Return the run that these values are of, None if it is a new one."""
    runs = row.runs.select_for_update().filter(model=key.model)
    if key.issued is not None:
        return runs.filter(issued_at=issued).first()
    newest = runs.filter(is_issue_told=False).order_by("-issued_at").first()
    if newest is None:
        return None
    if newest.issued_at == issued:
        return newest
    for block in _stored(newest, blocks).values():
        _, given = blocks[block[0].station.code, block[0].quantity]
        if joined(block[1], given)[2]:
            return None
    return newest  # nothing that it says is other than before: the same run, asked for again


def _stored(
    run: ForecastRun, blocks: Blocks
) -> dict[tuple[str, str], tuple[ForecastValues, Block]]:
    rows = run.blocks.filter(quantity__in={quantity for _, quantity in blocks})
    return {
        (one.station.code, one.quantity): (one, Block.unpack(one.packed))
        for one in rows.select_related("station")
        if (one.station.code, one.quantity) in blocks
    }


def _write(run: ForecastRun, blocks: Blocks) -> tuple[int, int]:
    """Write blocks, joined with what is there; return new and corrected values."""
    stations = dict(Station.objects.values_list("code", "pk"))
    stored = _stored(run, blocks)
    fresh, changed, values, corrected = [], [], 0, 0
    for key, (unit, block) in blocks.items():
        if key not in stored:
            fresh.append(
                ForecastValues(
                    run=run, station_id=stations[key[0]], quantity=key[1], unit=unit,
                    packed=block.pack(),
                )
            )  # fmt: skip
            values += int(np.isfinite(block.values).sum())
            continue
        row, before = stored[key]
        whole, new, other = joined(before, block)
        if new or other:
            row.packed = whole.pack()
            changed.append(row)
        values, corrected = values + new, corrected + other
    ForecastValues.objects.bulk_create(fresh, batch_size=500)
    ForecastValues.objects.bulk_update(changed, ["packed"], batch_size=200)
    return values, corrected


def _account(
    feed: FeedSettings, row: Feed, run: ForecastRun, blocks: Blocks, values: int, corrected: int,
    came: datetime,
) -> None:  # fmt: skip
    """Bring the run's own row up to date."""
    if not values and not corrected:
        return
    numbers = {number for _, block in blocks.values() for number in block.numbers}
    stored = run.blocks.order_by().values_list("packed", flat=True)[:200]
    for packed in stored:
        numbers |= set(Block.unpack(packed).numbers)
    run.present = len(numbers)
    run.members = max(run.present, run.members, _expected(feed, row, run))
    last = max(int(block.times[-1]) for _, block in blocks.values())
    run.last_at = max(run.last_at, as_utc(np.datetime64(last, "s")))
    run.values += values
    run.corrected += corrected
    if values:
        run.completed_at = max(run.completed_at, came)
    if corrected:
        run.corrected_at = came
    run.save()


def _expected(feed: FeedSettings, row: Feed, run: ForecastRun) -> int:
    """Return how many members a run should have: as its feed says, else as many as ever came."""
    said: Any = feed.options.get("members")
    if isinstance(said, int):
        return said
    others = row.runs.filter(model=run.model).order_by("-present")
    return others.values_list("present", flat=True).first() or 1
