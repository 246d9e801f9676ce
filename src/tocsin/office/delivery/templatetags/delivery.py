"""Words of the pages of delivery: ``{% load delivery %}``."""

from __future__ import annotations

from django import template

from ..channels import KINDS as CHANNEL_KINDS
from ..labels import CHANNELS, KINDS, STATES

register = template.Library()


@register.filter
def channel_word(name: str) -> str:
    """Return a channel's name in the language of the page."""
    kind = CHANNEL_KINDS.get(name)
    return str(CHANNELS.get(name, kind.title if kind else name))


@register.filter
def kind_word(kind: str) -> str:
    """Return a kind of recipient in the language of the page."""
    return str(KINDS.get(kind, kind))


@register.filter
def state_word(state: str) -> str:
    """Return a state in the language of the page."""
    return str(STATES.get(state, state))
