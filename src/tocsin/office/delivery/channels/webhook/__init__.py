"""Webhook: the message as JSON with the CAP XML inside, signed with the subscriber's secret.

What the receiver checks: ``Tocsin-Signature`` is ``v1=`` and the hex HMAC-SHA256, with the secret
shown at registration, of ``Tocsin-Timestamp``, a full stop and the body as it came. A timestamp
older than five minutes is to be refused; an ``Idempotency-Key`` seen before is to be answered 200
and otherwise ignored.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any

from ...parcels import Bulletin, Outcome, Parcel
from ..calling import call, host_of, http_session, outcome_of
from ..protocol import Channel

__all__ = ["CHANNEL", "signature"]

MESSAGES_KEPT = 64
"""Bodies are made once a message and language, not once a recipient."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of ``Tocsin-Signature``."""
    made = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={made.hexdigest()}"


class Webhook(Channel):
    """POSTs to an address that a subscriber registered."""

    name = "webhook"
    title = "Webhook"
    needs_settings = False
    calls_recipient = True

    async def open(self) -> None:
        """Begin the session that all webhooks share."""
        self._http = http_session(self.surroundings.allow)
        self._common: dict[tuple[str, str], bytes] = {}

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close()

    def lane(self, parcel: Parcel) -> str:
        """Return the host that is called."""
        return host_of(parcel.address)

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """POST one parcel."""
        return [await self._post(parcel) for parcel in parcels]

    async def _post(self, parcel: Parcel) -> Outcome:
        key = (parcel.bulletin.identifier, parcel.language)
        if key not in self._common:
            if len(self._common) >= MESSAGES_KEPT:
                self._common.clear()
            self._common[key] = common_of(parcel.bulletin, parcel.language)
        body = body_of(parcel, self._common[key])
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "Tocsin-Timestamp": timestamp,
        }
        if parcel.secret:
            headers["Tocsin-Signature"] = signature(parcel.secret, timestamp, body)
        answer = await call(self._http, parcel.address, body, headers, self.surroundings.allow)
        return answer if isinstance(answer, Outcome) else outcome_of(answer)


def body_of(parcel: Parcel, common: bytes) -> bytes:
    """Return the body: what this recipient alone gets, then what all in his language get."""
    own = json.dumps({"idempotency_key": parcel.key, "acknowledge": parcel.acknowledge_url})
    return own[:-1].encode() + b", " + common


def common_of(bulletin: Bulletin, language: str) -> bytes:
    """Return the part of the body that is the same for everybody of one language."""
    return json.dumps(_fields(bulletin, language), ensure_ascii=False).encode()[1:]


def _fields(bulletin: Bulletin, language: str) -> dict[str, Any]:
    return {
        "identifier": bulletin.identifier,
        "references": list(bulletin.references),
        "warning": bulletin.warning,
        "msg_type": bulletin.msg_type,
        "status": bulletin.status,
        "hazard": bulletin.hazard,
        "level": bulletin.level,
        "levels": dict(bulletin.levels),
        "sent": bulletin.sent_at.isoformat(),
        "expires": bulletin.expires_at.isoformat(),
        "language": language,
        "texts": [
            {
                "event": text.event,
                "headline": text.headline,
                "description": text.description,
                "instruction": text.instruction,
                "areas": list(text.areas),
            }
            for text in bulletin.said_in(language)
        ],
        "cap": bulletin.raw.decode("utf-8"),
    }


CHANNEL = Webhook
