"""NowCast: a particle concentration for this hour from the last twelve.

Source: US EPA, Technical Assistance Document for the Reporting of Daily Air Quality, EPA
454/B-24-002 (May 2024), "How the NowCast is calculated".
Checked against: tests/indicators/air/nowcast.csv
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["nowcast"]

HOURS = 12
LEAST_WEIGHT = 0.5
RECENT_HOURS, RECENT_NEEDED = 3, 2


@kernel
def _nowcast(hourly: Any, out: Any) -> None:
    for place in range(hourly.shape[0]):
        for now in range(hourly.shape[1]):
            low, high = math.inf, 0.0
            recent = 0
            hours = min(HOURS, now + 1)
            for age in range(hours):
                value = hourly[place, now - age]
                if 0.0 <= value < math.inf:
                    low, high = min(low, value), max(high, value)
                    if age < RECENT_HOURS:
                        recent += 1
            out[place, now] = math.nan
            if recent < RECENT_NEEDED:
                continue
            weight = max(low / high, LEAST_WEIGHT) if high > 0.0 else 1.0
            total = weights = 0.0
            for age in range(hours):
                value = hourly[place, now - age]
                if 0.0 <= value < math.inf:
                    total += weight**age * value
                    weights += weight**age
            out[place, now] = total / weights


@quantities(concentration="ug/m3", returns="ug/m3")
def nowcast(concentration: Any) -> Any:
    """Weighted mean of the last twelve hours; the more they differ, the less the old ones weigh.

    Parameters
    ----------
    concentration : array-like, time first (or a dimension ``time``) [ug/m3]
        Hourly means of PM2.5 or PM10 on an unbroken hourly axis.

    Returns
    -------
    same kind and shape as the input [ug/m3]
        NaN unless two of the last three hours are there. A negative hour counts as missing.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no mass in a volume.
    """
    check_steps("nowcast", concentration, "hour")

    def means(hourly: Any) -> Any:
        out = np.empty_like(rows(hourly))
        _nowcast(rows(hourly), out)
        return out.reshape(hourly.shape)

    return along_time(means, [concentration])
