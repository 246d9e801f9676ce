"""Air quality from OpenAQ's API, version 3: measurements of one sensor, or a place's latest.

Format: https://docs.openaq.org/resources/measurements and public clients' models of it:
``results[]`` with ``value``, ``parameter`` of ``{id, name, units}``, ``flagInfo.hasFlags`` and
``period`` with ``datetimeFrom`` and ``datetimeTo`` of ``{utc, local}``. A value is the mean of its
period and is labelled with its begin. An answer does not name its station: the feed's settings do.
The key goes into ``headers_from = { X-API-Key = "OPENAQ_KEY" }``.

Where an upstream source writes -999 for "none" so does OpenAQ: the value is kept, and flagged as
outside what can be.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import Field

from tocsin.intake.feed import Feed, Options, Reading, reader
from tocsin.intake.quality import Flag
from tocsin.intake.rows import Rows, json_of, moment, number

__all__ = ["OpenAq", "read_openaq"]

_MASS = "mass_concentration_of_{}_in_air"
_SHARE = "mole_fraction_of_{}_in_air"
GASES = {"o3": "ozone", "no2": "nitrogen_dioxide", "so2": "sulfur_dioxide", "co": "carbon_monoxide"}
OTHERS = {
    "pm25": "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air",
    "pm10": "mass_concentration_of_pm10_ambient_aerosol_particles_in_air",
    "temperature": "air_temperature",
    "relativehumidity": "relative_humidity",
}
UNITS = {
    "µg/m³": "ug m-3", "μg/m³": "ug m-3", "ug/m3": "ug m-3", "mg/m³": "mg m-3", "ppm": "ppm",
    "ppb": "ppb", "c": "degC", "f": "degF", "%": "%",
}  # fmt: skip
"""Both the micro sign and the Greek letter are met."""


class OpenAq(Options):
    """The settings of this reader."""

    station: str = Field(min_length=1, description="the region's station that the answer is of")


@reader("openaq", OpenAq, "json")
def read_openaq(feed: Feed, options: OpenAq, stations: Collection[str]) -> Reading:
    """Read one answer."""
    found = json_of(feed)
    rows = Rows(feed, stations)
    station = rows.station(options.station)
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        rows.fault("results", "", "This is not an answer of the API.", "Mend url and key.")
        return rows.reading()
    for n, one in enumerate(results):
        rows.rows_read += 1
        if station is not None:
            _read_result(rows, one if isinstance(one, dict) else {}, station, f"results[{n}]")
    return rows.reading()


def _read_result(rows: Rows, one: dict[str, Any], station: str, at: str) -> None:
    try:
        name, written = one["parameter"]["name"], one["parameter"]["units"]
        time = moment(one["period"]["datetimeFrom"]["utc"])
    except (KeyError, TypeError):
        rows.fault(at, "", "The result lacks its parameter or period.", "It is left out.")
        return
    value, unit = number(one.get("value")), UNITS.get(str(written).lower())
    quantity = _quantity(str(name), unit)
    if quantity is None or unit is None:
        rows.fault(
            f"{at}.parameter", f"{name} {written}", "This parameter or unit is not known here.",
            "Ask for other sensors; it is left out.",
        )  # fmt: skip
    elif time is None or value is None:
        rows.fault(
            f"{at}.value", one.get("value"), "This is no number, or its time is none.",
            "It is left out.",
        )  # fmt: skip
    elif value == value:  # not NaN
        info = one.get("flagInfo")
        doubted = isinstance(info, dict) and info.get("hasFlags") is True
        flags = int(Flag.DOUBTED) if doubted else 0
        rows.add(station, quantity, unit, time, value, at, flags=flags)


def _quantity(name: str, unit: str | None) -> str | None:
    """Return the CF name; a gas has one for its mass and one for its share of the air."""
    if name not in GASES:
        return OTHERS.get(name)
    if unit in {"ppm", "ppb"}:
        return _SHARE.format(GASES[name])
    return _MASS.format(GASES[name])
