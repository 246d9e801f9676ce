"""Makers of subscriptions for the tests; addresses are those reserved for examples."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.office.factories import NOW, make_area, square
from tocsin.office.places.models import Area, Region
from tocsin.office.subscribers.models import Subscription
from tocsin.office.subscribers.services import address_of
from tocsin.office.subscribers.services.wishes import Wish, grant, opened_for


def wish(**changed: Any) -> Wish:
    """Everything from yellow on in Queens, in English."""
    fields: dict[str, Any] = {"language": "en", "min_level": 2, "area_codes": ("queens",)}
    return Wish(**{**fields, **changed})


def make_subscription(
    region: Region, *, at: datetime = NOW, confirmed: bool = True, **changed: Any
) -> Subscription:
    """A resident's subscription by e-mail."""
    kind = changed.pop("kind", "resident")
    name = changed.pop("name", "" if kind == "resident" else "School 12")
    channel = changed.pop("channel", "email")
    address = changed.pop("address", "ada@example.org")
    row = opened_for(region, kind, name, channel, address, wish(**changed), at)
    if confirmed:
        grant(row, at)
    return row


def make_tree() -> dict[str, Area]:
    """A state with two counties, one of them with a town; a county of another state."""
    state = make_area("ny", "New York", "纽约州", lon=-75, lat=40, geometry=None, kind="state")
    queens = _inside(state, "queens", -73.9, 40.7)
    town = _inside(queens, "flushing", -73.9, 40.7, size=0.1)
    kings = _inside(state, "kings", -74.2, 40.7)
    other = make_area("nj", "New Jersey", "新泽西州", lon=-75, lat=40)
    return {"ny": state, "queens": queens, "flushing": town, "kings": kings, "nj": other}


def _inside(parent: Area, code: str, lon: float, lat: float, size: float = 0.3) -> Area:
    parent.refresh_from_db()
    facts = {"kind": "county", "names": {"en": code.title()}, "geometry": square(lon, lat, size)}
    made: Area = Area.objects.add_child(parent, {"code": code, **facts})
    return made


def address(row: Subscription) -> str:
    """The address as the room that sends would open it."""
    return address_of(row.pk, purpose="delivery")
