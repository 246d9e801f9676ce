"""Chinese individual air quality index (IAQI) of one pollutant.

Source: HJ 633, Technical Regulation on Ambient Air Quality Index, editions 2012 and 2026: linear
between breakpoints, rounded up to a whole number. Checked against: hand-worked values in
tests/indicators/air/test_aqi.py
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise
from tocsin.indicators.standards import standard_on
from tocsin.units import expect_unit, is_labelled

__all__ = ["cn_iaqi"]


@functools.cache
def _table(pollutant: str, day: str | None) -> tuple[str, Any, Any]:
    edition = standard_on("aqi_cn", day)
    rows = [row for row in edition.rows if row["pollutant"] == pollutant]
    if not rows:
        known = sorted({row["pollutant"] for row in edition.rows})
        raise LookupError(
            f"cn_iaqi(): pollutant is {pollutant!r}; {edition.name} here has {', '.join(known)}."
        )
    concentrations = np.array([float(row["concentration"]) for row in rows])
    return rows[0]["unit"], concentrations, np.array([float(row["index"]) for row in rows])


def cn_iaqi(concentration: Any, *, pollutant: str, on: dt.date | str | None = None) -> Any:
    """Index of one pollutant, 0 to 500; the AQI of a place is the highest of these.

    Parameters
    ----------
    concentration : array-like, any shape [ug/m3, for CO mg/m3]
        Averaged over the time in the pollutant's name.
    pollutant : str
        As ``PM2.5_24h``, ``PM10_24h``, ``SO2_24h``, ``NO2_24h``, ``CO_24h``, ``O3_8h``, ``O3_1h``.
    on : date, optional
        Day of the measurement: HJ 633-2026 from 2026-03-01, HJ 633-2012 before; the newest if not
        given. The table of 24 h SO2 of 2026 is not verified and repeats that of 2012.

    Returns
    -------
    same kind as the input [1]
        Whole numbers as floats; 500 above the end of a table that reaches 500. NaN where the input
        is NaN or negative, and above the end of one that ends lower (SO2 over 1 h at 800, O3 over
        8 h at 800): the other averaging time rules there.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one of another dimension than the table's.
    LookupError
        The pollutant is not in the edition, or no edition was in force on that day.
    """
    unit, concentrations, indices = _table(pollutant, None if on is None else str(on))
    above = 500.0 if indices[-1] == 500.0 else np.nan

    def index(values: Any) -> Any:
        given = np.asarray(values, dtype=np.float64)
        exact = np.interp(given, concentrations, indices)
        result = np.where(given > concentrations[-1], above, np.ceil(np.round(exact, 6)))
        return np.where((given >= 0.0) & np.isfinite(given), result, np.nan)

    result = elementwise(index, expect_unit("cn_iaqi", "concentration", concentration, unit))
    if is_labelled(result):
        result.attrs["units"] = "1"
    return result
