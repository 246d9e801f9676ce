"""Acknowledgement links: a signed number, so that nobody acknowledges for somebody else."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import translation

from tocsin.office.subscribers.links import page_language, public_url

__all__ = ["acknowledge_link", "delivery_of"]

_SALT = "tocsin.delivery.acknowledge"


def acknowledge_link(delivery: int, language: str) -> str:
    """Return the page on which the recipient of a delivery says that it arrived."""
    token = Signer(salt=_SALT).sign(str(delivery)).replace(":", ".")
    with translation.override(page_language(language)):
        return public_url() + reverse("acknowledge:page", args=[token])


def delivery_of(token: str) -> int | None:
    """Return the delivery a link stands for, None if the link is not one of ours."""
    try:
        return int(Signer(salt=_SALT).unsign(token.replace(".", ":", 1)))
    except (BadSignature, ValueError):
        return None
