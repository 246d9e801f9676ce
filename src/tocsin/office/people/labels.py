"""The words for roles and for what an officer may do, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["DOINGS", "ROLE_WORDS", "doing_word", "role_word"]

ROLE_WORDS: Mapping[str, str | Promise] = {
    "duty_officer": _("duty officer"),
    "approver": _("approver"),
    "inspector": _("inspector"),
    "storekeeper": _("storekeeper"),
}
DOINGS: Mapping[str, str | Promise] = {
    "see_desk": _("see the desk"),
    "set_clock": _("set the clock"),
    "write_draft": _("write drafts"),
    "approve_draft": _("approve drafts"),
    "issue_draft": _("issue drafts"),
    "propose_rule": _("propose rules"),
    "approve_rule": _("approve rules"),
    "record_event": _("record events"),
    "review_held": _("decide held values"),
    "manage_subscribers": _("manage subscribers"),
    "resend": _("send again"),
    "manage_sources": _("manage sources"),
}
"""What follows "may not", for each verb of ``rules.ALLOWED``."""


def role_word(role: str) -> str:
    """Return the name of a role."""
    return str(ROLE_WORDS.get(role, role))


def doing_word(verb: str) -> str:
    """Return what a verb of ``rules.ALLOWED`` does."""
    return str(DOINGS.get(verb, verb.replace("_", " ")))
