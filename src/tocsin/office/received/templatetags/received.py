"""Template words of received warnings: ``{% load received %}``."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.translation import get_language

from tocsin.cap.feeds import info_in
from tocsin.cap.labels import label

from ..labels import VERDICTS
from ..models import ReceivedMessage
from ..queries import Received, in_force, read

register = template.Library()


def _language() -> str:
    return "zh-Hans" if get_language() == "zh-hans" else "en"


@register.simple_tag
def received_in_force(at: datetime) -> list[Received]:
    """Return what of other authorities the public has to heed at ``at``."""
    return in_force(at, public=True)


@register.filter
def cap_word(code: str, element: str) -> str:
    """Return the word for a CAP code in the language of the page."""
    return label(element, code, _language())


@register.filter
def verdict_word(message: ReceivedMessage) -> str:
    """Return the verdict on a signature in words."""
    return str(VERDICTS.get(message.verdict, message.verdict))


@register.filter
def headline(message: ReceivedMessage) -> str:
    """Return the headline in the language of the page, else in one there is."""
    for language, words in message.headlines.items():
        if language.lower()[:2] == _language()[:2]:
            return str(words)
    return str(next(iter(message.headlines.values()), message.identifier))


@register.filter
def issued_by(message: ReceivedMessage) -> str:
    """Return who sent a message: the name it gives, else its sender."""
    info = info_in(read(message), _language())
    return (info.sender_name if info else None) or message.sender


@register.filter
def word_of(words: dict[str, str], key: str) -> str:
    """Return the word a table has for ``key``."""
    return str(words.get(key, key))
