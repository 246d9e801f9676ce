"""The words for the states of a draft, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from .states import APPROVED, DRAFT, ISSUED, SUBMITTED, WITHDRAWN

__all__ = ["state_word", "wrong_state"]


def state_word(state: str) -> str:
    """Return the word for a state, as the list of drafts has it."""
    return {
        DRAFT: _("being written"),
        SUBMITTED: _("waits for approval"),
        APPROVED: _("approved, not issued"),
        ISSUED: _("issued"),
        WITHDRAWN: _("withdrawn"),
    }[state]


def wrong_state(number: int, state: str, before: Sequence[str]) -> str:
    """Return the sentence that refuses a verb which starts from other states."""
    return _(
        "Draft %(number)d stands at “%(state)s”; this can be done at %(before)s only. "
        "Look at it again."
    ) % {
        "number": number,
        "state": state_word(state),
        "before": _(", ").join(f"“{state_word(one)}”" for one in before),
    }
