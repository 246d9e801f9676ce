"""Weight of lying snow on level ground.

Source: depth times density times gravity; where density is not measured, Sturm, Taras, Liston,
Derksen, Jonas and Lea (2010), Journal of Hydrometeorology 11: 1380-1394, eq. 6 and table 4, as two
public codes have the table. Checked against: hand-worked values in
tests/indicators/snow/test_snow.py
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError
from tocsin.indicators.kernels import along_time, elementwise, per_element
from tocsin.units import is_labelled, quantities

__all__ = ["SNOW_CLASSES", "snow_load", "snow_load_by_depth"]

GRAVITY = 9.80665
DEEPEST_M = 20.0
DENSEST = 917.0  # kg/m3, ice
FIRST_DAY, LAST_DAY = -92, 181  # 1 October to 30 June; there is no day 0

SNOW_CLASSES: Mapping[str, tuple[float, float, float, float]] = MappingProxyType({
    "alpine": (597.5, 223.7, 0.0012, 0.0038),
    "maritime": (597.9, 257.8, 0.0010, 0.0038),
    "prairie": (594.0, 233.2, 0.0016, 0.0031),
    "tundra": (363.0, 242.5, 0.0029, 0.0049),
    "taiga": (217.0, 217.0, 0.0, 0.0),
})  # fmt: skip
"""Table 4: densest and first density [kg/m3], k1 [1/cm of depth], k2 [1/day]."""


@per_element(2)
def _load(depth_m: float, density: float) -> float:
    if not (0.0 <= depth_m <= DEEPEST_M and 0.0 < density <= DENSEST):
        return math.nan
    return depth_m * density * GRAVITY / 1000.0


@quantities(depth="m", density="kg/m^3", returns="kPa")
def snow_load(depth: Any, density: Any) -> Any:
    """Weight of snow whose density was measured.

    Parameters
    ----------
    depth : array-like, any shape [m]
        Of the lying snow.
    density : array-like, broadcastable [kg/m^3]
        Of the whole layer.

    Returns
    -------
    same kind as the inputs [kPa]
        On level ground; a roof holds less, or more where it drifts. NaN where an input is NaN, the
        depth negative or over 20 m, or the density not above 0 or over that of ice.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_load, depth, density)


def _winter_days(depth: Any, time: Any) -> Any:
    """Return the day of Sturm's winter for each row, NaN outside it: 1 January is 1."""
    if time is None:
        if not (is_labelled(depth) and "time" in depth.coords):
            raise ShapeError("snow_load_by_depth(): time is missing; give the day of each row.")
        time = depth["time"].values
    days = np.asarray(time, dtype="datetime64[D]")
    length = depth.sizes["time"] if is_labelled(depth) else np.shape(depth)[0]
    if days.shape != (length,):
        raise ShapeError(
            f"snow_load_by_depth(): time has shape {days.shape}, expected ({length},)."
        )
    years = days.astype("datetime64[Y]")
    since = (days - years).astype(np.int64) + 1.0
    until = (days - (years + 1)).astype(np.int64).astype(np.float64)  # 31 December is -1
    day = np.where(until >= FIRST_DAY, until, since)
    return np.where((day >= FIRST_DAY) & (day <= LAST_DAY), day, np.nan)


@quantities(depth="m", returns="kPa")
def snow_load_by_depth(
    depth: Any,
    *,
    snow_class: Literal["alpine", "maritime", "prairie", "tundra", "taiga"],
    time: Any = None,
) -> Any:
    """Weight of snow from its depth, the day of winter and the kind of snow a region has.

    Parameters
    ----------
    depth : array-like, time first (or a dimension ``time``) [m]
        Of the lying snow.
    snow_class : {"alpine", "maritime", "prairie", "tundra", "taiga"}
        After Sturm, Holmgren and Liston (1995).
    time : array of dates, optional
        The day of each row; taken from a DataArray's ``time`` if not given. Northern winters.

    Returns
    -------
    same kind and shape as ``depth`` [kPa]
        NaN where the depth is NaN, negative or over 20 m, and from July to September, for which the
        relation has no data.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no length.
    ShapeError
        ``time`` is missing or does not have a day for each row.
    ValueError
        The class is none of those above.
    """
    if snow_class not in SNOW_CLASSES:
        raise ValueError(
            f"snow_load_by_depth(): snow_class is {snow_class!r}; "
            f"give one of {', '.join(SNOW_CLASSES)}."
        )
    densest, first, by_depth, by_day = SNOW_CLASSES[snow_class]
    depth = depth if hasattr(depth, "shape") else np.asarray(depth, dtype=np.float64)
    day = _winter_days(depth, time)

    def loads(deep: Any) -> Any:
        known = np.where((deep >= 0.0) & (deep <= DEEPEST_M), deep, np.nan)
        settled = -np.expm1(-by_depth * 100.0 * known - by_day * day)
        return known * (first + (densest - first) * settled) * GRAVITY / 1000.0

    return along_time(loads, [depth])
