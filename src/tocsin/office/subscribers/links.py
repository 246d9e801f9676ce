"""Links in messages: who holds one may do what it says, with one subscription.

A link carries the subscription's random number and a MAC over it, what it is for, and the row's
generation. Nothing of it is stored, so the database alone opens no link, and raising
the generation makes every link given out so far worthless.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from .models import Subscription

__all__ = ["for_token", "link", "page_language", "public_url", "token"]

MAC_BYTES = 16
PURPOSES = ("confirm", "manage", "unsubscribe")


def token(purpose: str, row: Subscription) -> str:
    """Return the token that lets its holder do ``purpose`` with ``row``: 43 characters."""
    mac = _mac(purpose, row.number, row.generation, settings.SECRET_KEY)
    return base64.urlsafe_b64encode(row.number.bytes + mac).decode().rstrip("=")


def for_token(purpose: str, text: str) -> Subscription | None:
    """Return the subscription a token is for, None if it is not one of ours or no longer good."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + MAC_BYTES:
        return None
    row = Subscription.objects.filter(number=UUID(bytes=raw[:16])).first()
    if row is None:
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_mac(purpose, row.number, row.generation, key), raw[16:]):
            return row
    return None


def link(purpose: str, row: Subscription) -> str:
    """Return the absolute address of the page for ``purpose``, in the subscription's language."""
    with translation.override(page_language(row.language)):
        path = reverse(f"subscriptions:{purpose}", args=[token(purpose, row)])
    return public_url() + path


def public_url() -> str:
    """Return where the office is seen from outside: ``TOCSIN_PUBLIC_URL``."""
    return os.environ.get("TOCSIN_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")


def page_language(language: str) -> str:
    """Return the pages' code for a language tag of the region: zh-Hans is zh-hans."""
    codes = {code.lower() for code, _name in settings.LANGUAGES}
    return language.lower() if language.lower() in codes else settings.LANGUAGE_CODE


def _mac(purpose: str, number: UUID, generation: int, key: str | bytes) -> bytes:
    if purpose not in PURPOSES:
        raise KeyError(purpose)
    value = f"{purpose}:{number.hex}:{generation}"
    made = salted_hmac("tocsin.subscribers.links", value, secret=key, algorithm="sha256")
    return made.digest()[:MAC_BYTES]
