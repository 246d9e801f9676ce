"""Verbs on warnings. Issuing is one transaction: it freezes the bytes, the hash and the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin import cap
from tocsin.cap.message import Reference
from tocsin.errors import StateError
from tocsin.office.audit.services import record
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Region, Station
from tocsin.office.watch.models import RuleVersion, Trigger
from tocsin.triggers.evidence import EndedBy
from tocsin.triggers.reconcile import Action
from tocsin.triggers.rules import Rule

from .compose import Draft as Announcement
from .compose import Sender, compose
from .impact import Gazetteer
from .impact_expected import expected_facts
from .ledger import append
from .models import Approval, Draft, DraftRevision, Emptying, Message, Warning
from .outlook import expires_of
from .signals import message_issued
from .signing import signed

__all__ = ["ALL_CLEAR_FOR", "Desk", "free_slug", "issue", "references", "start_over"]

ALL_CLEAR_FOR = timedelta(hours=3)
"""A cancel is shown as an all-clear this long."""

MSG_TYPES = {"issue": "Alert", "cancel": "Cancel"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What stays the same from message to message: read once, used for many."""

    region: Region
    sender: Sender
    gazetteer: Gazetteer
    station_names: Mapping[str, dict[str, str]]

    @classmethod
    def here(cls, region: Region) -> Desk:
        """Return the desk of ``region`` with its stations read as well."""
        return cls.of(region, dict(Station.objects.values_list("code", "names")))

    @classmethod
    def of(cls, region: Region, station_names: Mapping[str, dict[str, str]]) -> Desk:
        """Return the desk of ``region``."""
        year = region.replay_first.astimezone(region.zone).year if region.replay_first else None
        sender = Sender(
            sender=region.sender,
            names=region.names,
            languages=tuple(region.languages),
            zone=ZoneInfo(region.time_zone),
            replay_year=year if region.is_replay else None,
        )
        return cls(region, sender, Gazetteer.read(region), station_names)


@transaction.atomic
def issue(
    desk: Desk,
    action: Action,
    rule: Rule,
    version: RuleVersion,
    evidence: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    by: str = MACHINE,
    ended_by: EndedBy = "values",
) -> Message:
    """Send one message of a rule's warning into the ledger, without asking a person.

    What persons write and approve goes out by ``drafts.issue_draft``.

    Raises
    ------
    CapError
        The message breaks a rule of CAP 1.2; nothing was written.
    StateError
        The warning is no longer in the state the action was made for.
    """
    Region.objects.select_for_update().get(pk=desk.region.pk)  # one writer to the ledger at a time
    at = at.replace(microsecond=0)  # CAP knows no fractions
    warning, earlier = _warning(desk, action, version, at)
    newest = earlier[-1] if earlier else None
    cancel = action.reason == "cancel"
    draft = Announcement(
        identifier=f"{desk.region.identifier_prefix}.{warning.slug}.{len(earlier) + 1}",
        msg_type=MSG_TYPES.get(action.reason, "Update"),
        sent_at=at,
        expires_at=at + ALL_CLEAR_FOR if cancel else expires_of(rule, evidence, at),
        rule=rule,
        levels=action.levels,
        evidence=evidence,
        station_names=desk.station_names,
        references=references(desk, earlier, at),
        ended=tuple(sorted(newest.levels)) if newest and cancel else (),
        ended_by=ended_by,
        exposed=desk.gazetteer.amounts_of,
    )
    message = _freeze(desk, draft, warning, action.reason)
    detail = {"reason": action.reason, "level": message.level, "sha256": message.sha256}
    record("issue_message", message, by=by, at=at, object_id=message.identifier, detail=detail)
    message_issued.send(Message, message=message, region=desk.region, at=at)
    return message


def _freeze(desk: Desk, draft: Announcement, warning: Warning, reason: str) -> Message:
    """Compose the message, sign it where the region signs, and write it into the ledger."""
    alert = compose(draft, desk.sender, desk.gazetteer.places)
    return append(
        warning,
        alert,
        signed(cap.write(alert), desk.region),
        sent_at=draft.sent_at,
        expires_at=draft.expires_at,
        reason=reason,
        levels=draft.levels,
        evidence=draft.evidence,
        impact=_impact(desk, draft),
    )


@transaction.atomic
def start_over(region: Region, *, by: str = MACHINE, at: datetime) -> int:
    """Empty a replay's ledger so that it can be made again; returns how many messages went.

    Drafts go with it. The audit trail stays, and tells of it. Rows of ``Emptying`` open the
    append-only tables for this one transaction; the database grants none to a live region.

    Raises
    ------
    StateError
        The region is live: its ledger is never emptied.
    """
    region = Region.objects.select_for_update().get(pk=region.pk)
    if not region.is_replay:
        raise StateError("The ledger of a live region is never emptied.")
    Emptying.objects.create(at=at)
    drafts = Draft.objects.count()
    Approval.objects.all().delete()
    DraftRevision.objects.all().delete()
    Draft.objects.all().delete()
    gone = Message.objects.count()
    Message.objects.all().delete()
    Warning.objects.all().delete()
    Emptying.objects.all().delete()
    Trigger.objects.all().delete()
    region.replayed_until = None
    region.clock_at = None
    region.save(update_fields=["replayed_until", "clock_at"])
    detail = {"messages": gone, "drafts": drafts}
    record("start_over", region, by=by, at=at, object_id=region.code, detail=detail)
    return gone


def _impact(desk: Desk, draft: Announcement) -> dict[str, Any]:
    """Return whom the message concerns, and what is expected where its rule names a curve."""
    facts = desk.gazetteer.impact(draft.levels or draft.ended)
    there = draft.rule.impact.amounts if draft.rule.impact and draft.levels else None
    amounts = {code: there.get(code) for code in draft.levels} if there else {}
    expected = expected_facts(draft.rule, draft.evidence, amounts)
    return facts if expected is None else facts | {"expected": expected}


def _warning(
    desk: Desk, action: Action, version: RuleVersion, at: datetime
) -> tuple[Warning, list[Message]]:
    """Return the warning a message belongs to, with its earlier messages; a new one is unsaved."""
    if action.warning is None:
        slug = free_slug(desk, action.rule, at)
        fresh = Warning(slug=slug, rule_version=version, hazard=version.hazard, first_sent_at=at)
        return fresh, []
    warning = Warning.objects.get(slug=action.warning)
    earlier = list(warning.messages.order_by("sent_at", "number").defer("raw"))
    newest = earlier[-1]
    if newest.msg_type == "Cancel" or newest.expires_at <= at or newest.sent_at >= at:
        raise StateError(
            f"{warning.slug} can take no message at {at:%Y-%m-%d %H:%M} UTC: its last one "
            f"({newest.msg_type}) was sent at {newest.sent_at:%Y-%m-%d %H:%M} UTC and stands until "
            f"{newest.expires_at:%Y-%m-%d %H:%M} UTC."
        )
    return warning, earlier


def free_slug(desk: Desk, beginning: str, at: datetime) -> str:
    """Return an address that no warning has: ``heat-2013-07-14``, the next of that day ``-2``."""
    slug = f"{beginning}-{at.astimezone(desk.sender.zone):%Y-%m-%d}"
    taken = Warning.objects.filter(slug__startswith=slug).count()
    return f"{slug}-{taken + 1}" if taken else slug


def references(desk: Desk, earlier: Sequence[Message], at: datetime) -> tuple[Reference, ...]:
    """Return every message of the warning that has not expired, oldest first."""
    return tuple(
        Reference(desk.region.sender, m.identifier, m.sent_at.astimezone(desk.sender.zone))
        for m in earlier
        if m.expires_at > at
    )
