"""The records of stations: annual extremes of indicators, read, fitted into rules, and written.

A row is ``indicator,station,year,extreme,unit,source``: the highest value of the year, or the
lowest of an indicator that is dangerous when it is low. ``extremes_of`` makes such rows from an
archive: a year counts at a station where values stand on nine tenths of its days, as many on each
as usual.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tocsin.errors import UnitError
from tocsin.indicators.catalogue import CATALOGUE
from tocsin.region.checker import Checker
from tocsin.region.plain import near
from tocsin.region.tables import columns_fit
from tocsin.triggers.evaluate import Calendar
from tocsin.triggers.return_levels import record_of
from tocsin.triggers.rules import Condition, Rule, StationRecord
from tocsin.units import check_unit, convert, same_dimension

__all__ = [
    "COLUMNS",
    "Extreme",
    "as_csv",
    "by_station",
    "extremes_of",
    "read_records",
    "with_records",
]

COLUMNS = ("indicator", "station", "year", "extreme", "unit", "source")
WHOLE = 0.9
"""Share of a year's days, and of the values usual on a day, that make the year count."""
DIGITS = 6


class Extreme(BaseModel):
    """One row: the extreme of one year at one station."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: str
    station: str
    year: int = Field(ge=1600, le=2200)
    extreme: Annotated[float, Field(allow_inf_nan=False)]
    unit: str
    source: str = Field(min_length=1)


def read_records(check: Checker, file: str, stations: Collection[str]) -> tuple[Extreme, ...]:
    """Read the file of records; note every row that is wrong."""
    table = check.table(file)
    if table is None or not columns_fit(check, table, Extreme, frozenset()):
        return ()
    found: list[Extreme] = []
    seen: dict[tuple[str, str, int], int] = {}
    for line, cells in zip(table.line, table.rows, strict=True):
        given = dict(zip(table.header, (cell.strip() for cell in cells), strict=True))
        row = check.row(Extreme, {name: text for name, text in given.items() if text}, table, line)
        if row is None or not _row_fits(check, file, line, row, stations):
            continue
        key = (row.indicator, row.station, row.year)
        if key in seen:
            check.fault(
                file, line, "year", row.year, f"Line {seen[key]} has this year already.",
                "Keep one of the two.",
            )  # fmt: skip
            continue
        seen[key] = line
        found.append(row)
    return tuple(found)


def _row_fits(
    check: Checker, file: str, line: int, row: Extreme, stations: Collection[str]
) -> bool:
    """Whether indicator, station and unit are known; notes what is not."""
    indicator = CATALOGUE.get(row.indicator)
    if indicator is None:
        check.fault(
            file, line, "indicator", row.indicator, "No indicator has this id.",
            near(row.indicator, CATALOGUE),
        )  # fmt: skip
        return False
    if stations and row.station not in stations:
        check.fault(
            file, line, "station", row.station, "No station has this id.",
            near(row.station, stations),
        )  # fmt: skip
        return False
    try:
        check_unit(row.unit)
        fits = same_dimension(row.unit, indicator.unit)
    except UnitError:
        fits = False
    if not fits:
        check.fault(
            file, line, "unit", row.unit, f"This is no unit of {row.indicator}.",
            f"Use a unit that can be turned into {indicator.unit}.",
        )  # fmt: skip
    return fits


def with_records(rule: Rule, records: Iterable[Extreme]) -> Rule:
    """Return the rule with what the records say of its levels by return period, fitted.

    A rule without such levels is returned as it is.
    """
    if not any(one.by_return_period for one in rule.conditions):
        return rule
    known = list(records)
    changed: dict[str, object] = {"record": _fitted(rule, known)}
    if rule.also is not None:
        changed["also"] = tuple(
            one.model_copy(update={"record": _fitted(one, known)}) for one in rule.also
        )
    return rule.model_copy(update=changed)


def _fitted(condition: Condition, records: Sequence[Extreme]) -> dict[str, StationRecord] | None:
    if not condition.by_return_period:
        return None
    years = by_station(records, condition.indicator, condition.unit)
    return {station: record_of(of, condition.when) for station, of in years.items()}


def by_station(
    records: Iterable[Extreme], indicator: str, unit: str
) -> dict[str, dict[int, float]]:
    """Return the extremes of an indicator: station -> year -> value in ``unit``."""
    found: dict[str, dict[int, float]] = {}
    for one in records:
        if one.indicator == indicator:
            value = float(convert(one.extreme, one.unit, unit))
            found.setdefault(one.station, {})[one.year] = round(value, 9)
    return dict(sorted(found.items()))


def extremes_of(
    indicator: str,
    values: NDArray[np.float64],
    calendar: Calendar,
    stations: Sequence[str],
    source: str,
) -> list[Extreme]:
    """Return the extreme of each whole year at each station, by the region's calendar.

    Parameters
    ----------
    values : array (time, station) [unit of the catalogue]
        Hourly, from ``indicator_values``.
    """
    entry = CATALOGUE[indicator]
    low = entry.direction == "low"
    year = calendar.date.astype("datetime64[Y]")
    found = []
    for one in np.unique(year):
        hours = np.flatnonzero(year == one)
        first, after = np.datetime64(one, "D"), np.datetime64(one + np.timedelta64(1, "Y"), "D")
        day = (calendar.date[hours] - first).astype(np.int64)
        length = int((after - first) / np.timedelta64(1, "D"))
        for column, station in enumerate(stations):
            part = values[hours, column]
            if _is_whole(np.bincount(day[~np.isnan(part)], minlength=length)):
                extreme = float(np.nanmin(part) if low else np.nanmax(part))
                found.append(
                    Extreme(
                        indicator=indicator,
                        station=station,
                        year=int(str(one)),
                        extreme=float(f"{extreme:.{DIGITS}g}"),
                        unit=entry.unit,
                        source=source,
                    )
                )
    return found


def _is_whole(values_a_day: NDArray[np.int64]) -> bool:
    """Whether a year has values on enough days, and on them as many as on its usual day."""
    with_some = values_a_day[values_a_day > 0]
    if not with_some.size:
        return False
    enough = with_some >= WHOLE * np.median(with_some)
    return bool(enough.sum() >= WHOLE * values_a_day.size)


def as_csv(rows: Iterable[Extreme]) -> str:
    """Return the file of records, in the order of indicator, station and year."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in sorted(rows, key=lambda row: (row.indicator, row.station, row.year)):
        writer.writerow(
            [one.indicator, one.station, one.year, f"{one.extreme:.10g}", one.unit, one.source]
        )
    return out.getvalue()
