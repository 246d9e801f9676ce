"""The cast of the desk in a live region, and drafts at each state: shared by all that is issued.

Three areas: west and east in the region R, each a square of a degree. A duty officer writes, two
approvers approve; the officer of the east holds posts for the east alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.office.people.models import User
from tocsin.office.places.models import Area, Region
from tocsin.office.warnings_desk import drafts
from tocsin.office.warnings_desk.content import DraftContent
from tocsin.office.warnings_desk.models import Draft, Message
from tocsin.triggers.rules import Level

from . import factories

NOW = datetime(2026, 7, 18, 19, 0, tzinfo=UTC)
TEXTS = {
    "en": {
        "event": "{level} heat warning",
        "headline": "Dangerous heat this afternoon",
        "description": "Up to 40 °C in the shade.",
        "instruction": "Stay in the shade.",
    },
    "zh-Hans": {
        "event": "高温{level}预警",
        "headline": "今天下午高温危险",
        "description": "阴凉处气温可达40°C。",
        "instruction": "请留在阴凉处。",
    },
}


@dataclass(frozen=True)
class Office:
    """A live region and the persons of its desk."""

    region: Region
    duty: User
    approver: User
    second: User
    east: User
    """An approver for the county east and no other."""
    inspector: User


def make_office(**changed: Any) -> Office:
    """A live region (``is_replay=True`` for a replay) with its areas and its cast."""
    fields: dict[str, Any] = {
        "code": "small",
        "is_replay": False,
        "replay_first": None,
        "replay_last": None,
        "clock_at": None,
        "replayed_until": None,
        "sender": "desk@tocsin.example",
        "identifier_prefix": "urn:oid:2.49.0.0.840.0.test",
    }
    region = factories.make_region(**{**fields, **changed})
    root = Area.objects.add_root(
        {"code": "R", "kind": "region", "names": {"en": "Region", "zh-Hans": "区域"}}
    )
    for code, en, zh, lon in (
        ("west", "West County", "西县", -75.0),
        ("east", "East County", "东县", -74.0),
    ):
        root.refresh_from_db()
        fields = {
            "code": code,
            "kind": "county",
            "names": {"en": en, "zh-Hans": zh},
            "population": 1000,
            "population_source": "a census",
            "geometry": factories.square(lon, 40.0, 1.0),
            "label_lon": lon + 0.5,
            "label_lat": 40.5,
            "stations": [["JFK", 12.0]],
        }
        Area.objects.add_child(root, fields)
    return Office(
        region=region,
        duty=factories.make_user("duty", "duty_officer"),
        approver=factories.make_user("ann", "approver"),
        second=factories.make_user("bob", "approver"),
        east=factories.make_user("eve", "approver", area="east"),
        inspector=factories.make_user("ira", "inspector"),
    )


def content(level: str = "orange", *codes: str, **changed: Any) -> DraftContent:
    """A content that can be issued: ``level`` in the areas ``codes``, west without any."""
    fields: dict[str, Any] = {
        "status": "Actual",
        "hazard": "heat",
        "blocks": [{"level": level, "area_codes": codes or ("west",)}],
        "expires": NOW + timedelta(hours=12),
        "response_types": ["Shelter"],
        "texts": TEXTS,
    }
    return DraftContent.model_validate({**fields, **changed})


def draft(office: Office, said: DraftContent | None = None, **when: datetime) -> Draft:
    """A draft by the duty officer."""
    said = said or content()
    at = when.get("at", NOW)
    return drafts.start_by_hand(
        office.region, said.hazard, Level.NONE, content=said, by=office.duty, at=at
    )


def submitted(office: Office, said: DraftContent | None = None, **when: datetime) -> Draft:
    """The same, submitted."""
    one = draft(office, said, **when)
    return drafts.submit(one, revision=one.revision, by=office.duty, at=when.get("at", NOW))


def approved(office: Office, said: DraftContent | None = None, **when: datetime) -> Draft:
    """The same, approved by as many persons as the policy asks for."""
    return approve_all(office, submitted(office, said, **when), **when)


def approve_all(office: Office, one: Draft, **when: datetime) -> Draft:
    """Approve a submitted draft, first by one approver, then by the second."""
    for person in (office.approver, office.second):
        if one.state == "submitted":
            at = when.get("at", NOW)
            one = drafts.approve(one, revision=one.revision, by=person, at=at)
    return one


def issued(office: Office, said: DraftContent | None = None, **when: datetime) -> Message:
    """A message in the ledger, by the whole way from draft to issue."""
    one = approved(office, said, **when)
    return drafts.issue_draft(one, by=office.duty, at=when.get("at", NOW))


def go_on(office: Office, message: Message, kind: str, *, hours: float = 1) -> Message:
    """Issue the next message of a warning, ``kind`` as in ``start_from_warning``."""
    at = NOW + timedelta(hours=hours)
    one = drafts.start_from_warning(message.warning, kind, by=office.duty, at=at)
    one = drafts.submit(one, revision=one.revision, by=office.duty, at=at)
    return drafts.issue_draft(approve_all(office, one, at=at), by=office.duty, at=at)
