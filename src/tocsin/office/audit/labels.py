"""The words for the verbs and things of the audit trail, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["VERBS", "verb_word"]

VERBS: Mapping[str, str | Promise] = {
    "add_source": _("added a source"),
    "add_subscription": _("added a subscription"),
    "approve_draft": _("approved a draft"),
    "approve_rule": _("approved a rule"),
    "ask_to_confirm": _("asked to confirm again"),
    "decide_held": _("decided a held value"),
    "disable_source": _("switched a source off"),
    "disable_subscription": _("switched a subscription off"),
    "draft_outdated": _("a draft is outdated"),
    "draft_overtaken": _("the machine issued before a draft"),
    "draft_waited_for": _("waits for a draft in hand"),
    "enable_source": _("switched a source on"),
    "enable_subscription": _("switched a subscription on"),
    "feed_back": _("a feed is back"),
    "feed_failed": _("a feed failed"),
    "give_post": _("gave a post"),
    "import_events": _("imported events"),
    "issue_message": _("issued a message"),
    "keep_forecasts": _("kept forecasts"),
    "keep_occurrences": _("kept occurrences"),
    "keep_reading": _("kept a reading"),
    "keep_rule": _("kept a rule"),
    "load_region": _("loaded the region"),
    "make_token": _("made a token"),
    "note_delivery": _("took note of a delivery"),
    "propose_rule": _("proposed a rule"),
    "purge": _("erased what is past its term"),
    "receive_message": _("received a warning"),
    "record_events": _("recorded events"),
    "reject_rule": _("rejected a rule"),
    "remove_subscription": _("ended a subscription"),
    "resend": _("sent again"),
    "revoke_token": _("revoked a token"),
    "save_draft": _("saved a draft"),
    "save_rule_proposal": _("saved a proposal"),
    "send_back_draft": _("sent a draft back"),
    "set_clock": _("set the clock"),
    "start_draft": _("began a draft"),
    "start_over": _("started the replay over"),
    "submit_draft": _("submitted a draft"),
    "withdraw_draft": _("withdrew a draft"),
    "withdraw_event": _("took an event back"),
    "withdraw_rule_proposal": _("withdrew a proposal"),
}


def verb_word(verb: str) -> str:
    """Return what a verb of the trail says was done; one without words stays its code."""
    return str(VERBS.get(verb, verb))
