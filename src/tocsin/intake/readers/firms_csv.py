"""Hotspots seen from space: the CSV of NASA's Fire Information for Resource Management System.

Format: https://firms.modaps.eosdis.nasa.gov/api/area/, confirmed from a recorded answer and its
schema: VIIRS has ``latitude, longitude, bright_ti4, scan, track, acq_date, acq_time, satellite,
instrument, confidence, version, bright_ti5, frp, daynight`` with a confidence of ``l``/``n``/``h``
or ``low``/``nominal``/``high``; MODIS has ``brightness``, ``bright_t31`` and a confidence of 0 to
100. ``acq_time`` is HHMM in UTC, leading zeros sometimes lost. The key stands in the address:
``url = "https://firms.modaps.eosdis.nasa.gov/api/area/csv/{env:FIRMS_KEY}/VIIRS_SNPP_NRT/..."``.

There is no id: a hotspot is known by satellite, time and place. Where a later processing (``RT``,
``NRT``, then the standard one) moves a pixel, it counts as another hotspot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

import numpy as np
from pydantic import Field

from tocsin.errors import IntakeError
from tocsin.intake.feed import Event, Feed, Options, Reading, reader
from tocsin.intake.lines import read_table
from tocsin.intake.rows import number

__all__ = ["FirmsCsv", "read_firms_csv"]

_NEEDED = ("latitude", "longitude", "acq_date", "acq_time", "satellite", "confidence", "frp")
_FACTS = ("satellite", "instrument", "confidence", "daynight", "version")
_GRADES = {"l": 0, "low": 0, "n": 1, "nominal": 1, "h": 2, "high": 2}


class FirmsCsv(Options):
    """The settings of this reader."""

    least_confidence: str = Field(
        "low", pattern="^(low|nominal|high)$", description="hotspots below are left out"
    )


@reader("firms-csv", FirmsCsv, "csv", gives_events=True)
def read_firms_csv(feed: Feed, options: FirmsCsv, stations: Collection[str]) -> Reading:
    """Read one answer; stations play no part. For errors see :func:`tocsin.intake.read`."""
    table = read_table(feed.file, feed.path)
    if lost := [name for name in _NEEDED if name not in table.header]:
        for name in lost:
            table.fault(
                1, name, ",".join(table.header), "The file has no such column.",
                "Mend the url: a wrong key or source gives a sentence in place of a table.",
            )  # fmt: skip
        raise IntakeError(table.faults)
    least = _GRADES[options.least_confidence]
    found: dict[str, Event] = {}
    for line, cells in zip(table.line, table.rows, strict=True):
        row = dict(zip(table.header, cells, strict=True))
        try:
            event = _event(row)
        except ValueError as error:
            table.fault(line, "row", str(error), "The row cannot be used.", "It is left out.")
            continue
        if _grade(row["confidence"]) >= least:
            found[event.id] = event
    events = sorted(found.values(), key=lambda one: (one.at, one.id))
    return Reading([], table.faults, table.rows_read, len(events), events)


def _grade(text: str) -> int:
    """Return 0, 1 or 2; MODIS's per cents by the bounds of its user's guide, 30 and 80."""
    if text in _GRADES:
        return _GRADES[text]
    percent = float(text)
    return 0 if percent < 30 else 1 if percent < 80 else 2


def _event(row: Mapping[str, str]) -> Event:
    """Return a row as a hotspot; ValueError names what is wrong."""
    lat, lon, power = (number(row[name]) for name in ("latitude", "longitude", "frp"))
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"place {row['latitude']}, {row['longitude']}")
    if power is None:
        raise ValueError(f"frp {row['frp']}")
    at = datetime.strptime(  # noqa: DTZ007 -- UTC by the format
        f"{row['acq_date']} {int(row['acq_time']):04d}", "%Y-%m-%d %H%M"
    )
    _grade(row["confidence"])
    facts: dict[str, float | str] = {name: row[name] for name in _FACTS if name in row}
    for name in ("bright_ti4", "bright_ti5", "brightness", "bright_t31", "scan", "track"):
        if (value := number(row.get(name))) is not None and not np.isnan(value):
            facts[name] = value
    name = f"{row['satellite']}/{at:%Y%m%dT%H%M}/{lat:.5f},{lon:.5f}"
    time = np.datetime64(at, "s")
    return Event("hotspot", name, time, lat, lon, power, "MW", None, MappingProxyType(facts))
