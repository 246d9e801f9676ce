"""Standardised precipitation index, and with evaporation taken off, SPEI.

Source: McKee, Doesken and Kleist (1993), Eighth Conference on Applied Climatology, 179-184; SPEI
after Vicente-Serrano, Begueria and Lopez-Moreno (2010), Journal of Climate 23: 1696-1718, with a
Pearson III instead of their log-logistic. Checked against: tests/indicators/drought/spi_monthly.csv
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.drought._fits import gamma_probability, pearson3_probability, to_normal
from tocsin.indicators.kernels import along_time, rows
from tocsin.units import is_labelled, quantities

__all__ = ["spei", "spi"]

MIN_YEARS = 20
BLOCK = 2048  # places fitted at a time, so that memory stays small on a grid


def _first_month(given: int | None, series: Any, function: str) -> int:
    """Return the calendar month (0 to 11) of the first row, and refuse an axis with holes."""
    if is_labelled(series) and "time" in series.coords:
        months = series["time"].values.astype("datetime64[M]").astype(np.int64)
        if (np.diff(months) != 1).any():
            at = int(np.flatnonzero(np.diff(months) != 1)[0])
            raise ShapeError(
                f"{function}(): time is not monthly after {series['time'].values[at]}. "
                "Sort, drop duplicates and put NaN into missing months."
            )
        return int(months[0] % 12)
    if given is None or not 1 <= given <= 12:
        raise ShapeError(f"{function}(): first_month is {given}; give the month of row 1, 1 to 12.")
    return given - 1


def _sums(monthly: Any, scale: int) -> Any:
    """Return sums of the last ``scale`` months; (place, time), no gap is tolerated."""
    out = np.full_like(monthly, np.nan)
    if scale <= monthly.shape[1]:
        windows = np.lib.stride_tricks.sliding_window_view(monthly, scale, axis=1)
        out[:, scale - 1 :] = windows.sum(axis=-1)
    return out


def _standardise(monthly: Any, scale: int, first: int, fit: Any, rows_used: slice) -> Any:
    """Fit each calendar month by itself and return normal deviates; (place, time)."""
    out = np.full_like(monthly, np.nan)
    calibrated = np.zeros(monthly.shape[1], dtype=bool)
    calibrated[rows_used] = True

    def one_block(start: int) -> None:
        block = slice(start, start + BLOCK)
        totals = _sums(monthly[block], scale)
        for month in range(12):
            of_month = slice((month - first) % 12, None, 12)
            values = totals[:, of_month].T
            record = values[calibrated[of_month]]
            enough = np.isfinite(record).sum(axis=0) >= MIN_YEARS
            enough &= np.fmax.reduce(record, axis=0) > np.fmin.reduce(record, axis=0)
            if enough.any():
                with np.errstate(all="ignore"):  # NaN is an answer here, not an accident
                    deviates = to_normal(fit(values, record))
                out[block, of_month] = np.where(enough, deviates, np.nan).T

    starts = range(0, len(monthly), BLOCK)
    if len(starts) < 2:
        for start in starts:
            one_block(start)
    else:  # scipy's special functions let other threads work
        with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
            list(pool.map(one_block, starts))
    return out


def _calibration(rows_used: tuple[int, int] | None) -> slice:
    return slice(None) if rows_used is None else slice(*rows_used)


_FITS = {"gamma": gamma_probability, "pearson3": pearson3_probability}


@quantities(precipitation="mm", returns="1")
def spi(
    precipitation: Any,
    *,
    scale_months: int,
    first_month: int | None = None,
    distribution: Literal["gamma", "pearson3"] = "gamma",
    calibration_rows: tuple[int, int] | None = None,
) -> Any:
    """Rain of the last months as a normal deviate from what the same months usually bring.

    Parameters
    ----------
    precipitation : array-like, time first (or a dimension ``time``) [mm]
        Monthly sums on an unbroken monthly axis.
    scale_months : int
        Months summed up, at least 1.
    first_month : int
        Calendar month of the first row, 1 to 12; taken from a DataArray's ``time`` if it has one.
    distribution : {"gamma", "pearson3"}
        What is fitted, to each calendar month by itself.
    calibration_rows : tuple of int, optional
        First row and the row after the last that the fit sees; all if not given.

    Returns
    -------
    same kind and shape as the input [1]
        From -3.09 (dry) to 3.09 (wet), cut off there. NaN for the first months, while a month of
        the sum is missing or negative, and where a calendar month has fewer than 20 years to fit
        or does not vary.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    ShapeError
        The axis is not monthly, the first month is not known, or the scale is below 1.
    """
    if scale_months < 1:
        raise ShapeError(f"spi(): scale_months is {scale_months}; give at least 1.")
    if distribution not in _FITS:
        raise ValueError(f"spi(): distribution is {distribution!r}; give 'gamma' or 'pearson3'.")
    first = _first_month(first_month, precipitation, "spi")
    used = _calibration(calibration_rows)

    def deviates(monthly: Any) -> Any:
        known = rows(np.where(monthly >= 0.0, monthly, np.nan))
        out = _standardise(known, scale_months, first, _FITS[distribution], used)
        return out.reshape(monthly.shape)

    return along_time(deviates, [precipitation])


@quantities(precipitation="mm", evapotranspiration="mm", returns="1")
def spei(
    precipitation: Any,
    evapotranspiration: Any,
    *,
    scale_months: int,
    first_month: int | None = None,
    calibration_rows: tuple[int, int] | None = None,
) -> Any:
    """Rain less potential evapotranspiration of the last months, as a normal deviate.

    Parameters
    ----------
    precipitation, evapotranspiration : array-like, time first (or a dimension ``time``) [mm]
        Monthly sums on an unbroken monthly axis; the latter potential, by any method.
    scale_months, first_month, calibration_rows
        As in ``spi``. The Pearson III is fitted, which takes negative balances as they are.

    Returns
    -------
    same kind and shape as the inputs [1]
        From -3.09 (dry) to 3.09 (wet). NaN as in ``spi``; a negative evapotranspiration counts.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    ShapeError
        The axis is not monthly, the first month is not known, or the scale is below 1.
    """
    if scale_months < 1:
        raise ShapeError(f"spei(): scale_months is {scale_months}; give at least 1.")
    first = _first_month(first_month, precipitation, "spei")
    used = _calibration(calibration_rows)

    def deviates(rain: Any, evaporated: Any) -> Any:
        finite = (rain >= 0.0) & np.isfinite(rain) & np.isfinite(evaporated)
        balance = rows(np.subtract(rain, evaporated, where=finite, out=np.full_like(rain, np.nan)))
        out = _standardise(balance, scale_months, first, pearson3_probability, used)
        return out.reshape(rain.shape)

    return along_time(deviates, [precipitation, evapotranspiration])
