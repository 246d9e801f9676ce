"""Words of the pages: states, kinds, channels."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .rules import State

__all__ = ["CHANNELS", "KINDS", "STATES"]

STATES = {
    State.QUEUED.value: _("waiting"),
    State.CLAIMED.value: _("on its way"),
    State.FAILED.value: _("failed, will be tried again"),
    State.SENT.value: _("sent"),
    State.ACKNOWLEDGED.value: _("acknowledged"),
    State.GIVEN_UP.value: _("given up"),
    State.SUPERSEDED.value: _("replaced by a newer message"),
}
KINDS = {
    "broadcast": _("Sirens and screens"),
    "post": _("Posts"),
    "organisation": _("Organisations"),
    "resident": _("Residents"),
}
CHANNELS = {
    "email": _("E-mail"),
    "file_drop": _("File drop"),
    "mqtt": _("MQTT"),
    "sms": _("SMS"),
    "web_push": _("Web Push"),
    "webhook": _("Webhook"),
}
"""A channel that is not here is shown by its own title."""
