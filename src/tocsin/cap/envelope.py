"""EDXL-DE 1.0 envelopes: carry CAP messages between systems, and take them out again.

The messages travel as embedded XML, so a signature inside stays valid under exclusive
canonicalisation. Source: OASIS EDXL Distribution Element 1.0, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape  # only writes: no parser is involved

from lxml import etree

from tocsin.cap.message import NAMESPACE
from tocsin.cap.reading import MAX_BYTES, safe_root
from tocsin.cap.values import mend_time, write_time
from tocsin.errors import CapError

__all__ = ["EDXL_NAMESPACE", "Envelope", "open_envelope", "seal_envelope"]

EDXL_NAMESPACE = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
_DE = f"{{{EDXL_NAMESPACE}}}"
_STATUS = ("Actual", "Exercise", "System", "Test")
_TYPES = (
    "Report", "Update", "Cancel", "Request", "Response", "Dispatch",
    "Ack", "Error", "SensorConfiguration", "SensorControl", "SensorStatus", "SensorDetection",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on the outside, and the CAP messages inside as bytes of their own."""

    distribution_id: str
    sender_id: str
    sent: datetime
    status: str
    type: str
    messages: tuple[bytes, ...]
    language: str | None = None
    confidentiality: str = "Unclassified"


def seal_envelope(envelope: Envelope) -> bytes:
    """Return the envelope with its messages as UTF-8 XML.

    Raises
    ------
    CapError
        A code is not one of EDXL-DE's, the time has no offset, or a message is no CAP alert.
    """
    if envelope.status not in _STATUS:
        raise CapError(f"distributionStatus is one of {', '.join(_STATUS)}, not {envelope.status}")
    if envelope.type not in _TYPES:
        raise CapError(f"distributionType is one of {', '.join(_TYPES)}, not {envelope.type}")
    if envelope.sent.utcoffset() is None:
        raise CapError("dateTimeSent needs a time with an offset")
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<EDXLDistribution xmlns="{EDXL_NAMESPACE}">\n',
    ]
    for name, value in (
        ("distributionID", envelope.distribution_id),
        ("senderID", envelope.sender_id),
        ("dateTimeSent", write_time(envelope.sent)),
        ("distributionStatus", envelope.status),
        ("distributionType", envelope.type),
        ("combinedConfidentiality", envelope.confidentiality),
        ("language", envelope.language),
    ):
        if value is not None:
            out.append(f"  <{name}>{escape(value)}</{name}>\n")
    for raw in envelope.messages:
        out.append(
            "  <contentObject>\n    <contentDescription>CAP message</contentDescription>\n"
            f"    <xmlContent>\n      <embeddedXMLContent>{_inner(raw)}</embeddedXMLContent>\n"
            "    </xmlContent>\n  </contentObject>\n"
        )
    out.append("</EDXLDistribution>\n")
    return "".join(out).encode("utf-8")


def _inner(raw: bytes) -> str:
    root = safe_root(raw)
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise CapError(f"only CAP 1.2 alerts go into an envelope here, not {root.tag}")
    return etree.tostring(root, encoding="unicode")


def open_envelope(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Envelope:
    """Return what stands on an EDXL-DE envelope and the CAP messages inside.

    Each message is bytes that :func:`tocsin.cap.parse` takes; other content is left aside.

    Raises
    ------
    CapError
        Hostile or broken XML, no envelope, or no readable id, sender and time on it.
    """
    root = safe_root(raw, max_bytes)
    if root.tag != f"{_DE}EDXLDistribution":
        raise CapError(f"this is no EDXL-DE 1.0 envelope: its root is {root.tag}")
    texts = {
        name: (root.findtext(f"{_DE}{name}") or "").strip()
        for name in ("distributionID", "senderID", "dateTimeSent")
    }
    sent = mend_time(texts["dateTimeSent"])
    if sent is None or not texts["distributionID"] or not texts["senderID"]:
        raise CapError(f"the envelope has no readable id, sender and time: {texts}")
    messages = tuple(
        etree.tostring(alert, encoding="UTF-8", xml_declaration=True, with_tail=False)
        for content in root.iter(f"{_DE}embeddedXMLContent")
        for alert in content.iterchildren("{*}alert")
    )
    return Envelope(
        texts["distributionID"],
        texts["senderID"],
        sent,
        (root.findtext(f"{_DE}distributionStatus") or "").strip(),
        (root.findtext(f"{_DE}distributionType") or "").strip(),
        messages,
        root.findtext(f"{_DE}language"),
        (root.findtext(f"{_DE}combinedConfidentiality") or "").strip(),
    )
