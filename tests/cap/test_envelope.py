"""EDXL-DE: what goes in comes out, signature and all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.cap.test_corpus import CORPUS
from tests.cap.test_sign import DESK, ROOT
from tocsin.cap import Alert, check, parse, write
from tocsin.cap.envelope import Envelope, open_envelope, seal_envelope
from tocsin.cap.sign import sign
from tocsin.cap.verify import verify
from tocsin.errors import CapError

SENT = datetime(2013, 7, 18, 14, tzinfo=UTC)


def _envelope(*messages: bytes) -> Envelope:
    return Envelope("dist-1", "desk@example.org", SENT, "Actual", "Report", messages, "en")


def test_what_goes_in_comes_out(alert: Alert) -> None:
    second = replace(alert, identifier="heat-2", note="a < b & c")
    opened = open_envelope(seal_envelope(_envelope(write(alert), write(second))))
    assert [parse(raw).alert for raw in opened.messages] == [alert, second]
    assert replace(opened, messages=()) == _envelope()


def test_a_signature_survives_the_journey(alert: Alert) -> None:
    signed = sign(write(alert), DESK.key_pem(), DESK.pem)
    (raw,) = open_envelope(seal_envelope(_envelope(signed))).messages
    assert verify(raw, [ROOT.certificate]).word == "valid"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(_envelope(), status="Draft"), "distributionStatus is one of"),
        (replace(_envelope(), type="Alert"), "distributionType is one of"),
        (replace(_envelope(), sent=SENT.replace(tzinfo=None)), "an offset"),
        (_envelope(b"<html/>"), "only CAP 1.2 alerts"),
    ],
)
def test_a_wrong_envelope_is_not_sealed(wrong: Envelope, words: str) -> None:
    with pytest.raises(CapError, match=words):
        seal_envelope(wrong)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"<html/>", "no EDXL-DE 1.0 envelope"),
        (b'<!DOCTYPE a><EDXLDistribution xmlns="x"/>', "DTD"),
        (
            b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"/>',
            "no readable id",
        ),
    ],
)
def test_what_is_no_envelope_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(CapError, match=words):
        open_envelope(raw)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of CAP messages at {CORPUS}")
def test_a_real_envelope_gives_its_message() -> None:
    path = next(CORPUS.rglob("*bushfire_valid.edxlde"))
    opened = open_envelope(path.read_bytes())
    assert opened.messages
    assert all(check(raw).alert for raw in opened.messages)
