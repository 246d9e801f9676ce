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

__all__ = ["LIMITS", "Flag", "Limits", "flag_reading", "flag_table"]

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
    FUTURE = 128
    """Is of a time after the file came: the clock of the station or of the feed is wrong."""
    HELD = 256
    """The feed seems to have changed its unit: held until a person has looked."""
    DOUBTED = 512
    """Who measured it doubts it."""
    REFUSED = 1024
    """Was held for review, and an officer refused it."""


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
        # From here on our own choice, wide enough for every record that we know of. No stuck test:
        # a lake, a river in frost and the ozone of a night may well stay as they are.
        "surface_air_pressure": Limits(450.0, 1100.0, 15.0),
        "water_surface_height_above_reference_datum": Limits(-100.0, 500.0),
        # below zero where the tide runs upstream
        "water_volume_transport_in_river_channel": Limits(-50_000.0, 400_000.0),
        "surface_snow_thickness": Limits(0.0, 1500.0),
        "soil_temperature": Limits(-60.0, 85.0),
        "surface_downwelling_shortwave_flux_in_air": Limits(-20.0, 1800.0),
        # dust storms reach thousands; -999 stands for "none" at more than one source
        "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air": Limits(0.0, 10_000.0),
        "mass_concentration_of_pm10_ambient_aerosol_particles_in_air": Limits(0.0, 30_000.0),
        "mass_concentration_of_ozone_in_air": Limits(0.0, 2_000.0),
        "mass_concentration_of_nitrogen_dioxide_in_air": Limits(0.0, 5_000.0),
        "mass_concentration_of_sulfur_dioxide_in_air": Limits(0.0, 20_000.0),
        "mass_concentration_of_carbon_monoxide_in_air": Limits(0.0, 300_000.0),
        "mole_fraction_of_ozone_in_air": Limits(0.0, 1_000.0),
        "mole_fraction_of_nitrogen_dioxide_in_air": Limits(0.0, 3_000.0),
        "mole_fraction_of_carbon_monoxide_in_air": Limits(0.0, 260_000.0),
        "mole_fraction_of_sulfur_dioxide_in_air": Limits(0.0, 5_000.0),
        # Of whole days: the same ranges; days are too far apart for the tests of step and stuck.
        "air_temperature (time: maximum over a day)": Limits(-51.1, 54.4),
        "air_temperature (time: minimum over a day)": Limits(-51.1, 54.4),
        "wind_speed (time: maximum over a day)": Limits(0.0, 128.6),
        "wind_speed_of_gust (time: maximum over a day)": Limits(0.0, 128.6),
        # the most ever measured in 24 hours: 1,825 mm, Foc-Foc, La Reunion, 7 and 8 January 1966
        # (WMO World Weather and Climate Extremes Archive)
        "lwe_thickness_of_precipitation_amount (time: sum over a day)": Limits(0.0, 1825.0),
    }
)

_FAR_S = 10**11
"""Seconds, three thousand years: how far apart the series of a table are put."""
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


def flag_reading(series: Sequence[SeriesValues]) -> list[_FLAGS]:
    """Return the flags of each series of a reading, in its order; see :func:`flag_table`."""
    if not series:
        return []
    sizes = [one.times.size for one in series]
    flags = flag_table(
        [(one.station, one.quantity) for one in series],
        np.repeat(np.arange(len(series)), sizes),
        np.concatenate([one.times.astype("datetime64[s]") for one in series]),
        np.concatenate([one.values for one in series]),
        np.concatenate([one.flags for one in series]),
    )
    return np.split(flags, np.cumsum(sizes)[:-1])


def flag_table(
    keys: Sequence[tuple[str, str]],
    which: NDArray[np.int64],
    times: _TIMES,
    values: _FLOAT,
    known: _FLAGS | None = None,
) -> _FLAGS:
    """Return the flags of many series at once: a table of a hundred thousand takes a moment.

    Each series is tested for range, step and stuck sensor; then quantities of one station and hour
    against each other: a dew point above the temperature puts both in doubt, a gust below the mean
    wind the gust, a humidity that does not follow from temperature and dew point the humidity.

    Parameters
    ----------
    keys : (station, quantity) of each series, each pair once
        The quantity is a CF standard name; one without limits gets no flags beyond ``known``.
    which : array of int, shape (n,)
        The series of each row, an index into ``keys``; rows of a series together.
    times : array of datetime64, shape (n,)
        Rising within a series.
    values : array of float, shape (n,)
        In the canonical unit; NaN is "no value" and is never flagged here.
    known : array of uint16, shape (n,), optional
        Flags that are already known; kept, and not altered in place.

    Returns
    -------
    array of uint16, shape (n,)
        Bits of :class:`Flag`.
    """
    flags = np.zeros(values.shape, np.uint16) if known is None else known.astype(np.uint16)
    seconds = times.astype("datetime64[s]").astype(np.int64)
    quantities = np.array([quantity for _, quantity in keys])
    rows_of: dict[str, NDArray[np.int64]] = {}
    for quantity in dict.fromkeys(quantity for _, quantity in keys):
        rows = np.flatnonzero((quantities == quantity)[which])
        rows_of[quantity] = rows
        if (limits := LIMITS.get(quantity)) is not None and rows.size:
            # Apart by centuries, the series of other stations are no neighbours in time.
            apart = seconds[rows] + which[rows] * _FAR_S
            flags[rows] = _flag_rows(limits, apart, values[rows], flags[rows])
    numbers: dict[str, int] = {}
    stations = np.array([numbers.setdefault(station, len(numbers)) for station, _ in keys])
    for members, doubted, contradict in _RELATIONS:
        if all(name in rows_of for name in members):
            rows_by_member = [rows_of[name] for name in members]
            labels = [seconds[rows] + stations[which[rows]] * _FAR_S for rows in rows_by_member]
            _flag_relation(values, flags, rows_by_member, labels, doubted, contradict)
    return flags


def _flag_rows(limits: Limits, seconds: NDArray[np.int64], values: _FLOAT, flags: _FLAGS) -> _FLAGS:
    """Flag one quantity by range, step and stuck sensor."""
    with np.errstate(invalid="ignore"):
        outside = (values < limits.low) | (values > limits.high)
    flags[outside] |= np.uint16(Flag.RANGE)
    good = np.flatnonzero(np.isfinite(values) & (flags == 0))
    if limits.step_per_hour is not None:
        jumped = _steps(seconds[good], values[good], limits.step_per_hour)
        flags[good[jumped]] |= np.uint16(Flag.STEP)
        good = good[~jumped]
    if limits.stuck_h is not None:
        flags[good[_stuck(seconds[good], values[good], limits)]] |= np.uint16(Flag.STUCK)
    return flags


def _steps(seconds: NDArray[np.int64], values: _FLOAT, limit: float) -> NDArray[np.bool_]:
    """Find values that jumped from the last believed one and have not come back to it."""
    jumped = np.zeros(values.shape, np.bool_)
    # What an hour allows, ten minutes may bring as well: a squall line drops 10 K in less.
    apart = np.maximum(np.diff(seconds) / 3600.0, 1.0)
    leaps = np.flatnonzero((np.abs(np.diff(values)) > limit * apart) & (apart <= _SPIKE_H))
    done = 0
    for before in leaps.tolist():
        if before < done:
            continue
        here = before + 1
        while (
            here < values.size
            and seconds[here] - seconds[before] <= _SPIKE_H * 3600
            and abs(values[here] - values[before]) > limit
        ):
            jumped[here] = True
            here += 1
        done = here
    return jumped


def _stuck(seconds: NDArray[np.int64], values: _FLOAT, limits: Limits) -> NDArray[np.bool_]:
    """Find runs of one number over at least ``stuck_h`` hours and as many values, no long gap."""
    if values.size == 0:
        return np.zeros(0, np.bool_)
    breaks = (np.diff(values) != 0) | (np.diff(seconds) > _SPIKE_H * 3600)
    first = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    counts = np.diff(np.concatenate((first, [values.size])))
    hours = (seconds[first + counts - 1] - seconds[first]) / 3600.0 + 1.0
    stuck_h = limits.stuck_h or 0
    # Both: a sensor that reports each ten minutes has 24 values in 4 hours, which is no proof.
    long_enough = np.repeat((counts >= stuck_h) & (hours >= stuck_h), counts)
    lasting = values >= limits.lasting_from
    if limits.lasting_zero:
        lasting |= values == 0
    return np.asarray(long_enough & ~lasting)


def _flag_relation(
    values: _FLOAT,
    flags: _FLAGS,
    members: Sequence[NDArray[np.int64]],
    labels: Sequence[NDArray[np.int64]],
    doubted: Sequence[int],
    contradict: Callable[..., NDArray[np.bool_]],
) -> None:
    """Flag the ``doubted`` members where good values of all members contradict each other.

    ``members`` are the rows of each, ``labels`` the station and time of each row as one number.
    """
    both = functools.reduce(np.intersect1d, labels)
    rows = []
    for mine, label in zip(members, labels, strict=True):
        order = np.argsort(label, kind="stable")
        rows.append(mine[order[np.searchsorted(label[order], both)]])
    good = [np.where(flags[at] == 0, values[at], np.nan) for at in rows]
    with np.errstate(invalid="ignore"):
        wrong = contradict(*good)
    for place in doubted:
        flags[rows[place][wrong]] |= np.uint16(Flag.INCONSISTENT)


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
