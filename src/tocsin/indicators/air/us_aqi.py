"""US Air Quality Index of one pollutant.

Source: US EPA, Technical Assistance Document for the Reporting of Daily Air Quality, EPA
454/B-24-002 (May 2024): truncation of the concentration, linear between breakpoints, rounded.
Checked against: hand-worked values in tests/indicators/air/test_aqi.py
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise
from tocsin.indicators.standards import standard_on
from tocsin.units import expect_unit, is_labelled

__all__ = ["us_aqi"]

STEPS = {"PM2.5": 0.1, "PM10": 1.0, "O3": 0.001, "CO": 0.1, "SO2": 1.0, "NO2": 1.0}
"""To what a concentration is truncated before the table is entered."""


@functools.cache
def _table(pollutant: str, day: str | None) -> tuple[str, Any]:
    edition = standard_on("aqi_us", day)
    rows = [row for row in edition.rows if row["pollutant"] == pollutant]
    if not rows:
        known = sorted({row["pollutant"] for row in edition.rows})
        raise LookupError(f"us_aqi(): pollutant is {pollutant!r}; give one of {', '.join(known)}.")
    columns = ("lowest", "highest", "index_from", "index_to")
    return rows[0]["unit"], np.array([[float(row[name]) for name in columns] for row in rows])


def us_aqi(concentration: Any, *, pollutant: str, on: dt.date | str | None = None) -> Any:
    """Air quality index of one pollutant, 0 to 500; the index of a place is the highest of these.

    Parameters
    ----------
    concentration : array-like, any shape [ug/m3, ppm or ppb: the table's]
        Averaged over the time in the pollutant's name.
    pollutant : str
        As ``PM2.5_24h``, ``PM10_24h``, ``O3_8h``, ``O3_1h``, ``CO_8h``, ``SO2_1h``, ``NO2_1h``.
    on : date, optional
        Day of the measurement, which chooses the edition; the newest if not given.

    Returns
    -------
    same kind as the input [1]
        Whole numbers as floats; 500 above the end of a table that reaches 500. NaN where the input
        is NaN or negative, below the start of a table that starts higher (O3 over 1 h, SO2 over
        24 h), and above the end of one that ends lower (O3 over 8 h, SO2 over 1 h): the other
        averaging time rules there.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one of another dimension than the table's.
    LookupError
        The pollutant is not in the table, or no edition was in force on that day.
    """
    unit, table = _table(pollutant, None if on is None else str(on))
    step = STEPS[pollutant.split("_")[0]]

    def index(values: Any) -> Any:
        given = np.asarray(values, dtype=np.float64)
        truncated = np.floor(np.round(given / step, 6)) * step
        row = np.searchsorted(table[:, 0] - step / 4, truncated, side="right") - 1
        low, high, first, last = np.moveaxis(table[np.maximum(row, 0)], -1, 0)
        exact = first + (last - first) / (high - low) * (truncated - low)
        result = np.floor(np.round(exact, 6) + 0.5)
        beyond = truncated > table[-1, 1] + step / 4
        result = np.where(beyond, 500.0 if table[-1, 3] == 500.0 else np.nan, result)
        return np.where((row < 0) | ~(given >= 0.0) | np.isinf(given), np.nan, result)

    result = elementwise(index, expect_unit("us_aqi", "concentration", concentration, unit))
    if is_labelled(result):
        result.attrs["units"] = "1"
    return result
