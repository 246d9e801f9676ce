"""What the warnings desk tells the rooms above it."""

from django.dispatch import Signal

__all__ = ["message_issued"]

message_issued = Signal()
"""Sent inside the transaction that writes the ledger row: ``message``, ``region``, ``at``.

A receiver that raises undoes the issue; it must only write rows (an outbox), never send.
"""
