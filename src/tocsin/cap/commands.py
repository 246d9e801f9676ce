"""What ``tocsin cap check|show|sign|verify|diff`` says: text and exit code, no reading or printing.

Each function takes the name of a file and its bytes; the command line reads and prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from difflib import SequenceMatcher

from tocsin.cap.catalogue import Finding, errors
from tocsin.cap.feeds import info_in
from tocsin.cap.labels import label
from tocsin.cap.message import SEQUENCE, Info, Reference
from tocsin.cap.parse import check as check_message
from tocsin.cap.parse import parse
from tocsin.cap.profile import check_profile, load_profile
from tocsin.cap.sign import sign as sign_message
from tocsin.cap.values import write_time
from tocsin.cap.verify import read_certificates
from tocsin.cap.verify import verify as verify_message
from tocsin.errors import CapError

__all__ = ["Outcome", "check", "diff", "show", "sign", "verify"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to print and how to end: 0 all is well, 1 the message is at fault, 2 the call is."""

    text: str
    code: int


def check(name: str, raw: bytes, *, profile: str | None = None, language: str = "en") -> Outcome:
    """List every finding on a file, one a line: file:line, severity, rule, place, remedy."""
    try:
        rules = load_profile(profile) if profile else None
    except CapError as error:
        return Outcome(str(error), 2)
    try:
        checked = check_message(raw)
    except CapError as error:
        return Outcome(f"{name}: {error}", 1)
    findings = list(checked.findings)
    if rules and checked.alert:
        findings += check_profile(checked.alert, rules, language)
    if not findings:
        return Outcome(f"{name}: {'没有发现问题' if _is_zh(language) else 'nothing to say'}", 0)
    lines = [_line(name, finding, language) for finding in findings]
    return Outcome("\n".join(lines), 1 if errors(findings) else 0)


def _line(name: str, finding: Finding, language: str) -> str:
    problem, remedy = finding.words(language)
    place = f"{name}:{finding.line}" if finding.line else name
    value = f" = {finding.value!r}" if finding.value else ""
    return (
        f"{place}: {finding.severity} {finding.rule} ({finding.clause}) "
        f"{finding.path}{value}: {problem} {remedy}"
    )


def _is_zh(language: str) -> bool:
    return language.lower().startswith("zh")


def show(name: str, raw: bytes, *, language: str = "en") -> Outcome:
    """Say in words what a message says, read tolerantly; name what had to be mended."""
    try:
        parsed = parse(raw, strict=False)
    except CapError as error:
        return Outcome(f"{name}: {error}", 1)
    alert = parsed.alert
    lines = [
        f"{alert.identifier}  {alert.sender}  {write_time(alert.sent)}",
        " · ".join(
            label(element, code, language)
            for element, code in (
                ("status", alert.status),
                ("msgType", alert.msg_type),
                ("scope", alert.scope),
            )
        ),
    ]
    lines += [f"→ {other.identifier}  {write_time(other.sent)}" for other in alert.references]
    lines += [alert.note] if alert.note else []
    first = info_in(alert, language)
    for info in sorted(alert.info, key=lambda one: one is not first):
        lines += ["", *_info_lines(info, language)]
    lines += ["", *(f"! {repair.finding} [{repair.done}]" for repair in parsed.repairs)]
    return Outcome("\n".join(lines).rstrip(), 0)


def _info_lines(info: Info, language: str) -> Iterator[str]:
    yield f"[{info.language or 'en-US'}] {info.headline or info.event}"
    yield " · ".join(
        [info.event]
        + [
            label(element, code, language)
            for element, code in (
                ("severity", info.severity),
                ("urgency", info.urgency),
                ("certainty", info.certainty),
            )
        ]
    )
    start = info.onset or info.effective
    if start or info.expires:
        ends = [write_time(time) if time else "…" for time in (start, info.expires)]
        yield " – ".join(ends)
    for area in info.area:
        yield f"@ {area.area_desc}"
    for text in (info.description, info.instruction, info.web):
        if text:
            yield text


def sign(
    raw: bytes, key_pem: bytes, certificates_pem: bytes, *, passphrase: bytes | None = None
) -> tuple[bytes | None, Outcome]:
    """Return the signed bytes, or None with the reason: nothing unsigned ever comes back."""
    try:
        signed = sign_message(raw, key_pem, certificates_pem, passphrase=passphrase)
    except CapError as error:
        return None, Outcome(str(error), 1)
    return signed, Outcome("signed", 0)


def verify(name: str, raw: bytes, pinned_pem: Sequence[bytes]) -> Outcome:
    """Say the verdict on a file; 0 for valid only."""
    try:
        pinned = [one for pem in pinned_pem for one in read_certificates(pem)]
    except CapError as error:
        return Outcome(str(error), 2)
    try:
        verdict = verify_message(raw, pinned)
    except CapError as error:
        return Outcome(f"{name}: {error}", 1)
    at = f" at {write_time(verdict.sent)}" if verdict.sent else ""
    text = f"{name}: {verdict.word}{at}: {verdict.reason}"
    return Outcome(text, 0 if verdict.word == "valid" else 1)


def diff(old_name: str, old: bytes, new_name: str, new: bytes) -> Outcome:
    """List what differs in meaning, ``-`` old and ``+`` new; layout of the XML does not count."""
    try:
        before, after = (list(_flat(parse(raw, strict=False).alert, "alert")) for raw in (old, new))
    except CapError as error:
        return Outcome(str(error), 1)
    if before == after:
        return Outcome(f"{old_name} and {new_name} say the same", 0)
    lines = [f"--- {old_name}", f"+++ {new_name}"]
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            lines += [f"- {path}: {text}" for path, text in before[a:b]]
            lines += [f"+ {path}: {text}" for path, text in after[c:d]]
    return Outcome("\n".join(lines), 1)


def _flat(part: object, path: str) -> Iterator[tuple[str, str]]:
    for row in SEQUENCE[type(part)]:
        value = getattr(part, row.name)
        if value is None or value == ():
            continue
        several = value if isinstance(value, tuple) else (value,)
        for number, one in enumerate(several, 1):
            place = f"{path}/{row.element}" + (f"[{number}]" if row.many else "")
            if type(one) in SEQUENCE:
                yield from _flat(one, place)
            else:
                yield place, _text(one)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return write_time(value)
    if isinstance(value, Reference):
        return f"{value.sender},{value.identifier},{write_time(value.sent)}"
    if is_dataclass(value):
        return " ".join(str(getattr(value, field.name)) for field in fields(value))
    return str(value)
