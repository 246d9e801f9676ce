"""The words for what was found out about received messages; codes of CAP have theirs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = ["FATES", "INFO_WORDS", "VERDICTS", "VERDICT_MEANINGS"]

VERDICTS: Mapping[str, str | Promise] = {
    "valid": _("signature valid"),
    "unsigned": _("not signed"),
    "expired": _("certificate not valid when sent"),
    "untrusted": _("signer not known here"),
    "tampered": _("signature broken"),
}
VERDICT_MEANINGS: Mapping[str, str | Promise] = {
    "valid": _(
        "The message is as its sender signed it, and a pinned issuer vouches for the sender."
    ),
    "unsigned": _("Nothing in the message proves who wrote it."),
    "expired": _("The signature fits, but a certificate was not valid when the message was sent."),
    "untrusted": _("The signature fits, but no certificate pinned for this source vouches for it."),
    "tampered": _("The message is not as it was signed: it never counts."),
}
FATES: Mapping[str, str | Promise] = {
    "current": _("not replaced"),
    "superseded": _("replaced by a later message"),
    "cancelled": _("cancelled"),
    "no warning": _("no warning by itself"),
}
INFO_WORDS: Mapping[str, str | Promise] = {
    "in force": _("in force"),
    "to come": _("to come"),
    "over": _("all clear"),
    "expired": _("expired"),
}
