"""Quality control of hourly series: doubtful values are flagged, never altered and never deleted.

A value with any flag raises no warning. The tests follow the levels 1 and 2 of NOAA's MADIS surface
quality control (validity, internal and temporal consistency); the limits are of its "Quality
Control Checks" page, https://madis.ncep.noaa.gov/madis_sfc_qc_notes.shtml, visited 2026-11-22, and
where they are not, the line says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tocsin.intake.feed import SeriesValues

__all__ = ["LIMITS", "Flag", "Gap", "Limits", "flag", "flag_reading", "gaps"]

_FLOAT = NDArray[np.float64]
_FLAGS = NDArray[np.uint16]
_TIMES = NDArray[np.datetime64]


class Flag(IntFlag):
    """Why a value is doubtful. Bits, kept in 16 bits without sign; 0 is a good value."""

    RANGE = 1
    """Outside what the atmosphere and instruments can give."""
    STEP = 2
    """Further from the value before than an hour allows."""
    STUCK = 4
    """The same number for so long that the sensor must have stopped."""
    DUPLICATE = 8
    """The file gives two different rows for this time."""
    CLOCK = 16
    """The file's clock went backwards here."""
    UNREADABLE = 32
    """The file has something here that is not a number."""
    INCONSISTENT = 64
    """Contradicts another quantity of the same station and hour."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is believed of one quantity, in its canonical unit."""

    low: float
    high: float
    step_per_hour: float | None = None
    stuck_h: int | None = None
    lasting_from: float = np.inf
    """Values from here on may stay as they are for days (saturated air, unlimited view)."""
    lasting_zero: bool = False
    """Zero may stay for days (no rain, calm)."""


# Ranges: MADIS validity checks. Steps: MADIS temporal checks, 35 F, 15 mb, 50 % in an hour. MADIS's
# step for wind, 20 kt in an hour, is not used: in 2013 it would have thrown out squalls that really
# blew, in the very hours a gale warning is for. Stuck: MADIS has no such test and WMO's, for values
# taken each minute, does not carry over to hourly values rounded to a degree; the hours here are
# our own, well beyond the longest true run of the year 2013 at EWR, JFK and LGA (15 h, dew point).
LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        # -60 .. 130 F; 35 F = 19.4 K
        "air_temperature": Limits(-51.1, 54.4, 19.4, 24),
        # -90 .. 90 F
        "dew_point_temperature": Limits(-67.8, 32.2, 19.4, 24),
        "relative_humidity": Limits(0.0, 100.0, 50.0, 24, lasting_from=99.0),
        "wind_from_direction": Limits(0.0, 360.0, None, 24, lasting_zero=True),
        # 0 .. 250 kt
        "wind_speed": Limits(0.0, 128.6, None, 24, lasting_zero=True),
        # 0 .. 287 mph
        "wind_speed_of_gust": Limits(0.0, 128.6, None, 24, lasting_zero=True),
        "air_pressure_at_mean_sea_level": Limits(846.0, 1100.0, 15.0, 24),
        # 0 .. 100 miles; US stations report nothing above 10 miles = 16.09 km
        "visibility_in_air": Limits(0.0, 160.9, None, 48, lasting_from=16.0),
        # MADIS allows 44 in; the most ever measured in an hour is 12.0 in = 305 mm, Holt, Missouri,
        # 22 June 1947, in 42 minutes (WMO World Weather and Climate Extremes Archive)
        "lwe_thickness_of_precipitation_amount": Limits(0.0, 305.0, None, 24, lasting_zero=True),
    }
)

_SPIKE_H = 3.0
"""Hours after which a value that stays where it jumped to is believed again (our choice)."""
_DEW_POINT_SLACK = 1.0
"""K by which a dew point may pass the temperature: both are rounded (our choice)."""
_HUMIDITY_SLACK = 8.0
"""% by which a humidity may differ from the one that follows from temperature and dew point. Both
rounded to whole degrees Celsius explain 6 % at 20 degC and 8 % at -10 degC. More means that the row
was put together from two reports: EWR, 20 July 2013, 22:00 UTC has the temperature before a squall
and the humidity after it, which would make a heat index of 120 degF that nobody felt. The limit is
our choice; the humidity is doubted, since stations compute it and measure the other two."""
_MAGNUS_B, _MAGNUS_C = 17.625, 243.04
"""Alduchov and Eskridge (1996), J. Appl. Meteor. 35, p. 601, equation 21, over water, degC."""
_GUST_SLACK = 0.6
"""m/s by which a mean wind may pass its gust: one knot of rounding and a little (our choice)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without a row. ``first`` and ``last`` are the first and last hour missing."""

    first: np.datetime64
    last: np.datetime64
    hours: int


def flag(quantity: str, times: _TIMES, values: _FLOAT, known: _FLAGS | None = None) -> _FLAGS:
    """Return the flags of one series by range, step and stuck sensor.

    Parameters
    ----------
    quantity : str
        CF standard name; one without limits gets no flags beyond ``known``.
    times : array of datetime64, shape (n,)
        Rising.
    values : array of float, shape (n,)
        In the canonical unit; NaN is "no value" and is never flagged here.
    known : array of uint16, shape (n,), optional
        Flags that are already known; kept.

    Returns
    -------
    array of uint16, shape (n,)
        Bits of :class:`Flag`.
    """
    flags = np.zeros(values.shape, np.uint16) if known is None else known.astype(np.uint16)
    limits = LIMITS.get(quantity)
    if limits is None or values.size == 0:
        return flags
    with np.errstate(invalid="ignore"):
        outside = (values < limits.low) | (values > limits.high)
    flags[outside] |= np.uint16(Flag.RANGE)
    hours = times.astype("datetime64[s]").astype(np.int64) / 3600.0
    good = np.flatnonzero(np.isfinite(values) & (flags == 0))
    if limits.step_per_hour is not None:
        jumped = _steps(hours[good], values[good], limits.step_per_hour)
        flags[good[jumped]] |= np.uint16(Flag.STEP)
        good = good[~jumped]
    if limits.stuck_h is not None:
        flags[good[_stuck(hours[good], values[good], limits)]] |= np.uint16(Flag.STUCK)
    return flags


def _steps(hours: _FLOAT, values: _FLOAT, limit: float) -> NDArray[np.bool_]:
    """Find values that jumped from the last believed one and have not come back to it."""
    jumped = np.zeros(values.shape, np.bool_)
    apart = np.diff(hours)
    leaps = np.flatnonzero((np.abs(np.diff(values)) > limit * apart) & (apart <= _SPIKE_H))
    done = 0
    for before in leaps.tolist():
        if before < done:
            continue
        here = before + 1
        while (
            here < values.size
            and hours[here] - hours[before] <= _SPIKE_H
            and abs(values[here] - values[before]) > limit
        ):
            jumped[here] = True
            here += 1
        done = here
    return jumped


def _stuck(hours: _FLOAT, values: _FLOAT, limits: Limits) -> NDArray[np.bool_]:
    """Find runs of one number over at least ``stuck_h`` hourly values without a long gap."""
    if values.size == 0:
        return np.zeros(0, np.bool_)
    breaks = (np.diff(values) != 0) | (np.diff(hours) > _SPIKE_H)
    run = np.concatenate(([0], np.cumsum(breaks)))
    long_enough = np.bincount(run)[run] >= (limits.stuck_h or 0)
    lasting = values >= limits.lasting_from
    if limits.lasting_zero:
        lasting |= values == 0
    return np.asarray(long_enough & ~lasting)


def flag_reading(series: Sequence[SeriesValues]) -> list[_FLAGS]:
    """Return the flags of each series of a reading, in its order.

    To the tests of :func:`flag` this adds those between quantities of one station and hour: a dew
    point above the temperature puts both in doubt, a gust below the mean wind the gust, a humidity
    that does not follow from temperature and dew point the humidity.
    """
    flags = [flag(one.quantity, one.times, one.values, one.flags) for one in series]
    stations = dict.fromkeys(one.station for one in series)
    for station in stations:
        here = {one.quantity: n for n, one in enumerate(series) if one.station == station}
        for quantities, doubted, contradict in _RELATIONS:
            if all(name in here for name in quantities):
                _flag_relation(
                    series, flags, [here[name] for name in quantities], doubted, contradict
                )
    return flags


def _flag_relation(
    series: Sequence[SeriesValues],
    flags: list[_FLAGS],
    members: Sequence[int],
    doubted: Sequence[int],
    contradict: Callable[..., NDArray[np.bool_]],
) -> None:
    """Flag the ``doubted`` members where good values of all members contradict each other."""
    times = functools.reduce(np.intersect1d, (series[n].times for n in members))
    rows = [np.searchsorted(series[n].times, times) for n in members]
    values = [
        np.where(flags[n][at] == 0, series[n].values[at], np.nan)
        for n, at in zip(members, rows, strict=True)
    ]
    with np.errstate(invalid="ignore"):
        wrong = contradict(*values)
    for place in doubted:
        flags[members[place]][rows[place][wrong]] |= np.uint16(Flag.INCONSISTENT)


def _dew_point_above(dew_point: _FLOAT, temperature: _FLOAT) -> NDArray[np.bool_]:
    return np.asarray(dew_point > temperature + _DEW_POINT_SLACK)


def _gust_below(wind: _FLOAT, gust: _FLOAT) -> NDArray[np.bool_]:
    return np.asarray(wind > gust + _GUST_SLACK)


def _humidity_off(temperature: _FLOAT, dew_point: _FLOAT, humidity: _FLOAT) -> NDArray[np.bool_]:
    exponent = _MAGNUS_B * (
        dew_point / (_MAGNUS_C + dew_point) - temperature / (_MAGNUS_C + temperature)
    )
    return np.asarray(np.abs(humidity - 100 * np.exp(exponent)) > _HUMIDITY_SLACK)


_RELATIONS: tuple[
    tuple[tuple[str, ...], tuple[int, ...], Callable[..., NDArray[np.bool_]]], ...
] = (
    (("dew_point_temperature", "air_temperature"), (0, 1), _dew_point_above),
    (("wind_speed", "wind_speed_of_gust"), (1,), _gust_below),
    (("air_temperature", "dew_point_temperature", "relative_humidity"), (2,), _humidity_off),
)
"""Quantities, which of them are doubted, and when they contradict each other."""


def gaps(times: _TIMES, step_s: int = 3600) -> list[Gap]:
    """Return where rows are missing between the first and the last of ``times`` (rising)."""
    seconds = times.astype("datetime64[s]")
    step = np.timedelta64(step_s, "s")
    apart = np.diff(seconds)
    found = np.flatnonzero(apart > step)
    return [Gap(seconds[n] + step, seconds[n + 1] - step, int(apart[n] // step) - 1) for n in found]
