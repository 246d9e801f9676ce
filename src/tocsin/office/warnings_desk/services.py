"""Verbs on warnings. Issuing is one transaction: it freezes the bytes, the hash and the link."""

from __future__ import annotations

import hashlib
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
from tocsin.office.places.models import Region
from tocsin.office.watch.models import RuleVersion, Trigger
from tocsin.triggers.evidence import EndedBy
from tocsin.triggers.reconcile import Action
from tocsin.triggers.rules import Level, Rule

from .compose import Draft, Sender, compose
from .impact import Gazetteer
from .ledger import head, link
from .models import Message, Warning

__all__ = ["Desk", "issue", "start_over"]

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
        return cls(region, sender, Gazetteer.read(), station_names)


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
    """Send one message of a warning into the ledger: the only place that writes there.

    Raises
    ------
    CapError
        The message breaks a rule of CAP 1.2; nothing was written.
    StateError
        The warning is no longer in the state the action was made for.
    """
    Region.objects.select_for_update().get(pk=desk.region.pk)  # one writer to the ledger at a time
    warning, earlier = _warning(desk, action, version, at)
    newest = earlier[-1] if earlier else None
    cancel = action.reason == "cancel"
    draft = Draft(
        identifier=f"{desk.region.identifier_prefix}.{warning.slug}.{len(earlier) + 1}",
        msg_type=MSG_TYPES.get(action.reason, "Update"),
        sent_at=at,
        expires_at=at + (ALL_CLEAR_FOR if cancel else timedelta(hours=rule.valid_h)),
        rule=rule,
        levels=action.levels,
        evidence=evidence,
        station_names=desk.station_names,
        references=_references(desk, earlier, at),
        ended=tuple(sorted(newest.levels)) if newest and cancel else (),
        ended_by=ended_by,
    )
    message = _freeze(desk, draft, warning, action.reason)
    detail = {"reason": action.reason, "level": message.level, "sha256": message.sha256}
    record("issue_message", message, by=by, at=at, object_id=message.identifier, detail=detail)
    return message


def _freeze(desk: Desk, draft: Draft, warning: Warning, reason: str) -> Message:
    """Write the bytes, their hash and their link into the ledger, and a new warning with them."""
    raw = cap.write(compose(draft, desk.sender, desk.gazetteer.places))
    sha256 = hashlib.sha256(raw).hexdigest()
    number, previous = head()
    if warning.pk is None:
        warning.save()
    return Message.objects.create(
        number=number + 1,
        warning=warning,
        identifier=draft.identifier,
        sent_at=draft.sent_at,
        expires_at=draft.expires_at,
        msg_type=draft.msg_type,
        reason=reason,
        level=int(max(draft.levels.values(), default=Level.NONE)),
        levels={code: int(level) for code, level in draft.levels.items()},
        evidence=list(draft.evidence),
        impact=desk.gazetteer.impact(draft.levels or draft.ended),
        raw=raw,
        sha256=sha256,
        chain=link(previous, sha256),
    )


@transaction.atomic
def start_over(region: Region, *, by: str = MACHINE, at: datetime) -> int:
    """Empty a replay's ledger so that it can be made again; returns how many messages went.

    Raises
    ------
    StateError
        The region is live: its ledger is never emptied.
    """
    region = Region.objects.select_for_update().get(pk=region.pk)
    if not region.is_replay:
        raise StateError("The ledger of a live region is never emptied.")
    gone, _ = Message.objects.all().delete()
    Warning.objects.all().delete()
    Trigger.objects.all().delete()
    region.replayed_until = None
    region.clock_at = None
    region.save(update_fields=["replayed_until", "clock_at"])
    detail = {"messages": gone}
    record("start_over", region, by=by, at=at, object_id=region.code, detail=detail)
    return gone


def _warning(
    desk: Desk, action: Action, version: RuleVersion, at: datetime
) -> tuple[Warning, list[Message]]:
    """Return the warning a message belongs to, with its earlier messages; a new one is unsaved."""
    if action.warning is None:
        slug = f"{action.rule}-{at.astimezone(desk.sender.zone):%Y-%m-%d}"
        taken = Warning.objects.filter(slug__startswith=slug).count()
        slug = f"{slug}-{taken + 1}" if taken else slug
        fresh = Warning(slug=slug, rule_version=version, hazard=version.hazard, first_sent_at=at)
        return fresh, []
    warning = Warning.objects.get(slug=action.warning)
    earlier = list(warning.messages.order_by("number").defer("raw"))
    newest = earlier[-1]
    if newest.msg_type == "Cancel" or newest.expires_at <= at or newest.sent_at >= at:
        raise StateError(
            f"{warning.slug} can take no message at {at:%Y-%m-%d %H:%M} UTC: its last one "
            f"({newest.msg_type}) was sent at {newest.sent_at:%Y-%m-%d %H:%M} UTC and stands until "
            f"{newest.expires_at:%Y-%m-%d %H:%M} UTC."
        )
    return warning, earlier


def _references(desk: Desk, earlier: Sequence[Message], at: datetime) -> tuple[Reference, ...]:
    """Return every message of the warning that has not expired, oldest first."""
    return tuple(
        Reference(desk.region.sender, m.identifier, m.sent_at.astimezone(desk.sender.zone))
        for m in earlier
        if m.expires_at > at
    )
