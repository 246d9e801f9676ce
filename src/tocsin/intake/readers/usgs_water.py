"""Stage and discharge of the US Geological Survey: instantaneous values as WaterML in JSON.

Format: https://waterservices.usgs.gov/docs/instantaneous-values/, ``format=json``; confirmed from
answers recorded in public repositories: ``value.timeSeries[]`` with ``sourceInfo.siteCode``,
``variable.variableCode`` (00065 water level, 00060 discharge), ``variable.unit.unitCode``,
``variable.noDataValue`` (-999999) and ``values[].value[]`` of ``{value, qualifiers, dateTime}``,
values as text, times with their offset. Of a site with two sensors for one variable both come, each
as a block of ``values``; the first block that has values stands.

Parameter codes: https://help.waterdata.usgs.gov/parameter_cd. Qualifiers: ``P`` is provisional, as
all live values are; ``Eqp`` and the like come in place of a number and give no value.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.rows import Rows, StationNames, json_of, moment, number

__all__ = ["UsgsWater", "read_usgs_water"]

PARAMETERS = {
    "00065": "water_surface_height_above_reference_datum",
    "00060": "water_volume_transport_in_river_channel",
    "00045": "lwe_thickness_of_precipitation_amount",
}
UNITS = {"ft": "foot", "m": "m", "ft3/s": "ft3/s", "m3/s": "m3/s", "in": "inch", "mm": "mm"}


class UsgsWater(StationNames):
    """The settings of this reader."""


@reader("usgs-water", UsgsWater, "json")
def read_usgs_water(feed: Feed, options: UsgsWater, stations: Collection[str]) -> Reading:
    """Read one answer."""
    found = json_of(feed)
    rows = Rows(feed, stations, options.stations)
    try:
        series = found["value"]["timeSeries"]
    except (KeyError, TypeError):
        rows.fault("value.timeSeries", "", "There are no series.", "Ask with format=json.")
        return rows.reading()
    for n, one in enumerate(series if isinstance(series, list) else []):
        at = f"timeSeries[{n}]"
        try:
            site = one["sourceInfo"]["siteCode"][0]["value"]
            code = one["variable"]["variableCode"][0]["value"]
            unit = UNITS.get(one["variable"]["unit"]["unitCode"])
            absent = number(one["variable"].get("noDataValue"))
            blocks = [block["value"] for block in one["values"]]
        except (KeyError, TypeError, IndexError, AttributeError):
            rows.fault(at, "", "The series lacks its site, variable or values.", "Left out.")
            continue
        station = rows.station(site)
        if station is None:
            continue
        if code not in PARAMETERS or unit is None:
            rows.fault(
                f"{at}.variable", code, "This variable or its unit is not known here.",
                f"Ask for {', '.join(sorted(PARAMETERS))} only.",
            )  # fmt: skip
            continue
        values: Any = next((block for block in blocks if block), [])
        _read_values(rows, station, PARAMETERS[code], unit, absent, values, at)
    return rows.reading()


def _read_values(
    rows: Rows, station: str, quantity: str, unit: str, absent: float | None, values: Any, at: str
) -> None:
    for n, one in enumerate(values if isinstance(values, list) else []):
        rows.rows_read += 1
        place = f"{at}.values[{n}]"
        given = one if isinstance(one, dict) else {}
        time, text = moment(given.get("dateTime")), given.get("value")
        value = number(text)
        if time is None:
            rows.fault(place, given.get("dateTime"), "This is not a time.", "It is left out.")
        elif value is None and not _says_why(given):
            rows.fault(place, text, "This is not a number.", "It is left out.")
        elif value is not None and value != absent:
            rows.add(station, quantity, unit, time, value, place)


def _says_why(given: dict[str, Any]) -> bool:
    """Whether the text in place of a number is one of the value's own qualifiers (Ice, Eqp)."""
    qualifiers = given.get("qualifiers")
    return isinstance(qualifiers, list) and str(given.get("value")) in map(str, qualifiers)
