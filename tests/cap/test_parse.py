"""parse: encodings, repairs, and the same alert whatever the XML looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.cap import parse
from tocsin.errors import CapError

GOOD = (Path(__file__).parent / "messages/good/heat-new-york.xml").read_text("utf-8")
ALERT = parse(GOOD.encode()).alert


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GB18030", "GBK", "Big5"])
def test_encodings_that_warnings_come_in(encoding: str) -> None:
    # Big5 knows no simplified characters: what it cannot write is written as a character reference.
    raw = GOOD.replace("UTF-8", encoding).encode(encoding, "xmlcharrefreplace")
    assert parse(raw).alert == ALERT


def test_a_byte_order_mark_and_remarks_do_not_matter() -> None:
    assert parse(b"\xef\xbb\xbf" + GOOD.encode()).alert == ALERT
    assert parse(
        GOOD.replace("<event>Heat<", "<event><!-- a -->He<!-- b -->at<").encode()
    ).alert == (ALERT)
    assert parse(
        GOOD.replace("?>", "?><?xml-stylesheet href='x'?><!-- c -->", 1).encode()
    ).alert == (ALERT)


def test_any_prefix_for_the_namespace_and_cdata_read_the_same() -> None:
    prefixed = GOOD.replace("xmlns=", "xmlns:c=").replace("</", "</c:").replace("\n<", "\n<c:")
    prefixed = prefixed.replace("  <", "  <c:").replace("<c:/c:", "</c:").replace("<c:/", "</c:")
    prefixed = prefixed.replace("</c:c:", "</c:")
    assert parse(prefixed.encode()).alert == ALERT
    boxed = GOOD.replace(
        "Dangerous heat in Kings County", "<![CDATA[Dangerous heat in Kings County]]>"
    )
    assert parse(boxed.encode()).alert == ALERT


def test_tolerant_reading_lists_each_repair_and_how_it_was_read() -> None:
    sloppy = (
        GOOD.replace("cap:1.2", "cap:1.1")
        .replace("<sent>2013-07-18T10:00:00-04:00", "<sent>2013-07-18T14:00:00.000Z")
        .replace("<severity>Severe", "<severity>severe", 1)
        .replace("<certainty>Observed", "<certainty>Very Likely", 1)
        .replace("40.57,-74.04 40.74", "40.57, -74.04; 40.74", 1)
        .replace("<size>1200", "<size>1.2 kB")
    )
    with pytest.raises(CapError):
        parse(sloppy.encode())
    parsed = parse(sloppy.encode(), strict=False)
    assert [(repair.finding.rule, repair.done) for repair in parsed.repairs] == [
        ("old-namespace", "read as CAP 1.2"),
        ("time-format", "read as 2013-07-18T14:00:00-00:00"),
        ("code-spelling", "read as Severe"),
        ("very-likely", "read as Likely"),
        ("number-format", "left out"),
        ("polygon-format", "read 4 pairs"),
    ]
    assert parsed.alert.sent == ALERT.sent
    assert parsed.alert.info[0].area == ALERT.info[0].area
    assert parsed.raw == sloppy.encode()


def test_a_pair_keeps_its_white_space_and_its_emptiness() -> None:
    raw = GOOD.replace("<value>orange</value>", "<value> </value>").encode()
    assert parse(raw).alert.info[0].parameter[0].value == " "
    raw = GOOD.replace("<value>orange</value>", "<value/>").encode()
    assert parse(raw).alert.info[0].parameter[0].value == ""


@pytest.mark.parametrize(
    "broken",
    [
        "<parameter>x<valueName>level</valueName>",
        "<parameter a='b'><valueName>level</valueName>",
        "<parameter><valueName a='b'>level</valueName>",
        "<parameter><valueName><b>level</b></valueName>",
        "<parameter><valueName>level</valueName>x",
    ],
)
def test_the_quick_way_through_pairs_sees_the_same_faults(broken: str) -> None:
    old = "<parameter>\n      <valueName>level</valueName>"
    assert old in GOOD
    with pytest.raises(CapError, match="alert/info\\[1\\]/parameter\\[1\\]"):
        parse(GOOD.replace(old, broken).encode())
