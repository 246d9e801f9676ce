"""Open-Meteo's hourly JSON: what weather models compute for points, forecasts and past days alike.

Format: https://open-meteo.com/en/docs, "JSON Return Object" (``hourly_units``, ``hourly`` with
``time`` and a list for each variable; several places come as a list in the order they were asked
for), confirmed from the published OpenAPI description and the tables in LangChain's copy of that
page. Temperature, humidity, pressure, wind and visibility are of the instant; precipitation is the
sum and the gust the maximum of the hour *before* its time, so both are labelled an hour earlier.
The ensemble API (https://open-meteo.com/en/docs/ensemble-api) gives the control run under the plain
name, here member 0, and each other member under ``temperature_2m_member01`` and so on.

Nothing here was measured. Everything goes into ``forecasts``; with ``past_as_observed`` hours that
were over when the answer came are given as observations, for a region that has no station, and
then the feed's ``source`` must say so.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import numpy as np
from pydantic import Field

from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.rows import Rows, StationNames, json_of, number

__all__ = ["OpenMeteo", "read_open_meteo"]

_HOUR = np.timedelta64(3600, "s")
# variable -> CF name, and whether it stands for the hour before its time
VARIABLES: dict[str, tuple[str, bool]] = {
    "temperature_2m": ("air_temperature", False),
    "relative_humidity_2m": ("relative_humidity", False),
    "dew_point_2m": ("dew_point_temperature", False),
    "pressure_msl": ("air_pressure_at_mean_sea_level", False),
    "surface_pressure": ("surface_air_pressure", False),
    "wind_speed_10m": ("wind_speed", False),
    "wind_direction_10m": ("wind_from_direction", False),
    "wind_gusts_10m": ("wind_speed_of_gust", True),
    "precipitation": ("lwe_thickness_of_precipitation_amount", True),
    "visibility": ("visibility_in_air", False),
    "snow_depth": ("surface_snow_thickness", False),
    "shortwave_radiation": ("surface_downwelling_shortwave_flux_in_air", True),
}
UNITS = {
    "°C": "degC", "°F": "degF", "%": "%", "hPa": "hPa", "km/h": "km/h", "m/s": "m/s",
    "mp/h": "mph", "mph": "mph", "kn": "knot", "°": "degree", "mm": "mm", "inch": "inch", "m": "m",
    "ft": "foot", "W/m²": "W m-2", "cm": "cm",
}  # fmt: skip


class OpenMeteo(StationNames):
    """The settings of this reader."""

    places: list[str] = Field(
        min_length=1, description="the region's stations, in the order of latitude and longitude"
    )
    model: str = Field("open-meteo", min_length=1, description="name of the forecast")
    past_as_observed: bool = Field(
        False, description="take hours that are over as observations, for want of a station"
    )
    members: int | None = Field(
        None, ge=1, description="how many members an ensemble has, the control run among them"
    )

    def observes(self) -> bool:
        """Whether hours that are over are taken as observations."""
        return self.past_as_observed

    def problems(self) -> list[tuple[str, str, str, str]]:
        """Return places that are named twice."""
        return [
            ("places", name, "This place is named twice.", "Ask for each place once.")
            for name in sorted({one for one in self.places if self.places.count(one) > 1})
        ]


@reader("open-meteo", OpenMeteo, "json")
def read_open_meteo(feed: Feed, options: OpenMeteo, stations: Collection[str]) -> Reading:
    """Read one answer of the forecast or archive API."""
    found = json_of(feed)
    rows = Rows(feed, stations)
    if isinstance(found, dict) and found.get("error"):
        rows.fault("reason", found.get("reason"), "The server refuses.", "Mend the feed's url.")
        return rows.reading()
    places: list[Any] = found if isinstance(found, list) else [found]
    if len(places) != len(options.places):
        rows.fault(
            "places", len(places), f"The answer has other places than the {len(options.places)} "
            "of the settings.", "Name as many places as the url has latitudes, in its order.",
        )  # fmt: skip
        return rows.reading()
    for place, name in zip(places, options.places, strict=True):
        station = rows.station(name)
        if station is not None:
            _read_place(rows, place, station, feed, options)
    return rows.reading()


def _read_place(rows: Rows, place: Any, station: str, feed: Feed, options: OpenMeteo) -> None:
    hourly = place.get("hourly") if isinstance(place, dict) else None
    units = place.get("hourly_units") if isinstance(place, dict) else None
    if not isinstance(hourly, dict) or not isinstance(units, dict):
        rows.fault(f"{station}.hourly", "", "There is no hourly block.", "Add hourly= to the url.")
        return
    times = _times(rows, station, hourly.get("time"), place.get("utc_offset_seconds", 0))
    for variable, values in hourly.items():
        if variable == "time":
            continue
        at = f"{station}.{variable}"
        name, member = _member(variable)
        if member is None and any(other.startswith(f"{variable}_member") for other in hourly):
            member = 0  # the control run of an ensemble
        known, unit = VARIABLES.get(name), UNITS.get(str(units.get(variable)))
        if known is None or unit is None:
            what = variable if known is None else units.get(variable)
            rows.fault(
                at, what, "This variable or its unit is not known here.", "Do not ask for it."
            )
            continue
        if not isinstance(values, list) or len(values) != len(times):
            rows.fault(at, "", "Values and times are not as many.", "Fetch it again.")
            continue
        rows.rows_read += len(values)
        for n, (time, value) in enumerate(zip(times, values, strict=True)):
            if time is not None:
                _add(rows, feed, options, station, known, unit, time, value, f"{at}[{n}]", member)


def _member(variable: str) -> tuple[str, int | None]:
    """Return the name of a variable and its member: of ``temperature_2m_member07`` 7."""
    name, _, number = variable.rpartition("_member")
    return (name, int(number)) if name and number.isdecimal() else (variable, None)


def _times(rows: Rows, station: str, texts: Any, offset: Any) -> list[np.datetime64 | None]:
    """Return the times as UTC: the API writes them without an offset, in the zone asked for."""
    found: list[np.datetime64 | None] = []
    shift = np.timedelta64(int(number(offset) or 0), "s")
    for n, text in enumerate(texts if isinstance(texts, list) else []):
        try:
            seconds = (
                np.datetime64(int(text), "s")
                if isinstance(text, int)
                else np.datetime64(datetime.fromisoformat(text).replace(tzinfo=None), "s") - shift
            )
        except (TypeError, ValueError):
            rows.fault(f"{station}.time[{n}]", text, "This is not a time.", "Fetch it again.")
            found.append(None)
        else:
            found.append(seconds)
    return found


def _add(
    rows: Rows, feed: Feed, options: OpenMeteo, station: str, known: tuple[str, bool], unit: str,
    time: np.datetime64, value: Any, place: str, member: int | None,
) -> None:  # fmt: skip
    quantity, before = known
    read = number(value)
    if read is None:
        rows.fault(place, value, "This is not a number.", "It is left out.")
        return
    if value is None:
        return
    over = time if before else time + _HOUR  # when the hour of the label is over
    label = time - _HOUR if before else time
    came = feed.fetched_at
    if options.past_as_observed and came and over <= np.datetime64(came.replace(tzinfo=None), "s"):
        if member:
            return  # of an ensemble the control run stands for the past
        rows.add(station, quantity, unit, label, read, place)
    else:
        rows.forecast(options.model, station, quantity, unit, label, read, place, member=member)
