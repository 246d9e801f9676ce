"""From an approved draft to a row of the ledger, exactly once; and what stands in its way.

``drafts`` offers these verbs together with all others; import them from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InternalError, OperationalError, transaction
from django.utils.translation import gettext as _

from tocsin import cap
from tocsin.cap.catalogue import Finding
from tocsin.cap.message import Alert
from tocsin.cap.parse import parse
from tocsin.errors import DraftError, Fault, ShapeError, StateError, StorageError
from tocsin.exposure import from_circle, from_pairs
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import require
from tocsin.office.places.models import Region
from tocsin.office.watch.models import RuleVersion
from tocsin.triggers.rules import Level, Rule

from .approval import by_policy, is_enough, lowers, policy_of
from .compose_draft import Envelope, alert_of, expected_of, levels_of
from .content import DraftContent, gaps, read_content
from .ledger import append
from .models import Approval, Draft, DraftRevision, Message, Warning
from .reach import covering
from .services import Desk, free_slug, references
from .signals import message_issued
from .signing import signed
from .state_words import wrong_state
from .states import APPROVED, ISSUED

__all__ = [
    "Examined",
    "approvers_of",
    "authors_of",
    "examine",
    "issue_draft",
    "newest_of",
    "persons_needed",
    "reasons_against",
]

MSG_TYPES = {"issue": "Alert", "update": "Update", "cancel": "Cancel"}
REASONS = {"upgrade": "raise", "downgrade": "lower", "all_clear": "cancel"}
"""Reason of a draft -> reason in the ledger, where the two differ."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a content would become, and what stands in its way."""

    alert: Alert
    """The message as it would go out, however unfinished."""
    gaps: tuple[Fault, ...]
    """What the officer has still to fill in; ``field`` is a path into the content."""
    findings: tuple[Finding, ...]
    expected: dict[str, Any] | None = None
    """What it is expected to do, where a rule behind it names a curve."""
    """What the rule catalogue of CAP says of the message, warnings included."""

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in its way; warnings of the catalogue do not."""
        return not self.faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The gaps, and the errors of CAP in the same form."""
        return self.gaps + tuple(
            Fault("draft", 0, one.path, one.value, one.problem, one.remedy)
            for one in self.findings
            if one.severity == "error"
        )


def issue_draft(draft: Draft, *, by: User | str, at: datetime) -> Message:
    """Send an approved draft into the ledger, exactly once: asked again, the same message.

    Raises
    ------
    DraftError
        It has gaps or errors of CAP by now.
    SigningError
        The region signs, and the message cannot be signed.
    StorageError
        The database cannot write: disk full, locked, read-only.
    In every case nothing was written, and the draft stays approved.
    """
    try:
        with transaction.atomic():
            return _issue(draft, by=by, at=at.replace(microsecond=0))  # CAP knows no fractions
    except (OperationalError, InternalError) as error:
        raise StorageError(
            _(
                "The database cannot write: %(error)s. Nothing was issued, and the draft stays "
                "approved. Make room or free the database, then issue again."
            )
            % {"error": error}
        ) from error


def examine(
    draft: Draft, desk: Desk, *, content: DraftContent | None = None, at: datetime
) -> Examined:
    """Return the message as it would go out at ``at``, and all that stands in its way.

    ``content`` is what a form holds at this moment, the draft's own without it. Writes nothing.
    """
    at = at.replace(microsecond=0)
    content = content or read_content(draft.content)
    missing = gaps(
        content,
        kind=draft.kind,
        languages=desk.sender.languages,
        areas=desk.gazetteer.places.keys(),
    )
    missing += _out_of_place(draft, content, desk, at)
    envelope = _envelope(draft, content, desk, at)
    alert = alert_of(content, desk, envelope)
    expected = expected_of(content.blocks, desk.gazetteer, envelope)
    return Examined(alert, tuple(missing), tuple(cap.validate(alert)), expected)


def persons_needed(draft: Draft, region: Region, at: datetime | None) -> int:
    """Return how many persons have to approve the draft as it is now."""
    content = read_content(draft.content)
    lowered = False
    if draft.warning is not None and draft.kind == "update":
        desk = Desk.here(region)
        newest = newest_of(draft.warning, region, at or draft.changed_at)
        after = {code: int(level) for code, level in levels_of(content, desk.gazetteer).items()}
        lowered = newest is not None and lowers(newest.levels, after)
    return by_policy(policy_of(region), draft.kind, content.level, lowered=lowered)


def approvers_of(draft: Draft) -> set[int]:
    """Return who approved the present revision since it was last sent back."""
    decisions = draft.approvals.filter(revision=draft.revision).order_by("pk")
    persons: set[int] = set()
    for one in decisions:
        if one.decision == Approval.SEND_BACK:
            persons.clear()
        elif one.user_id is not None:
            persons.add(one.user_id)
    return persons


def authors_of(draft: Draft) -> set[int]:
    """Return who began the draft and who wrote its present revision."""
    wrote = DraftRevision.objects.filter(draft=draft, revision=draft.revision, saved=True)
    users = {draft.author_user_id, *wrote.values_list("user", flat=True)}
    return {user for user in users if user is not None}


def newest_of(warning: Warning, region: Region, at: datetime) -> Message | None:
    """Return the warning's newest message as known at ``at``, None before its first."""
    known = _earlier(warning, region, at)
    return known[-1] if known else None


def reasons_against(warning: Warning, newest: Message, at: datetime) -> str:
    """Return why the warning can take no message at ``at``; empty where it can."""
    if newest.msg_type != "Cancel" and at < newest.expires_at and newest.sent_at <= at:
        return ""
    return _(
        "%(warning)s can take no message at %(at)s UTC: its last one (%(kind)s) was sent at "
        "%(sent)s UTC and stands until %(until)s UTC. Copy it into a new warning."
    ) % {
        "warning": warning.slug,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "kind": newest.msg_type,
        "sent": f"{newest.sent_at:%Y-%m-%d %H:%M}",
        "until": f"{newest.expires_at:%Y-%m-%d %H:%M}",
    }


def _issue(draft: Draft, *, by: User | str, at: datetime) -> Message:
    region = Region.objects.select_for_update().get()  # one writer to the ledger at a time
    draft = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    content = read_content(draft.content)
    actor = require("issue_draft", by, covering(content, draft.warning))
    if draft.state == ISSUED and draft.message is not None:
        return draft.message
    _check_approved(draft, region, at)
    desk = Desk.here(region)
    _check_base(draft, desk, at)
    examined = examine(draft, desk, content=content, at=at)
    if not examined.is_ready:
        raise DraftError(examined.faults)
    warning = draft.warning or _new_warning(draft, content, desk, at)
    levels = {} if draft.kind == "cancel" else levels_of(content, desk.gazetteer)
    earlier = newest_of(warning, region, at) if warning.pk else None
    impact = _impact(desk, content, levels, earlier)
    expected = examined.expected
    message = append(
        warning,
        examined.alert,
        signed(cap.write(examined.alert), region),
        sent_at=at,
        expires_at=content.expires or at,
        reason=REASONS.get(draft.reason, draft.reason),
        levels={code: int(level) for code, level in levels.items()},
        evidence=[row for row in draft.trigger_evidence if row["area"] in levels],
        impact=impact if expected is None else impact | {"expected": expected},
    )
    draft.state, draft.message, draft.warning, draft.changed_at = ISSUED, message, warning, at
    draft.save()
    detail = {
        "reason": message.reason,
        "level": message.level,
        "sha256": message.sha256,
        "draft": draft.pk,
        "revision": draft.revision,
    }
    record("issue_message", message, by=actor, at=at, object_id=message.identifier, detail=detail)
    message_issued.send(Message, message=message, region=region, at=at)
    return message


def _check_approved(draft: Draft, region: Region, at: datetime) -> None:
    """Refuse what is not approved, counting anew: the policy may have changed since."""
    if draft.state != APPROVED:
        raise StateError(wrong_state(draft.pk, draft.state, (APPROVED,)))
    persons = persons_needed(draft, region, at)
    approvers = approvers_of(draft)
    if not is_enough(persons, approvers, authors_of(draft)):
        raise StateError(
            _(
                "Draft %(number)d needs the approval of %(needed)d now, one of them not its "
                "author, and %(given)d gave it: the policy or the warning has changed. "
                "Send it back, and submit it again."
            )
            % {"number": draft.pk, "needed": persons, "given": len(approvers)}
        )


def _impact(
    desk: Desk, content: DraftContent, levels: Mapping[str, Level], earlier: Message | None
) -> dict[str, Any]:
    """Return whom the message concerns; of an end, whom the message before it concerned."""
    if levels:
        return desk.gazetteer.impact_of(content.blocks, levels)
    return dict(earlier.impact) if earlier else desk.gazetteer.impact(())


def _check_base(draft: Draft, desk: Desk, at: datetime) -> None:
    """Refuse to go on with a warning that has gone on by itself since the draft was written."""
    if draft.warning is None:
        return
    newest = newest_of(draft.warning, desk.region, at)
    if newest is None:
        raise StateError(
            _("%(warning)s has no message at %(at)s UTC.")
            % {"warning": draft.warning.slug, "at": f"{at:%Y-%m-%d %H:%M}"}
        )
    if refusal := reasons_against(draft.warning, newest, at):
        raise StateError(refusal)
    if newest.number != draft.base:
        raise StateError(
            _(
                "%(warning)s has gone on since this draft was written: message %(number)d "
                "(%(reason)s) was sent at %(sent)s UTC. Look at it, then save this draft again or "
                "withdraw it."
            )
            % {
                "warning": draft.warning.slug,
                "number": newest.number,
                "reason": newest.reason,
                "sent": f"{newest.sent_at:%Y-%m-%d %H:%M}",
            }
        )


def _out_of_place(draft: Draft, content: DraftContent, desk: Desk, at: datetime) -> list[Fault]:
    """Return what is wrong with the content here and now, however good it is in itself."""
    faults = []
    if desk.region.is_replay and content.status == "Actual":
        faults.append(
            Fault("draft", 0, "status", "Actual", _("This region is a replay: nothing is actual."),
                  _("Choose Exercise."))
        )  # fmt: skip
    if content.expires and content.expires <= at:
        faults.append(
            Fault("draft", 0, "expires", content.expires.isoformat(), _("This end has passed."),
                  _("Choose a later one."))
        )  # fmt: skip
    faults += _unusable_shapes(content)
    drawn = any(block.polygons or block.circles for block in content.blocks)
    if not faults and drawn and not levels_of(content, desk.gazetteer):
        faults.append(
            Fault("draft", 0, "blocks", "",
                  _("What is drawn lies outside every area of the region."),
                  _("Draw it inside, or choose areas."))
        )  # fmt: skip
    newest = newest_of(draft.warning, desk.region, at) if draft.warning else None
    if newest is not None and newest.status != content.status:
        faults.append(
            Fault("draft", 0, "status", content.status,
                  _("The warning it goes on with is %s.") % newest.status,
                  _("Choose %s, or copy the draft into a warning of its own.") % newest.status)
        )  # fmt: skip
    return faults


def _unusable_shapes(content: DraftContent) -> list[Fault]:
    """Return the shapes that nobody could be found inside of: CAP allows more than one can use."""
    faults = []
    for number, block in enumerate(content.blocks):
        try:
            for ring in block.polygons:
                from_pairs(ring)
            for circle in block.circles:
                from_circle(*circle)
        except ShapeError as error:
            faults.append(
                Fault("draft", 0, f"blocks.{number}", block.level, str(error), _("Draw it anew."))
            )
    return faults


def _envelope(draft: Draft, content: DraftContent, desk: Desk, at: datetime) -> Envelope:
    warning = draft.warning or _new_warning(draft, content, desk, at)
    earlier = _earlier(warning, desk.region, at) if warning.pk else []
    count = warning.messages.count() if warning.pk else 0
    ended = None
    if draft.kind == "cancel" and earlier:
        ended = parse(bytes(earlier[-1].raw)).alert
    version = draft.rule_version
    return Envelope(
        identifier=f"{desk.region.identifier_prefix}.{warning.slug}.{count + 1}",
        msg_type=MSG_TYPES[draft.kind],
        sent_at=at,
        references=references(desk, earlier, at),
        ended=ended,
        rule=str(version) if version else "",
        harms=_harms(version),
        evidence=draft.trigger_evidence,
    )


def _harms(version: RuleVersion | None) -> Rule | None:
    """Return the rule behind a draft where it names a curve; reading a rule takes a while."""
    if version is None or "impact" not in version.definition:
        return None
    return Rule.model_validate(version.definition)


def _earlier(warning: Warning, region: Region, at: datetime) -> Sequence[Message]:
    """Return the warning's messages, oldest first; in a replay those its clock has come to."""
    rows = warning.messages.order_by("sent_at", "number")
    return list(rows.filter(sent_at__lte=at) if region.is_replay else rows)


def _new_warning(draft: Draft, content: DraftContent, desk: Desk, at: datetime) -> Warning:
    """Return the warning that a first message begins, unsaved; a drill says so in its address."""
    word = {"Exercise": "drill-", "Test": "test-"}.get(content.status, "")
    beginning = content.hazard if desk.region.is_replay else f"{word}{content.hazard}"
    names = {}
    for language, words in content.texts.items():
        name = words.event.replace("{level}", "").strip()
        names[language] = name[:1].upper() + name[1:]
    return Warning(
        slug=free_slug(desk, beginning, at),
        rule_version=draft.rule_version,
        hazard=content.hazard,
        names=names,
        first_sent_at=at,
    )
