"""Hold an alert against every rule of the catalogue and return all findings.

The rules on the XML itself (order, unknown elements) are checked while reading; see
:mod:`tocsin.cap.parse`. Geometry is judged on the plane of latitude and longitude.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import isfinite
from operator import attrgetter
from typing import Any

from tocsin.cap.catalogue import Finding, report
from tocsin.cap.codes import CODES
from tocsin.cap.message import (
    DEFAULT_LANGUAGE,
    SEQUENCE,
    Alert,
    Area,
    Info,
    Polygon,
    Resource,
)

__all__ = ["validate"]

_NAME = re.compile(r"[^\s,<&]+")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+")
_MARKUP = re.compile(r"<(?:/|!--)?[A-Za-z][^<>]*>|&(?:lt|gt|amp|nbsp|quot|#\d+);")
_MIME = re.compile(r"[A-Za-z0-9][\w.+\-]*/[A-Za-z0-9][\w.+\-]*(?:\s*;.*)?", re.ASCII)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_CODES = {element: frozenset(codes) for element, codes in CODES.items()}
_TEXTS = ("event", "audience", "sender_name", "headline", "description", "instruction", "contact")


def validate(alert: Alert) -> list[Finding]:
    """Return every finding, errors and warnings, in the order of the message.

    Parameters
    ----------
    alert : Alert
        Any alert, however wrong its values are.

    Returns
    -------
    list of Finding
        Empty if there is nothing to say. ``line`` is 0: an alert in memory has no lines.
    """
    findings = list(_alert(alert))
    for number, info in enumerate(alert.info, 1):
        findings.extend(_info(info, alert.sent, f"alert/info[{number}]"))
    if len(alert.info) > 1:
        findings.extend(_languages(alert.info))
    return findings


def _texts(part: object, path: str) -> Iterator[Finding]:
    """Check what holds for every plain element: required ones filled, characters fit for XML."""
    rows, values = _ROWS[type(part)]
    for (element, codes, required, several), value in zip(rows, values(part), strict=True):
        if value is None:
            continue
        if isinstance(value, str):
            if not value or value.isspace():
                yield report("missing" if required else "empty", f"{path}/{element}")
            elif not value.isprintable() and _UNFIT.search(value):
                yield report("character", f"{path}/{element}", ascii(value))
            elif codes and value not in codes:
                yield report(_code_rule(value), f"{path}/{element}", value)
        elif isinstance(value, tuple):
            if value:
                if several:
                    yield from several(value, element, path)
            elif required:
                yield report("missing", f"{path}/{element}")
        elif isinstance(value, datetime) and _odd_time(value):
            yield report("time-value", f"{path}/{element}", value.isoformat())


def _is_fit(text: str) -> bool:
    """Say whether XML can carry the text; most is printable, which is quicker to know."""
    return text.isprintable() or not _UNFIT.search(text)


def _pairs(pairs: tuple[Any, ...], element: str, path: str) -> Iterator[Finding]:
    """Check eventCode, parameter, geocode; an empty value is a value."""
    for number, pair in enumerate(pairs, 1):
        if not pair.value_name or pair.value_name.isspace():
            yield report("missing", f"{path}/{element}[{number}]/valueName")
        if pair.value_name.isprintable() and pair.value.isprintable():
            continue
        for name, text in (("valueName", pair.value_name), ("value", pair.value)):
            if not _is_fit(text):
                yield report("character", f"{path}/{element}[{number}]/{name}", ascii(text))


def _codes(codes: tuple[str, ...], element: str, path: str) -> Iterator[Finding]:
    for number, code in enumerate(codes, 1):
        if code not in _CODES[element]:
            yield report(_code_rule(code), f"{path}/{element}[{number}]", code)


def _items(items: tuple[str, ...], element: str, path: str) -> Iterator[Finding]:
    for item in items:
        if '"' in item:
            yield report("item-quotes", f"{path}/{element}", item)
        if not _is_fit(item):
            yield report("character", f"{path}/{element}", ascii(item))


def _many_texts(texts: tuple[str, ...], element: str, path: str) -> Iterator[Finding]:
    for number, text in enumerate(texts, 1):
        if not _is_fit(text):
            yield report("character", f"{path}/{element}[{number}]", ascii(text))


_MANY: dict[str, Callable[[tuple[Any, ...], str, str], Iterator[Finding]]] = {
    "eventCode": _pairs,
    "parameter": _pairs,
    "geocode": _pairs,
    "category": _codes,
    "responseType": _codes,
    "addresses": _items,
    "incidents": _items,
    "code": _many_texts,
}
"""Elements that repeat, except parts, shapes and references, which have rules of their own."""
_ROWS = {
    kind: (
        tuple((r.element, _CODES.get(r.element), r.required, _MANY.get(r.element)) for r in rows),
        attrgetter(*(r.name for r in rows)),
    )
    for kind, rows in SEQUENCE.items()
}


def _code_rule(value: str) -> str:
    return "very-likely" if value.strip().lower() == "very likely" else "code-value"


def _odd_time(time: datetime) -> bool:
    if time.tzinfo is UTC:
        return time.microsecond > 0
    offset = time.utcoffset()
    if offset is None:
        return True
    seconds = offset.total_seconds()
    return bool(time.microsecond or seconds % 60 or abs(seconds) > 14 * 3600)


def _alert(alert: Alert) -> Iterator[Finding]:
    yield from _texts(alert, "alert")
    for name in ("identifier", "sender"):
        value = getattr(alert, name)
        if value.strip() and not _NAME.fullmatch(value):
            yield report("alert-name", f"alert/{name}", value)
    restriction = bool(alert.restriction and alert.restriction.strip())
    if alert.scope == "Restricted" and not restriction:
        yield report("restriction-missing", "alert/scope", alert.scope)
    if alert.scope != "Restricted" and restriction:
        yield report("restriction-unused", "alert/restriction", alert.restriction)
    if alert.scope == "Private" and not alert.addresses:
        yield report("addresses-missing", "alert/scope", alert.scope)
    if alert.msg_type == "Error" and not alert.note:
        yield report("note-for-error", "alert/msgType", alert.msg_type)
    if alert.status == "Exercise" and not alert.note:
        yield report("note-for-exercise", "alert/status", alert.status)
    if alert.msg_type in {"Alert", "Update"} and not alert.info:
        yield report("info-missing", "alert/msgType", alert.msg_type)
    yield from _references(alert)


def _references(alert: Alert) -> Iterator[Finding]:
    if not alert.references and alert.msg_type in {"Update", "Cancel", "Ack", "Error"}:
        yield report("references-missing", "alert/msgType", alert.msg_type)
    seen = set()
    for other in alert.references:
        if not (_NAME.fullmatch(other.sender) and _NAME.fullmatch(other.identifier)):
            yield report("alert-name", "alert/references", f"{other.sender},{other.identifier}")
        if _odd_time(other.sent):
            yield report("time-value", "alert/references", other.sent.isoformat())
            continue
        if (other.sender, other.identifier) == (alert.sender, alert.identifier):
            yield report("reference-self", "alert/references", other.identifier)
        elif alert.sent.tzinfo and other.sent > alert.sent:
            yield report("reference-later", "alert/references", other.sent.isoformat())
        if other in seen:
            yield report("reference-repeated", "alert/references", other.identifier)
        seen.add(other)


def _info(info: Info, sent: datetime, path: str) -> Iterator[Finding]:
    yield from _texts(info, path)
    if info.language and not _LANGUAGE.fullmatch(info.language):
        yield report("language", f"{path}/language", info.language)
    if info.web and not _ABSOLUTE.fullmatch(info.web):
        yield report("web-address", f"{path}/web", info.web)
    for name in _TEXTS:
        text = getattr(info, name)
        if text and ("<" in text or "&" in text) and (mark := _MARKUP.search(text)):
            element = next(row.element for row in SEQUENCE[Info] if row.name == name)
            yield report("markup", f"{path}/{element}", mark.group())
    yield from _times(info, sent, path)
    for number, resource in enumerate(info.resource, 1):
        yield from _resource(resource, f"{path}/resource[{number}]")
    for number, area in enumerate(info.area, 1):
        yield from _area(area, f"{path}/area[{number}]")


def _times(info: Info, sent: datetime, path: str) -> Iterator[Finding]:
    if info.expires is None:
        yield report("expires-missing", f"{path}/expires")
        return
    times = [info.expires, info.effective or sent, info.onset or sent]
    if any(time.tzinfo is None for time in times):
        return  # reported as time-value; naive and aware times cannot be compared
    if info.expires < times[1]:
        yield report("expires-early", f"{path}/expires", info.expires.isoformat())
    elif info.expires == times[1]:
        yield report("expires-at-once", f"{path}/expires", info.expires.isoformat())
    elif info.onset and info.expires <= info.onset:
        yield report("expires-before-onset", f"{path}/expires", info.expires.isoformat())


def _language(info: Info) -> str:
    return (info.language or DEFAULT_LANGUAGE).lower()


def _languages(infos: tuple[Info, ...]) -> Iterator[Finding]:
    """Compare infos that tell of one place with the first one there in another language."""
    told: set[object] = set()
    texts: dict[str, str] = {}
    first: dict[object, Info] = {}
    for number, info in enumerate(infos, 1):
        path = f"alert/info[{number}]"
        language = _language(info)
        place = tuple((area.polygon, area.circle, area.geocode) for area in info.area)
        story = (place, language, info.event, info.onset)
        if story in told:
            yield report("language-repeated", f"{path}/language", info.language or "")
        told.add(story)
        if info.description and texts.setdefault(info.description, language) != language:
            yield report("same-text", f"{path}/description", info.description)
        other = first.setdefault(place, info)
        if _language(other) != language and _facts(info) != _facts(other):
            yield report("languages-differ", path, info.event)


def _facts(info: Info) -> tuple[object, ...]:
    return (
        set(info.category),
        set(info.event_code),
        info.effective,
        info.onset,
        info.expires,
        info.urgency,
        info.severity,
        info.certainty,
    )


def _resource(resource: Resource, path: str) -> Iterator[Finding]:
    yield from _texts(resource, path)
    if resource.mime_type.strip() and not _MIME.fullmatch(resource.mime_type):
        yield report("mime-type", f"{path}/mimeType", resource.mime_type)
    if resource.size is not None and resource.size < 0:
        yield report("size-negative", f"{path}/size", resource.size)
    if resource.digest and not _SHA1.fullmatch(resource.digest):
        yield report("digest", f"{path}/digest", resource.digest)
    if resource.uri and not _ABSOLUTE.fullmatch(resource.uri) and not resource.deref_uri:
        yield report("deref-missing", f"{path}/uri", resource.uri)


def _area(area: Area, path: str) -> Iterator[Finding]:
    yield from _texts(area, path)
    for number, polygon in enumerate(area.polygon, 1):
        rule, value = _polygon(polygon)
        if rule:
            yield report(rule, f"{path}/polygon[{number}]", value)
    for number, circle in enumerate(area.circle, 1):
        place = f"{path}/circle[{number}]"
        if not (-90 <= circle.lat <= 90 and -180 <= circle.lon <= 180):
            yield report("coordinate-range", place, f"{circle.lat},{circle.lon}")
        if not 0 <= circle.radius_km < float("inf"):
            yield report("radius", place, circle.radius_km)
    for element, height in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        if height is not None and not isfinite(height):
            yield report("number-format", f"{path}/{element}", height)
    if area.ceiling is not None:
        if area.altitude is None:
            yield report("ceiling-alone", f"{path}/ceiling", area.ceiling)
        elif area.ceiling < area.altitude:
            yield report("ceiling-below", f"{path}/ceiling", area.ceiling)
    if not (area.polygon or area.circle or area.geocode):
        yield report("area-unplaced", path, area.area_desc)


@functools.lru_cache(maxsize=512)  # the same outlines come with every message of a region
def _polygon(polygon: Polygon) -> tuple[str, str]:
    """Return the first rule the polygon breaks and the value that breaks it, else two blanks."""
    for lat, lon in polygon:
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return "coordinate-range", f"{lat},{lon}"
    if len(polygon) < 4:
        return "polygon-short", f"{len(polygon)} pairs"
    if polygon[0] != polygon[-1]:
        return "polygon-open", f"{polygon[0]} ... {polygon[-1]}"
    import shapely  # here, since most callers never see a polygon and it takes 0.1 s to load

    ring = shapely.Polygon(polygon)
    if not ring.is_valid:
        return "polygon-crossing", shapely.is_valid_reason(ring)
    return "", ""
