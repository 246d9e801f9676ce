"""One cycle of the live watch: feeds, values, levels, and what the desk has to do about them.

The very functions of the replay decide; only the hand that writes differs: ``issue`` where the
region's policy asks for nobody, a draft where it asks for persons. Run twice at one moment, a cycle
does nothing the second time; killed anywhere and run again, it does what was left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from django.db import DatabaseError, transaction

from tocsin.errors import StateError, TocsinError
from tocsin.intake import known_after
from tocsin.office.places.models import Region, Station
from tocsin.office.places.services import load_region_folder
from tocsin.office.watch import lease
from tocsin.office.watch.ahead import look
from tocsin.office.watch.feeding import Fed, look_at_feeds
from tocsin.office.watch.indicator_rows import refresh_indicators
from tocsin.office.watch.models import Cycle
from tocsin.office.watch.notes import note
from tocsin.office.watch.recent import keep_recent_triggers
from tocsin.office.watch.recent_rows import RecentRows
from tocsin.office.watch.rule_picks import notes as rule_notes
from tocsin.office.watch.services import keep_rules
from tocsin.office.watch.shares import stored_shares
from tocsin.office.watch.states import States, bring_up, forget, functions_of
from tocsin.office.watch.times import from_utc
from tocsin.office.watch.window import Judgement, judge_hour
from tocsin.region import Region as Settings
from tocsin.region import load_region
from tocsin.region.archive import policy_of
from tocsin.triggers.rules import Rule

from .cycle import Judged, Part, Step, in_force, near_stations, plan
from .in_hand import look_for_person
from .machine_drafts import persons_for, propose, withdraw_stale
from .services import Desk, issue

__all__ = ["LiveWatch", "wall"]

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long the rows of cycles are kept."""
RECENT, RECURSIVE = timedelta(hours=84), timedelta(hours=132)
"""Hours in memory; a recursive indicator goes on from a state that is up to three days old."""
NOTHING: Mapping[int, np.datetime64] = MappingProxyType({})


def _memory(rules: Iterable[Rule]) -> timedelta:
    return RECURSIVE if functions_of(rules) else RECENT


def wall() -> datetime:
    """Return the wall clock."""
    return datetime.now(UTC)


class LiveWatch:
    """The watch of one live region. ``clock`` is for the lease and the accounts alone.

    Raises
    ------
    RegionError
        The folder has faults.
    StateError
        The region is a replay, or another process runs the watch.
    """

    def __init__(
        self, folder: Path, spool: Path, *, at: datetime, clock: Callable[[], datetime] = wall
    ) -> None:
        self.holder = lease.holder_name()
        self._clock = clock
        self._folder, self._spool = folder, spool
        self._settings: Settings = load_region(folder)
        self._recent = RecentRows(_memory(self._settings.rules))
        self._states = States()
        if self._settings.replay is not None:
            raise StateError(
                f"{folder} is a replay region: run  tocsin replay {folder}  for it. A live region "
                "has no [replay] in region.toml."
            )
        self._load(at)

    def cycle(self, at: datetime) -> Cycle:
        """Run one cycle for the moment ``at`` and return its account."""
        try:
            return self._cycle(at.replace(microsecond=0))
        except BaseException:
            self._recent.clear()  # what it holds may not have come into the database
            raise

    def _cycle(self, at: datetime) -> Cycle:
        self._hold()
        self._reload(at)
        self._recent.move_on(at)
        row = Cycle.objects.create(at=at, started_at=self._clock())
        since = self._take_in(row, at)
        self._hold()
        hour, judged, found = self._judge(at, since)
        row.hour = hour
        row.notes += rule_notes(at, self._last_at(row))
        row.levels = sum(len(levels) for levels in judged.wanted().values())
        if expected := judged.only_ahead():
            row.notes.append(note("expected", areas=expected))
        self._act(row, judged, at)
        self._hold()
        if hour is not None:
            with transaction.atomic():
                lease.confirm(self.holder)
                for rule, judgements in found.items():
                    keep_recent_triggers(judged.versions[rule], judgements)
                refresh_indicators(
                    list(judged.rules.values()),
                    self._with_hours_since(hour, since),
                    hour,
                    self.region.zone,
                    recent=self._recent,
                    states=self._states,
                )
        row.finished_at = self._clock()
        row.save()
        Cycle.objects.filter(started_at__lt=row.started_at - KEPT).delete()
        return row

    def close(self) -> None:
        """Give the lease back."""
        lease.release(self.holder)

    def _load(self, at: datetime) -> None:
        self.region: Region = load_region_folder(self._folder, at=at, read=self._settings)
        self._delay = known_after(self._settings.feeds)
        self._rules = {rule.id: rule for rule in self._settings.rules}

    def _reload(self, at: datetime) -> None:
        """Take over what ``tocsin load`` has changed meanwhile."""
        stored = Region.objects.get(pk=self.region.pk)
        if stored.digest != self._settings.digest:
            self._settings = load_region(self._folder)
            self._load(at)

    def _hold(self) -> None:
        if not lease.has(self.holder):
            self._recent.clear()  # another may have written since
        has_it = lease.take(self.holder, self._clock())
        if has_it != self.holder:
            raise StateError(
                f"Another tocsin run has this data folder: {has_it}. Stop it, or wait five minutes "
                "after it was cut off."
            )

    def _take_in(self, row: Cycle, at: datetime) -> dict[int, np.datetime64]:
        """Look at all feeds; return since when the values of which station are others."""
        since = self._unfinished(row)
        rows: dict[str, dict[str, Any]] = {}

        def account(fed: Fed) -> None:
            rows[fed.feed] = fed.as_row()
            row.feeds = list(rows.values())
            row.notes = [told for one in row.feeds for told in one["notes"]]
            for word in ("new", "late", "corrected", "refused"):
                setattr(row, word, sum(one[word] for one in row.feeds))
            row.save()

        for fed in look_at_feeds(
            self._settings.feeds,
            self._settings.stations,
            self._spool,
            at=at,
            guard=lambda: lease.confirm(self.holder),
            note=account,
            recent=self._recent,
        ):
            account(fed)
            if fed.error:
                row.errors.append(f"{fed.feed}: {fed.error}")
            for station, time in fed.kept.since.items():
                since[station] = min(since.get(station, time), time)
        return since

    def _unfinished(self, row: Cycle) -> dict[int, np.datetime64]:
        """Return what cycles that were killed had taken in and not finished with."""
        done = Cycle.objects.exclude(finished_at=None).first()
        left = Cycle.objects.filter(finished_at=None).exclude(pk=row.pk)
        if done is not None:
            left = left.filter(pk__gt=done.pk)
        times = [
            datetime.fromisoformat(fed["since"])
            for one in left
            for fed in one.feeds
            if fed["since"]
        ]
        if not times:
            return {}
        oldest = np.datetime64(min(times).replace(tzinfo=None), "s")
        return dict.fromkeys(Station.objects.values_list("pk", flat=True), oldest)

    def _last_at(self, row: Cycle) -> datetime | None:
        """Return the moment of the cycle before this one."""
        return Cycle.objects.filter(pk__lt=row.pk).values_list("at", flat=True).first()

    def _with_hours_since(
        self, hour: datetime, since: Mapping[int, np.datetime64]
    ) -> Mapping[int, np.datetime64]:
        """Add the hours that no cycle has finished with: a quick feed gives them too early."""
        done = Cycle.objects.exclude(finished_at=None).exclude(hour=None).first()
        if done is None or done.hour is None or done.hour >= hour:
            return since
        next_ = from_utc(done.hour + timedelta(hours=1))
        keys = Station.objects.values_list("pk", flat=True)
        return {key: min(since.get(key, next_), next_) for key in keys}

    def _bring_up(
        self, rules: Collection[Rule], since: Mapping[int, np.datetime64], hour: datetime
    ) -> States:
        """Forget the states that new values have made wrong, and make those that are missing."""
        with transaction.atomic():
            lease.confirm(self.holder)
            forget(since)
            return bring_up(functions_of(rules), hour, self.region.zone, recent=self._recent)

    def _judge(
        self, at: datetime, since: Mapping[int, np.datetime64] = NOTHING
    ) -> tuple[datetime | None, Judged, Mapping[str, list[Judgement]]]:
        """Return the newest hour that is known, and what every rule says of it."""
        versions = keep_rules(self._settings.rules, at=at)
        rules = {
            name: Rule.model_validate(version.definition) for name, version in versions.items()
        }
        near = near_stations()
        self._recent.reach(_memory(rules.values()))  # the office may have rules of its own
        hour = (at - self._delay).replace(minute=0, second=0, microsecond=0)
        self._states = self._bring_up(rules.values(), since, hour)
        found = judge_hour(
            list(rules.values()),
            {area: list(stations) for area, stations in near.items()},
            hour,
            self.region.zone,
            shares=stored_shares() if any(rule.by_share for rule in rules.values()) else None,
            recent=self._recent,
            states=self._states,
        )
        parts = {
            name: tuple(Part(one.evaluation, one.grid, one.grid.times.size - 1) for one in some)
            for name, some in found.items()
        }
        policies = {name: policy_of(self._settings, rule) for name, rule in rules.items()}
        ahead = look(
            list(rules.values()),
            {area: list(stations) for area, stations in near.items()},
            hour,
            self.region.zone,
            at=at,
            recent=self._recent,
        )
        judged = Judged(rules, versions, policies, near, parts, ahead)
        return (hour if found else None), judged, found

    def _act(self, row: Cycle, judged: Judged, at: datetime) -> None:
        """Issue what needs nobody, draft what needs persons; one that fails stops no other."""
        if judged.rules and not judged.parts and not judged.ahead:
            return  # nothing has ever been measured: nothing is known, so nothing is called off
        desk = Desk.here(self.region)
        handled: set[int] = set()
        failed = False
        for step in plan(judged, in_force(at, self.region), at):
            try:
                with transaction.atomic():
                    lease.confirm(self.holder)
                    self._take_step(row, desk, step, at, handled)
            except DatabaseError:
                raise
            except TocsinError as error:
                failed = True
                row.errors.append(f"{step.rule.id}: {error}")
            except Exception as error:  # one rule's mistake must not stop the others
                failed = True
                log.exception("Rule %s could not be acted on", step.rule.id)
                row.errors.append(f"{step.rule.id}: {type(error).__name__}: {error}")
        if not failed:  # a draft whose step failed is not out of date
            with transaction.atomic():
                lease.confirm(self.holder)
                count, notes = withdraw_stale(handled, at=at)
            row.drafts += count
            row.notes += notes
        row.save()

    def _take_step(
        self, row: Cycle, desk: Desk, step: Step, at: datetime, handled: set[int]
    ) -> None:
        if persons_for(step, self.region) == 0:
            in_hand = look_for_person(step, at=at)
            if in_hand.draft is not None:
                handled.add(in_hand.draft.pk)
            notes = [in_hand.note] if in_hand.note else []
            if in_hand.wait:
                row.notes += notes
                return
            issue(
                desk,
                step.action,
                step.rule,
                step.version,
                step.evidence,
                at=at,
                ended_by=step.ended_by,
            )
            row.messages += 1
            row.notes += notes
            return
        proposed = propose(step, desk, at=at)
        if proposed.draft is not None:
            handled.add(proposed.draft.pk)
        row.drafts += proposed.is_written
        if proposed.note:
            row.notes.append(proposed.note)
