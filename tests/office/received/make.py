"""Messages and feeds of another authority, made for these tests, and an outside to ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin import cap
from tocsin.cap.feeds import Entry, atom, json_feed, rss
from tocsin.errors import FetchError, TocsinError
from tocsin.net.client import Answer, Limits, Seen
from tocsin.office.people.rules import MACHINE
from tocsin.office.received.models import Source
from tocsin.office.received.mqtt import Take
from tocsin.office.received.services import NewSource, add_source

NOW = datetime(2026, 7, 18, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SENDER = "met@authority.example"
FEED = "https://met.authority.example/feed.atom"


def make_source(name: str = "Met office", address: str = FEED, **changed: Any) -> Source:
    return add_source(NewSource(name, address, **changed), by=MACHINE, at=NOW)


def alert(number: int = 1, **changed: Any) -> cap.Alert:
    """An alert of another authority, sent at ``NOW``, in force for six hours in two places."""
    sent = changed.pop("sent", NOW)
    areas = changed.pop("areas", ("Coast", "Hills"))
    fields: dict[str, Any] = {
        "identifier": f"2.49.0.1.999.{number}",
        "sender": SENDER,
        "sent": sent,
        "status": "Actual",
        "msg_type": "Alert",
        "scope": "Public",
        "info": tuple(
            cap.Info(
                language="en",
                category=("Met",),
                event="Storm",
                urgency="Expected",
                severity="Severe",
                certainty="Likely",
                expires=sent + 6 * HOUR,
                headline=f"Storm at the {name}",
                area=(cap.Area(area_desc=name, circle=(cap.Circle(40.0 + place, -74.0, 20.0),)),),
            )
            for place, name in enumerate(areas)
        ),
    }
    return cap.Alert(**{**fields, **changed})


def raw(number: int = 1, **changed: Any) -> bytes:
    return cap.write(alert(number, **changed))


def reference(number: int, sent: datetime = NOW) -> cap.Reference:
    return cap.Reference(SENDER, f"2.49.0.1.999.{number}", sent)


def url(number: int) -> str:
    return f"https://met.authority.example/cap/{number}.xml"


def feed(kind: str, *numbers: int, updated: datetime = NOW) -> bytes:
    """A feed as Tocsin writes them; what others write is tested in words of their own."""
    entries = [
        Entry(alert(n), url(n), f"https://met.authority.example/{n}", updated) for n in numbers
    ]
    if kind == "atom":
        return atom("Warnings", FEED, updated, entries, FEED)
    if kind == "rss":
        return rss("Warnings", updated, entries, FEED, "https://met.authority.example/")
    return json_feed("Warnings", entries, FEED)


class Outside:
    """Answers from a table; notes what it was asked for."""

    def __init__(self, **answers: Any) -> None:
        self.files: dict[str, Any] = answers
        self.asked: list[str] = []
        self.waiting: list[tuple[str, bytes]] = []

    def get(self, address: str, seen: Seen, limits: Limits) -> Answer:
        self.asked.append(address)
        found = self.files.get(address, FetchError("answers 404."))
        if isinstance(found, TocsinError):
            raise found
        etag = f'"{hash(found)}"'
        if seen.etag == etag:
            return Answer(address, None, seen)
        return Answer(address, found, Seen(etag=etag))

    def get_all(self, urls: Sequence[str], limits: Limits) -> list[Answer | TocsinError]:
        found: list[Answer | TocsinError] = []
        for one in urls:
            try:
                found.append(self.get(one, Seen(), limits))
            except TocsinError as error:
                found.append(error)
        return found

    def visit(self, address: str, take: Take, client_id: str) -> int:
        for topic, payload in self.waiting:
            take(topic, payload)
        return len(self.waiting)
