"""sign and verify: five verdicts, judged at the time of sent; signing fails loudly."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tocsin.cap import Alert, parse, write
from tocsin.cap.sign import sign
from tocsin.cap.verify import verify
from tocsin.errors import CapError

SENT = datetime(2013, 7, 18, 14, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Holder:
    """A key with its certificate."""

    key: Key
    certificate: x509.Certificate

    def key_pem(self, passphrase: bytes | None = None) -> bytes:
        lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def _holder(
    name: str,
    issuer: Holder | None = None,
    *,
    authority: bool = False,
    key: Key | None = None,
    first: datetime = SENT - timedelta(days=100),
    last: datetime = SENT + timedelta(days=100),
) -> Holder:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Holder(key, certificate)


ROOT = _holder("Example authority", authority=True)
BETWEEN = _holder("Example sub-authority", ROOT, authority=True)
DESK = _holder("Example desk", ROOT)
STRANGER = _holder("Somebody else")
RSA = _holder("Desk with RSA", ROOT, key=rsa.generate_private_key(65537, 2048))


def test_a_signed_message_is_valid_under_its_issuer_and_reads_the_same(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    verdict = verify(signed, [STRANGER.certificate, ROOT.certificate])
    assert (verdict.word, verdict.signer, verdict.sent) == ("valid", "CN=Example desk", SENT)
    parsed = parse(signed)
    assert parsed.alert == alert
    assert parsed.has_signature


def test_the_signature_is_the_last_child_of_alert(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert signed.rstrip().endswith(b"Signature></alert>")


def test_the_sender_itself_may_be_pinned(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert verify(signed, [DESK.certificate]).word == "valid"


def test_an_intermediate_certificate_may_be_enclosed(alert: Alert) -> None:
    desk = _holder("Far desk", BETWEEN)
    signed = sign(write(alert), desk.key_pem(), desk.pem + BETWEEN.pem)
    assert verify(signed, [ROOT.certificate]).word == "valid"
    assert verify(sign(write(alert), desk.key_pem(), desk.pem), [ROOT.certificate]).word == (
        "untrusted"
    )


def test_rsa_gives_the_same_bytes_each_time_and_opens_with_its_passphrase(alert: Alert) -> None:
    key = RSA.key_pem(b"open sesame")
    first = sign(write(alert), key, RSA.pem, passphrase=b"open sesame")
    assert first == sign(write(alert), key, RSA.pem, passphrase=b"open sesame")
    assert verify(first, [ROOT.certificate]).word == "valid"


def test_no_signature_is_unsigned(alert: Alert) -> None:
    assert verify(write(alert), [ROOT.certificate]).word == "unsigned"


def test_a_stranger_is_untrusted(alert: Alert) -> None:
    signed = sign(write(alert), STRANGER.key_pem(), STRANGER.pem)
    assert verify(signed, [ROOT.certificate]).word == "untrusted"
    assert verify(signed, []).word == "untrusted"


def test_a_desk_is_no_authority(alert: Alert) -> None:
    """A pinned sender must not be able to vouch for others."""
    false = _holder("False desk", DESK)
    signed = sign(write(alert), false.key_pem(), false.pem + DESK.pem)
    assert verify(signed, [ROOT.certificate]).word == "untrusted"
    assert verify(signed, [DESK.certificate]).word == "untrusted"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Dangerous heat", b"No heat at all"),
        (b"<identifier>heat-1<", b"<identifier>heat-7<"),
        (b"2013-07-18T14:00:00", b"2013-07-18T14:00:01"),
        (b"</info>", b"</info><info/>"),
    ],
)
def test_any_change_is_tampering(alert: Alert, old: bytes, new: bytes) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert old in signed
    assert verify(signed.replace(old, new, 1), [ROOT.certificate]).word == "tampered"


def test_a_signature_of_another_message_is_tampering(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    moved = signed[signed.index(b"<ds:Signature") : signed.rindex(b"</alert>")]
    other = write(replace(alert, identifier="heat-7")).replace(b"</alert>", moved + b"</alert>")
    assert verify(other, [ROOT.certificate]).word == "tampered"


def test_nothing_may_stand_after_or_beside_the_signature(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    block = signed[signed.index(b"<ds:Signature") : signed.rindex(b"</alert>")]
    twice = signed.replace(b"</alert>", block + b"</alert>")
    after = signed.replace(b"</alert>", b"<info/></alert>")
    assert "several" in verify(twice, [ROOT.certificate]).reason
    assert verify(after, [ROOT.certificate]).word == "tampered"


def test_a_signature_over_a_part_is_tampering(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert b'URI=""' in signed
    partly = signed.replace(b'URI=""', b'URI="#x"')
    assert "whole message" in verify(partly, [ROOT.certificate]).reason


def test_a_weak_algorithm_is_untrusted(alert: Alert) -> None:
    signed = sign(write(alert), RSA.key_pem(), RSA.pem)
    weak = signed.replace(
        b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        b"http://www.w3.org/2000/09/xmldsig#rsa-sha1",
    )
    assert weak != signed
    assert verify(weak, [ROOT.certificate]).word == "untrusted"


def test_the_time_of_sent_counts_and_not_today(alert: Alert) -> None:
    """DESK ended in 2013: its messages of then stay valid."""
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    assert DESK.certificate.not_valid_after_utc < datetime.now(UTC)
    assert verify(signed, [ROOT.certificate]).word == "valid"


def test_an_issuer_that_had_ended_at_sent_is_expired(alert: Alert) -> None:
    past = _holder("Past authority", authority=True, last=SENT - timedelta(days=1))
    desk = _holder("Desk", past)
    signed = sign(write(alert), desk.key_pem(), desk.pem)
    verdict = verify(signed, [past.certificate])
    assert verdict.word == "expired"
    assert "CN=Past authority" in verdict.reason


@pytest.mark.parametrize(
    ("key", "certificate", "words"),
    [
        (b"", DESK.pem, "the signing key cannot be read"),
        (b"rubbish", DESK.pem, "the signing key cannot be read"),
        (DESK.key_pem(b"secret"), DESK.pem, "the signing key cannot be read"),
        (DESK.key_pem(), b"", "the certificate cannot be read"),
        (DESK.key_pem(), STRANGER.pem, "does not belong to this key"),
    ],
)
def test_a_missing_key_or_wrong_certificate_blocks(
    alert: Alert, key: bytes, certificate: bytes, words: str
) -> None:
    with pytest.raises(CapError, match=words):
        sign(write(alert), key, certificate)


def test_an_expired_certificate_blocks(alert: Alert) -> None:
    late = replace(alert, sent=SENT + timedelta(days=101), info=())
    with pytest.raises(CapError, match=r"must not go out.*expired.*valid until"):
        sign(write(late), DESK.key_pem(), DESK.pem)


def test_a_small_key_a_second_signature_and_a_faulty_message_are_refused(alert: Alert) -> None:
    small = _holder("Small", key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - meant
    with pytest.raises(CapError, match="1024 bits"):
        sign(write(alert), small.key_pem(), small.pem)
    with pytest.raises(CapError, match="signed already"):
        sign(sign(write(alert), DESK.key_pem(), DESK.pem), DESK.key_pem(), DESK.pem)
    with pytest.raises(CapError, match="the message is refused"):
        sign(write(alert).replace(b"Public", b"Everyone"), DESK.key_pem(), DESK.pem)


def test_no_damaged_message_is_ever_valid(alert: Alert) -> None:
    """Flip single bytes all over: valid only where the meaning is the same, byte for byte."""
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    chance = random.Random(3)  # noqa: S311 - a repeatable walk, no secret
    words = set()
    for _ in range(250):
        raw = bytearray(signed)
        raw[chance.randrange(len(raw))] = chance.choice(b"<>&\"' A9z\n=/")
        try:
            word = verify(bytes(raw), [ROOT.certificate]).word
        except CapError:
            continue
        words.add(word)
        if word == "valid":
            assert parse(bytes(raw)).alert == alert
    assert "tampered" in words
