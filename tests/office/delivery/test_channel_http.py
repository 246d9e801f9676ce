"""Webhook, SMS gateway and Web Push against a server of this machine, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from py_vapid import Vapid02
from pydantic import ValidationError

from tocsin.net.guard import NOBODY
from tocsin.office.delivery.channels import KINDS
from tocsin.office.delivery.channels.protocol import Surroundings
from tocsin.office.delivery.channels.sms import sms_text
from tocsin.office.delivery.channels.web_push.keys import public_key

from .cast import opened_channel
from .parcel import bulletin, parcel, send
from .sink import Sink


def test_a_webhook_is_signed_over_timestamp_and_body(sink, tmp_path):
    (outcome,) = send(
        opened_channel("webhook", tmp_path), parcel(f"{sink.url}/hook", secret="a shared secret")
    )
    assert outcome.kind == "sent"
    ((path, headers, body),) = sink.got
    made = hmac.new(
        b"a shared secret", headers["Tocsin-Timestamp"].encode() + b"." + body, hashlib.sha256
    ).hexdigest()
    assert path == "/hook"
    assert headers["Tocsin-Signature"] == f"v1={made}"
    assert headers["Idempotency-Key"] == "c0ffee" * 10
    fields = json.loads(body)
    assert fields["cap"].encode() == bulletin().raw
    assert fields["texts"][0]["headline"] == "Dangerous heat until 6 pm"
    assert fields["acknowledge"].startswith("https://warn.example/")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, "sent"), (204, "sent"), (500, "failed"), (404, "failed"), (410, "gone")],
)
def test_what_a_status_means(sink, tmp_path, status, kind):
    sink.answer = lambda _request: web.Response(status=status)
    (outcome,) = send(opened_channel("webhook", tmp_path), parcel(sink.url))
    assert outcome.kind == kind


def test_a_redirect_is_not_followed_wherever_it_leads(sink, tmp_path):
    with Sink() as inside:
        sink.answer = lambda _request: web.Response(status=302, headers={"Location": inside.url})
        (outcome,) = send(opened_channel("webhook", tmp_path), parcel(sink.url))
        assert inside.got == []
    assert outcome.kind == "failed"
    assert "redirects are not followed" in outcome.error


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/",
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://2130706433:{port}/",
        "file:///etc/passwd", "not a url",
    ],
)  # fmt: skip
def test_inside_addresses_are_refused_for_good(sink, tmp_path, address):
    port = sink.url.rpartition(":")[2]
    channel = KINDS["webhook"](
        KINDS["webhook"].Settings(), Surroundings(data=tmp_path, allow=NOBODY)
    )
    (outcome,) = send(channel, parcel(address.format(port=port)))
    assert outcome.kind == "refused"
    assert sink.got == []


def test_a_bad_certificate_is_a_failure_that_names_it(tmp_path):
    with Sink(ssl_context=self_signed(tmp_path)) as secure:
        (outcome,) = send(opened_channel("webhook", tmp_path), parcel(secure.url))
        assert secure.got == []
    assert outcome.kind == "failed"
    assert "TLS certificate" in outcome.error


def self_signed(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_an_endless_answer_is_read_no_further_than_its_beginning(sink, tmp_path):
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65_536)
            await asyncio.sleep(0)

    sink.answer = endless
    (outcome,) = send(opened_channel("webhook", tmp_path), parcel(sink.url))
    assert outcome.kind == "sent"


SMS = {
    "method": "POST",
    "headers": {"Authorization": "Bearer {env:SMS_TOKEN}"},
    "body": '{"to": "{to}", "text": "{text}", "reference": "{key}"}',
    "success": '"status":\\s*"queued"',
}


def test_an_sms_gateway_is_called_by_its_template(sink, tmp_path, monkeypatch):
    monkeypatch.setenv("SMS_TOKEN", "t0ken")
    sink.answer = lambda _request: web.json_response({"status": "queued"})
    channel = opened_channel("sms", tmp_path, url=f"{sink.url}/send?lang={{language}}", **SMS)
    text = 'Heat "danger"\n\\ until 6'
    one = parcel("+15550100", "sms", bulletin=bulletin(texts={"en": (_text(text),)}))
    (outcome,) = send(channel, one)
    assert outcome.kind == "sent"
    ((_, headers, body),) = sink.got
    assert headers["Authorization"] == "Bearer t0ken"
    fields = json.loads(body)
    assert fields["to"] == "+15550100"
    assert fields["text"] == 'Heat "danger" \\ until 6 Stay inside.'
    assert fields["reference"] == one.key


def test_a_gateway_that_answers_200_with_an_error_has_not_sent(sink, tmp_path, monkeypatch):
    monkeypatch.setenv("SMS_TOKEN", "t0ken")
    sink.answer = lambda _request: web.json_response({"error": "no credit"})
    channel = opened_channel("sms", tmp_path, url=sink.url, **SMS)
    (outcome,) = send(channel, parcel("+15550100", "sms"))
    assert outcome.kind == "failed"
    assert "no credit" in outcome.error


def test_a_template_with_an_unknown_field_is_refused(tmp_path):
    with pytest.raises(ValidationError, match=r"\{phone\} is unknown; there are to, text"):
        opened_channel("sms", tmp_path, url="https://gateway.example/{phone}")


def test_a_long_sms_is_cut_at_a_word():
    one = parcel(bulletin=bulletin(texts={"en": (_text("word " * 60),)}))
    cut = sms_text(one, 70)
    assert len(cut) <= 70
    assert cut.endswith("word…")


def _text(headline):
    from tocsin.office.delivery.parcels import Text

    return Text("Heat", headline, "", "Stay inside.", ())


def browser(endpoint: str):
    """A browser's subscription and what it decrypts with."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    auth = b"0123456789abcdef"
    keys = {"p256dh": _b64(point), "auth": _b64(auth)}
    return json.dumps({"endpoint": endpoint, "keys": keys}), key, auth


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_web_push_is_encrypted_for_the_browser_and_signed_by_the_office(sink, tmp_path):
    subscription, key, auth = browser(f"{sink.url}/push/abc")
    sink.answer = lambda _request: web.Response(status=201)
    channel = opened_channel("web_push", tmp_path, contact="mailto:desk@tocsin.example")
    (outcome,) = send(channel, parcel(subscription, "web_push", language="zh-Hans"))
    assert outcome.kind == "sent"
    ((_, headers, body),) = sink.got
    said = json.loads(
        http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm")
    )
    assert said["title"] == "高温危险，至18时"
    assert said["body"] == "请留在室内。"
    assert headers["Urgency"] == "high"
    assert 21_000 < int(headers["TTL"]) <= 21_600
    assert public_key(tmp_path) in headers["Authorization"]
    assert Vapid02.verify(headers["Authorization"])


@pytest.mark.parametrize(("status", "kind"), [(404, "gone"), (410, "gone"), (429, "failed")])
def test_a_browser_that_has_gone_is_disabled(sink, tmp_path, status, kind):
    sink.answer = lambda _request: web.Response(status=status)
    subscription, _, _ = browser(f"{sink.url}/push/abc")
    (outcome,) = send(opened_channel("web_push", tmp_path), parcel(subscription, "web_push"))
    assert outcome.kind == kind


def test_the_keys_of_web_push_are_made_once_and_readable_by_the_office_alone(tmp_path):
    first = public_key(tmp_path)
    assert len(first) == 87
    assert public_key(tmp_path) == first
    assert (tmp_path / "vapid-key.pem").stat().st_mode & 0o077 == 0


def test_a_browsers_subscription_that_cannot_be_read_is_refused(tmp_path):
    (outcome,) = send(opened_channel("web_push", tmp_path), parcel("not json", "web_push"))
    assert outcome.kind == "refused"
