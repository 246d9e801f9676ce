"""Web Push: a notification in a browser that asked, encrypted for it (RFC 8291, RFC 8292)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from py_vapid import Vapid02
from pywebpush import WebPusher, WebPushException

from ...parcels import Outcome, Parcel
from ..calling import call, host_of, http_session, outcome_of
from ..protocol import Channel, ChannelSettings
from .keys import vapid

__all__ = ["CHANNEL", "payload_of"]

VALID_FOR_S = 12 * 3600
"""A VAPID token may be valid for 24 h at most (RFC 8292, section 2)."""
LONGEST = 3000
"""Bytes of a payload; push services must take 4,096 once encrypted (RFC 8030, 7.2)."""


class Settings(ChannelSettings):
    """``[channels.web_push]``."""

    contact: str = "mailto:webmaster@localhost"
    """Whom a push service writes to when something is wrong (RFC 8292, section 2.1)."""


class WebPush(Channel):
    """Notifies browsers through their makers' push services."""

    name = "web_push"
    title = "Web Push"
    Settings = Settings
    needs_settings = False
    calls_recipient = True

    async def open(self) -> None:
        """Read the keys, made once and kept in the data folder, and begin the session."""
        self._vapid: Vapid02 = vapid(self.surroundings.data)
        self._signed: dict[str, tuple[float, dict[str, str]]] = {}
        self._http = http_session(self.surroundings.allow)

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close()

    def lane(self, parcel: Parcel) -> str:
        """Return the push service."""
        try:
            return host_of(str(json.loads(parcel.address)["endpoint"]))
        except (ValueError, KeyError, TypeError):
            return "unreadable"

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Encrypt and hand one notification to the push service."""
        return [await self._send(parcel) for parcel in parcels]

    async def _send(self, parcel: Parcel) -> Outcome:
        try:
            subscription = json.loads(parcel.address)
            endpoint = str(subscription["endpoint"])
            sealed = WebPusher(subscription).encode(payload_of(parcel))["body"]
        except (WebPushException, ValueError, KeyError, TypeError) as error:
            return Outcome.refused(f"The browser's subscription cannot be used: {error}")
        left_s = parcel.bulletin.expires_at.timestamp() - time.time()
        headers = {
            "TTL": str(max(0, int(left_s))),
            "Urgency": "high",
            "Topic": parcel.key[:32],  # a repeated attempt replaces the one not shown yet
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            **self._signed_for(endpoint),
        }
        answer = await call(self._http, endpoint, sealed, headers, self.surroundings.allow)
        if isinstance(answer, Outcome):
            return answer
        return outcome_of(answer, gone=(404, 410))

    def _signed_for(self, endpoint: str) -> dict[str, str]:
        """Return the Authorization for a push service: one token serves all its browsers."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        until, headers = self._signed.get(audience, (0.0, {}))
        if until < time.time() + 600:
            until = time.time() + VALID_FOR_S
            contact = getattr(self.settings, "contact", "")
            claims = {"aud": audience, "exp": int(until), "sub": contact}
            headers = dict(self._vapid.sign(claims))
            self._signed[audience] = (until, headers)
        return headers


def payload_of(parcel: Parcel) -> bytes:
    """Return what the page's service worker shows; shortened until it fits."""
    text = parcel.bulletin.said_in(parcel.language)[0]
    fields = {
        "title": text.headline,
        "body": text.instruction,
        "tag": parcel.bulletin.warning,
        "level": parcel.bulletin.level,
        "msg_type": parcel.bulletin.msg_type,
        "lang": parcel.language,
        "acknowledge": parcel.acknowledge_url,
        "key": parcel.key,
    }
    payload = json.dumps(fields, ensure_ascii=False).encode()
    while len(payload) > LONGEST and fields["body"]:
        fields["body"] = fields["body"][: len(fields["body"]) // 2].rstrip() + "…"
        fields["body"] = "" if len(fields["body"]) < 20 else fields["body"]
        payload = json.dumps(fields, ensure_ascii=False).encode()
    return payload


CHANNEL = WebPush
