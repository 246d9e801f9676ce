"""Verbs on subscriptions. A room above takes them from here.

For the room that sends (``delivery``), whose worker asks regularly:

>>> for row in due_notices(at, limit=100):            # doctest: +SKIP
...     whereto = address_of(row.subscription_id, purpose="notice")
...     # send row.subject and row.text over row.channel
...     mark_notice_sent(row.notice_id, at)           # or mark_notice_failed(row.notice_id, at)
>>> purge(at)                                         # doctest: +SKIP

A notice handed out is claimed for some minutes: a worker that dies gives it back by that. Warnings
go to ``matching.recipients(...)`` with ``address_of(id, purpose="delivery")``.
"""

from .notices import DueNotice, due_notices, mark_notice_failed, mark_notice_sent
from .purging import Purged, purge
from .sending import address_of, disable, enable

__all__ = [
    "DueNotice",
    "Purged",
    "address_of",
    "disable",
    "due_notices",
    "enable",
    "mark_notice_failed",
    "mark_notice_sent",
    "purge",
]
