"""The words of a mail, in the language of the recipient and not of any page."""

from __future__ import annotations

from ...parcels import Parcel

__all__ = ["body_of", "subject_of"]

WORDS = {
    "en": {
        "areas": "Areas",
        "acknowledge": "Please confirm that you have read this:",
        "manage": "To change what you get:",
        "unsubscribe": "To receive no more of these:",
        "attached": "The warning is attached as CAP 1.2 (XML).",
    },
    "zh": {
        "areas": "区域",
        "acknowledge": "请确认您已阅读：",
        "manage": "更改接收内容：",
        "unsubscribe": "不再接收，请点击：",
        "attached": "预警以 CAP 1.2（XML）格式附于邮件。",
    },
}


def subject_of(parcel: Parcel) -> str:
    """Return the most severe headline on one line."""
    return " ".join(parcel.bulletin.said_in(parcel.language)[0].headline.split())[:200]


def body_of(parcel: Parcel) -> str:
    """Return the text: each level's event, headline, what to do, where; then the links."""
    words = WORDS.get(parcel.language.split("-")[0], WORDS["en"])
    parts = []
    for text in parcel.bulletin.said_in(parcel.language):
        event = "" if text.event in text.headline else text.event
        parts += [event, text.headline, text.instruction, text.description]
        if text.areas:
            parts.append(f"{words['areas']}: {', '.join(text.areas)}")
    if parcel.bulletin.raw:
        parts.append(words["attached"])
    if parcel.acknowledge_url:
        parts.append(f"{words['acknowledge']}\n{parcel.acknowledge_url}")
    if parcel.manage_url:
        parts.append(f"{words['manage']}\n{parcel.manage_url}")
    if parcel.unsubscribe_url:
        parts.append(f"{words['unsubscribe']}\n{parcel.unsubscribe_url}")
    return "\n\n".join(part for part in parts if part) + "\n"
