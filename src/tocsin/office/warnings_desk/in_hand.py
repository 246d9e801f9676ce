"""What the machine may issue by itself, and a person has in hand already.

Where the policy asks for nobody, the machine issues at once. If a person is writing the very
message, two would go out minutes apart and nobody would know which one holds. So the machine waits
for a draft that says at least as much and was touched in the last ``PATIENCE``; for one that says
less, or lies longer, it does not wait: the public comes first, and the desk is told. See decision
0016.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.office.audit.services import record, record_news
from tocsin.office.people.rules import MACHINE
from tocsin.office.watch.notes import Note, note

from .content import read_content
from .cycle import Step
from .machine_drafts import is_machines, open_drafts
from .models import Draft, Warning

__all__ = ["PATIENCE", "InHand", "look_for_person"]

PATIENCE = timedelta(minutes=15)
"""How long after its last change a person's draft is waited for."""


@dataclass(frozen=True, slots=True)
class InHand:
    """The person's draft of a step, if there is one: whether to wait for it, and what to tell."""

    draft: Draft | None = None
    wait: bool = False
    note: Note | None = None


def look_for_person(step: Step, *, at: datetime) -> InHand:
    """Return whether a person has the message of ``step`` in hand; inside a transaction."""
    slug = step.action.warning
    warning = Warning.objects.get(slug=slug) if slug else None
    for draft in open_drafts(step.rule.id, warning):
        if not is_machines(draft):
            return _judge(draft, step, at)
    return InHand()


def _judge(draft: Draft, step: Step, at: datetime) -> InHand:
    until = draft.changed_at + PATIENCE
    if not _says_as_much(draft, step):
        _record(draft, "less", step, at)
        return InHand(draft, note=note("says-less", draft=draft.pk, rule=step.rule.id))
    if at >= until:
        _record(draft, "late", step, at)
        minutes = PATIENCE.seconds // 60
        told = note("lay-idle", draft=draft.pk, rule=step.rule.id, minutes=minutes)
        return InHand(draft, note=told)
    return InHand(draft, wait=True, note=_tell_waiting(draft, at, until))


def _says_as_much(draft: Draft, step: Step) -> bool:
    """Whether every area of the step stands in the draft, at its level or a worse one."""
    if not step.action.levels:
        return draft.kind == "cancel"
    said = read_content(draft.content).levels
    return all(said.get(area, 0) >= int(level) for area, level in step.action.levels.items())


def _record(draft: Draft, word: str, step: Step, at: datetime) -> None:
    detail = {"why": word, "reason": step.action.reason}
    record("draft_overtaken", draft, by=MACHINE, at=at, object_id=str(draft.pk), detail=detail)


def _tell_waiting(draft: Draft, at: datetime, until: datetime) -> Note | None:
    """Return what to tell of a draft that is waited for; None where that was told."""
    detail = {"until": until.isoformat()}
    is_news = record_news(
        "draft_waited_for", draft, by=MACHINE, at=at, object_id=str(draft.pk), detail=detail
    )
    return note("waits", draft=draft.pk, until=until.isoformat()) if is_news else None
