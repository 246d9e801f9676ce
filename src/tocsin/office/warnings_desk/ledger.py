"""The ledger: each message's exact bytes and the row beside them, hashed and chained.

Decision 0009 says why there are two hashes: the bytes are what went out, the row is what pages and
exports say about them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from tocsin.cap.message import Alert
from tocsin.cap.parse import parse
from tocsin.errors import CapError, LedgerError
from tocsin.office.audit.append_only import AUDIT_TRAIL, missing

from .guard import GUARDS
from .models import Message, Warning

__all__ = ["GENESIS", "append", "head", "link", "row_of", "verify"]

GENESIS = "0" * 64
"""What the first message is chained to."""


def link(previous: str, sha256: str, row_sha256: str = "") -> str:
    """Return a message's chain hash: SHA-256 over the link before it and its own hashes, in hex.

    ``row_sha256`` is empty in rows written before there was one; their links stay what they were.
    """
    return hashlib.sha256(f"{previous}{sha256}{row_sha256}".encode()).hexdigest()


def row_of(message: Message) -> str:
    """Return the columns beside the bytes as the one JSON text of which ``row_sha256`` is the hash.

    Keys sorted, no spaces, ASCII, times in UTC; a whole number has no fraction, whichever
    database kept it.
    """
    row = {
        "number": message.number,
        "warning": message.warning.slug,
        "hazard": message.warning.hazard,
        "identifier": message.identifier,
        "status": message.status,
        "sent_at": _utc(message.sent_at),
        "expires_at": _utc(message.expires_at),
        "msg_type": message.msg_type,
        "reason": message.reason,
        "level": message.level,
        "levels": message.levels,
        "evidence": message.evidence,
        "impact": message.impact,
    }
    return json.dumps(_plain(row), sort_keys=True, separators=(",", ":"))


def head() -> tuple[int, str]:
    """Return number and chain hash of the newest row; ``(0, GENESIS)`` of an empty ledger."""
    newest = Message.objects.order_by("-number").values_list("number", "chain").first()
    return newest or (0, GENESIS)


def append(
    warning: Warning,
    alert: Alert,
    raw: bytes,
    *,
    sent_at: datetime,
    expires_at: datetime,
    reason: str,
    levels: Mapping[str, int],
    evidence: Sequence[Mapping[str, Any]],
    impact: Mapping[str, Any],
) -> Message:
    """Write bytes, hashes and link, and a new warning with them: the only place that does.

    Call it inside the transaction of the issue, with the region's row locked.
    """
    number, previous = head()
    if warning.pk is None:
        warning.save()
    message = Message(
        number=number + 1,
        warning=warning,
        identifier=alert.identifier,
        status=alert.status,
        sent_at=sent_at,
        expires_at=expires_at,
        msg_type=alert.msg_type,
        reason=reason,
        level=int(max(levels.values(), default=0)),
        levels={code: int(level) for code, level in levels.items()},
        evidence=[dict(row) for row in evidence],
        impact=dict(impact),
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    message.row_sha256 = hashlib.sha256(row_of(message).encode()).hexdigest()
    message.chain = link(previous, message.sha256, message.row_sha256)
    message.save(force_insert=True)
    return message


def verify() -> int:
    """Recompute the whole chain from bytes and rows; return how many messages it holds.

    Raises
    ------
    LedgerError
        At the first message that does not fit, with its number and what is wrong; then, where the
        database's own triggers are missing. That messages were cut off the end only shows against
        a :func:`head` written down elsewhere.
    """
    previous, count = GENESIS, 0
    for message in (
        Message.objects.order_by("number").select_related("warning").iterator(chunk_size=200)
    ):
        count += 1
        number = message.number
        if number != count:
            raise LedgerError(f"Message {count} is missing: the ledger goes on with {number}.")
        if hashlib.sha256(bytes(message.raw)).hexdigest() != message.sha256:
            raise LedgerError(f"Message {number} was altered: its bytes do not have its hash.")
        if link(previous, message.sha256, message.row_sha256) != message.chain:
            raise LedgerError(f"Message {number} is not chained to the one before it.")
        _check_row(message)
        previous = message.chain
    if gone := missing(connection, (AUDIT_TRAIL, *GUARDS)):
        raise LedgerError(
            f"The {count} messages are as they were written, but the database no longer keeps them "
            f"so: {', '.join(gone)} is not in place. Find out who took it away; any command that "
            "opens the database, tocsin serve for one, puts it back."
        )
    return count


def _check_row(message: Message) -> None:
    """Hold the columns against their hash; of a row that has none, against the bytes."""
    if message.row_sha256:
        if hashlib.sha256(row_of(message).encode()).hexdigest() != message.row_sha256:
            raise LedgerError(
                f"Message {message.number} was altered: a column beside its bytes has changed."
            )
        return
    try:
        alert = parse(bytes(message.raw)).alert
    except CapError as error:
        raise LedgerError(f"Message {message.number} cannot be read: {error}") from error
    for column, said in (
        ("identifier", alert.identifier),
        ("status", alert.status),
        ("msg_type", alert.msg_type),
        ("sent_at", alert.sent.astimezone(UTC)),
    ):
        if getattr(message, column) != said:
            raise LedgerError(
                f"Message {message.number} was altered: its column {column} is "
                f"{getattr(message, column)}, its bytes say {said}."
            )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _plain(value: Any) -> Any:
    """Return a JSON value in which 95.0 and 95 are one: PostgreSQL and SQLite keep them apart."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
