"""Grade of sand and dust weather at a station.

Source: GB/T 20480-2017, Classification of sand and dust weather, section 3, as public pages quote
it; the edition of 2025, in force since 2025-12-01, was not at hand.
Checked against: hand-worked edges in tests/indicators/visibility/test_sand_dust.py
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np

from tocsin.indicators.kernels import elementwise
from tocsin.indicators.standards import standard_on
from tocsin.units import quantities

__all__ = ["sand_dust_grade"]

CALM_BELOW_MS = 5.5  # force 4 starts here (WMO code table 1100): floating dust has force 3 or less


@functools.cache
def _limits(day: str | None) -> Any:
    """Return the visibilities below which grades 1, 3, 4 and 5 begin [km]."""
    rows = {row["grade_number"]: row for row in standard_on("gbt20480", day).rows}
    return np.array([float(rows[number]["visibility_below_km"]) for number in "1345"])


@quantities(visibility_in_air="km", wind_speed="m/s", dust="1", returns="1")
def sand_dust_grade(
    visibility_in_air: Any, wind_speed: Any, dust: Any, *, on: dt.date | str | None = None
) -> Any:
    """Put what an observer or a sensor reports into one of five grades.

    Parameters
    ----------
    visibility_in_air : array-like, any shape [km]
        Horizontal visibility.
    wind_speed : array-like, broadcastable [m/s]
        Mean speed over ten minutes; below force 4 the dust only floats.
    dust : array-like, broadcastable [1]
        Above 0 where sand or dust is what dims the air (present weather); else fog would be graded.
    on : date, optional
        Day of the observation; the newest edition if not given. That of 2025 is NOT VERIFIED and
        repeats the values of 2017.

    Returns
    -------
    same kind as the inputs [1]
        0 none, 1 floating dust, 2 blowing sand, 3 sand and dust storm, 4 strong, 5 very strong. NaN
        where an input is NaN or negative.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    LookupError
        No edition was in force on that day.
    """
    dusty, storm, strong, strongest = _limits(None if on is None else str(on))

    def grades(seen: Any, speed: Any, present: Any) -> Any:
        blown = 2.0 + (seen < storm) + (seen < strong) + (seen < strongest)
        grade = np.where(np.asarray(speed) < CALM_BELOW_MS, 1.0, blown)
        grade = np.where((np.asarray(present) > 0.0) & (seen < dusty), grade, 0.0)
        known = (seen >= 0.0) & (speed >= 0.0) & (present >= 0.0)
        return np.where(known & np.isfinite(speed) & np.isfinite(seen), grade, np.nan)

    return elementwise(grades, visibility_in_air, wind_speed, dust)
