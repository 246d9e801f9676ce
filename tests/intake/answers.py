"""What each HTTP feed would answer at a moment of a made-up day, in its own format.

A rendering holds the last hours up to the moment, as the real services give them; ``TRUTH`` of a
feed is every value that it ever showed.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

WINDOW = timedelta(hours=12)
DAILY_HIGH = "air_temperature (time: maximum over a day)"
Truth = dict[tuple[str, str, int], float]


def warmth(at: datetime) -> float:
    """Degrees Celsius, a tenth exactly."""
    return round(8 - 6 * math.cos((at.hour + at.minute / 60 - 3) / 24 * 2 * math.pi), 1)


def moments(now: datetime, step: timedelta, offset: timedelta = timedelta()) -> list[datetime]:
    """Return the times of measuring in the window up to ``now``, oldest first."""
    day = now.replace(hour=0, minute=0, second=0) - timedelta(days=1) + offset
    count = int((now - day) / step) + 1
    return [at for n in range(count) if now - WINDOW < (at := day + n * step) <= now]


@dataclass
class Renderer:
    """One feed's answers; ``seen`` gathers what it ever showed."""

    reader: str
    options: dict[str, Any]
    render: Callable[[datetime, Truth], bytes]
    seen: Truth = field(default_factory=dict)

    def __call__(self, now: datetime) -> bytes:
        return self.render(now, self.seen)


def _note(seen: Truth, quantity: str, at: datetime, value: float) -> None:
    seen["EST", quantity, int(at.timestamp())] = value


def _json(found: object) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def nws(now: datetime, seen: Truth) -> bytes:
    features = []
    for at in moments(now, timedelta(hours=1), timedelta(minutes=51)):
        _note(seen, "air_temperature", at, warmth(at))
        properties = {
            "station": "https://api.weather.gov/stations/KEST", "timestamp": at.isoformat(),
            "temperature": {"unitCode": "wmoUnit:degC", "value": warmth(at), "qualityControl": "V"},
            "windGust": {"unitCode": "wmoUnit:km_h-1", "value": None, "qualityControl": "Z"},
        }  # fmt: skip
        features.insert(0, {"type": "Feature", "properties": properties})
    return _json({"type": "FeatureCollection", "features": features})


def metar(now: datetime, seen: Truth) -> bytes:
    lines = []
    for at in moments(now, timedelta(minutes=30), timedelta(minutes=20)):
        value = warmth(at)
        _note(seen, "air_temperature", at, value)
        whole = f"{'M' if value < 0 else ''}{abs(round(value)):02d}"
        lines.insert(
            0, f"KEST {at:%d%H%M}Z 00000KT 10SM {whole}/ A3000 RMK AO2 T0{value * 10:03.0f}"
        )
        _note(seen, "wind_speed", at, 0.0)
        _note(seen, "visibility_in_air", at, 16.09344)
        _note(seen, "air_pressure_at_mean_sea_level", at, 30 * 33.86389)
    return "".join(f"{line}\n" for line in lines).encode()


def synop(now: datetime, seen: Truth) -> bytes:
    text = ""
    for at in moments(now, timedelta(hours=1)):
        _note(seen, "air_temperature", at, warmth(at))
        text += f"AAXX {at:%d%H}1\n08522 42/// ///// 1{0:d}{warmth(at) * 10:03.0f}=\n"
    return text.encode()


def open_meteo(now: datetime, seen: Truth) -> bytes:
    hours = moments(now, timedelta(hours=1))
    for at in hours:
        if at + timedelta(hours=1) <= now:
            _note(seen, "air_temperature", at, warmth(at))
    times = hours + [hours[-1] + timedelta(hours=n) for n in range(1, 24)]
    return _json({
        "latitude": 40.0, "longitude": -74.0, "utc_offset_seconds": 0, "timezone": "GMT",
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C"},
        "hourly": {
            "time": [at.strftime("%Y-%m-%dT%H:%M") for at in times],
            "temperature_2m": [warmth(at) for at in times],
        },
    })  # fmt: skip


def usgs_water(now: datetime, seen: Truth) -> bytes:
    values = []
    for at in moments(now, timedelta(minutes=15)):
        stage = f"{4 + warmth(at) / 10:.2f}"
        _note(seen, "water_surface_height_above_reference_datum", at, float(stage) * 0.3048)
        local = at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
        values.append({"value": stage, "qualifiers": ["P"], "dateTime": local})
    series = {
        "sourceInfo": {"siteCode": [{"value": "01302020"}]},
        "variable": {
            "variableCode": [{"value": "00065"}], "unit": {"unitCode": "ft"},
            "noDataValue": -999999.0,
        },
        "values": [{"value": values}],
    }  # fmt: skip
    return _json({"value": {"timeSeries": [series]}})


def openaq(now: datetime, seen: Truth) -> bytes:
    quantity = "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air"
    results = []
    for at in moments(now, timedelta(hours=1)):
        _note(seen, quantity, at, 10 + warmth(at))
        end = at + timedelta(hours=1)
        period = {"datetimeFrom": {"utc": f"{at:%Y-%m-%dT%H:%M:%S}Z"},
                  "datetimeTo": {"utc": f"{end:%Y-%m-%dT%H:%M:%S}Z"}}  # fmt: skip
        results.append({
            "value": 10 + warmth(at), "parameter": {"id": 2, "name": "pm25", "units": "µg/m³"},
            "flagInfo": {"hasFlags": False}, "period": period,
        })  # fmt: skip
    return _json({"meta": {"found": len(results)}, "results": results})


def sensorthings(now: datetime, seen: Truth) -> bytes:
    entries = []
    for at in moments(now, timedelta(minutes=10)):
        _note(seen, "air_temperature", at, warmth(at))
        entries.append({"@iot.id": int(at.timestamp()), "phenomenonTime": at.isoformat(),
                        "result": warmth(at)})  # fmt: skip
    return _json({"value": entries})


def station_csv(now: datetime, seen: Truth) -> bytes:
    text = "place,at,t\n"
    for at in moments(now, timedelta(hours=1)):
        _note(seen, "air_temperature", at, warmth(at))
        text += f"EST,{at:%Y-%m-%dT%H:%M}Z,{warmth(at)}\n"
    return text.encode()


def daily_csv(now: datetime, seen: Truth) -> bytes:
    """The days that are over, each at its last hour; today's row is there and empty."""
    text = "place,day,high\n"
    midnight = now.replace(hour=0, minute=0, second=0)
    for day in (midnight - timedelta(days=n) for n in (3, 2, 1)):
        last = day + timedelta(hours=23)
        high = 10 + day.day / 10 + (0.3 if now - last < timedelta(hours=6) else 0.0)
        _note(seen, DAILY_HIGH, last, high)
        text += f"EST,{day:%Y-%m-%d},{high:.1f}\n"
    return f"{text}EST,{midnight:%Y-%m-%d},\n".encode()


def netcdf(now: datetime, seen: Truth) -> bytes:
    import netCDF4

    hours = moments(now, timedelta(hours=1))
    for at in hours:
        _note(seen, "air_temperature", at, warmth(at))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.nc"
        with netCDF4.Dataset(path, "w") as data:
            data.createDimension("time", len(hours))
            time = data.createVariable("time", "i8", ("time",))
            time.units, time.calendar = "seconds since 1970-01-01", "standard"
            time[:] = np.array([int(at.timestamp()) for at in hours])
            name = data.createVariable("station", str, ())
            name.cf_role = "timeseries_id"
            name[...] = np.array("EST", dtype=object)
            value = data.createVariable("t2m", "f8", ("time",))
            value.standard_name, value.units = "air_temperature", "K"
            value[:] = np.array([warmth(at) + 273.15 for at in hours])
        return path.read_bytes()


def quakes(now: datetime, seen: Truth) -> bytes:
    """Quakes are revised an hour after they happened; the truth holds the last magnitude."""
    features = []
    for at in moments(now, timedelta(minutes=40)):
        late = now - at > timedelta(hours=1)
        magnitude = 2.0 + at.minute / 100 + (0.5 if late else 0.0)
        name = f"us{int(at.timestamp())}"
        seen["event", name, int(at.timestamp())] = magnitude
        updated = at + (timedelta(hours=1) if late else timedelta(minutes=1))
        features.append({
            "type": "Feature", "id": name,
            "geometry": {"type": "Point", "coordinates": [-122.8, 38.8, 2.1]},
            "properties": {"mag": magnitude, "time": int(at.timestamp() * 1000),
                           "updated": int(updated.timestamp() * 1000), "type": "earthquake"},
        })  # fmt: skip
    return _json({"type": "FeatureCollection", "features": features})


def firms(now: datetime, seen: Truth) -> bytes:
    text = (
        "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
        "confidence,version,bright_ti5,frp,daynight\n"
    )
    for at in moments(now, timedelta(minutes=100)):
        at = at.replace(tzinfo=UTC)
        name = f"N20/{at:%Y%m%dT%H%M}/-12.34500,-67.89000"
        seen["event", name, int(at.timestamp())] = 15.2
        text += (
            f"-12.3450,-67.8900,325.60,0.42,0.36,{at:%Y-%m-%d},{int(f'{at:%H%M}')},N20,VIIRS,n,"
            "2.0NRT,290.30,15.20,D\n"
        )
    return text.encode()


_DAILY = {"station_column": "place", "date_column": "day", "time_zone": "UTC",
          "columns": {"high": {"quantity": DAILY_HIGH, "unit": "degC"}}}  # fmt: skip
_CSV = {"station_column": "place", "time_column": "at", "time_label": "start",
        "columns": {"t": {"quantity": "air_temperature", "unit": "degC"}}}  # fmt: skip
_STREAM = {"7": {"station": "EST", "quantity": "air_temperature", "unit": "degC"}}


def renderers() -> list[Renderer]:
    """Return one of each."""
    return [
        Renderer("nws-observations", {"stations": {"KEST": "EST"}}, nws),
        Renderer("metar", {"stations": {"KEST": "EST"}}, metar),
        Renderer("synop", {"stations": {"08522": "EST"}}, synop),
        Renderer("open-meteo", {"places": ["EST"], "past_as_observed": True}, open_meteo),
        Renderer("usgs-water", {"stations": {"01302020": "EST"}}, usgs_water),
        Renderer("openaq", {"station": "EST"}, openaq),
        Renderer("sensorthings", {"datastreams": _STREAM}, sensorthings),
        Renderer("hourly-station-csv", _CSV, station_csv),
        Renderer("netcdf-stations", {}, netcdf),
        Renderer("usgs-earthquakes", {}, quakes),
        Renderer("firms-csv", {}, firms),
    ]


def daily_renderer() -> Renderer:
    """Return the one whose day has a single value: too few for the day of all the others."""
    return Renderer("daily-station-csv", _DAILY, daily_csv)
