"""Chinese forest fire-weather index and grade, as far as their table is confirmed.

Source: LY/T 1172-95, index = A (warmest) + B (driest) + C (dry days) + D (wind) - E (season), as
secondary pages quote it. C is NOT VERIFIED: the standard also looks at the last rain amount. E was
NOT FOUND and has to be given by the user.
Checked against: tests/indicators/reference/lyt1172_95_scores_partial.csv, lyt1172_95_classes.csv
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, elementwise, kernel, rows
from tocsin.indicators.standards import standard_on
from tocsin.units import quantities

__all__ = ["fire_weather_grade_cn", "fire_weather_index_cn"]

WET_DAY_MM = 0.1  # a day of more rain ends a dry spell
MOST_DRY_DAYS = 10  # the score grows no further
FORCE_FROM_MS = np.array([0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2])  # WMO code table 1100


@functools.cache
def _scores(factor: str, day: str | None) -> tuple[Any, Any]:
    found = [row for row in standard_on("lyt1172", day).rows if row["factor"] == factor]
    return (
        np.array([float(row["from"]) for row in found]),
        np.array([float(row["score"]) for row in found]),
    )


def _score(factor: str, values: Any, day: str | None) -> Any:
    lowest, scores = _scores(factor, day)
    at = np.searchsorted(lowest, values, side="right") - 1
    return np.where((at >= 0) & np.isfinite(values), scores[np.maximum(at, 0)], np.nan)


@kernel
def _dry_days(rain: Any, out: Any) -> None:
    """Count the days without rain up to this one; NaN while a gap leaves the count open."""
    for place in range(rain.shape[0]):
        for day in range(rain.shape[1]):
            count = 0.0
            for back in range(MOST_DRY_DAYS):
                amount = rain[place, day - back] if back <= day else np.nan
                if not amount >= 0.0:
                    count = np.nan
                    break
                if amount > WET_DAY_MM:
                    break
                count += 1.0
            out[place, day] = count


@quantities(
    max_temperature="degC", min_relative_humidity="%", rain="mm", max_wind_speed="m/s",
    season_correction="1", returns="1",
)  # fmt: skip
def fire_weather_index_cn(
    max_temperature: Any,
    min_relative_humidity: Any,
    rain: Any,
    max_wind_speed: Any,
    *,
    season_correction: Any,
    on: dt.date | str | None = None,
) -> Any:
    """Sum of the scores of a day's weather, less the season's correction.

    Parameters
    ----------
    max_temperature, min_relative_humidity, max_wind_speed : array-like, time first [degC, %, m/s]
        Warmest, driest and windiest of the day; rounded to 0.1 degC and whole per cent, as the
        table is.
    rain : array-like of the same shape [mm]
        Of the day, on an unbroken daily axis.
    season_correction : number or array of the shape of the places [1]
        What the standard takes off for snow or green cover (its table E, not found; ask your
        forestry bureau). 0 takes nothing off.
    on : date, optional
        Day of the forecast, which chooses the edition.

    Returns
    -------
    same kind and shape as the inputs [1]
        NaN where an input of the day is NaN or impossible (humidity outside 0 to 101 %, negative
        wind or rain, over 100 degC to either side), and while a missing day leaves the dry days
        open: up to ten, or since the last wet day.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        Shapes do not fit together, or the days do not follow one another.
    """
    check_steps("fire_weather_index_cn", rain, "day")
    day = None if on is None else str(on)

    def indices(t: Any, h: Any, p: Any, w: Any, correction: Any) -> Any:
        dry = np.empty_like(rows(p))
        _dry_days(rows(p), dry)
        humidity = np.where((h >= 0.0) & (h <= 101.0), np.floor(h + 0.5), np.nan)
        warmth = np.where(np.abs(t) <= 100.0, np.round(t, 1), np.nan)
        force = np.where(
            (w >= 0.0) & np.isfinite(w), np.searchsorted(FORCE_FROM_MS, w, side="right"), np.nan
        )
        total = _score("max_temperature_c", warmth, day)
        total = total + _score("min_humidity_pct", humidity, day)
        total = total + _score("dry_days", dry.reshape(p.shape), day)
        total = total + _score("wind_force", force, day)
        return total - correction[..., None]

    series = [max_temperature, min_relative_humidity, rain, max_wind_speed]
    return along_time(indices, series, places=[season_correction])


@quantities(index="1", returns="1")
def fire_weather_grade_cn(index: Any, *, on: dt.date | str | None = None) -> Any:
    """Grade of an index: 1 no danger, 2 low, 3 moderate, 4 high, 5 extreme.

    Parameters
    ----------
    index : array-like, any shape [1]
        Of ``fire_weather_index_cn``, or by a bureau's own full table.
    on : date, optional
        Which edition.

    Returns
    -------
    same kind as the input [1]
        At most 25 is grade 1, from 26, 51, 73 and 91 on the next; between whole numbers the lower.
        NaN where the input is NaN or infinite.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no plain number.
    LookupError
        No edition was in force on that day.
    """
    day = None if on is None else str(on)

    def grades(values: Any) -> Any:
        given = np.asarray(values, dtype=np.float64)
        grade = _score("class", np.maximum(given, 0.0), day)
        return np.where(np.isfinite(given), grade, np.nan)

    return elementwise(grades, index)
