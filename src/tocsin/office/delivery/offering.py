"""Tells the subscribers' pages which channels may be chosen: those that work here, as of now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings

from tocsin.office.places.current import current_region
from tocsin.office.subscribers.offers import offer

from .channels import KINDS
from .channels.web_push.keys import public_key
from .configuration import configured

__all__ = ["offer_channels"]

NOT_FOR_RESIDENTS = {"webhook"}


def offer_channels() -> None:
    """Offer every channel that goes to subscribers."""
    for name, kind in KINDS.items():
        if kind.is_broadcast:
            continue
        offer(
            name,
            ready=partial(_ready, name),
            residents=name not in NOT_FOR_RESIDENTS,
            details=_web_push_details if name == "web_push" else dict,
        )


def _ready(name: str) -> bool:
    return configured(name, current_region())


def _web_push_details() -> dict[str, str]:
    return {"key": public_key(Path(settings.DATA))}
