"""SMS through any gateway that takes an HTTP request: the request is a template in the settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import quote, quote_plus

from pydantic import Field, field_validator

from tocsin.errors import StateError

from ...parcels import Outcome, Parcel
from ..calling import call, host_of, http_session, outcome_of
from ..protocol import Channel, ChannelSettings, Surroundings

__all__ = ["CHANNEL", "sms_text"]

FIELDS = ("to", "text", "key", "language")
"""What templates may name as ``{to}``; ``{env:NAME}`` is an environment variable."""
PLACE = re.compile(r"\{(env:[A-Za-z_][A-Za-z0-9_]*|[a-z_]+)\}")


class Settings(ChannelSettings):
    """``[channels.sms]``."""

    url: str = Field(description="of the gateway; {to} and the like are filled in")
    method: str = Field("POST", pattern="^(GET|POST|PUT)$")
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = Field("", description="with {to}, {text}, {key}; escaped as content_type wants")
    content_type: str = "application/json"
    success: str = Field("", description="a regular expression that a good answer's body matches")
    longest: int = Field(480, ge=70, le=1600, description="characters; longer texts end in …")
    width: int = Field(8, ge=1, le=200)

    @field_validator("success")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from None
        return value

    @field_validator("url", "body", "headers")
    @classmethod
    def _known_fields(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        texts = [value] if isinstance(value, str) else list(value.values())
        for name in (one for text in texts for one in PLACE.findall(text)):
            if name not in FIELDS and not name.startswith("env:"):
                raise ValueError(f"{{{name}}} is unknown; there are {', '.join(FIELDS)}, env:NAME")
        return value


class Sms(Channel):
    """Calls the gateway once for each recipient."""

    name = "sms"
    title = "SMS"
    Settings = Settings

    def __init__(self, settings: ChannelSettings, surroundings: Surroundings) -> None:
        super().__init__(settings, surroundings)
        self._own = own = cast(Settings, settings)
        for text in (own.url, own.body, *own.headers.values()):
            for name in PLACE.findall(text):
                if name.startswith("env:") and name[4:] not in os.environ:
                    raise StateError(f"channels.sms names {{{name}}}; {name[4:]} is not set.")

    async def open(self) -> None:
        """Begin the session to the gateway."""
        self._http = http_session(self.surroundings.allow)

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close()

    def lane(self, parcel: Parcel) -> str:
        """Return the gateway."""
        return host_of(self._own.url)

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Hand one text to the gateway."""
        return [await self._send(parcel) for parcel in parcels]

    async def _send(self, parcel: Parcel) -> Outcome:
        own = self._own
        fields = {
            "to": parcel.address,
            "text": sms_text(parcel, own.longest),
            "key": parcel.key,
            "language": parcel.language,
        }
        headers = {"Idempotency-Key": parcel.key}
        if own.body:
            headers["Content-Type"] = own.content_type
        headers |= {name: filled(text, fields, "header") for name, text in own.headers.items()}
        kind = "form" if "urlencoded" in own.content_type else "json"
        kind = kind if kind == "form" or "json" in own.content_type else "text"
        answer = await call(
            self._http,
            filled(own.url, fields, "url"),
            filled(own.body, fields, kind).encode(),
            headers,
            self.surroundings.allow,
            own.method,
        )
        if isinstance(answer, Outcome):
            return answer
        outcome = outcome_of(answer, gone=())
        said = answer.body.decode("utf-8", "replace")
        if outcome.kind == "sent" and own.success and not re.search(own.success, said):
            return Outcome.failed(f"The gateway did not confirm: {said[:160]}")
        return outcome


def filled(template: str, fields: dict[str, str], kind: str) -> str:
    """Fill a template, escaping each value for where it stands."""
    escapes: dict[str, Callable[[str], str]] = {
        "url": lambda value: quote(value, safe=""),
        "form": quote_plus,
        "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
        "header": lambda value: " ".join(value.split()),
        "text": str,
    }
    escape = escapes[kind]

    def value(found: re.Match[str]) -> str:
        name = found[1]
        given = os.environ[name[4:]] if name.startswith("env:") else fields[name]
        return escape(given)

    return PLACE.sub(value, template)


def sms_text(parcel: Parcel, longest: int) -> str:
    """Return headline and instruction on one line, cut at a whole word's end where possible."""
    text = parcel.bulletin.said_in(parcel.language)[0]
    whole = " ".join(f"{text.headline} {text.instruction}".split())
    if len(whole) <= longest:
        return whole
    cut = whole[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[-30:] else cut) + "…"


CHANNEL = Sms
