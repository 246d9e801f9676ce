"""Which channels a page may offer. A channel says so itself, from the room above that sends.

In ``AppConfig.ready`` of ``delivery``::

    from tocsin.office.subscribers.offers import offer

    offer("email", ready=lambda: bool(smtp_host()))
    offer("sms", ready=lambda: bool(gateway()))
    offer("webhook", ready=lambda: True, residents=False)
    offer("web_push", ready=lambda: bool(vapid_key()), details=lambda: {"key": vapid_public_key()})

``details()["key"]`` of web push is the VAPID public key, URL-safe base64 without padding, as
``PushManager.subscribe`` wants it. A channel that is not offered, or not ready, is on no page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Offer", "offer", "offered", "withdraw"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A channel that subscribers may choose."""

    channel: str
    ready: Callable[[], bool]
    residents: bool
    details: Callable[[], dict[str, str]]


_offers: dict[str, Offer] = {}


def offer(
    channel: str,
    *,
    ready: Callable[[], bool],
    residents: bool = True,
    details: Callable[[], dict[str, str]] = dict,
) -> None:
    """Offer a channel while ``ready()``; to residents too unless told otherwise."""
    _offers[channel] = Offer(channel, ready, residents, details)


def withdraw(channel: str) -> None:
    """Offer a channel no longer."""
    _offers.pop(channel, None)


def offered(*, residents: bool) -> dict[str, Offer]:
    """Return the channels that work at this moment, for residents or for the desk."""
    return {
        name: one
        for name, one in sorted(_offers.items())
        if (one.residents or not residents) and one.ready()
    }
