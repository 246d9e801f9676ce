"""Airport reports: METAR and SPECI as text, one a line.

Format: WMO-No. 306, Manual on Codes, Volume I.1, FM 15 and FM 16; remarks of US stations by the
Federal Meteorological Handbook No. 1 (FCM-H1), chapter 12. Confirmed from reports recorded with
their decoded values (NWS API: ``T02060178`` beside 20.6 and 17.8 degC, ``P0001`` beside 0.3 mm,
``SLP070`` beside 1007.0 hPa). Read are the groups a rule can use: wind and gust, visibility,
temperature and dew point, pressure, the tenths of ``Tsnnnsnnn``, ``SLPppp`` and the hourly
precipitation ``Prrrr``, this one from routine reports alone. Clouds, weather and trends are passed
over; a group that looks like one of those read and is damaged is a fault.

A report has day and time only; month and year follow from when the answer came
(:mod:`tocsin.intake.day_and_time`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime

import numpy as np
from pydantic import Field

from tocsin.intake.day_and_time import moment_near
from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.hours import RAIN, tells_whole_hour
from tocsin.intake.rows import Rows, StationNames

__all__ = ["Metar", "decode", "read_metar"]

_HEAD = re.compile(
    r"^(?:(?:METAR|(?P<special>SPECI))\s+)?(?P<cor>COR\s+)?(?P<id>[A-Z][A-Z0-9]{3})\s+(?P<time>\d{6})Z\s+"
)
_WIND = re.compile(
    r"^(?P<dir>\d{3}|VRB|///)(?P<speed>P?\d{2,3}|//)(?:G(?P<gust>P?\d{2,3}))?(?P<unit>KT|MPS|KMH)$"
)
_METRES = re.compile(r"^(?P<m>\d{4})(?:NDV)?$")
_MILES = re.compile(r"^(?P<sign>[MP]?)(?:(?P<whole>\d+)|(?:(?P<up>\d+)/(?P<down>\d+)))SM$")
_HEAT = re.compile(r"^(?P<t>M?\d{2})/(?P<d>M?\d{2}|//|)$")
_TENTHS = re.compile(r"^T(?P<ts>[01])(?P<t>\d{3})(?:(?P<ds>[01])(?P<d>\d{3}))?$")
_SEA = re.compile(r"^SLP(?P<p>\d{3})$")
_RAIN = re.compile(r"^P(?P<r>\d{4})$")
_PRESSURE = re.compile(r"^(?P<kind>[QA])(?P<p>\d{4})$")
_LIKE = re.compile(
    r"^(?:\d{3}\d{2,3}.*(?:KT|MPS|KMH)|.*\d+SM|M?\d\d/M?\d+|[QA]\d{1,6}|T[01]\d{4,9})$"
)
"""Looks like a group that is read; if none reads it, it is damaged."""
_SPEED = {"KT": "knot", "MPS": "m s-1", "KMH": "km/h"}
_NO_TREND = {"NOSIG", "TEMPO", "BECMG"}

Values = dict[str, tuple[float, str]]
"""CF name -> value and unit."""


class Metar(StationNames):
    """The settings of this reader."""

    no_gust_is_mean_wind: bool = Field(
        False,
        description="a report without a gust had none to speak of: its mean wind stands for it; "
        "what is not reported is something else than what is not known",
    )


@reader("metar", Metar, "text")
def read_metar(feed: Feed, options: Metar, stations: Collection[str]) -> Reading:
    """Read reports, one a line; ``=`` may end one."""
    rows = Rows(feed, stations, options.stations)
    text = feed.file.read_text(encoding="utf-8", errors="replace")
    came = feed.fetched_at or _changed(feed)
    for line, raw in enumerate(text.splitlines(), start=1):
        report = raw.strip().rstrip("=").strip()
        if not report or report.startswith("#"):
            continue
        rows.rows_read += 1
        if line == text.count("\n") + 1:  # the last line has no end: it may be cut off
            rows.fault(
                "report", report, "The file ends in the middle of this report.",
                "Fetch it again; the report is left out.", line,
            )  # fmt: skip
            continue
        _read_report(rows, options, report, line, came)
    return rows.reading()


def _changed(feed: Feed) -> datetime:
    return datetime.fromtimestamp(feed.file.stat().st_mtime, UTC)


def _read_report(rows: Rows, options: Metar, report: str, line: int, came: datetime) -> None:
    head = _HEAD.match(report)
    time = head and moment_near(*_numbers(head["time"]), came)
    if head is None or time is None:
        rows.fault("report", report, "This is not a METAR or SPECI.", "The line is left out.", line)
        return
    station = rows.station(head["id"])
    if station is None:
        return
    rest = report[head.end() :].split()
    if "NIL" in rest:
        return
    values, damaged = decode(rest)
    for group in damaged:
        rows.fault("group", group, "This group is damaged.", "Its value is left out.", line)
    if options.no_gust_is_mean_wind and "wind_speed" in values:
        values.setdefault("wind_speed_of_gust", values["wind_speed"])
    corrected = bool(head["cor"]) or "COR" in rest[:1]
    if head["special"] or not tells_whole_hour(time.minute):
        values.pop(RAIN, None)
    label = np.datetime64(time.replace(tzinfo=None), "s")
    for quantity, (value, unit) in values.items():
        # On the turn of the hour the hour's rain is that of the hour that is over.
        is_over = quantity == RAIN and time.minute <= 5
        at = label - np.timedelta64(3600, "s") if is_over else label
        rows.add(station, quantity, unit, at, value, f"line {line}", corrected=corrected)


def _numbers(time: str) -> tuple[int, int, int]:
    return int(time[:2]), int(time[2:4]), int(time[4:])


def decode(groups: list[str]) -> tuple[Values, list[str]]:
    """Return the values of a report's groups after its time, and the groups that are damaged."""
    values: Values = {}
    damaged: list[str] = []
    remarks = groups.index("RMK") if "RMK" in groups else len(groups)
    body = groups[:remarks]
    body = body[: next((n for n, word in enumerate(body) if word in _NO_TREND), len(body))]
    for n, group in enumerate(body):
        before = body[n - 1] if n else ""
        read = _wind(group) or _visibility(group, before) or _temperature(group) or _pressure(group)
        if read is not None:
            for quantity, one in read.items():
                values.setdefault(quantity, one)
        elif _LIKE.match(group):
            damaged.append(group)
    for group in groups[remarks + 1 :]:
        if read := _remark(group, values):
            values.update(read)
        elif _LIKE.match(group) and group.startswith("T"):
            damaged.append(group)
    return values, damaged


def _wind(group: str) -> Values | None:
    found = _WIND.match(group)
    if found is None:
        return None
    unit, values = _SPEED[found["unit"]], Values()
    if found["speed"] != "//":  # P: more than can be written; the bound is kept
        values["wind_speed"] = (float(found["speed"].lstrip("P")), unit)
        if found["dir"].isdigit() and values["wind_speed"][0] > 0:
            values["wind_from_direction"] = (float(found["dir"]), "degree")
    if found["gust"]:
        values["wind_speed_of_gust"] = (float(found["gust"].lstrip("P")), unit)
    return values


def _visibility(group: str, before: str) -> Values | None:
    if group == "CAVOK":
        return {"visibility_in_air": (10_000.0, "m")}
    if found := _METRES.match(group):
        metres = float(found["m"])  # 9999 is 10 km or more
        return {"visibility_in_air": (10_000.0 if metres == 9999 else metres, "m")}
    found = _MILES.match(group)
    if found is None:
        return None
    if found["whole"]:
        return {"visibility_in_air": (float(found["whole"]), "mile")}
    if not float(found["down"]):
        return None
    whole = float(before) if re.fullmatch(r"\d{1,2}", before) else 0.0
    return {"visibility_in_air": (whole + float(found["up"]) / float(found["down"]), "mile")}


def _temperature(group: str) -> Values | None:
    found = _HEAT.match(group)
    if found is None:
        return None
    values: Values = {"air_temperature": (_signed(found["t"]), "degC")}
    if found["d"] not in {"", "//"}:
        values["dew_point_temperature"] = (_signed(found["d"]), "degC")
    return values


def _signed(text: str) -> float:
    return -float(text[1:]) if text.startswith("M") else float(text)


def _pressure(group: str) -> Values | None:
    """QNH: reduced by the standard atmosphere, so only where nothing better is reported."""
    found = _PRESSURE.match(group)
    if found is None:
        return None
    hundredths = found["kind"] == "A"
    pressure = float(found["p"]) / 100 if hundredths else float(found["p"])
    return {"air_pressure_at_mean_sea_level": (pressure, "inHg" if hundredths else "hPa")}


def _remark(group: str, values: Values) -> Values | None:
    """Return what a US remark says; tenths stand for whole degrees, SLP for the altimeter."""
    if found := _TENTHS.match(group):
        read: Values = {"air_temperature": (_tenths(found["ts"], found["t"]), "degC")}
        if found["d"]:
            read["dew_point_temperature"] = (_tenths(found["ds"], found["d"]), "degC")
        return read
    if found := _SEA.match(group):
        tens = int(found["p"]) / 10  # the hundreds are left away: the ones that can be
        pressure = 900 + tens if tens >= 50 else 1000 + tens
        return {"air_pressure_at_mean_sea_level": (pressure, "hPa")}
    if (found := _RAIN.match(group)) and RAIN not in values:
        return {RAIN: (int(found["r"]) / 100, "inch")}
    return None


def _tenths(sign: str, digits: str) -> float:
    return (-1 if sign == "1" else 1) * int(digits) / 10
