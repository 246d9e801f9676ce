"""E-mail by SMTP, with the CAP message attached and one-click unsubscribe (RFC 8058)."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal, cast

from pydantic import Field, field_validator

from tocsin.errors import StateError

from ...parcels import Outcome, Parcel
from ..protocol import Channel, ChannelSettings, Surroundings
from .texts import body_of, subject_of

__all__ = ["CHANNEL", "message_of"]

PERMANENT = {550, 551, 553, 554}
"""SMTP replies that say there is no such mailbox or it will never take this (RFC 5321, 4.2.3)."""


class Settings(ChannelSettings):
    """``[channels.email]``."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = Field("", description="the environment variable that holds the password")
    sender: str = Field(description="the From address")
    width: int = Field(2, ge=1, le=20, description="connections to the mail server at once")
    timeout_s: float = Field(20.0, gt=0, le=120)

    @field_validator("sender")
    @classmethod
    def _is_address(cls, value: str) -> str:
        Address(addr_spec=value)
        return value


class Email(Channel):
    """Mails each subscriber by the office's own mail server."""

    name = "email"
    title = "E-mail"
    Settings = Settings
    chunk = 20

    def __init__(self, settings: ChannelSettings, surroundings: Surroundings) -> None:
        super().__init__(settings, surroundings)
        self._own = cast(Settings, settings)
        self._password = ""
        if name := self._own.password_env:
            if name not in os.environ:
                raise StateError(
                    f"channels.email.password_env names {name}, which is not set in the "
                    "environment of the worker; set it, or leave password_env out."
                )
            self._password = os.environ[name]

    def lane(self, parcel: Parcel) -> str:
        """Return the mail server: it is the machine that may be down."""
        return f"{self._own.host}:{self._own.port}"

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send parcels over one connection; a mailbox that is refused does not stop the next."""
        return await asyncio.to_thread(self._send, list(parcels))

    def _send(self, parcels: list[Parcel]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            with self._connect() as smtp:
                for parcel in parcels:
                    outcomes.append(self._send_one(smtp, parcel))
        except (OSError, smtplib.SMTPException) as error:
            # What was answered for stands; the rest has not been taken.
            lost = Outcome.failed(f"Mail server: {_short(error)}", host_down=not outcomes)
            outcomes += [lost] * (len(parcels) - len(outcomes))
        return outcomes

    def _connect(self) -> smtplib.SMTP:
        own = self._own
        context = ssl.create_default_context()
        if own.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                own.host, own.port, timeout=own.timeout_s, context=context
            )
        else:
            smtp = smtplib.SMTP(own.host, own.port, timeout=own.timeout_s)
            if own.security == "starttls":
                smtp.starttls(context=context)
        if own.user:
            smtp.login(own.user, self._password)
        return smtp

    def _send_one(self, smtp: smtplib.SMTP, parcel: Parcel) -> Outcome:
        message = message_of(parcel, self._own.sender, self.surroundings.office)
        try:
            smtp.send_message(message, self._own.sender, [parcel.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            return self._refusal(code, said)
        except smtplib.SMTPResponseException as error:
            if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
                return self._refusal(error.smtp_code, error.smtp_error)
            raise
        return Outcome.sent()

    def _refusal(self, code: int, said: bytes | str) -> Outcome:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        if code in PERMANENT:
            return Outcome.refused(f"SMTP {code}: {words}").of_target()
        return Outcome.failed(f"SMTP {code}: {words}")


def message_of(parcel: Parcel, sender: str, office: str) -> EmailMessage:
    """Return the mail: text in the recipient's language, the CAP message attached."""
    bulletin = parcel.bulletin
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject_of(parcel)
    message["From"] = Address(office, addr_spec=sender)
    message["To"] = parcel.address
    message["Date"] = format_datetime(bulletin.sent_at)
    # The same at every attempt, so that mail programs show a repeated one once.
    message["Message-ID"] = f"<{parcel.key[:32]}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if parcel.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{parcel.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if bulletin.level in {"red", "orange"} and bulletin.msg_type != "Cancel":
        message["X-Priority"] = "1"
    message.set_content(body_of(parcel))
    if bulletin.raw:
        name = f"{parcel.key[:12]}.xml"
        message.add_attachment(
            bulletin.raw, maintype="application", subtype="cap+xml", filename=name
        )
    return message


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:160]


CHANNEL = Email
