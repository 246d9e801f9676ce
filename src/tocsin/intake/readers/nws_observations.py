"""Observations of the US National Weather Service's API: a GeoJSON collection or one feature.

Format: https://www.weather.gov/documentation/services-web-api, ``/stations/{id}/observations``
and ``.../observations/latest``: a value is ``{value, unitCode, qualityControl}``. Confirmed from
answers recorded in public repositories: of August 2019 with ``unit:m_s-1`` and rain in metres, of
2025 and 2026 with ``wmoUnit:km_h-1`` and rain in mm: the unit is read from each value and never
assumed.

``qualityControl`` holds MADIS's letters (https://madis.ncep.noaa.gov/madis_sfc_qc_notes.shtml):
``X`` and ``B`` say that the value failed or was found wrong, ``Q`` that it is questioned; such
values are kept and flagged.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.hours import RAIN, tells_whole_hour
from tocsin.intake.quality import Flag
from tocsin.intake.rows import Rows, StationNames, json_of, moment, number

__all__ = ["NwsObservations", "read_nws_observations"]

PROPERTIES = {
    "temperature": "air_temperature",
    "dewpoint": "dew_point_temperature",
    "windDirection": "wind_from_direction",
    "windSpeed": "wind_speed",
    "windGust": "wind_speed_of_gust",
    "barometricPressure": "surface_air_pressure",
    "seaLevelPressure": "air_pressure_at_mean_sea_level",
    "visibility": "visibility_in_air",
    "relativeHumidity": "relative_humidity",
    "precipitationLastHour": RAIN,
}
UNITS = {
    "degC": "degC", "degF": "degF", "degree_(angle)": "degree", "m_s-1": "m s-1",
    "km_h-1": "km/h", "Pa": "Pa", "hPa": "hPa", "m": "m", "mm": "mm", "percent": "%",
}  # fmt: skip
_DOUBTED = {"X", "Q", "B"}


class NwsObservations(StationNames):
    """The settings of this reader."""


@reader("nws-observations", NwsObservations, "json")
def read_nws_observations(
    feed: Feed, options: NwsObservations, stations: Collection[str]
) -> Reading:
    """Read one answer."""
    found = json_of(feed)
    rows = Rows(feed, stations, options.stations)
    features = found.get("features", [found]) if isinstance(found, dict) else None
    if not isinstance(features, list):
        rows.fault("features", "", "This is not an answer of the API.", "Mend the feed's url.")
        return rows.reading()
    for n, feature in enumerate(features):
        rows.rows_read += 1
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            rows.fault(f"features[{n}]", "", "There are no properties.", "It is left out.")
            continue
        _read_properties(rows, properties, f"features[{n}]")
    return rows.reading()


def _read_properties(rows: Rows, properties: dict[str, Any], at: str) -> None:
    time = moment(properties.get("timestamp"))
    if time is None:
        rows.fault(
            f"{at}.timestamp", properties.get("timestamp"), "This is not a time with its offset.",
            "The observation is left out.",
        )  # fmt: skip
        return
    # "station" is an address that ends in the id, newer answers have "stationId" beside it
    name = properties.get("stationId") or str(properties.get("station", "")).rpartition("/")[2]
    station = rows.station(name)
    if station is None:
        return
    minute = int(time.astype("datetime64[m]").astype(int)) % 60
    for key, quantity in PROPERTIES.items():
        given = properties.get(key)
        if not isinstance(given, dict) or given.get("value") is None:
            continue
        if quantity == RAIN and not tells_whole_hour(minute):
            continue
        place = f"{at}.{key}"
        value = number(given["value"])
        unit = UNITS.get(str(given.get("unitCode")).rpartition(":")[2])
        if value is None or unit is None:
            rows.fault(
                place, given["value"] if value is None else given.get("unitCode"),
                "This is no number, or its unit is not known.", "The value is left out.",
            )  # fmt: skip
            continue
        letter = str(given.get("qualityControl")).rpartition(":")[2]
        flags = int(Flag.DOUBTED) if letter in _DOUBTED else 0
        rows.add(station, quantity, unit, time, value, place, row=at, flags=flags)
