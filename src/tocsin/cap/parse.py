"""Read a CAP file: strictly, tolerantly, or only to say all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.cap.catalogue import Finding, errors, listed
from tocsin.cap.message import Alert
from tocsin.cap.reading import MAX_BYTES, MAX_FINDINGS, UNREADABLE, Reader, Repair, safe_root
from tocsin.cap.validate import validate
from tocsin.errors import CapError

__all__ = ["Checked", "Parsed", "check", "parse"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """An alert as it was read, with all that had to be mended and the bytes it came as."""

    alert: Alert
    repairs: tuple[Repair, ...]
    findings: tuple[Finding, ...]
    raw: bytes
    has_signature: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """All that is wrong with a file; ``alert`` is None where nothing usable is left."""

    alert: Alert | None
    repairs: tuple[Repair, ...]
    findings: tuple[Finding, ...]
    has_signature: bool


def check(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Checked:
    """Return every finding on the file, each with its line.

    Of more than 1000 errors or 1000 warnings by the values, the first 1000 are returned.

    Raises
    ------
    CapError
        The bytes are not safe, well-formed XML with a CAP alert as its root.
    """
    reader = Reader(safe_root(raw, max_bytes))
    alert = reader.alert()
    findings = [repair.finding for repair in reader.repairs]
    noted = {(finding.rule, finding.path) for finding in findings}
    counts = {"error": 0, "warning": 0}
    for finding in validate(alert):
        guessed = alert.sent is UNREADABLE and finding.rule == "reference-later"
        if guessed or (finding.rule, finding.path) in noted:
            continue
        counts[finding.severity] += 1
        if counts[finding.severity] <= MAX_FINDINGS:
            findings.append(finding.at_line(reader.line(finding.path)))
    readable = alert.sent is not UNREADABLE and alert.identifier and alert.sender
    return Checked(
        alert if readable else None,
        tuple(reader.repairs),
        tuple(findings),
        reader.has_signature,
    )


def parse(raw: bytes, strict: bool = True, *, max_bytes: int = MAX_BYTES) -> Parsed:
    """Read a CAP 1.2 message.

    Parameters
    ----------
    raw : bytes
        The file as it came; it is kept unchanged in the result.
    strict : bool
        True refuses a message with any error. False mends what has one possible meaning, leaves
        out what cannot be read, and lists each repair; errors that remain stay in ``findings``.
    max_bytes : int
        Larger input is refused unread.

    Returns
    -------
    Parsed

    Raises
    ------
    CapError
        Hostile or broken XML, no CAP alert, errors in strict reading, or no readable
        identifier, sender and sent in tolerant reading. The message lists the findings.
    """
    checked = check(raw, max_bytes=max_bytes)
    wrong = errors(checked.findings)
    if checked.alert is None or (strict and wrong):
        raise CapError(f"the message is refused: {len(wrong)} error(s)\n{listed(wrong)}")
    return Parsed(checked.alert, checked.repairs, checked.findings, raw, checked.has_signature)
