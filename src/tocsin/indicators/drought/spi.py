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
from tocsin.indicators.drought._fits import fit_gamma, fit_pearson3, sums, to_normal
from tocsin.indicators.kernels import along_time, rows
from tocsin.units import is_labelled, quantities

__all__ = ["spei", "spi"]

BLOCK = 256  # places fitted at a time: their series stay in the processor's cache


def _check_months(given: int | None, series: Any, function: str) -> None:
    """Refuse an axis with holes, or one of which nobody says that it is monthly."""
    if is_labelled(series) and "time" in series.coords:
        months = series["time"].values.astype("datetime64[M]").astype(np.int64)
        if (np.diff(months) != 1).any():
            at = int(np.flatnonzero(np.diff(months) != 1)[0])
            raise ShapeError(
                f"{function}(): time is not monthly after {series['time'].values[at]}. "
                "Sort, drop duplicates and put NaN into missing months."
            )
    elif given is None or not 1 <= given <= 12:
        raise ShapeError(f"{function}(): first_month is {given}; give the month of row 1, 1 to 12.")


def _standardise(monthly: Any, scale: int, fit: Any, rows_used: slice) -> Any:
    """Fit each calendar month by itself and return normal deviates; (place, time)."""
    out = np.empty_like(monthly)
    months = monthly.shape[1]
    calibrated = np.zeros(-(-months // 12) * 12, dtype=bool)  # whole years, counted from row 1
    calibrated[:months][rows_used] = True

    def one_block(start: int) -> None:
        block = slice(start, start + BLOCK)
        totals = np.empty((len(monthly[block]), calibrated.size))
        sums(monthly[block], scale, totals)
        with np.errstate(all="ignore"):  # NaN is an answer here, not an accident
            out[block] = to_normal(totals, fit(totals, calibrated))[:, :months]

    starts = range(0, len(monthly), BLOCK)
    if len(starts) < 2:
        for start in starts:
            one_block(start)
    else:  # the kernels and scipy's special functions let other threads work
        with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
            list(pool.map(one_block, starts))
    return out


def _calibration(rows_used: tuple[int, int] | None) -> slice:
    return slice(None) if rows_used is None else slice(*rows_used)


GAMMA_OFFSET_MM = 1000.0  # a gamma has no negative values; what climate_indices adds a month
_FITS = {"gamma": fit_gamma, "pearson3": fit_pearson3}


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
    _check_months(first_month, precipitation, "spi")
    used = _calibration(calibration_rows)

    def deviates(monthly: Any) -> Any:
        known = rows(np.where(monthly >= 0.0, monthly, np.nan))
        out = _standardise(known, scale_months, _FITS[distribution], used)
        return out.reshape(monthly.shape)

    return along_time(deviates, [precipitation])


@quantities(precipitation="mm", evapotranspiration="mm", returns="1")
def spei(
    precipitation: Any,
    evapotranspiration: Any,
    *,
    scale_months: int,
    first_month: int | None = None,
    distribution: Literal["gamma", "pearson3"] = "pearson3",
    calibration_rows: tuple[int, int] | None = None,
) -> Any:
    """Rain less potential evapotranspiration of the last months, as a normal deviate.

    Parameters
    ----------
    precipitation, evapotranspiration : array-like, time first (or a dimension ``time``) [mm]
        Monthly sums on an unbroken monthly axis; the latter potential, by any method.
    scale_months, first_month, calibration_rows
        As in ``spi``.
    distribution : {"pearson3", "gamma"}
        The Pearson III takes negative balances as they are; for the gamma each month's balance is
        raised by 1000 mm, as climate_indices does.

    Returns
    -------
    same kind and shape as the inputs [1]
        From -3.09 (dry) to 3.09 (wet). NaN as in ``spi``; a negative evapotranspiration counts. By
        the gamma also NaN where a balance is below -1000 mm.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one that is no length.
    ShapeError
        The axis is not monthly, the first month is not known, or the scale is below 1.
    """
    if scale_months < 1:
        raise ShapeError(f"spei(): scale_months is {scale_months}; give at least 1.")
    if distribution not in _FITS:
        raise ValueError(f"spei(): distribution is {distribution!r}; give 'gamma' or 'pearson3'.")
    raised = GAMMA_OFFSET_MM if distribution == "gamma" else 0.0
    _check_months(first_month, precipitation, "spei")
    used = _calibration(calibration_rows)

    def deviates(rain: Any, evaporated: Any) -> Any:
        finite = (rain >= 0.0) & np.isfinite(rain) & np.isfinite(evaporated)
        balance = rows(np.subtract(rain, evaporated, where=finite, out=np.full_like(rain, np.nan)))
        if raised:
            balance += raised
            balance[balance < 0.0] = np.nan
        out = _standardise(balance, scale_months, _FITS[distribution], used)
        return out.reshape(rain.shape)

    return along_time(deviates, [precipitation, evapotranspiration])
