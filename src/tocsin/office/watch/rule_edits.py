"""Verbs on proposals to change a rule: propose, save, approve, reject, withdraw.

Each is: permission, lock, state (``rule_states.VERBS``), write, audit row. ``at`` is the region's
moment and is never read here.

Raises, of every verb:

NotAllowedError
    ``by`` holds no post that may, or only for a part of the areas the rule looks at.
StateError
    The proposal is not in a state for it; the message says in which it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.errors import NotAllowedError, RegionError, RuleError, StateError
from tocsin.office.audit.services import record
from tocsin.office.people.models import User
from tocsin.office.people.services import post_for, require
from tocsin.office.places.models import Area, Region
from tocsin.region.layers import filled_rules
from tocsin.region.records import with_records
from tocsin.region.rule_text import definition_of, read_rule, rule_as_toml

from .archive import settings_of, stored_records
from .models import RuleVersion
from .rule_models import RuleProposal, RuleRevision
from .rule_picks import pick
from .rule_refusals import check_base, check_over, check_revision, check_saved, check_state
from .rule_states import APPROVED, OPEN, PROPOSED, REJECTED, VERBS, WITHDRAWN
from .services import add_version, digest_of

__all__ = [
    "Wish", "approve", "checked", "may_propose", "newest_of", "open_proposals", "propose", "reject",
    "save", "what_may", "withdraw", "writers_of",
]  # fmt: skip


OPEN_SHOWN = 20
"""Open proposals that a page lists; all of them have a page of their own."""
_IMPACT = re.compile(r"^\s*\[?\s*(rule\s*\.\s*)?impact\b", re.MULTILINE)
"""What a text has that asks for curves: the folder is read only then."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants: the whole rule, or to take it out of use, why, and from when."""

    definition: Mapping[str, Any]
    why: str
    valid_from: datetime | None = None
    """None: from the approval on."""
    is_off: bool = False


def checked(text: str, region: Region) -> dict[str, Any]:
    """Return the definition of the rule in a TOML text, with what it asks of the region's folder.

    That is the records of stations, and of an impact the curve, the matrix and the amounts.

    Raises
    ------
    RuleError
        With every fault that the same lines would have in the region folder.
    """
    areas = Area.objects.values_list("code", flat=True)
    try:
        impacts = settings_of(region).impacts if _IMPACT.search(text) else None
        rule, faults = read_rule(
            text, languages=tuple(region.languages), areas=set(areas), impacts=impacts
        )
        if rule is None:
            raise RuleError(faults)
        if any(one.by_return_period for one in rule.conditions):
            rule = with_records(rule, stored_records(region))
        if rule.impact is not None:
            (rule,) = filled_rules(settings_of(region), (rule,))
    except RegionError as error:  # the folder has moved, or is broken
        raise RuleError(error.faults) from error
    return definition_of(rule)


def newest_of(rule: str) -> RuleVersion | None:
    """Return the version of a rule that was added last."""
    return RuleVersion.objects.filter(rule=rule).first()


@transaction.atomic
def propose(wish: Wish, *, over: int, by: User, at: datetime) -> RuleProposal:
    """Propose a change over version ``over``, the newest one that the officer has seen.

    ``over`` is 0 for a rule that is not there yet.

    Raises
    ------
    RuleError
        The rule as it is wished for has faults.
    ConflictError
        The rule has a newer version; ``theirs`` is that.
    """
    definition, rule = _clean(wish), str(wish.definition.get("id", ""))
    base = newest_of(rule)
    actor = _require("propose_rule", by, base, definition)
    check_over(rule, base, over)
    proposal = RuleProposal(
        rule=rule, proposed_by=actor, proposer=by, created_at=at, state=PROPOSED, base=base
    )
    _write(proposal, wish, definition, actor, by, at)
    _record("propose_rule", proposal, actor, at)
    return proposal


@transaction.atomic
def save(
    proposal: RuleProposal, wish: Wish, *, revision: int, over: int, by: User, at: datetime
) -> RuleProposal:
    """Save a wish written over ``revision`` of the proposal and version ``over`` of the rule.

    Raises
    ------
    RuleError
        The rule as it is wished for has faults, or another id than the proposal's.
    ConflictError
        Another officer has saved since, or the rule has a newer version; ``theirs`` is that.
    """
    held = _take(proposal)
    definition = _clean(wish, held.rule)
    base = newest_of(held.rule)
    actor = _require(VERBS["save"].permission, by, base, held.definition, definition)
    check_saved(held, revision)
    check_state(held, "save")
    check_over(held.rule, base, over)
    held.revision += 1
    held.base, held.state = base, PROPOSED
    held.decided_by, held.decided_at, held.remark = "", None, ""
    _write(held, wish, definition, actor, by, at)
    _record("save_rule_proposal", held, actor, at)
    return held


@transaction.atomic
def approve(
    proposal: RuleProposal, *, revision: int, by: User, at: datetime, remark: str = ""
) -> RuleVersion:
    """Approve ``revision`` and no other: it becomes a version, valid from its moment on.

    A moment that has passed by now is moved to ``at``: what has been warned stays as it is.

    Raises
    ------
    ConflictError
        Another officer has saved since, or the rule has a newer version than was looked at.
    """
    held = _take(proposal)
    base = newest_of(held.rule)
    actor = _require(VERBS["approve"].permission, by, base, held.definition)
    check_state(held, "approve")
    check_revision(held, revision)
    if by.pk in writers_of(held):
        raise NotAllowedError(
            _("%(by)s wrote this proposal and cannot approve it; another person has to.")
            % {"by": by}
        )
    check_base(held, base)
    held.version = add_version(
        held.definition,
        least=1,
        origin=RuleVersion.OFFICE,
        valid_from=max(held.valid_from or at, at),
        is_off=held.is_off,
        kept_at=at,
    )
    _decide(held, APPROVED, actor, at, remark)
    _record("approve_rule", held, actor, at, version=held.version.version,
            valid_from=str(held.version.valid_from))  # fmt: skip
    return held.version


@transaction.atomic
def reject(
    proposal: RuleProposal, *, revision: int, by: User, at: datetime, remark: str
) -> RuleProposal:
    """Reject a proposal with a reason; it can be changed and proposed again."""
    held = _take(proposal)
    actor = _require(VERBS["reject"].permission, by, newest_of(held.rule), held.definition)
    check_state(held, "reject")
    check_revision(held, revision)
    if not remark.strip():
        raise StateError(_("Say why it is rejected: whoever wrote it has only your reason."))
    _decide(held, REJECTED, actor, at, remark)
    _record("reject_rule", held, actor, at, remark=remark)
    return held


@transaction.atomic
def withdraw(proposal: RuleProposal, *, by: User, at: datetime) -> RuleProposal:
    """Take one's own proposal back; it is kept."""
    held = _take(proposal)
    actor = _require(VERBS["withdraw"].permission, by, newest_of(held.rule), held.definition)
    check_state(held, "withdraw")
    if held.proposer_id != by.pk:
        raise NotAllowedError(
            _("%(by)s proposed this and alone can withdraw it; approvers can reject it.")
            % {"by": held.proposed_by}
        )
    held.state, held.changed_at = WITHDRAWN, at
    held.save()
    _record("withdraw_rule_proposal", held, actor, at)
    return held


def may_propose(user: User, *definitions: Mapping[str, Any]) -> bool:
    """Whether ``user`` can propose a change of a rule that stands as ``definitions``."""
    return post_for("propose_rule", user, _covering(definitions)) is not None


def what_may(proposal: RuleProposal, user: User) -> frozenset[str]:
    """Return the verbs of ``rule_states.VERBS`` that ``user`` can use on this proposal now."""
    newest = newest_of(proposal.rule)
    covers = _covering([proposal.definition, *([newest.definition] if newest else [])])
    writers = writers_of(proposal)
    able = set()
    for name, verb in VERBS.items():
        whose = {None: True, True: user.pk == proposal.proposer_id, False: user.pk not in writers}
        if proposal.state in verb.before and whose[verb.own]:
            able |= {name} if post_for(verb.permission, user, covers) else set()
    return frozenset(able)


def writers_of(proposal: RuleProposal) -> set[int]:
    """Return the keys of all accounts that wrote some revision of it."""
    return {proposal.proposer_id, *proposal.revisions.values_list("user_id", flat=True)}


def _clean(wish: Wish, rule: str = "") -> dict[str, Any]:
    """Return the definition of a wish, checked once more, as it will be kept."""
    region = Region.objects.first()
    if region is None:
        raise StateError(_("No region is loaded: run  tocsin load REGION  first."))
    if not wish.why.strip():
        raise StateError(_("Say why: who approves it has only your words."))
    definition = checked(rule_as_toml(wish.definition), region)
    if rule and definition["id"] != rule:
        raise StateError(
            _("This proposal is about %(rule)s; for %(other)s propose a rule of its own.")
            % {"rule": rule, "other": definition["id"]}
        )
    return definition


def _require(
    permission: str, by: User, base: RuleVersion | None, *definitions: Mapping[str, Any]
) -> str:
    """Return the actor's name; the areas of the rule as it stands count as well as the new ones."""
    held = [*definitions, *([base.definition] if base else [])]
    return require(permission, by, _covering(held))


def _covering(definitions: Iterable[Mapping[str, Any]]) -> Callable[[str], bool]:
    """Return whether a post's area holds every area that the rules look at."""
    codes = {code for one in definitions for code in one.get("areas") or ["*"]}

    def covers(area_code: str) -> bool:
        area = Area.objects.filter(code=area_code).first()
        if area is None or "*" in codes:
            return False
        below = Area.objects.filter(path__startswith=area.path).values_list("code", flat=True)
        return codes <= set(below)

    return covers


def _take(proposal: RuleProposal) -> RuleProposal:
    return RuleProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)


def _write(
    proposal: RuleProposal, wish: Wish, definition: dict[str, Any], actor: str, by: User,
    at: datetime,
) -> None:  # fmt: skip
    """Save the proposal and its present content as a revision that stays."""
    versions = RuleVersion.objects.filter(rule=proposal.rule)
    stands = pick(versions, max(wish.valid_from or at, at))
    if stands and stands.is_off == wish.is_off and stands.digest == digest_of(definition):
        raise StateError(
            _("This says the same as %(version)s: there is nothing to approve.")
            % {"version": stands}
        )
    said = {
        "definition": definition,
        "is_off": wish.is_off,
        "why": wish.why.strip(),
        "valid_from": wish.valid_from,
    }
    for name, value in said.items():
        setattr(proposal, name, value)
    proposal.changed_at = at
    proposal.save()
    RuleRevision.objects.create(
        proposal=proposal, revision=proposal.revision, user=by, by=actor, at=at, **said
    )


def _decide(proposal: RuleProposal, state: str, actor: str, at: datetime, remark: str) -> None:
    proposal.state, proposal.changed_at = state, at
    proposal.decided_by, proposal.decided_at, proposal.remark = actor, at, remark.strip()
    proposal.save()


def _record(verb: str, proposal: RuleProposal, actor: str, at: datetime, **detail: Any) -> None:
    detail = {
        "rule": proposal.rule,
        "revision": proposal.revision,
        "state": proposal.state,
    } | detail
    record(verb, proposal, by=actor, at=at, object_id=str(proposal.pk), detail=detail)


def open_proposals(
    rule: str = "", *, but: RuleProposal | None = None
) -> tuple[list[RuleProposal], int]:
    """Return the newest proposals that can still become a version, and how many more there are.

    Of one rule, or of all; ``but`` is left out.
    """
    found = RuleProposal.objects.filter(state__in=OPEN)
    if rule:
        found = found.filter(rule=rule)
    if but is not None:
        found = found.exclude(pk=but.pk)
    rows = list(found[: OPEN_SHOWN + 1])
    if len(rows) <= OPEN_SHOWN:
        return rows, 0
    return rows[:OPEN_SHOWN], found.count() - OPEN_SHOWN
