"""Who tries tokens: failed pushes counted by address, so that guessing is told and slowed.

A right token is always taken, whatever came from its address before: gateways often share one
address (a proxy, a mobile network), and one that sends wrong tokens must not shut the others out.
What keeps a token from being guessed is its length; the limit keeps the noise down and says who
makes it. Counted in the memory of each worker and for the present minute alone: an address is
personal data, and nothing of it is kept.
"""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from datetime import datetime
from threading import Lock

__all__ = ["A_MINUTE", "is_one_too_many"]

log = logging.getLogger(__name__)

A_MINUTE = 30
"""Failed pushes of an address in a minute that are answered as such."""
MOST_ADDRESSES = 10_000
_OTHERS = "others"

_lock = Lock()
_failed: Counter[str] = Counter()
_minute: datetime | None = None


def is_one_too_many(address: str, at: datetime) -> bool:
    """Count a failed push from ``address``; return whether there were too many in this minute."""
    global _minute
    minute, place = at.replace(second=0, microsecond=0), _network(address)
    with _lock:
        if minute != _minute:
            _failed.clear()
            _minute = minute
        if place not in _failed and len(_failed) >= MOST_ADDRESSES:
            place = _OTHERS
        _failed[place] += 1
        count = _failed[place]
    if count == A_MINUTE + 1:
        log.warning("More than %d pushes with wrong tokens in a minute from %s", A_MINUTE, place)
    return count > A_MINUTE


def _network(address: str) -> str:
    """Return what one sender has to itself: an IPv4 address, the /64 of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a socket file has none
        return _OTHERS
    inside = getattr(known, "ipv4_mapped", None)
    if known.version == 4 or inside:
        return str(inside or known)
    return str(ipaddress.ip_network((known, 64), strict=False))
