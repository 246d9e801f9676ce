"""What the public pages read. Every question carries the moment it is asked at; nothing writes.

What comes from the region folder cannot change without changing the region's digest, so it is read
once for a digest and kept (:func:`standing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from tocsin.office.places.models import Area, Facility, Region, Settlement, Station
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.watch.models import Feed, Observation, RuleVersion, Series
from tocsin.office.watch.rule_picks import pick, rules_at, why_unreadable

__all__ = [
    "Standing",
    "ended_at",
    "ended_since",
    "feeds",
    "in_force",
    "known_until",
    "last_look",
    "ledger_head",
    "messages_of",
    "rules_head",
    "rules_in_use",
    "settled_moment",
    "source_list",
    "standing",
    "values_at",
    "values_between",
    "version_known",
    "version_shown",
    "warning_known",
]

KEPT_DIGESTS = 4
SOURCES = {
    "observations": _("observations"),
    "people": _("people"),
    "facilities": _("facilities"),
    "settlements": _("settlements"),
}


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """An area as pages need it."""

    code: str
    kind: str
    names: Mapping[str, str]
    population: int | None
    population_source: str
    geometry: Mapping[str, Any] | None
    label: tuple[float, float] | None
    stations: tuple[tuple[str, float], ...]
    is_leaf: bool


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the region folder says: it stands until the folder is loaded anew.

    There is one for each digest, so it is compared by identity and may be the key of a cache.
    """

    areas: Mapping[str, AreaFacts]
    stations: Mapping[str, Station]
    facilities: Mapping[str, Facility]
    settlements: Mapping[str, Settlement]
    sources: tuple[tuple[str, str], ...]

    @property
    def leaves(self) -> frozenset[str]:
        """The codes of the areas that have no area inside."""
        return frozenset(area.code for area in self.areas.values() if area.is_leaf)

    @property
    def outlines(self) -> dict[str, Mapping[str, Any]]:
        """The geometry of every area that has one and no area inside it."""
        return {a.code: a.geometry for a in self.areas.values() if a.geometry and a.is_leaf}


def standing(region: Region) -> Standing:
    """Return what the region folder says, read once for each digest."""
    return _standing(region.digest)


@lru_cache(maxsize=KEPT_DIGESTS)
def _standing(_digest: str) -> Standing:
    areas = {
        area.code: AreaFacts(
            code=area.code,
            kind=area.kind,
            names=area.names,
            population=area.population,
            population_source=area.population_source,
            geometry=area.geometry,
            label=(area.label_lon, area.label_lat)
            if area.label_lon is not None and area.label_lat is not None
            else None,
            stations=tuple((str(code), float(km)) for code, km in area.stations),
            is_leaf=area.numchild == 0,
        )
        for area in Area.objects.all()
    }
    facilities = {one.code: one for one in Facility.objects.select_related("area")}
    settlements = {one.code: one for one in Settlement.objects.all()}
    stations = {one.code: one for one in Station.objects.all()}
    found = [
        *(("observations", one.source) for one in stations.values()),
        *(("people", one.population_source) for one in areas.values()),
        *(("facilities", one.source) for one in facilities.values()),
        *(("settlements", one.source) for one in settlements.values()),
    ]
    sources = tuple(dict.fromkeys(pair for pair in found if pair[1]))
    return Standing(areas, stations, facilities, settlements, sources)


def _pages(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Messages with their warning and rule, without the bytes that no page prints."""
    return messages.select_related("warning__rule_version", "draft").defer("raw")


def in_force(at: datetime) -> list[Message]:
    """Return the newest message of every warning in force, the highest level first."""
    found = _pages(Message.objects.published().in_force(at))
    return list(found.order_by("-level", "-warning__first_sent_at"))


def ended_since(since: datetime, at: datetime) -> list[Message]:
    """Return the last message of each warning that ended after ``since``, newest first."""
    ended = Q(msg_type="Cancel", sent_at__gt=since) | (
        ~Q(msg_type="Cancel") & Q(expires_at__gt=since, expires_at__lte=at)
    )
    of_it = Message.objects.published().known(at).filter(warning=OuterRef("warning"))
    top = of_it.order_by("-level")
    last = _pages(Message.objects.published().latest_of_each(at)).filter(ended)
    found = list(last.annotate(top_level=Subquery(top.values("level")[:1])))
    return sorted(found, key=ended_at, reverse=True)


def ended_at(message: Message) -> datetime:
    """Return when the warning whose last message this is comes to its end."""
    return message.sent_at if message.msg_type == "Cancel" else message.expires_at


def settled_moment(now: datetime) -> datetime:
    """Return the minute of ``now``, or the newest message sent since: a warning waits for none."""
    minute = now.replace(second=0, microsecond=0)
    since = Message.objects.published().filter(sent_at__gt=minute, sent_at__lte=now)
    return since.order_by("-sent_at").values_list("sent_at", flat=True).first() or minute


def ledger_head(at: datetime) -> tuple[int, str]:
    """Return number and chain of the newest message known at ``at``; 0 and nothing before any."""
    known = Message.objects.published().known(at)
    newest = known.order_by("-sent_at", "-number")  # found by index
    return newest.values_list("number", "chain").first() or (0, "")


def feeds() -> list[Feed]:
    """Return the sources; ``measures`` of each says whether it has given an observation."""
    given = Series.objects.filter(feed=OuterRef("pk"))
    return list(Feed.objects.annotate(measures=Exists(given)).order_by("code"))


def last_look(region: Region, at: datetime, sources: list[Feed]) -> datetime | None:
    """Return when the rules last looked at observations, None if they never did."""
    if region.is_replay:
        return min(at, region.replayed_until) if region.replayed_until else None
    return max((feed.read_at for feed in sources if feed.read_at), default=None)


def known_until(at: datetime, sources: list[Feed]) -> datetime:
    """Return the label of the newest observation that was known at ``at``.

    Nobody waits for a forecast or a satellite to know what a thermometer says: the delays of feeds
    that measure count, and all of them only where none has given a value yet.
    """
    measuring = [feed for feed in sources if getattr(feed, "measures", True)]
    return at - timedelta(minutes=max((one.delay_min for one in measuring or sources), default=0))


def source_list(known: Standing, sources: list[Feed]) -> list[dict[str, Any]]:
    """Return what the pages rest on, as label and text, each once."""
    pairs = [
        *(("observations", feed.source) for feed in sources),
        *(pair for pair in known.sources if not (sources and pair[0] == "observations")),
    ]
    texts: dict[str, list[str]] = {}
    for kind, text in dict.fromkeys(pairs):
        texts.setdefault(kind, []).append(text)
    return [{"label": SOURCES[kind], "text": ", ".join(of)} for kind, of in texts.items()]


def warning_known(slug: str, at: datetime) -> Warning | None:
    """Return the warning if the public had a message of it by ``at``."""
    of_it = Message.objects.published().known(at).filter(warning=OuterRef("pk"))
    found = Warning.objects.select_related("rule_version").filter(Exists(of_it))
    return found.filter(slug=slug).first()


def messages_of(warning: Warning, at: datetime) -> list[Message]:
    """Return the messages of a warning sent by ``at``, oldest first."""
    known = Message.objects.published().known(at).filter(warning=warning)
    return list(known.select_related("draft").defer("raw").order_by("sent_at", "number"))


def rules_head(at: datetime) -> tuple[int, int]:
    """Return the key of the rule version added last and how many are valid by ``at``."""
    found = RuleVersion.objects.aggregate(
        newest=Max("pk"), valid=Count("pk", filter=Q(valid_from__lte=at))
    )
    return found["newest"] or 0, found["valid"]


def rules_in_use(at: datetime) -> list[RuleVersion]:
    """Return the version of each rule that is in force, by hazard."""
    return sorted(rules_at(at), key=lambda one: (one.hazard, one.rule))


def version_shown(rule: str, at: datetime) -> RuleVersion:
    """Return the version of a rule that its page shows: in force, else the newest there is.

    Raises
    ------
    Http404
        There is no such rule.
    """
    versions = list(RuleVersion.objects.filter(rule=rule))  # newest first
    if not versions:
        raise Http404(f"no rule {rule}")
    return pick(versions, at) or versions[0]


def version_known(rule: str, version: int, at: datetime) -> RuleVersion | None:
    """Return a version of a rule; one that is yet to come is nobody's business outside."""
    found = RuleVersion.objects.filter(rule=rule, version=version).exclude(valid_from__gt=at)
    held = found.first()
    return None if held is None or why_unreadable(held) else held


def values_between(
    quantity: str, stations: list[str], first: datetime, last: datetime
) -> dict[str, list[tuple[datetime, float | None, int]]]:
    """Return values of an indicator by station, both ends included, in the catalogue's unit."""
    rows = Observation.objects.filter(
        series__quantity=quantity,
        series__kind=Series.INDICATOR,
        series__station__code__in=stations,
        time__gte=first,
        time__lte=last,
    ).order_by("time")
    found: dict[str, list[tuple[datetime, float | None, int]]] = {code: [] for code in stations}
    columns = ("series__station__code", "time", "value", "flags")
    for code, time, value, flags in rows.values_list(*columns):
        found[code].append((time, value, flags))
    return found


def values_at(
    moments: set[tuple[str, datetime]], quantities: list[str]
) -> dict[tuple[str, datetime, str], tuple[float | None, int, str]]:
    """Return value, flags and unit of ``quantities`` by station, time and quantity."""
    if not moments:
        return {}
    rows = Observation.objects.filter(
        series__quantity__in=quantities,
        series__station__code__in={station for station, _ in moments},
        time__in={time for _, time in moments},
    ).values_list(
        "series__station__code", "time", "series__quantity", "value", "flags", "series__unit"
    )
    return {
        (station, time, quantity): (value, flags, unit)
        for station, time, quantity, value, flags, unit in rows
        if (station, time) in moments
    }
