"""Terms and limits, in one place: how long a contact is kept and how often one may ask."""

from __future__ import annotations

from datetime import timedelta

__all__ = [
    "CONFIRM_WITHIN",
    "DISABLED_KEPT",
    "MARKS_A_DAY",
    "RECORDS_KEPT",
    "REMIND_BEFORE",
    "SUPPRESSED_BELOW",
    "TERMS",
]

CONFIRM_WITHIN = timedelta(hours=48)
TERMS = {
    "resident": timedelta(days=365),
    "organisation": timedelta(days=730),
    "post": timedelta(days=730),
}
REMIND_BEFORE = timedelta(days=30)
DISABLED_KEPT = timedelta(days=30)
"""A resident's contact that was switched off, such as one that no longer exists."""
RECORDS_KEPT = timedelta(days=30)
"""Sent notices, and what django-axes keeps of signing in: names tried, addresses, browsers."""
MARKS_A_DAY = {"address": 3, "machine": 20}
"""Confirmations asked for one address, and by one machine. An office or a library shares one."""
SUPPRESSED_BELOW = 5
"""Fewer residents than this in an area are not counted on any page."""
