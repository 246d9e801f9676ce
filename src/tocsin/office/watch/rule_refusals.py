"""What stands against a verb on a proposal, in the reader's language.

Its state, or what others wrote meanwhile.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tocsin.errors import ConflictError, StateError

from .models import RuleVersion
from .rule_models import RuleProposal, RuleRevision
from .rule_states import APPROVED, PROPOSED, REJECTED, VERBS, WITHDRAWN

__all__ = ["check_base", "check_over", "check_revision", "check_saved", "check_state"]


def _state_word(state: str) -> str:
    """Return the word for a state, as the list of proposals has it."""
    return {
        PROPOSED: _("waits for approval"),
        APPROVED: _("approved"),
        REJECTED: _("rejected"),
        WITHDRAWN: _("withdrawn"),
    }[state]


def check_state(proposal: RuleProposal, verb: str) -> None:
    """Refuse a verb that starts from other states."""
    before = VERBS[verb].before
    if proposal.state not in before:
        raise StateError(
            _(
                "Proposal %(number)d stands at “%(state)s”; this can be done at %(before)s only. "
                "Look at it again."
            )
            % {
                "number": proposal.pk,
                "state": _state_word(proposal.state),
                "before": _(", ").join(f"“{_state_word(one)}”" for one in before),
            }
        )


def check_saved(proposal: RuleProposal, revision: int) -> None:
    """Refuse a text that was written over another revision than the newest one."""
    if proposal.revision != revision:
        newest = _newest_revision(proposal)
        raise _conflict(
            _(
                "Proposal %(number)d has gone on: you had revision %(revision)d before you, "
                "%(by)s saved revision %(newest)d since. Look at both, then save again."
            )
            % {
                "number": proposal.pk,
                "revision": revision,
                "newest": proposal.revision,
                "by": newest.by,
            },
            newest,
        )


def check_revision(proposal: RuleProposal, revision: int) -> None:
    """Refuse a decision on another revision than the newest one."""
    if proposal.revision != revision:
        raise _conflict(
            _(
                "Proposal %(number)d has gone on: you looked at revision %(revision)d, it is "
                "%(newest)d by now. Look again, then decide."
            )
            % {"number": proposal.pk, "revision": revision, "newest": proposal.revision},
            _newest_revision(proposal),
        )


def check_over(rule: str, base: RuleVersion | None, over: int) -> None:
    """Refuse a text written over another version than the newest one, ``base``."""
    newest = base.version if base else 0
    if newest == over:
        return
    said = {"rule": rule, "over": over, "newest": base}
    if over == 0:
        words = _(
            "There is a rule %(rule)s already, %(newest)s. Choose another id, or change that rule."
        )
    elif base is None:
        words = _("There is no rule %(rule)s to change. Propose it as a new rule.")
    else:
        words = _(
            "%(rule)s has gone on: you had v%(over)d before you, and %(newest)s is the newest "
            "now. Look at the difference, then save again."
        )
    raise _conflict(words % said, base)


def check_base(proposal: RuleProposal, base: RuleVersion | None) -> None:
    """Refuse to approve what was not written over the newest version, ``base``."""
    if (base and base.pk) != proposal.base_id:
        raise _conflict(
            _(
                "%(rule)s has gone on: %(newest)s came after this was written. Open the proposal, "
                "look at the difference, and save it over the newest version."
            )
            % {"rule": proposal.rule, "newest": base},
            base,
        )


def _conflict(words: str, theirs: RuleVersion | RuleRevision | None) -> ConflictError:
    return ConflictError(words, theirs=theirs, yours=None)


def _newest_revision(proposal: RuleProposal) -> RuleRevision:
    return proposal.revisions.order_by("-revision")[0]
