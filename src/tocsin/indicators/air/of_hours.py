"""Air quality index of one pollutant from hourly concentrations: the moving mean, then its table.

Source: the means that HJ 633 and 40 CFR Part 58 Appendix G name (24 h, 8 h for ozone and the US
carbon monoxide), moving on by the hour. How many hours may be missing: 4 of 24 after HJ 663-2013
(20 hours make a day; MEMORY), else a quarter, EPA's 75 % rule.
Checked against: hand-worked means in tests/indicators/air/test_of_hours.py
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.air.cn_aqi import cn_iaqi
from tocsin.indicators.air.us_aqi import us_aqi
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import expect_unit, is_labelled

__all__ = ["cn_iaqi_of_hours", "us_aqi_of_hours"]

UNITS = {
    "cn": {"CO": "mg/m3"},
    "us": {"O3": "ppm", "CO": "ppm", "SO2": "ppb", "NO2": "ppb"},
}
"""The units of the tables, where they are not micrograms in a cubic metre."""


@kernel
def _moving_means(amounts: Any, window: int, max_missing: int, out: Any) -> None:
    for place in range(amounts.shape[0]):
        for end in range(amounts.shape[1]):
            total = 0.0
            there = 0
            for hour in range(max(0, end - window + 1), end + 1):
                if 0.0 <= amounts[place, hour] < math.inf:
                    total += amounts[place, hour]
                    there += 1
            enough = there > 0 and window - there <= max_missing
            out[place, end] = total / there if enough else math.nan


def _mean(name: str, concentration: Any, unit: str, window_h: int, max_missing: int) -> Any:
    if window_h < 1:
        raise ShapeError(f"{name}(): window_h is {window_h}; give at least 1 hour.")
    given = expect_unit(name, "concentration", concentration, unit)
    check_steps(name, given, "hour")

    def means(values: Any) -> Any:
        by_place = rows(values)
        out = np.empty_like(by_place)
        _moving_means(by_place, window_h, max_missing, out)
        return out.reshape(values.shape)

    result = along_time(means, [given])
    if is_labelled(result):
        result.attrs["units"] = unit
    return result


def cn_iaqi_of_hours(
    concentration: Any,
    *,
    pollutant: str,
    window_h: int,
    max_missing: int,
    on: dt.date | str | None = None,
) -> Any:
    """Chinese index of one pollutant from hourly concentrations, 0 to 500.

    Parameters
    ----------
    concentration : array-like, time first (or a dimension ``time``) [ug/m3, for CO mg/m3]
        On an unbroken hourly axis.
    pollutant : str
        As :func:`tocsin.indicators.air.cn_iaqi` takes it: ``PM2.5_24h``.
    window_h : int
        Over how many hours the mean goes: the time in the pollutant's name.
    max_missing : int
        How many of them may be missing; the mean is then that of the others.
    on : date, optional
        Day of the measurement, which chooses the edition; the newest if not given.

    Returns
    -------
    same kind and shape as the input [1]
        NaN where more hours are missing, hours before the start included; a negative value counts
        as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one of another dimension than the table's.
    ShapeError
        The window is shorter than an hour.
    LookupError
        The pollutant is not in the edition, or no edition was in force on that day.
    """
    unit = UNITS["cn"].get(pollutant.split("_")[0], "ug/m3")
    mean = _mean("cn_iaqi_of_hours", concentration, unit, window_h, max_missing)
    return cn_iaqi(mean, pollutant=pollutant, on=on)


def us_aqi_of_hours(
    concentration: Any,
    *,
    pollutant: str,
    window_h: int,
    max_missing: int,
    on: dt.date | str | None = None,
) -> Any:
    """US index of one pollutant from hourly concentrations, 0 to 500.

    Parameters
    ----------
    concentration : array-like, time first (or a dimension ``time``) [ug/m3, ppm or ppb]
        On an unbroken hourly axis, in the unit of the pollutant's table.
    pollutant : str
        As :func:`tocsin.indicators.air.us_aqi` takes it: ``PM2.5_24h``.
    window_h : int
        Over how many hours the mean goes: the time in the pollutant's name.
    max_missing : int
        How many of them may be missing; the mean is then that of the others.
    on : date, optional
        Day of the measurement, which chooses the edition; the newest if not given.

    Returns
    -------
    same kind and shape as the input [1]
        NaN where more hours are missing, hours before the start included; a negative value counts
        as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one of another dimension than the table's.
    ShapeError
        The window is shorter than an hour.
    LookupError
        The pollutant is not in the table, or no edition was in force on that day.
    """
    unit = UNITS["us"].get(pollutant.split("_")[0], "ug/m3")
    mean = _mean("us_aqi_of_hours", concentration, unit, window_h, max_missing)
    return us_aqi(mean, pollutant=pollutant, on=on)
