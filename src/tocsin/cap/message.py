"""The parts of a CAP 1.2 message as frozen values, and the one table of their names.

Names are those of OASIS, snake-cased and singular as there (``info.category`` is a tuple).
None means "the element is absent"; an empty string means "the element is there and empty".
Source: OASIS CAP 1.2, section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

__all__ = [
    "DEFAULT_LANGUAGE",
    "NAMESPACE",
    "SEQUENCE",
    "Alert",
    "Area",
    "Circle",
    "Element",
    "EventCode",
    "Geocode",
    "Info",
    "Parameter",
    "Point",
    "Polygon",
    "Reference",
    "Resource",
]

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
DEFAULT_LANGUAGE = "en-US"

Point = tuple[float, float]
"""Latitude and longitude, degrees, WGS 84."""
Polygon = tuple[Point, ...]
"""A ring of points; the first one is repeated at the end."""


@dataclass(frozen=True, slots=True)
class EventCode:
    """A code of the event in some named list."""

    value_name: str
    value: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value of the sender's own."""

    value_name: str
    value: str


@dataclass(frozen=True, slots=True)
class Geocode:
    """A code of a place in some named list."""

    value_name: str
    value: str


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle on the ground; the radius is in kilometres."""

    lat: float
    lon: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class Reference:
    """Another message, by the three values that name it."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that goes with an info: a picture, a map, a sound."""

    resource_desc: str
    mime_type: str
    size: int | None = None
    uri: str | None = None
    deref_uri: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """Where: the union of its polygons, circles and geocodes; heights in feet above sea level."""

    area_desc: str
    polygon: tuple[Polygon, ...] = ()
    circle: tuple[Circle, ...] = ()
    geocode: tuple[Geocode, ...] = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """What, how bad, when and what to do, in one language."""

    category: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str | None = None
    response_type: tuple[str, ...] = ()
    audience: str | None = None
    event_code: tuple[EventCode, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameter: tuple[Parameter, ...] = ()
    resource: tuple[Resource, ...] = ()
    area: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One CAP message. Datetimes are aware; their offset is written as it stands."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    source: str | None = None
    restriction: str | None = None
    addresses: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    info: tuple[Info, ...] = ()

    @property
    def reference(self) -> Reference:
        """The three values by which later messages name this one."""
        return Reference(self.sender, self.identifier, self.sent)


@dataclass(frozen=True, slots=True)
class Element:
    """One row of the name table: attribute, element, how its text is read, how often it stands."""

    name: str
    element: str
    kind: str = "text"
    required: bool = False
    many: bool = False
    of: type | None = None


def _pair() -> tuple[Element, ...]:
    return (
        Element("value_name", "valueName", required=True),
        Element("value", "value", required=True),
    )


SEQUENCE: Mapping[type, tuple[Element, ...]] = {
    Alert: (
        Element("identifier", "identifier", required=True),
        Element("sender", "sender", required=True),
        Element("sent", "sent", "time", required=True),
        Element("status", "status", "code", required=True),
        Element("msg_type", "msgType", "code", required=True),
        Element("source", "source"),
        Element("scope", "scope", "code", required=True),
        Element("restriction", "restriction"),
        Element("addresses", "addresses", "items"),
        Element("code", "code", many=True),
        Element("note", "note"),
        Element("references", "references", "references"),
        Element("incidents", "incidents", "items"),
        Element("info", "info", "part", many=True, of=Info),
    ),
    Info: (
        Element("language", "language", "token"),
        Element("category", "category", "code", required=True, many=True),
        Element("event", "event", required=True),
        Element("response_type", "responseType", "code", many=True),
        Element("urgency", "urgency", "code", required=True),
        Element("severity", "severity", "code", required=True),
        Element("certainty", "certainty", "code", required=True),
        Element("audience", "audience"),
        Element("event_code", "eventCode", "part", many=True, of=EventCode),
        Element("effective", "effective", "time"),
        Element("onset", "onset", "time"),
        Element("expires", "expires", "time"),
        Element("sender_name", "senderName"),
        Element("headline", "headline"),
        Element("description", "description"),
        Element("instruction", "instruction"),
        Element("web", "web", "token"),
        Element("contact", "contact"),
        Element("parameter", "parameter", "part", many=True, of=Parameter),
        Element("resource", "resource", "part", many=True, of=Resource),
        Element("area", "area", "part", many=True, of=Area),
    ),
    Resource: (
        Element("resource_desc", "resourceDesc", required=True),
        Element("mime_type", "mimeType", required=True),
        Element("size", "size", "integer"),
        Element("uri", "uri", "token"),
        Element("deref_uri", "derefUri"),
        Element("digest", "digest"),
    ),
    Area: (
        Element("area_desc", "areaDesc", required=True),
        Element("polygon", "polygon", "polygon", many=True),
        Element("circle", "circle", "circle", many=True),
        Element("geocode", "geocode", "part", many=True, of=Geocode),
        Element("altitude", "altitude", "decimal"),
        Element("ceiling", "ceiling", "decimal"),
    ),
    EventCode: _pair(),
    Parameter: _pair(),
    Geocode: _pair(),
}
"""Each part's attributes and elements, in the exact sequence of the standard."""
