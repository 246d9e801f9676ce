"""How single values stand in a CAP message: times, numbers, polygons, quoted lists.

``read_*`` returns None for what the standard does not allow; ``mend_*`` reads what senders write
instead, for tolerant reading. Source: OASIS CAP 1.2, sections 3.2 and 3.3.2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from tocsin.cap.message import Circle, Polygon, Reference

__all__ = [
    "mend_polygon",
    "mend_time",
    "read_circle",
    "read_items",
    "read_number",
    "read_polygon",
    "read_references",
    "read_time",
    "write_circle",
    "write_items",
    "write_number",
    "write_polygon",
    "write_references",
    "write_time",
]

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[-+][0-9]{2}:[0-9]{2}")
_TIME_LENGTH = 25
_LOOSE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]\s*([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,][0-9]+)?"
    r"\s*(?:([-+])([0-9]{2}):?([0-9]{2})|([Zz])|UTC|GMT)"
)
# Possessive: a long wrong value must not be tried again from each of its digits.
_NUMBER = r"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)"
_PLAIN = re.compile(_NUMBER)
_PAIRS = re.compile(rf"\s*+(?:{_NUMBER},{_NUMBER}(?:\s++|\Z))++")
_CIRCLE = re.compile(rf"({_NUMBER}),({_NUMBER})\s+({_NUMBER})")
_ITEMS = re.compile(r'\s*+(?:"[^"]*+"|[^\s"]++)(?:\s++(?:"[^"]*+"|[^\s"]++))*+\s*+')
_ITEM = re.compile(r'"([^"]*)"|([^\s"]+)')


@lru_cache(maxsize=1024)
def _offset(text: str) -> timezone | None:
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59 or (hours == 14 and minutes):  # the limit of xs:dateTime
        return None
    if not hours and not minutes:
        return UTC
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if text[0] == "-" else size)


def read_time(text: str) -> datetime | None:
    """Return the aware time, None if it is not ``YYYY-MM-DDThh:mm:ss±hh:mm``."""
    text = text.strip()
    return _read_time(text) if len(text) == _TIME_LENGTH else None


@lru_cache(maxsize=4096)
def _read_time(text: str) -> datetime | None:
    """Keep the times of late, of which a message holds many; only texts of the right length."""
    if not _TIME.fullmatch(text):
        return None
    offset = _offset(text[19:])
    if offset is None:
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=offset)
    except ValueError:  # 31 June: the caller reports the value with its place
        return None


def mend_time(text: str) -> datetime | None:
    """Read ``Z``, fractions, a space for ``T``, missing seconds; None if there is no offset."""
    found = _LOOSE_TIME.fullmatch(text.strip())
    if not found:
        return None
    day, clock, seconds, sign, hours, minutes, _ = found.groups()
    offset = f"{sign}{hours}:{minutes}" if sign else "-00:00"
    return read_time(f"{day}T{clock}{seconds or ':00'}{offset}")


def write_time(time: datetime) -> str:
    """Write the time with its own offset; UTC is ``-00:00``."""
    text = time.isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text


def read_number(text: str) -> float | None:
    """Return a plain decimal number, None for anything else (also for 1e5 and NaN)."""
    text = text.strip()
    return float(text) if _PLAIN.fullmatch(text) else None


def write_number(number: float) -> str:
    """Write the shortest digits that read back as the same number, never with an exponent."""
    text = repr(float(number))
    if "e" in text:
        # Fixed-point digits of a float need not be the shortest: Decimal keeps those of repr.
        from decimal import Decimal  # rarely needed

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def read_polygon(text: str) -> Polygon | None:
    """Return the points, None if the text is not pairs ``lat,lon`` with white space between."""
    if not _PAIRS.fullmatch(text):
        return None
    numbers = list(map(float, text.replace(",", " ").split()))
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def mend_polygon(text: str) -> Polygon | None:
    """Read pairs with spaces about the comma, or ``;`` or ``|`` between them."""
    words = " ".join(text.replace(";", " ").replace("|", " ").split())
    return read_polygon(words.replace(" ,", ",").replace(", ", ","))


@lru_cache(maxsize=512)
def write_polygon(polygon: Polygon) -> str:
    """Write the points as ``lat,lon`` with one space between them.

    Kept: a county's outline goes into hundreds of messages, and several times into each.
    """
    return " ".join(f"{write_number(lat)},{write_number(lon)}" for lat, lon in polygon)


def read_circle(text: str) -> Circle | None:
    """Return the circle, None if the text is not ``lat,lon radius``."""
    found = _CIRCLE.fullmatch(text.strip())
    return Circle(*map(float, found.groups())) if found else None


def write_circle(circle: Circle) -> str:
    """Write the circle as ``lat,lon radius_km``."""
    return f"{write_number(circle.lat)},{write_number(circle.lon)} {write_number(circle.radius_km)}"


def read_items(text: str) -> tuple[str, ...] | None:
    """Return the items of a list in which those with spaces are quoted, None if quotes are odd."""
    if not text.strip():
        return ()
    if not _ITEMS.fullmatch(text):
        return None
    return tuple(quoted or bare for quoted, bare in _ITEM.findall(text))


def write_items(items: Sequence[str]) -> str:
    """Write the items with one space between; those with white space are quoted."""
    return " ".join(f'"{item}"' if not item or item.split() != [item] else item for item in items)


def read_references(text: str) -> tuple[tuple[Reference, ...], tuple[str, ...], tuple[str, ...]]:
    """Return (references, those of them that needed mending, items that cannot be read)."""
    good, mended, bad = [], [], []
    for item in text.split():
        parts = item.split(",")
        sent = read_time(parts[2]) if len(parts) == 3 else None
        if sent is None and len(parts) == 3 and (sent := mend_time(parts[2])):
            mended.append(item)
        if sent is None or not parts[0] or not parts[1]:
            bad.append(item)
        else:
            good.append(Reference(parts[0], parts[1], sent))
    return tuple(good), tuple(mended), tuple(bad)


def write_references(references: Sequence[Reference]) -> str:
    """Write ``sender,identifier,sent`` with one space between."""
    return " ".join(f"{r.sender},{r.identifier},{write_time(r.sent)}" for r in references)
