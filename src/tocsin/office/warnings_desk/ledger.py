"""The ledger: each message's exact bytes, hashed and chained to the one before."""

from __future__ import annotations

import hashlib

from tocsin.errors import LedgerError

from .models import Message

__all__ = ["GENESIS", "head", "link", "verify"]

GENESIS = "0" * 64
"""What the first message is chained to."""


def link(previous: str, sha256: str) -> str:
    """Return a message's chain hash: SHA-256 over the link before it and its own hash, in hex."""
    return hashlib.sha256(f"{previous}{sha256}".encode()).hexdigest()


def head() -> tuple[int, str]:
    """Return number and chain hash of the newest row; ``(0, GENESIS)`` of an empty ledger."""
    newest = Message.objects.order_by("-number").values_list("number", "chain").first()
    return newest or (0, GENESIS)


def verify() -> int:
    """Recompute the whole chain from the bytes; return how many messages it holds.

    Raises
    ------
    LedgerError
        At the first message that does not fit, with its number and what is wrong. That
        messages were cut off the end only shows against a :func:`head` written down elsewhere.
    """
    previous, count = GENESIS, 0
    rows = Message.objects.order_by("number").values_list("number", "raw", "sha256", "chain")
    for number, raw, sha256, chain in rows.iterator(chunk_size=200):
        count += 1
        if number != count:
            raise LedgerError(f"Message {count} is missing: the ledger goes on with {number}.")
        if hashlib.sha256(bytes(raw)).hexdigest() != sha256:
            raise LedgerError(f"Message {number} was altered: its bytes do not have its hash.")
        if link(previous, sha256) != chain:
            raise LedgerError(f"Message {number} is not chained to the one before it.")
        previous = chain
    return count
