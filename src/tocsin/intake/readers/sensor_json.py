"""A gateway's own observations, a JSON object a line: what MQTT sensors and pushes bring.

The format is Tocsin's; docs/guide/live-feeds.md shows it to who builds the other end::

    {"station": "EST", "time": "2026-01-01T12:00:00Z",
     "values": {"air_temperature": {"value": 3.4, "unit": "degC"}}}

Names are CF standard names, times have their offset, each value has its unit. A message may be
such an object or a list of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tocsin.errors import UnitError
from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.quantities import QUANTITIES
from tocsin.intake.rows import Rows, StationNames, moment, number
from tocsin.units import check_unit

__all__ = ["SensorJson", "read_sensor_json"]


class SensorJson(StationNames):
    """The settings of this reader."""


@reader("sensor-json", SensorJson, "json-lines")
def read_sensor_json(feed: Feed, options: SensorJson, stations: Collection[str]) -> Reading:
    """Read messages, one a line."""
    rows = Rows(feed, stations, options.stations)
    for line, raw in enumerate(feed.file.read_bytes().splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            rows.rows_read += 1
            shown = raw[:60].decode("ascii", "backslashreplace")
            rows.fault("message", shown, "This is not JSON.", "The message is left out.", line)
            continue
        for one in found if isinstance(found, list) else [found]:
            rows.rows_read += 1
            _read_message(rows, one if isinstance(one, dict) else {}, line, rows.rows_read)
    return rows.reading()


def _read_message(rows: Rows, one: dict[str, Any], line: int, row: int) -> None:
    time, values = moment(one.get("time")), one.get("values")
    if time is None or not isinstance(values, dict) or "station" not in one:
        rows.fault(
            "message", one.get("time"), "The message lacks station, values or a time with offset.",
            "Write it as the guide shows; it is left out.", line,
        )  # fmt: skip
        return
    station = rows.station(one["station"])
    if station is None:
        return
    for quantity, given in values.items():
        value = number(given.get("value")) if isinstance(given, dict) else None
        unit = str(given.get("unit")) if isinstance(given, dict) else ""
        problem = _problem(quantity, unit) or ("This is not a number." if value is None else "")
        if problem or value is None:
            rows.fault(f"values.{quantity}", unit, problem, "The value is left out.", line)
        else:
            place = f"line {line}.{quantity}"
            rows.add(station, quantity, unit, time, value, place, row=row)


def _problem(quantity: str, unit: str) -> str:
    if quantity not in QUANTITIES:
        return "This is not a known CF standard name."
    try:
        check_unit(unit, QUANTITIES[quantity].unit)
    except UnitError:
        return f"This unit does not measure {quantity}."
    return ""
