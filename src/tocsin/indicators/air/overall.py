"""Air quality index of a place: the highest of its pollutants, and which one that is.

Source: US EPA-454/B-24-002 (May 2024), "the highest of the AQI values"; HJ 633-2012 and 2026: the
AQI is the maximum of the IAQI. Editions and breakpoints as in ``us_aqi`` and ``cn_iaqi``.
Checked against: hand-worked days in tests/indicators/air/test_overall.py
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.air.cn_aqi import cn_iaqi
from tocsin.indicators.air.us_aqi import us_aqi
from tocsin.indicators.kernels import elementwise
from tocsin.units import is_labelled, quantities

__all__ = ["CN_POLLUTANTS", "US_POLLUTANTS", "OverallIndex", "cn_aqi_overall", "us_aqi_overall"]

US_POLLUTANTS = ("PM2.5", "PM10", "O3", "CO", "SO2", "NO2")
CN_POLLUTANTS = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")


class OverallIndex(NamedTuple):
    """The index, and the number of the responsible pollutant in the list above (0 is the first)."""

    index: Any
    responsible: Any


def _overall(
    concentrations: Mapping[str, Any],
    order: tuple[str, ...],
    index_of: Callable[[Any, str], Any],
) -> OverallIndex:
    """Take the highest index of each substance over its averaging times, then over substances.

    A concentration that is there but has no index, being beyond its table, must not be passed over
    in silence: unless another averaging time of the substance answers, the whole is undefined.
    """
    given = {name: values for name, values in concentrations.items() if values is not None}
    if not given:
        raise ShapeError("An overall index needs at least one pollutant; none was given.")
    names = list(given)

    def highest(*values: Any) -> Any:
        arrays = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in values))
        best = np.full((len(order), *arrays[0].shape), np.nan)
        beyond = np.zeros(best.shape, dtype=bool)
        for name, array in zip(names, arrays, strict=True):
            at = order.index(name.split("_")[0])
            indices = np.asarray(index_of(array, name))
            best[at] = np.fmax(best[at], indices)
            beyond[at] |= (array > 0.0) & np.isnan(indices) & _rules_alone(name, array)
        blind = (beyond & np.isnan(best)).any(axis=0) | np.isnan(best).all(axis=0)
        filled = np.where(np.isnan(best), -1.0, best)
        top = np.where(blind, np.nan, filled.max(axis=0))
        return np.stack([top, np.where(blind, np.nan, filled.argmax(axis=0))], axis=-1)

    both = [
        elementwise(lambda *v, part=part: highest(*v)[..., part], *given.values())
        for part in (0, 1)
    ]
    for part in both:
        if is_labelled(part):
            part.attrs["units"] = "1"
    return OverallIndex(*both)


def _rules_alone(name: str, values: Any) -> Any:
    """Whether a value without an index lies above its table, not below the start of a higher one.

    O3 over 1 h and SO2 over 24 h have US tables that begin high: below them the other time rules.
    """
    return np.isfinite(values) & (name not in ("O3_1h", "SO2_24h"))


@quantities(
    pm25_24h="ug/m3", pm10_24h="ug/m3", o3_8h="ppm", co_8h="ppm", so2_1h="ppb", no2_1h="ppb",
    o3_1h="ppm", so2_24h="ppb",
)  # fmt: skip
def us_aqi_overall(
    pm25_24h: Any = None,
    pm10_24h: Any = None,
    o3_8h: Any = None,
    co_8h: Any = None,
    so2_1h: Any = None,
    no2_1h: Any = None,
    *,
    o3_1h: Any = None,
    so2_24h: Any = None,
    on: dt.date | str | None = None,
) -> OverallIndex:
    """US air quality index of a place and the pollutant responsible for it.

    Parameters
    ----------
    pm25_24h, pm10_24h, o3_8h, co_8h, so2_1h, no2_1h : array-like, broadcastable [ug/m3, ppm, ppb]
        Averaged over the time in the name; leave out what is not measured.
    o3_1h, so2_24h : array-like, optional [ppm, ppb]
        Rule where the 8 h ozone or the 1 h sulfur dioxide is beyond its table.
    on : date, optional
        Day of the measurement, which chooses the edition; the newest if not given.

    Returns
    -------
    index, responsible : same kind as the inputs [1]
        The highest index, and the place of its pollutant in ``US_POLLUTANTS``. A missing pollutant
        is left out: the index is then a lower bound. NaN where all are missing, or where one is so
        high that its table ends and the other averaging time is not given.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        No pollutant is given.
    LookupError
        No edition was in force on that day.
    """
    concentrations = {
        "PM2.5_24h": pm25_24h, "PM10_24h": pm10_24h, "O3_8h": o3_8h, "O3_1h": o3_1h,
        "CO_8h": co_8h, "SO2_1h": so2_1h, "SO2_24h": so2_24h, "NO2_1h": no2_1h,
    }  # fmt: skip
    return _overall(
        concentrations, US_POLLUTANTS, lambda values, name: us_aqi(values, pollutant=name, on=on)
    )


@quantities(
    pm25_24h="ug/m3", pm10_24h="ug/m3", so2_24h="ug/m3", no2_24h="ug/m3", co_24h="mg/m3",
    o3_8h="ug/m3",
)  # fmt: skip
def cn_aqi_overall(
    pm25_24h: Any = None,
    pm10_24h: Any = None,
    so2_24h: Any = None,
    no2_24h: Any = None,
    co_24h: Any = None,
    o3_8h: Any = None,
    *,
    on: dt.date | str | None = None,
) -> OverallIndex:
    """Chinese daily air quality index of a place and the pollutant responsible for it.

    Parameters
    ----------
    pm25_24h, pm10_24h, so2_24h, no2_24h, co_24h, o3_8h : array-like [ug/m3, for CO mg/m3]
        Of the day, averaged over the time in the name; leave out what is not measured.
    on : date, optional
        Day of the measurement: HJ 633-2026 from 2026-03-01, HJ 633-2012 before; the newest if not
        given. The table of 24 h SO2 of 2026 is NOT VERIFIED and repeats that of 2012.

    Returns
    -------
    index, responsible : same kind as the inputs [1]
        The highest index, and the place of its pollutant in ``CN_POLLUTANTS``. A missing pollutant
        is left out: the index is then a lower bound. NaN where all are missing, or where the 8 h
        ozone is beyond the end of its table.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        No pollutant is given.
    LookupError
        No edition was in force on that day.
    """
    concentrations = {
        "PM2.5_24h": pm25_24h, "PM10_24h": pm10_24h, "SO2_24h": so2_24h, "NO2_24h": no2_24h,
        "CO_24h": co_24h, "O3_8h": o3_8h,
    }  # fmt: skip
    return _overall(
        concentrations, CN_POLLUTANTS, lambda values, name: cn_iaqi(values, pollutant=name, on=on)
    )
