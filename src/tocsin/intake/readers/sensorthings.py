"""OGC SensorThings: observations of one datastream, or datastreams with theirs expanded.

Format: OGC SensorThings API Part 1, 18-088 (https://docs.ogc.org/is/18-088/18-088.html), confirmed
from its examples: ``value[]`` of observations with ``@iot.id``, ``phenomenonTime``, ``result``;
with ``Datastreams?$expand=Observations`` a ``value[]`` of datastreams that have ``@iot.id``,
``unitOfMeasurement`` of ``{name, symbol, definition}`` and ``Observations[]``. A phenomenon time
may be an interval ``begin/end`` and is labelled with its begin.

Which datastream is which station and quantity only the settings can say. Where the server names a
unit it must be the one of the settings: a datastream that has changed its unit is a fault, not a
value.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import UnitError
from tocsin.intake.feed import Feed, Options, Reading, reader
from tocsin.intake.quantities import QUANTITIES
from tocsin.intake.rows import Rows, json_of, moment, number
from tocsin.units import check_unit

__all__ = ["Datastream", "SensorThings", "read_sensorthings"]

_SYMBOLS = {
    "°C": "degC",
    "℃": "degC",
    "°F": "degF",
    "m/s": "m s-1",
    "°": "degree",
    "µg/m³": "ug m-3",
}


class Datastream(BaseModel):
    """What a datastream measures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    station: str = Field(min_length=1)
    quantity: str = Field(description="CF standard name")
    unit: str = Field(min_length=1)


class SensorThings(Options):
    """The settings of this reader."""

    datastreams: dict[str, Datastream] = Field(
        min_length=1, description="@iot.id of a datastream = what it is; observations alone: one"
    )

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return unknown quantities and units, and two streams for one station's quantity."""
        found: list[tuple[str, str, str, str]] = []
        seen: set[tuple[str, str]] = set()
        for name, one in self.datastreams.items():
            at = f"datastreams.{name}"
            if one.quantity not in QUANTITIES:
                names = ", ".join(sorted(QUANTITIES))
                found.append(
                    (f"{at}.quantity", one.quantity, "Not a known quantity.", f"Use {names}.")
                )
                continue
            try:
                check_unit(one.unit, QUANTITIES[one.quantity].unit)
            except UnitError as error:
                found.append((f"{at}.unit", one.unit, str(error), "Mend the unit."))
            if (one.station, one.quantity) in seen:
                found.append(
                    (f"{at}.station", one.station, "Another stream gives this.", "Keep one.")
                )
            seen.add((one.station, one.quantity))
        return found


@reader("sensorthings", SensorThings, "json")
def read_sensorthings(feed: Feed, options: SensorThings, stations: Collection[str]) -> Reading:
    """Read one answer."""
    found = json_of(feed)
    rows = Rows(feed, stations)
    entries = found.get("value") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        rows.fault("value", "", "This is not an answer of the API.", "Mend the feed's url.")
        return rows.reading()
    if any(isinstance(one, dict) and "result" in one for one in entries):
        if len(options.datastreams) != 1:
            rows.fault(
                "value", "", "Bare observations do not say of which datastream they are.",
                "Ask for Datastreams with $expand=Observations, or name one datastream.",
            )  # fmt: skip
            return rows.reading()
        _read_observations(rows, next(iter(options.datastreams.values())), entries, "value")
    for n, one in enumerate(entries):
        if isinstance(one, dict) and "Observations" in one:
            _read_stream(rows, options, one, f"value[{n}]")
    return rows.reading()


def _read_stream(rows: Rows, options: SensorThings, one: dict[str, Any], at: str) -> None:
    name = str(one.get("@iot.id"))
    stream = options.datastreams.get(name)
    if stream is None:
        rows.fault(
            f"{at}.@iot.id", name, "The settings do not say what this datastream is.",
            "Add it to [feed.options.datastreams]; it is left out.",
        )  # fmt: skip
        return
    given = one.get("unitOfMeasurement")
    symbol = given.get("symbol") if isinstance(given, dict) else None
    if symbol and not _same(str(symbol), stream.unit):
        rows.fault(
            f"{at}.unitOfMeasurement", symbol, f"The settings say {stream.unit}.",
            "Ask the operator which is right; the values are left out until they agree.",
        )  # fmt: skip
        return
    _read_observations(rows, stream, one["Observations"], f"{at}.Observations")


def _same(symbol: str, unit: str) -> bool:
    return symbol.strip() in {unit, *(key for key, word in _SYMBOLS.items() if word == unit)}


def _read_observations(rows: Rows, stream: Datastream, entries: Any, at: str) -> None:
    station = rows.station(stream.station)
    for n, one in enumerate(entries if isinstance(entries, list) else []):
        rows.rows_read += 1
        place = f"{at}[{n}]"
        given = one if isinstance(one, dict) else {}
        time = moment(str(given.get("phenomenonTime", "")).partition("/")[0])
        value = number(given.get("result"))
        if time is None or value is None:
            rows.fault(
                f"{place}.result", given.get("result"),
                "This is no number, or its phenomenonTime is none with an offset.",
                "It is left out.",
            )  # fmt: skip
        elif station is not None and given.get("result") is not None:
            rows.add(station, stream.quantity, stream.unit, time, value, place)
