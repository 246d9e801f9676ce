"""What the pages of delivery ask. Residents are counts here and never rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from tocsin.errors import RegionError
from tocsin.office.places.current import current_region
from tocsin.office.places.models import Region
from tocsin.office.subscribers.matching import recipients
from tocsin.office.subscribers.models import Subscription
from tocsin.office.subscribers.rules import SUPPRESSED_BELOW
from tocsin.office.warnings_desk.models import Message

from .configuration import channel_settings
from .models import Delivery, DeskNotice, Fanout, WorkerSeen
from .rules import OPEN, REACHED, State

__all__ = [
    "Reached",
    "by_name",
    "channel_rows",
    "health",
    "progress",
    "reach",
    "reached",
    "reasons",
    "receipts",
    "status_lines",
]

ALIVE_FOR = timedelta(seconds=20)
RESIDENT = Subscription.RESIDENT


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the deliveries of one kind and channel have come."""

    kind: str
    channel: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them but those a newer message replaced."""
        return sum(self.counts.values()) - self.counts.get(State.SUPERSEDED.value, 0)

    @property
    def done(self) -> int:
        """Sent or acknowledged."""
        return sum(self.counts.get(state, 0) for state in REACHED)

    @property
    def acknowledged(self) -> int:
        """Those whose recipient said so."""
        return self.counts.get(State.ACKNOWLEDGED.value, 0)

    @property
    def waiting(self) -> int:
        """Not settled yet."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def failing(self) -> int:
        """Those of the waiting whose last attempt failed."""
        return self.counts.get(State.FAILED.value, 0)

    @property
    def given_up(self) -> int:
        """Not reached, and not tried any more."""
        return self.counts.get(State.GIVEN_UP.value, 0)

    @property
    def replaced(self) -> int:
        """Those that got a newer message instead."""
        return self.counts.get(State.SUPERSEDED.value, 0)

    @property
    def percent(self) -> int:
        """The reached of all, in whole percent, never 100 before the last."""
        return self.done * 100 // self.total if self.total else 0


def reached(messages: Sequence[Message]) -> dict[int, list[Reached]]:
    """Return for each message how far it has come, a row for each kind and channel."""
    rows = (
        Delivery.objects.filter(message__in=messages)
        .order_by()
        .values_list("message_id", "kind", "channel", "state")
        .annotate(count=Count("pk"))
    )
    counts: dict[int, dict[tuple[str, str], Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for message, kind, channel, state, count in rows:
        counts[message][kind, channel][state] += count
    order = ("broadcast", "post", "organisation", RESIDENT)
    return {
        message: [
            Reached(kind, channel, dict(found))
            for (kind, channel), found in sorted(
                its.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
            )
        ]
        for message, its in counts.items()
    }


def whole(rows: Sequence[Reached]) -> Reached:
    """Return the sum of rows."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row.counts)
    return Reached("", "", dict(total))


def progress(message: Message) -> dict[str, Any]:
    """Return first and last sending of a message, and whether all of it is queued."""
    times = Delivery.objects.filter(message=message).aggregate(
        first=Min("sent_at"), last=Max("sent_at"), acknowledged=Min("acknowledged_at")
    )
    fanout = Fanout.objects.filter(message=message).first()
    return {**times, "fanout": fanout, "expanding": fanout and fanout.expanded_at is None}


def by_name(message: Message) -> QuerySet[Delivery]:
    """Return the deliveries that may be listed: of organisations, posts and places."""
    return (
        Delivery.objects.filter(message=message)
        .exclude(kind=RESIDENT)
        .select_related("subscription")
        .order_by("kind", "subscription__name", "channel", "pk")
    )


def reasons(message: Message) -> list[tuple[str, int]]:
    """Return why deliveries failed, the most frequent first; of residents only the first words."""
    rows = (
        Delivery.objects.filter(message=message)
        .exclude(last_error="")
        .exclude(state__in=[*REACHED, State.SUPERSEDED.value])
        .order_by()
        .values_list("kind", "last_error")
        .annotate(count=Count("pk"))
    )
    found: Counter[str] = Counter()
    for kind, error, count in rows:
        found[error.split(":")[0] if kind == RESIDENT else error] += count
    return found.most_common(12)


def channel_rows(region: Region | None) -> list[dict[str, Any]]:
    """Return each channel there is: whether it is set up, what waits, since when."""
    from .channels import KINDS

    try:
        known = set(channel_settings(region))
    except RegionError:
        known = set()
    waiting = {
        row["channel"]: row
        for row in Delivery.objects.open()
        .order_by()
        .values("channel")
        .annotate(count=Count("pk"), oldest=Min("queued_at"))
    }
    return [
        {
            "name": name,
            "title": kind.title,
            "works": name in known,
            "waiting": waiting[name]["count"] if name in waiting else 0,
            "oldest": waiting[name]["oldest"] if name in waiting else None,
        }
        for name, kind in KINDS.items()
    ]


def health(region: Region, at: datetime) -> dict[str, Any]:
    """Return what the desk must know before anything else: workers, notices, a faulty file."""
    fault = ""
    try:
        channel_settings(region)
    except RegionError as error:
        fault = str(error)
    last = WorkerSeen.objects.order_by("-seen_at").first()
    return {
        "workers": WorkerSeen.objects.filter(seen_at__gte=at - ALIVE_FOR).count(),
        "last_seen": last.seen_at if last else None,
        "waiting": Delivery.objects.open().count(),
        "expanding": Fanout.objects.filter(expanded_at=None).count(),
        "notices": DeskNotice.objects.filter(noted_at=None).select_related("subscription")[:20],
        "file_fault": fault,
    }


def receipts(message: Message) -> tuple[list[str], Iterator[list[Any]]]:
    """Return head and lines of the receipts: a line a recipient, of residents a line a count."""
    head = ["kind", "name", "channel", "language", "state", "count", "attempts", "queued_utc"]
    head += ["first_attempt_utc", "sent_utc", "acknowledged_utc", "next_attempt_utc"]
    head += ["last_error", "idempotency_key"]

    def lines() -> Iterator[list[Any]]:
        for row in by_name(message).iterator(chunk_size=2000):
            name = row.subscription.name if row.subscription else row.target
            times = (row.first_attempt_at, row.sent_at, row.acknowledged_at, row.next_at)
            yield [
                row.kind, name, row.channel, row.language, row.state, 1, row.attempts,
                row.queued_at.isoformat(), *(one.isoformat() if one else "" for one in times),
                row.last_error, row.idempotency_key,
            ]  # fmt: skip
        for one in reached([message]).get(message.pk, []):
            if one.kind == RESIDENT:
                for state, count in sorted(one.counts.items()):
                    yield [RESIDENT, "", one.channel, "", state, count, *([""] * 8)]

    return head, lines()


def reach(region: Region, asked: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return how many subscriptions a warning would go to, by kind and channel.

    ``asked`` has what ``recipients`` takes: hazard, level, levels_by_area, polygons, circles.
    Fewer residents than five are not counted: a shape drawn around a house must not tell on it.
    """
    keys = [one.subscription_id for one in recipients(region, at=at, **asked)]
    counts: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(keys), 5000):
        part = Subscription.objects.filter(pk__in=keys[start : start + 5000]).order_by()
        for kind, channel, count in part.values_list("kind", "channel").annotate(n=Count("pk")):
            counts[kind, channel] += count
    residents = sum(count for (kind, _), count in counts.items() if kind == RESIDENT)
    hidden = 0 < residents < SUPPRESSED_BELOW
    shown = {key: count for key, count in counts.items() if not (hidden and key[0] == RESIDENT)}
    by_kind: Counter[str] = Counter()
    by_channel: Counter[str] = Counter()
    for (kind, channel), count in shown.items():
        by_kind[kind] += count
        if kind != RESIDENT or count >= SUPPRESSED_BELOW:
            by_channel[channel] += count
    return {
        "total": sum(shown.values()),
        "by_kind": dict(by_kind),
        "by_channel": dict(by_channel),
        "few_residents": hidden,
    }


def status_lines() -> Iterator[str]:
    """Yield what ``tocsin deliver status`` prints."""
    at, region = timezone.now(), current_region()
    if region is None:
        yield "No region is loaded yet: nothing can be sent."
        return
    if region.is_replay:
        yield "This region is a replay: nothing is ever sent."
    found = health(region, at)
    if found["file_fault"]:
        yield f"channels.toml cannot be used:\n{found['file_fault']}"
    last = found["last_seen"] if not found["workers"] else None
    ago = f"; the last one was seen at {last:%Y-%m-%d %H:%M:%S} UTC" if last else ""
    yield f"Workers running: {found['workers']}{ago}"
    yield f"Messages being expanded: {found['expanding']}; deliveries waiting: {found['waiting']}"
    for row in channel_rows(region):
        state = "set up" if row["works"] else "not set up"
        oldest = (
            f", the oldest since {row['oldest']:%Y-%m-%d %H:%M:%S} UTC" if row["oldest"] else ""
        )
        yield f"  {row['name']:<10} {state:<11} {row['waiting']:>7} waiting{oldest}"
    day = Delivery.objects.filter(queued_at__gte=at - timedelta(days=1)).order_by()
    counts = dict(day.values_list("state").annotate(count=Count("pk")))
    yield "Last 24 hours: " + (
        ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nothing queued"
    )
    for notice in found["notices"]:
        yield f"Notice of {notice.at:%Y-%m-%d %H:%M} UTC: {notice.channel} {notice.reason}"
