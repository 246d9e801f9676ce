"""MQTT: a retained message for each area and warning, cleared when it ends.

Topic: ``<prefix>/<area code>/<warning>``, so that a siren subscribes to ``tocsin/36061/#`` and gets
at once what is in force. With MQTT 5 the broker itself drops a retained message when it expires.
A cancel replaces the retained message until it expires itself; areas that an update leaves out get
the update once, and their retained message is cleared. All updates: ``<prefix>/messages``.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import Field

from tocsin.errors import StateError

from ...parcels import Bulletin, Outcome, Parcel
from ..protocol import Channel, ChannelSettings, Surroundings

__all__ = ["CHANNEL", "payload_of"]


class Settings(ChannelSettings):
    """``[channels.mqtt]``."""

    host: str
    port: int = Field(1883, ge=1, le=65535)
    tls: bool = False
    user: str = ""
    password_env: str = Field("", description="the environment variable that holds the password")
    prefix: str = Field("tocsin", pattern=r"^[^#+\s]+$")
    protocol: Literal["5", "3.1.1"] = "5"
    width: int = 1  # one connection, messages in order


class Mqtt(Channel):
    """Publishes to the office's broker."""

    name = "mqtt"
    title = "MQTT"
    Settings = Settings
    is_broadcast = True

    def __init__(self, settings: ChannelSettings, surroundings: Surroundings) -> None:
        super().__init__(settings, surroundings)
        self._own = own = cast(Settings, settings)
        if own.password_env and own.password_env not in os.environ:
            raise StateError(
                f"channels.mqtt.password_env names {own.password_env}, which is not set in the "
                "environment of the worker; set it, or leave password_env out."
            )

    def lane(self, parcel: Parcel) -> str:
        """Return the broker."""
        return f"{self._own.host}:{self._own.port}"

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Publish; sent means that the broker has acknowledged every topic (QoS 1)."""
        return [await asyncio.to_thread(self._publish, parcel) for parcel in parcels]

    def _publish(self, parcel: Parcel) -> Outcome:
        bulletin = parcel.bulletin
        left_s = int((bulletin.expires_at - datetime.now(UTC)).total_seconds())
        root = self._own.prefix
        current = bulletin.codes or parcel.former_codes  # a cancel names no area: all it had
        left_out = [code for code in parcel.former_codes if code not in current]
        payload = payload_of(parcel)
        try:
            with self._connection() as publish:
                publish(f"{root}/messages", payload, False, left_s)
                for code in current:
                    topic = f"{root}/{code}/{bulletin.warning}"
                    keeps = self._own.protocol == "5" or bulletin.msg_type != "Cancel"
                    publish(topic, payload, keeps, left_s)
                    if not keeps:  # nobody would drop it later
                        publish(topic, b"", True, 0)
                for code in left_out:
                    publish(f"{root}/{code}/{bulletin.warning}", payload, False, left_s)
                    publish(f"{root}/{code}/{bulletin.warning}", b"", True, 0)
        except (OSError, ValueError, RuntimeError) as error:
            return Outcome.failed(f"Broker: {error}", host_down=isinstance(error, OSError))
        return Outcome.sent()

    @contextmanager
    def _connection(self) -> Iterator[_Publish]:
        own = self._own
        version = (
            MQTTProtocolVersion.MQTTv5 if own.protocol == "5" else MQTTProtocolVersion.MQTTv311
        )
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        answered, refused = threading.Event(), []

        def on_connect(
            _client: object, _data: object, _flags: object, reason: object, _properties: object
        ) -> None:
            if getattr(reason, "is_failure", False):
                refused.append(str(reason))
            answered.set()

        client.on_connect = on_connect
        client.connect_timeout = own.timeout_s
        if own.user:
            client.username_pw_set(own.user, os.environ.get(own.password_env) or None)
        if own.tls:
            client.tls_set_context(ssl.create_default_context())
        client.connect(own.host, own.port, keepalive=30)
        client.loop_start()
        try:
            if not answered.wait(own.timeout_s) or refused:
                raise OSError(f"no connection: {(refused or ['no answer'])[0]}")
            yield _Publish(client, own)
        finally:
            client.disconnect()
            client.loop_stop()


class _Publish:
    """Publishes and waits for the broker's word."""

    def __init__(self, client: paho.Client, own: Settings) -> None:
        self._client, self._own = client, own

    def __call__(self, topic: str, payload: bytes, retain: bool, expires_in_s: int) -> None:
        properties = None
        if self._own.protocol == "5":
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if payload:
                properties.MessageExpiryInterval = max(1, expires_in_s)
                properties.ContentType = "application/json"
        told = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        told.wait_for_publish(self._own.timeout_s)
        if not told.is_published():
            raise OSError(f"no acknowledgement of {topic} within {self._own.timeout_s:g} s")


def payload_of(parcel: Parcel) -> bytes:
    """Return the message as JSON, in every language, with the CAP XML inside."""
    bulletin: Bulletin = parcel.bulletin
    fields = {
        "idempotency_key": parcel.key,
        "identifier": bulletin.identifier,
        "warning": bulletin.warning,
        "msg_type": bulletin.msg_type,
        "status": bulletin.status,
        "hazard": bulletin.hazard,
        "level": bulletin.level,
        "levels": dict(bulletin.levels),
        "sent": bulletin.sent_at.isoformat(),
        "expires": bulletin.expires_at.isoformat(),
        "headlines": {name: texts[0].headline for name, texts in bulletin.texts.items()},
        "instructions": {name: texts[0].instruction for name, texts in bulletin.texts.items()},
        "cap": bulletin.raw.decode("utf-8"),
    }
    return json.dumps(fields, ensure_ascii=False).encode()


CHANNEL = Mqtt
