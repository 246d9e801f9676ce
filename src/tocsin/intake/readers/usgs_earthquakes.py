"""Earthquakes of the US Geological Survey: the GeoJSON summary feeds and the catalogue's answers.

Format: https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php, confirmed there:
``properties.mag``, ``time`` and ``updated`` in ms since 1970 UTC, ``place``, ``status``,
``tsunami``, ``mmi``, ``magType``, ``type``; ``geometry.coordinates`` are longitude, latitude and
depth in km. ``id`` is the preferred one of ``ids``: it changes when another network's solution is
preferred, so a quake is known by any of them. ``status`` is automatic, reviewed or deleted; the
summary feeds leave out what was deleted. A quake is an event, not a series.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import Field

from tocsin.intake.feed import Event, Feed, Options, Reading, reader
from tocsin.intake.rows import Rows, json_of, number

__all__ = ["UsgsEarthquakes", "read_usgs_earthquakes"]

_FACTS = (
    "ids",
    "place",
    "status",
    "type",
    "magType",
    "alert",
    "mmi",
    "cdi",
    "tsunami",
    "sig",
    "url",
)
_DELETED = "deleted"


class UsgsEarthquakes(Options):
    """The settings of this reader."""

    least_magnitude: float = Field(-10.0, description="smaller ones are left out")


@reader("usgs-earthquakes", UsgsEarthquakes, "json", gives_events=True)
def read_usgs_earthquakes(
    feed: Feed, options: UsgsEarthquakes, stations: Collection[str]
) -> Reading:
    """Read one answer; stations play no part."""
    found = json_of(feed)
    rows = Rows(feed, stations)
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        rows.fault("features", "", "This is no feature collection.", "Mend the feed's url.")
        return rows.reading()
    newest: dict[str, Event] = {}
    for n, feature in enumerate(features):
        rows.rows_read += 1
        event = _event(rows, feature, f"features[{n}]")
        if event is None:
            continue
        before = newest.get(event.id)
        if before is None or _stamp(before) < _stamp(event):
            newest[event.id] = event
    every = sorted(newest.values(), key=lambda one: (one.at, one.id))
    rows.events.extend(every)
    faults = rows.reading().faults
    kept = [one for one in every if one.size >= options.least_magnitude]
    minor = [one for one in every if one.size < options.least_magnitude]
    return Reading(
        [], faults, rows.rows_read, len(kept), kept, minor=minor,
        complete_since=every[0].at if every and not faults else None,
    )  # fmt: skip


def _stamp(event: Event) -> np.datetime64:
    return event.at if event.updated is None else event.updated


def _event(rows: Rows, feature: Any, at: str) -> Event | None:
    """Return one quake, or note what it lacks."""
    try:
        properties, (east, north, *depth) = (
            feature["properties"],
            feature["geometry"]["coordinates"],
        )
        name = feature["id"]
        numbers = [number(one) for one in (properties["mag"], properties["time"], north, east)]
        updated = number(properties.get("updated"))
    except (KeyError, TypeError, ValueError, AttributeError):
        rows.fault(at, "", "This is not a quake as the format has it.", "It is left out.")
        return None
    is_deleted = properties.get("status") == _DELETED
    if is_deleted and (
        numbers[0] is None or math.isnan(numbers[0])
    ):  # what was taken back may have lost its magnitude
        numbers[0] = -math.inf
    given = [one for one in numbers if one is not None and not math.isnan(one)]
    if len(given) < len(numbers):
        rows.fault(
            f"{at}.properties", name, "Magnitude, time or place is missing or no number.",
            "It is left out; revised quakes come again.",
        )  # fmt: skip
        return None
    magnitude, time, lat, lon = given
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        rows.fault(f"{at}.geometry", f"{lat}, {lon}", "This is no place on Earth.", "Left out.")
        return None
    facts: dict[str, float | str] = {
        key: properties[key] for key in _FACTS if isinstance(properties.get(key), (int, float, str))
    }
    if depth and (km := number(depth[0])) is not None and not np.isnan(km):
        facts["depth_km"] = km
    return Event(
        "earthquake", str(name), _from_ms(time), lat, lon, magnitude, "1",
        None if updated is None or np.isnan(updated) else _from_ms(updated),
        MappingProxyType(facts), is_deleted,
    )  # fmt: skip


def _from_ms(value: float) -> np.datetime64:
    return np.datetime64(int(value) // 1000, "s")
