"""Reports of land stations in FM 12 SYNOP, each ended by ``=`` or standing on a line of its own.

Format: WMO-No. 306, Manual on Codes, Volume I.1 (2019), FM 12; code tables 1855 (``iw``), 1819
(``iR``), 3590 (``RRR``), 4019 (``tR``) and 4377 (``VV``), confirmed from the extracts in
synopR's vignettes "Code Tables" and "Extracted data reference". Read are of section 1 ``iRixhVV``,
``Nddff``, ``1snTTT``, ``2snTdTdTd``, ``3PoPoPoPo``, ``4PPPP`` and ``6RRRtR``, of section 3
``6RRRtR`` where it is of one hour. ``29UUU`` gives the relative humidity in place of the dew point.

A report begins with ``AAXX YYGGiw``, which may stand before many of them, then the station's
five-digit number: the region's name of it goes into ``stations``. Month and year follow from when
the answer came (:mod:`tocsin.intake.day_and_time`). Rain of six or twelve hours is not an hour's
rain and is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import numpy as np

from tocsin.intake.day_and_time import moment_near
from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.rows import Rows, StationNames

__all__ = ["Synop", "decode", "read_synop"]

_GROUP = re.compile(r"^[0-9/]{5}$")
_SECTION = re.compile(r"^(?:222[0-9/]{2}|333|444|555)$")
_ONE_HOUR = "5"
"""Code table 4019: tR of the hour before; 1 to 4 are 6 to 24 hours, 6 to 9 are 2, 3, 9 and 15."""
_RAIN = "lwe_thickness_of_precipitation_amount"

Values = dict[str, tuple[float, str]]


class Synop(StationNames):
    """The settings of this reader."""


@reader("synop", Synop, "text")
def read_synop(feed: Feed, options: Synop, stations: Collection[str]) -> Reading:
    """Read reports."""
    rows = Rows(feed, stations, options.stations)
    came = feed.fetched_at or datetime.fromtimestamp(feed.file.stat().st_mtime, UTC)
    text = feed.file.read_text(encoding="utf-8", errors="replace")
    head: tuple[datetime, str] | None = None
    for line, words in _reports(text):
        if "AAXX" in words:
            place = words.index("AAXX")
            head = _head(words[place + 1] if len(words) > place + 1 else "", came)
            if head is None:
                rows.fault(
                    "AAXX", " ".join(words[place : place + 2]), "This is no day, hour and unit.",
                    "The reports beneath it are left out.", line,
                )  # fmt: skip
            words = words[place + 2 :]
        if not words or head is None or "NIL" in words:
            continue
        rows.rows_read += 1
        _read_report(rows, words, head, line)
    return rows.reading()


def _reports(text: str) -> list[tuple[int, list[str]]]:
    """Return each report's first line and words; without ``=`` a line is a report."""
    if "=" not in text:
        return [(n, one.split()) for n, one in enumerate(text.splitlines(), start=1) if one.strip()]
    found, line = [], 1
    for one in text.split("=")[:-1]:  # what comes after the last mark has no end: it is cut off
        blank = len(one) - len(one.lstrip())
        found.append((line + one[:blank].count("\n"), one.split()))
        line += one.count("\n")
    return found


def _head(group: str, came: datetime) -> tuple[datetime, str] | None:
    """Return time and unit of speed of ``YYGGiw``."""
    unit = {"0": "m s-1", "1": "m s-1", "3": "knot", "4": "knot"}.get(group[4:])
    if unit is None or not group[:4].isdigit():
        return None
    found = moment_near(int(group[:2]), int(group[2:4]), 0, came)
    return None if found is None else (found, unit)


def _read_report(rows: Rows, words: Sequence[str], head: tuple[datetime, str], line: int) -> None:
    time, unit = head
    if not re.fullmatch(r"\d{5}", words[0]):
        rows.fault("station", words[0], "This is no station's number.", "Left out.", line)
        return
    station = rows.station(words[0])
    if station is None:
        return
    values, damaged = decode(words[1:], unit)
    for group in damaged:
        rows.fault("group", group, "This group is damaged.", "Its value is left out.", line)
    label = np.datetime64(time.replace(tzinfo=None), "s")
    for quantity, (value, written) in values.items():
        shift = np.timedelta64(3600 if quantity == _RAIN else 0, "s")
        rows.add(station, quantity, written, label - shift, value, f"line {line}")


def decode(groups: Sequence[str], unit: str) -> tuple[Values, list[str]]:
    """Return the values of the groups after the station's number, and the damaged ones."""
    values: Values = {}
    damaged = [one for one in groups if not (_GROUP.match(one) or _SECTION.match(one))]
    section, groups = 1, [one for one in groups if one not in damaged]
    if len(groups) < 2:
        return values, damaged
    values.update(_visibility(groups[0][3:]))
    wind, rest = groups[1], list(groups[2:])
    speed = wind[3:]
    if speed == "99" and rest and rest[0].startswith("00"):
        speed = rest.pop(0)[2:]  # 99 units and more stand in a group of their own
    if speed.isdigit():
        values["wind_speed"] = (float(speed), unit)
        if wind[1:3].isdigit() and 1 <= int(wind[1:3]) <= 36:
            values["wind_from_direction"] = (float(wind[1:3]) * 10 % 360, "degree")
    for group in rest:
        if _SECTION.match(group):
            section = int(group[0])
            continue
        read = _of_section(group, section)
        if read is None:
            damaged.append(group)
        else:
            values = {**read, **values}
    return values, damaged


def _of_section(group: str, section: int) -> Values | None:
    """Return what a group says; nothing if it is not one of those read, None if it is damaged."""
    kind, digits = group[0], group[1:]
    if section in {1, 3} and kind == "6":
        return _rain(digits)
    if section != 1 or "/" in digits:
        return {}
    if kind == "1":
        return _signed("air_temperature", digits)
    if kind == "2" and digits[0] == "9":
        return {"relative_humidity": (float(digits[1:]), "%")}
    if kind == "2":
        return _signed("dew_point_temperature", digits)
    if kind == "3":
        return {"surface_air_pressure": (_pressure(digits), "hPa")}
    if kind == "4" and digits[0] in "09":  # 1, 2, 5, 7, 8: height of a pressure level, no pressure
        return {"air_pressure_at_mean_sea_level": (_pressure(digits), "hPa")}
    return {}


def _signed(quantity: str, digits: str) -> Values | None:
    if digits[0] not in "01":
        return None
    return {quantity: ((-1 if digits[0] == "1" else 1) * int(digits[1:]) / 10, "degC")}


def _pressure(digits: str) -> float:
    """Tenths of hPa without their thousands."""
    tenths = int(digits)
    return (tenths if tenths >= 5000 else tenths + 10_000) / 10


def _rain(digits: str) -> Values | None:
    """Code table 3590: mm up to 989, then 990 for traces and 991 to 999 for tenths of a mm."""
    amount, period = digits[:3], digits[3]
    if period != _ONE_HOUR or not amount.isdigit():
        return {}
    code = int(amount)
    return {_RAIN: (float(code) if code < 990 else (code - 990) / 10, "mm")}


def _visibility(code: str) -> Values:
    """Code table 4377; 51 to 55 are not used, 90 to 99 are the bounds of its coarse half."""
    if not code.isdigit():
        return {}
    figure = int(code)
    coarse = (0.05, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0, 50.0)
    if figure <= 50:
        return {"visibility_in_air": (figure / 10 or 0.05, "km")}  # 00 is less than 100 m
    if figure < 56:
        return {}
    if figure <= 80:
        return {"visibility_in_air": (float(figure - 50), "km")}
    if figure < 90:
        return {"visibility_in_air": (30.0 + 5 * (figure - 80), "km")}
    return {"visibility_in_air": (coarse[figure - 90], "km")}
