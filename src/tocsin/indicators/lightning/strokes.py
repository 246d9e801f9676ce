"""Lightning strokes near a place: counted by the hour, over a window, and for a square kilometre.

Source: plain counts; distances on a sphere of 6371.0088 km, the mean radius of IUGG. The gap policy
is ours: an hour in which the network was silent is a zero, one in which it was off is missing.
Checked against: hand-worked strokes in tests/indicators/lightning/test_strokes.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time
from tocsin.units import quantities

__all__ = ["lightning_count", "lightning_density", "strokes_by_hour"]

EARTH_RADIUS_KM = 6371.0088
DEFAULT_RADIUS_KM = 10.0


def strokes_by_hour(
    times: Any,
    latitudes: Any,
    longitudes: Any,
    *,
    hours: Any,
    places: Any,
    radius_km: float = DEFAULT_RADIUS_KM,
) -> Any:
    """Count the strokes of each hour within a radius of each place.

    Parameters
    ----------
    times : array of datetimes (UTC)
        Of the strokes; any order.
    latitudes, longitudes : array of the same length [degree]
        Where they struck.
    hours : array of datetimes
        Starts of the hours to count in, one after the other.
    places : sequence of (latitude, longitude) [degree]
    radius_km : float
        Strokes at this distance still count.

    Returns
    -------
    float64 array (hour, place) [1]
        A stroke whose position or time is NaN counts nowhere.

    Raises
    ------
    ShapeError
        The strokes' arrays differ in length, or the hours do not follow one another.
    """
    at = np.asarray(times, dtype="datetime64[s]")
    where = np.radians(np.stack([np.asarray(latitudes, float), np.asarray(longitudes, float)]))
    if where.shape[1:] != at.shape:
        raise ShapeError(
            f"strokes_by_hour(): latitudes have shape {where.shape[1:]}, expected {at.shape}."
        )
    starts = np.asarray(hours, dtype="datetime64[s]")
    check_steps("strokes_by_hour", starts, "hour")
    counts = np.zeros((starts.size, len(places)))
    if not starts.size:
        return counts
    row = (at - starts[0]).astype("timedelta64[s]").astype(np.float64) // 3600.0
    inside = (row >= 0) & (row < starts.size) & np.isfinite(where).all(axis=0)
    for column, (latitude, longitude) in enumerate(np.radians(np.asarray(places, float))):
        half = (
            np.sin((where[0] - latitude) / 2) ** 2
            + np.cos(where[0]) * math.cos(latitude) * np.sin((where[1] - longitude) / 2) ** 2
        )
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
        near = inside & (km <= radius_km)
        np.add.at(counts[:, column], row[near].astype(np.int64), 1.0)
    return counts


def _moving_count(strokes: Any, window_h: int) -> Any:
    known = np.where((strokes >= 0.0) & np.isfinite(strokes), strokes, np.nan)
    out = np.full_like(known, np.nan)
    if window_h <= known.shape[-1]:
        windows = np.lib.stride_tricks.sliding_window_view(known, window_h, axis=-1)
        out[..., window_h - 1 :] = windows.sum(axis=-1)
    return out


@quantities(strokes="1", returns="1")
def lightning_count(strokes: Any, *, window_h: int = 1) -> Any:
    """Strokes of the last hours around a place.

    Parameters
    ----------
    strokes : array-like, time first (or a dimension ``time``) [1]
        Counted in each hour within the radius, as ``strokes_by_hour`` gives them.
    window_h : int
        Length of the window in hours, at least 1.

    Returns
    -------
    same kind and shape as the input [1]
        NaN while an hour of the window is missing or negative, or lies before the start.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no plain number.
    ShapeError
        The window is shorter than an hour, or the time axis is not hourly.
    """
    if window_h < 1:
        raise ShapeError(f"lightning_count(): window_h is {window_h}; give at least 1 hour.")
    check_steps("lightning_count", strokes, "hour")
    return along_time(lambda counts: _moving_count(counts, window_h), [strokes])


@quantities(strokes="1", returns="1/km^2")
def lightning_density(
    strokes: Any, *, window_h: int = 1, radius_km: float = DEFAULT_RADIUS_KM
) -> Any:
    """Strokes of the last hours for a square kilometre of the circle they were counted in.

    Parameters
    ----------
    strokes, window_h
        As in ``lightning_count``.
    radius_km : float
        Of the circle; above 0.

    Returns
    -------
    same kind and shape as the input [1/km^2]
        NaN as in ``lightning_count``.

    Raises
    ------
    UnitError, ShapeError
        As in ``lightning_count``.
    ValueError
        The radius is not above 0.
    """
    if not 0.0 < radius_km < math.inf:
        raise ValueError(f"lightning_density(): radius_km is {radius_km}; give a radius above 0.")
    if window_h < 1:
        raise ShapeError(f"lightning_density(): window_h is {window_h}; give at least 1 hour.")
    check_steps("lightning_density", strokes, "hour")
    area = math.pi * radius_km**2
    return along_time(lambda counts: _moving_count(counts, window_h) / area, [strokes])
