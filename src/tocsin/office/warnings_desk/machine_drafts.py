"""Drafts that the watch opens: one a warning, kept up to date until a person takes it in hand.

Where a policy asks for persons, a step of the cycle becomes a draft. The machine writes on in its
own drafts and withdraws them when their reason is gone. A draft that a person has begun, changed,
submitted or approved is never touched: the desk is told what the values say now instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tocsin.office.audit.models import Entry
from tocsin.office.audit.services import record_news
from tocsin.office.people.rules import MACHINE
from tocsin.office.places.models import Region
from tocsin.office.watch.notes import Note, note
from tocsin.triggers.reconcile import Action
from tocsin.triggers.rules import Level

from . import drafts, openings
from .approval import by_policy, lowers, policy_of
from .compose import quoted_row
from .content import DraftContent
from .cycle import Step
from .models import Draft, Message, Warning
from .services import Desk
from .states import APPROVED, DRAFT, SUBMITTED, WITHDRAWN

__all__ = ["Proposed", "is_machines", "open_drafts", "persons_for", "propose", "withdraw_stale"]

OPEN = (DRAFT, SUBMITTED, APPROVED)
REASONS: Mapping[str, tuple[str, str]] = {
    "issue": ("issue", "issue"),
    "raise": ("update", "upgrade"),
    "areas": ("update", "update"),
    "lower": ("update", "downgrade"),
    "extend": ("update", "extend"),
    "cancel": ("cancel", "all_clear"),
    "confirm": ("update", "update"),
}
"""Reason of an action -> kind and reason of the draft."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a step: the draft it belongs to, whether it was written, what to tell."""

    draft: Draft | None
    is_written: bool = False
    note: Note | None = None


def persons_for(step: Step, region: Region) -> int:
    """Return how many persons the region's policy wants for a step of the cycle."""
    action = step.action
    newest = _newest(action.warning)
    after = {area: int(level) for area, level in action.levels.items()}
    lowered = newest is not None and lowers(newest.levels, after)
    kind, _ = REASONS[action.reason]
    worst = max(action.levels.values(), default=Level.NONE)
    return by_policy(policy_of(region), kind, worst, lowered=lowered)


@transaction.atomic
def propose(step: Step, desk: Desk, *, at: datetime) -> Proposed:
    """Open the draft of a step, or bring the machine's own up to date."""
    kind, reason = REASONS[step.action.reason]
    warning = Warning.objects.get(slug=step.action.warning) if step.action.warning else None
    draft = open_drafts(step.rule.id, warning).first()
    if draft is None:
        if _was_given_up(step, warning, at):
            return Proposed(None)
        draft = Draft(kind=kind, reason=reason, warning=warning, rule_version=step.version)
        _put_evidence(draft, step)
        content = _content(step, desk, warning, at)
        return Proposed(drafts.start_prepared(draft, content, by=MACHINE, at=at), is_written=True)
    if (draft.kind, draft.reason, draft.trigger_evidence) == (kind, reason, step.evidence):
        return Proposed(draft)
    if not is_machines(draft):
        return Proposed(draft, note=_tell(draft, step.action, at))
    draft.kind, draft.reason, draft.rule_version = kind, reason, step.version
    _put_evidence(draft, step)
    draft.save()
    content = _content(step, desk, warning, at)
    saved = drafts.save(draft, content, revision=draft.revision, by=MACHINE, at=at)
    return Proposed(saved, is_written=True)


@transaction.atomic
def withdraw_stale(handled: Collection[int], *, at: datetime) -> tuple[int, list[Note]]:
    """Withdraw the machine's drafts whose reason is gone; return how many, and what to tell.

    ``handled`` are the drafts that this cycle's steps belong to.
    """
    count, notes = 0, list[Note]()
    begun = Draft.objects.filter(
        state__in=OPEN, author_user=None, content__status="Actual"
    ).exclude(rule_version=None)
    for draft in begun.exclude(pk__in=handled).select_related("rule_version", "warning"):
        if is_machines(draft):
            remark = "The values no longer ask for it."
            drafts.withdraw(draft, by=MACHINE, at=at, remark=remark)
            count += 1
        elif (told := _tell(draft, None, at)) is not None:
            notes.append(told)
    return count, notes


def open_drafts(rule: str, warning: Warning | None) -> QuerySet[Draft]:
    """Return the open drafts of the same warning; of a new one, of the same rule. Drills apart."""
    found = Draft.objects.select_for_update(of=("self",)).filter(
        state__in=OPEN, content__status="Actual"
    )
    if warning is not None:
        return found.filter(warning=warning)
    return found.filter(warning=None, kind="issue", rule_version__rule=rule)


def is_machines(draft: Draft) -> bool:
    """Whether no person has laid hands on it."""
    if draft.author_user_id is not None or draft.state != DRAFT:
        return False
    return not draft.revisions.exclude(user=None).exists() and not draft.approvals.exists()


def _was_given_up(step: Step, warning: Warning | None, at: datetime) -> bool:
    """Whether a person has withdrawn this very draft: not worse now, of the same episode."""
    kind, reason = REASONS[step.action.reason]
    gone = Draft.objects.filter(
        state=WITHDRAWN,
        kind=kind,
        warning=warning,
        rule_version__rule=step.rule.id,
        content__status="Actual",
    )
    for draft in gone.order_by("-changed_at"):
        trail = Entry.objects.filter(
            verb="withdraw_draft", object_type="draft", object_id=str(draft.pk)
        )
        if not trail.exclude(actor=MACHINE).exists():
            continue
        if warning is not None:
            newest = _newest(warning.slug)
            same = newest is not None and draft.base == newest.number and draft.reason == reason
        elif (crossed := _crossed(step.evidence)) is not None:
            same = crossed <= draft.changed_at
        else:  # only expected: what the officer set aside is the same for as long as the rule looks
            same = draft.threshold_crossed_at is None and at - draft.changed_at <= timedelta(
                hours=step.rule.lead_h
            )
        before = {row["area"]: row["level"] for row in draft.trigger_evidence}
        worse = any(level > before.get(area, 0) for area, level in step.action.levels.items())
        return same and not worse
    return False


def _put_evidence(draft: Draft, step: Step) -> None:
    draft.trigger_evidence = step.evidence
    draft.threshold_crossed_at = _crossed(step.evidence)


def _crossed(evidence: Sequence[Mapping[str, Any]]) -> datetime | None:
    """Return when a threshold was crossed; None where that is only expected."""
    measured = [row["crossed_at"] for row in evidence if not row.get("forecast")]
    return min(map(datetime.fromisoformat, measured), default=None)


def _content(step: Step, desk: Desk, warning: Warning | None, at: datetime) -> DraftContent:
    """Return what the draft says: the rule's words on its worst area, or that it is over."""
    if step.action.reason == "cancel" and warning is not None:
        newest = _newest(warning.slug)
        if newest is not None:
            return openings.from_message(desk, newest, "all_clear", at)
    worst = quoted_row(step.evidence, step.rule)
    return openings.from_rule(desk, step.rule, step.action.levels, worst, at)


def _newest(slug: str | None) -> Message | None:
    return Message.objects.filter(warning__slug=slug).order_by("number").last() if slug else None


def _tell(draft: Draft, action: Action | None, at: datetime) -> Note | None:
    """Return what the desk has to know of a draft in hand; None where it was told already."""
    levels = {area: int(level) for area, level in sorted(action.levels.items())} if action else {}
    detail = {"reason": action.reason if action else "gone", "levels": levels}
    is_news = record_news(
        "draft_outdated", draft, by=MACHINE, at=at, object_id=str(draft.pk), detail=detail
    )
    if not is_news:
        return None
    return note("left", draft=draft.pk, version=str(draft.rule_version), levels=levels)
