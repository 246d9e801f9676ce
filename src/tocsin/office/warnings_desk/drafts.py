"""Verbs on drafts: start, save, submit, approve, send back, withdraw, copy. Issuing: ``issuing``.

Each is: permission, lock, state (``states.VERBS``), write, audit row. ``by`` is the officer, or
``MACHINE``; ``at`` is the region's moment and is never read here.

Raises, of every verb:

NotAllowedError
    ``by`` holds no post that may, or only for another part of the area tree.
StateError
    The draft is not in a state for it; the message says in which it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import ConflictError, DraftError, NotAllowedError, StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.rules import MACHINE
from tocsin.office.people.services import post_for, require
from tocsin.office.places.models import Region
from tocsin.office.watch.models import Trigger
from tocsin.triggers.rules import Level, Rule

from . import openings
from .approval import is_enough
from .content import DraftContent, read_content
from .issuing import (
    Examined,
    approvers_of,
    authors_of,
    examine,
    issue_draft,
    newest_of,
    persons_needed,
    reasons_against,
)
from .models import Approval, Draft, DraftRevision, Warning
from .reach import covering
from .retold import at_new_level
from .services import Desk
from .state_words import state_word, wrong_state
from .states import APPROVED, DRAFT, SUBMITTED, VERBS
from .trigger_rows import rows_of

__all__ = [
    "Examined",
    "approve",
    "copy",
    "examine",
    "issue_draft",
    "persons_needed",
    "save",
    "send_back",
    "start_by_hand",
    "start_from_trigger",
    "start_from_warning",
    "start_prepared",
    "submit",
    "what_may",
    "withdraw",
]


@transaction.atomic
def start_by_hand(
    region: Region,
    hazard: str,
    level: Level,
    *,
    content: DraftContent | None = None,
    by: User | str,
    at: datetime,
) -> Draft:
    """Begin a draft of a new warning; ``content`` (a template, filled in) replaces the blank."""
    desk = Desk.here(region)
    content = content or openings.blank(desk, hazard, level, at)
    return _start(Draft(kind="issue", reason="issue"), content, by=by, at=at)


@transaction.atomic
def start_from_trigger(trigger: Trigger, *, by: User | str, at: datetime) -> Draft:
    """Begin a draft from a rule that was set off, with its areas, words and evidence.

    All areas in which the rule was set off in the hours of this trigger come along; values that
    were not known at ``at`` do not.
    """
    version = trigger.rule_version
    rule = Rule.model_validate(version.definition)
    rows = rows_of(trigger, rule, at)
    levels = {row["area"]: Level(row["level"]) for row in rows}
    desk = Desk.here(_region())
    worst = max(rows, key=lambda row: (row["level"], row["area"] == trigger.area.code))
    draft = Draft(
        kind="issue",
        reason="issue",
        rule_version=version,
        trigger_evidence=rows,
        threshold_crossed_at=min(datetime.fromisoformat(row["crossed_at"]) for row in rows),
    )
    return _start(draft, openings.from_rule(desk, rule, levels, worst, at), by=by, at=at)


@transaction.atomic
def start_from_warning(warning: Warning, kind: str, *, by: User | str, at: datetime) -> Draft:
    """Begin the next message of a warning in force.

    ``kind`` is update, extend, downgrade, upgrade, cancel (issued in error, or called off) or
    all_clear (the danger is over). It starts from what the newest message says.
    """
    if kind not in openings.KINDS:
        raise StateError(_("“%s” is no way for a warning to go on; choose one of its page.") % kind)
    desk = Desk.here(_region())
    newest = newest_of(warning, desk.region, at)
    if newest is None:
        raise StateError(
            _("%(warning)s has no message yet: there is nothing to go on with.")
            % {"warning": warning.slug}
        )
    if refusal := reasons_against(warning, newest, at):
        raise StateError(refusal)
    content = openings.from_message(desk, newest, kind, at)
    if kind in {"downgrade", "upgrade"}:
        content = at_new_level(content, warning, Level(newest.level))
    draft = Draft(
        kind=openings.KINDS[kind], reason=kind, warning=warning, rule_version=warning.rule_version
    )
    return _start(draft, content, by=by, at=at)


@transaction.atomic
def start_prepared(draft: Draft, content: DraftContent, *, by: User | str, at: datetime) -> Draft:
    """Begin an unsaved draft that another module of the desk has put together."""
    return _start(draft, content, by=by, at=at)


@transaction.atomic
def copy(draft: Draft, *, by: User | str, at: datetime) -> Draft:
    """Begin a new draft of a new warning with the same content."""
    return _start(
        Draft(kind="issue", reason="issue", rule_version=draft.rule_version),
        read_content(draft.content),
        by=by,
        at=at,
    )


def save(
    draft: Draft, content: DraftContent, *, revision: int, by: User | str, at: datetime
) -> Draft:
    """Save a content written over ``revision``; the draft goes back to state draft.

    Raises
    ------
    ConflictError
        The draft has gone on since ``revision``, or is issued or withdrawn by now. ``theirs`` is
        its newest DraftRevision, ``yours`` the content given here, kept as a DraftRevision with
        ``saved`` false.
    """
    with transaction.atomic():
        held, actor = _take(draft, "save", by, content)
        theirs = held.revisions.filter(saved=True).last()
        if held.revision == revision and held.state in VERBS["save"].before:
            held.revision += 1
            held.content = content.as_json()
            _keep(held, actor, by, at)
            _move(held, DRAFT, at)
            _record("save_draft", held, actor, at)
            return held
        yours = DraftRevision.objects.create(
            draft=held,
            revision=revision,
            saved=False,
            content=content.as_json(),
            user=by if isinstance(by, User) else None,
            by=actor,
            at=at,
        )
    # Told outside the transaction: what lost is kept, not rolled back.
    if held.revision == revision:
        raise ConflictError(
            _(
                "Draft %(number)d stands at “%(state)s” and takes no more changes. Your "
                "text is kept beside it; copy the draft to go on."
            )
            % {"number": held.pk, "state": state_word(held.state)},
            theirs=theirs,
            yours=yours,
        )
    raise _conflict(held, theirs, yours, revision)


@transaction.atomic
def submit(draft: Draft, *, revision: int, by: User | str, at: datetime) -> Draft:
    """Ask for approval; where the policy asks for nobody the draft is approved at once.

    Raises
    ------
    DraftError
        It has gaps or errors of CAP; each fault names its field.
    ConflictError
        The draft has gone on since ``revision``; ``yours`` is None.
    """
    held, actor = _take(draft, "submit", by)
    _check_revision(held, revision)
    _check_state(held, "submit")
    region = _region()
    examined = examine(held, Desk.here(region), at=at)
    if not examined.is_ready:
        raise DraftError(examined.faults)
    persons = persons_needed(held, region, at)
    _move(held, SUBMITTED if persons else APPROVED, at)
    _record("submit_draft", held, actor, at, persons_needed=persons)
    return held


@transaction.atomic
def approve(draft: Draft, *, revision: int, by: User, at: datetime, remark: str = "") -> Draft:
    """Approve ``revision`` and no other; state approved as soon as the policy is content.

    Raises
    ------
    ConflictError
        The draft has gone on since ``revision``; ``yours`` is None.
    """
    held, actor = _take(draft, "approve", by)
    _check_revision(held, revision)
    _check_state(held, "approve")
    persons = persons_needed(held, _region(), at)
    if refusal := _cannot_approve(held, by, persons):
        raise NotAllowedError(refusal)
    _decide(held, Approval.APPROVE, by, actor, at, remark)
    approvers = approvers_of(held)
    enough = is_enough(persons, approvers, authors_of(held))
    _move(held, APPROVED if enough else SUBMITTED, at)
    _record("approve_draft", held, actor, at, persons=len(approvers), persons_needed=persons)
    return held


@transaction.atomic
def send_back(draft: Draft, *, by: User, at: datetime, remark: str) -> Draft:
    """Give a draft back to its author, saying why; approvals up to here no longer count."""
    held, actor = _take(draft, "send_back", by)
    _check_state(held, "send_back")
    if not remark.strip():
        raise StateError(_("Say why the draft goes back: its author has only your remark."))
    _decide(held, Approval.SEND_BACK, by, actor, at, remark)
    _move(held, DRAFT, at)
    _record("send_back_draft", held, actor, at, remark=remark)
    return held


@transaction.atomic
def withdraw(draft: Draft, *, by: User | str, at: datetime, remark: str = "") -> Draft:
    """Give a draft up; it is kept."""
    held, actor = _take(draft, "withdraw", by)
    _check_state(held, "withdraw")
    _move(held, VERBS["withdraw"].after, at)
    _record("withdraw_draft", held, actor, at, remark=remark)
    return held


def what_may(draft: Draft, user: User) -> frozenset[str]:
    """Return the verbs of ``states.VERBS`` that ``user`` can use on this draft now."""
    covers = covering(read_content(draft.content), draft.warning)
    posts = {
        permission: post_for(permission, user, covers)
        for permission in {verb.permission for verb in VERBS.values()}
    }
    able = {
        name
        for name, verb in VERBS.items()
        if draft.state in verb.before and posts[verb.permission] is not None
    }
    if "approve" in able and _cannot_approve(draft, user, persons_needed(draft, _region(), None)):
        able.discard("approve")
    return frozenset(able)


def _region() -> Region:
    region = Region.objects.first()
    if region is None:
        raise StateError(_("No region is loaded: run  tocsin load REGION  first."))
    return region


def _start(draft: Draft, content: DraftContent, *, by: User | str, at: datetime) -> Draft:
    """Write a new draft with its first revision."""
    covers = covering(content, draft.warning)
    actor = require("write_draft", by, covers)
    post = post_for("write_draft", by, covers) if isinstance(by, User) else None
    draft.content = content.as_json()
    draft.author = post.title if post else actor
    draft.author_user = by if isinstance(by, User) else None
    draft.created_at = draft.changed_at = at
    _keep(draft, actor, by, at)
    _record("start_draft", draft, actor, at, reason=draft.reason)
    return draft


def _take(
    draft: Draft, verb: str, by: User | str, content: DraftContent | None = None
) -> tuple[Draft, str]:
    """Lock a draft and check that ``by`` may, for what it says and what it is to say."""
    held = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    permission = VERBS[verb].permission
    actor = require(permission, by, covering(read_content(held.content), held.warning))
    if content is not None:
        require(permission, by, covering(content, held.warning))
    return held, actor


def _check_state(draft: Draft, verb: str) -> None:
    before = VERBS[verb].before
    if draft.state not in before:
        raise StateError(wrong_state(draft.pk, draft.state, before))


def _check_revision(draft: Draft, revision: int) -> None:
    if draft.revision != revision:
        raise _conflict(draft, draft.revisions.filter(saved=True).last(), None, revision)


def _conflict(
    draft: Draft, theirs: DraftRevision | None, yours: DraftRevision | None, revision: int
) -> ConflictError:
    newer = {"number": draft.pk, "revision": revision, "newest": draft.revision}
    said = [
        _(
            "Draft %(number)d has gone on: you had revision %(revision)d before you, and revision "
            "%(newest)d was saved since."
        )
        % newer,
        _("By: %(by)s.") % {"by": theirs.by} if theirs else "",
        _("Your text is kept beside it.") if yours else "",
        _("Look at both, then decide again."),
    ]
    return ConflictError(" ".join(filter(None, said)), theirs=theirs, yours=yours)


def _cannot_approve(draft: Draft, by: User | str, persons: int) -> str:
    """Return why this person's approval would count for nothing; empty where it counts."""
    if not isinstance(by, User):
        return _("%(by)s approves nothing: approval is for persons.") % {"by": MACHINE}
    if by.pk in approvers_of(draft):
        return _("%(by)s has approved this revision already; another person has to.") % {"by": by}
    if persons < 2 and by.pk in authors_of(draft):
        return _("%(by)s wrote this draft and cannot be the only one to approve it.") % {"by": by}
    return ""


def _keep(draft: Draft, actor: str, by: User | str, at: datetime) -> None:
    """Save the draft and its present content as a revision that stays."""
    newest = newest_of(draft.warning, _region(), at) if draft.warning else None
    draft.base = newest.number if newest else None
    draft.save()
    DraftRevision.objects.create(
        draft=draft,
        revision=draft.revision,
        content=draft.content,
        user=by if isinstance(by, User) else None,
        by=actor,
        at=at,
    )


def _decide(draft: Draft, decision: str, by: User, actor: str, at: datetime, remark: str) -> None:
    Approval.objects.create(
        draft=draft,
        revision=draft.revision,
        user=by,
        by=actor,
        at=at,
        decision=decision,
        remark=remark,
    )


def _move(draft: Draft, state: str, at: datetime) -> None:
    draft.state, draft.changed_at = state, at
    draft.save()


def _record(verb: str, draft: Draft, actor: str, at: datetime, **detail: Any) -> None:
    detail = {"revision": draft.revision, "state": draft.state, **detail}
    record(verb, draft, by=actor, at=at, object_id=str(draft.pk), detail=detail)
