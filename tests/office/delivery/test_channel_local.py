"""E-mail against an SMTP server, MQTT against a broker, files in a folder; and channels.toml."""

from __future__ import annotations

import email
import email.policy
import json
import os
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import paho.mqtt.client as paho
import pytest
from aiosmtpd.controller import Controller
from paho.mqtt.enums import CallbackAPIVersion

from tests.office.factories import make_region
from tocsin.errors import RegionError, StateError
from tocsin.office.delivery import configuration
from tocsin.office.delivery.channels import KINDS
from tocsin.office.delivery.channels.email.texts import body_of
from tocsin.office.delivery.channels.file_drop import files_of
from tocsin.office.delivery.parcels import Text

from .cast import opened_channel
from .parcel import bulletin, parcel, send

BROKER = ("127.0.0.1", 1883)


class Mailbox:
    """An SMTP server that keeps what it takes and refuses some."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], email.message.Message]] = []
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 no such mailbox"
        if address.startswith("busy"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        read = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos, read))
        return "250 taken"


@contextmanager
def smtp_server():
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield (
            box,
            {
                "host": "127.0.0.1",
                "port": controller.port,
                "security": "none",
                "sender": "desk@tocsin.example",
            },
        )
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_mail_carries_the_text_the_message_and_one_click_unsubscribe(tmp_path):
    with smtp_server() as (box, settings):
        one = parcel(
            "ada@example.org",
            "email",
            language="zh-Hans",
            unsubscribe_url="https://warn.example/subscribe/unsubscribe/x/",
            manage_url="https://warn.example/subscribe/choices/x/",
        )
        (outcome,) = send(opened_channel("email", tmp_path, **settings), one)
    assert outcome.kind == "sent"
    ((to, mail),) = box.mails
    assert to == ["ada@example.org"]
    assert mail["Subject"] == "高温危险，至18时"
    assert mail["List-Unsubscribe"] == "<https://warn.example/subscribe/unsubscribe/x/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"] == f"<{one.key[:32]}@tocsin.example>"
    text = mail.get_body().get_content()
    assert "请留在室内。" in text
    assert "https://warn.example/acknowledge/7.x/" in text
    assert "https://warn.example/subscribe/choices/x/" in text
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/cap+xml"
    assert attached.get_payload(decode=True) == bulletin().raw


def test_levels_that_share_their_words_are_told_apart(tmp_path):
    words = [
        Text(f"{level} heat warning", "Hot until 6 pm", "", "Drink.", (area,))
        for level, area in (("Red", "Queens"), ("Orange", "Bronx"))
    ]
    shared = bulletin(texts={"en": tuple(words)})
    body = body_of(parcel(bulletin=shared))
    (screen,) = files_of(shared, ["txt"]).values()
    for said in (body, screen.decode()):
        assert said.index("Red heat") < said.index("Queens") < said.index("Orange heat")


def test_one_refused_mailbox_does_not_stop_the_next_and_one_connection_serves_all(tmp_path):
    with smtp_server() as (box, settings):
        people = ("ada", "gone", "busy", "bob")
        parcels = [parcel(f"{name}@example.org", "email") for name in people]
        outcomes = send(opened_channel("email", tmp_path, **settings), *parcels)
    assert [one.kind for one in outcomes] == ["sent", "refused", "failed", "sent"]
    assert "no such mailbox" in outcomes[1].error
    assert box.connections == 1


def test_a_mail_server_that_is_down_fails_all_and_says_so(tmp_path):
    channel = opened_channel(
        "email", tmp_path, host="127.0.0.1", port=free_port(), security="none", sender="a@b.example"
    )
    outcomes = send(channel, parcel("a@example.org", "email"), parcel("b@example.org", "email"))
    assert [(one.kind, one.host_down) for one in outcomes] == [("failed", True)] * 2
    assert "Mail server:" in outcomes[0].error


def test_a_header_cannot_be_smuggled_in_by_a_headline(tmp_path):
    text = replace(bulletin().texts["en"][0], headline="Heat\r\nBcc: all@example.org")
    with smtp_server() as (box, settings):
        one = parcel("ada@example.org", "email", bulletin=bulletin(texts={"en": (text,)}))
        send(opened_channel("email", tmp_path, **settings), one)
    ((to, mail),) = box.mails
    assert to == ["ada@example.org"]
    assert mail["Bcc"] is None


def broker_or_skip() -> None:
    try:
        socket.create_connection(BROKER, timeout=1).close()
    except OSError:
        pytest.skip("no MQTT broker answers at 127.0.0.1:1883")


def retained(pattern: str) -> dict[str, dict]:
    """What a siren that connects now is told at once."""
    got: dict[str, dict] = {}
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_connect = lambda *_: client.subscribe(pattern, qos=1)
    client.on_message = lambda _c, _d, message: got.update(
        {message.topic: json.loads(message.payload)} if message.payload else {}
    )
    client.connect(*BROKER)
    client.loop_start()
    time.sleep(0.4)
    client.disconnect()
    client.loop_stop()
    return got


def test_mqtt_keeps_the_newest_message_of_each_area_and_the_end_replaces_it(tmp_path):
    broker_or_skip()
    prefix = f"tocsin-test-{os.getpid()}-{time.time_ns()}"
    channel = opened_channel("mqtt", tmp_path, host=BROKER[0], port=BROKER[1], prefix=prefix)
    (outcome,) = send(channel, parcel(channel="mqtt"))
    assert outcome.kind == "sent", outcome.error
    kept = retained(f"{prefix}/#")
    assert set(kept) == {f"{prefix}/36061/heat-2026-07-18", f"{prefix}/36081/heat-2026-07-18"}
    assert kept[f"{prefix}/36061/heat-2026-07-18"]["cap"].encode() == bulletin().raw

    update = bulletin(levels={"36061": 4}, msg_type="Update")
    send(channel, parcel(channel="mqtt", bulletin=update, former_codes=("36081",)))
    kept = retained(f"{prefix}/#")
    assert {topic: one["msg_type"] for topic, one in kept.items()} == {
        f"{prefix}/36061/heat-2026-07-18": "Update"
    }

    soon = bulletin().sent_at + timedelta(seconds=3)
    cancel = bulletin(levels={}, msg_type="Cancel", expires_at=soon)
    send(channel, parcel(channel="mqtt", bulletin=cancel, former_codes=("36061",)))
    older = opened_channel(
        "mqtt", tmp_path, host=BROKER[0], port=BROKER[1], prefix=prefix, protocol="3.1.1"
    )
    send(older, parcel(channel="mqtt", bulletin=cancel, former_codes=("36061", "36081")))
    assert retained(f"{prefix}/#") == {}


def test_a_broker_that_is_down_is_a_failure(tmp_path):
    channel = opened_channel("mqtt", tmp_path, host="127.0.0.1", port=free_port())
    (outcome,) = send(channel, parcel(channel="mqtt"))
    assert (outcome.kind, outcome.host_down) == ("failed", True)


def test_files_appear_whole_in_each_language_and_a_second_attempt_changes_nothing(tmp_path):
    folder = tmp_path / "sirens"
    channel = opened_channel("file_drop", tmp_path, folder=str(folder))
    for _ in range(2):
        (outcome,) = send(channel, parcel(channel="file_drop"))
        assert outcome.kind == "sent"
    names = sorted(path.name for path in folder.iterdir())
    assert [name.split(".", 1)[1] for name in names] == ["en.txt", "json", "xml", "zh-Hans.txt"]
    assert (folder / names[2]).read_bytes() == bulletin().raw
    assert "请留在室内。" in (folder / names[3]).read_text()


def test_a_full_disk_is_a_failure_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    channel = opened_channel("file_drop", tmp_path, folder=str(tmp_path / "sirens"))
    (outcome,) = send(channel, parcel(channel="file_drop"))
    assert outcome.kind == "failed"
    assert "No space left" in outcome.error
    assert list((tmp_path / "sirens").iterdir()) == []


def test_the_cap_file_comes_last():
    assert list(files_of(bulletin(), ("cap", "json", "txt")))[-1].endswith(".xml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[channels.fax]\n", r"channels.fax: is no channel. There are email, file_drop, mqtt"),
        ("[channels.mqtt]\nport = 1883\n", r"channels.mqtt.host: Field required. Add it."),
        ("[channels.mqtt]\nhost = 'b'\nport = 99999\n", r"channels.mqtt.port = 99999"),
        ("[channels.mqtt]\nhost = 'b'\nhots = 'c'\n", r"channels.mqtt.hots .*mqtt takes"),
        ("[channelz.mqtt]\n", r"channelz: is unknown. Channels stand under \[channels.NAME\]"),
        ("[channels.file_drop]\nfolder = 'here'\n", r"must be an absolute path"),
        ("channels = 3", r"channels: is no table"),
        ("[[", r"is not TOML"),
    ],
)
@pytest.mark.django_db
def test_a_fault_in_channels_toml_is_named(tmp_path, settings, text, words):
    settings.DATA = tmp_path
    (tmp_path / "channels.toml").write_text(text)
    with pytest.raises(RegionError, match=words):
        configuration.channel_settings(make_region())


@pytest.mark.django_db
def test_without_a_file_only_what_needs_none_works_and_one_can_be_switched_off(tmp_path, settings):
    settings.DATA = tmp_path
    region = make_region()
    assert set(configuration.channel_settings(region)) == {"webhook", "web_push"}
    (tmp_path / "channels.toml").write_text(
        "[channels]\nweb_push = false\n[channels.mqtt]\nhost = 'broker'\n"
    )
    assert set(configuration.channel_settings(region)) == {"webhook", "mqtt"}
    assert configuration.broadcasts(KINDS) == ["file_drop", "mqtt"]


@pytest.mark.django_db
def test_a_secret_that_is_not_in_the_environment_is_named(tmp_path, settings):
    settings.DATA = tmp_path
    (tmp_path / "channels.toml").write_text(
        "[channels.mqtt]\nhost = 'broker'\nuser = 'u'\npassword_env = 'NO_SUCH_SECRET'\n"
    )
    with pytest.raises(StateError, match="NO_SUCH_SECRET, which is not set"):
        configuration.open_channels(make_region())
