"""What received warnings tell the rooms above."""

from django.dispatch import Signal

__all__ = ["warning_received"]

warning_received = Signal()
"""Sent inside the transaction that keeps a message: ``message``, ``alert``, ``at``.

``message.is_trusted`` says whether its source vouches for it. A receiver that raises undoes the
keeping, and the message comes again with the next poll; it must only write rows, never send.
"""
