"""How long a text is on a phone: SMS segments and the lengths of wireless alerts. Pure.

GSM 03.38: the default alphabet and its extension table, whose characters cost two. A text with any
other character is sent as UCS-2. Sources: 3GPP TS 23.038 (alphabets), TS 23.040 (joined messages).
"""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.cap.profile import load_profile

__all__ = ["WEA_LIMITS", "SmsLength", "cut_to", "sms_length"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM7_ALONE, GSM7_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67

WEA_LIMITS = {
    rule.value: rule.limit for rule in load_profile("ipaws").rules if rule.test == "named-length"
}
"""Parameter -> characters that a phone in the United States shows: CMAMtext, CMAMlongtext."""


@dataclass(frozen=True, slots=True)
class SmsLength:
    """What a text costs: ``units`` are septets in GSM-7 and 16-bit units in UCS-2."""

    encoding: str
    units: int
    segments: int
    room: int
    """Units left before one more segment is needed."""


def sms_length(text: str) -> SmsLength:
    """Return encoding, length and number of segments of ``text``.

    >>> sms_length("Heat€").units
    6
    """
    if all(sign in _BASIC or sign in _EXTENSION for sign in text):
        sizes = [2 if sign in _EXTENSION else 1 for sign in text]
        return _counted("GSM-7", sizes, GSM7_ALONE, GSM7_JOINED)
    sizes = [2 if ord(sign) > 0xFFFF else 1 for sign in text]  # a surrogate pair is never parted
    return _counted("UCS-2", sizes, UCS2_ALONE, UCS2_JOINED)


def _counted(encoding: str, sizes: list[int], alone: int, joined: int) -> SmsLength:
    units = sum(sizes)
    if units <= alone:
        return SmsLength(encoding, units, 1 if units else 0, alone - units)
    segments, used = 1, 0
    for size in sizes:  # a sign of two units does not cross from one segment to the next
        if used + size > joined:
            segments, used = segments + 1, 0
        used += size
    return SmsLength(encoding, units, segments, joined - used)


def cut_to(text: str, limit: int) -> str:
    """Return ``text`` within ``limit`` characters, cut at a word where there is one."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[limit // 2 :] else head) + "…"
