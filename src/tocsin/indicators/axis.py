"""The time axis of a labelled series: rising, without doubles, and without holes where it matters.

Bare arrays have no axis to look at; their rows are taken to follow one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tocsin.errors import ShapeError
from tocsin.units import is_labelled

__all__ = ["Step", "check_steps"]

Step = Literal["hour", "day", "week", "rising"]
_SECONDS: Mapping[Step, int] = MappingProxyType({"hour": 3600, "day": 86400, "week": 604800})
_WORDS: Mapping[Step, str] = MappingProxyType(
    {"hour": "hourly", "day": "daily", "week": "weekly", "rising": "rising"}
)


def check_steps(function: str, series: Any, step: Step) -> None:
    """Refuse a time axis that is unsorted, has doubles, or (unless ``rising``) has holes.

    Parameters
    ----------
    function : str
        Whose argument it is, for the message.
    series : DataArray with a coordinate ``time``, or an array of datetimes; anything else passes
    step : {"hour", "day", "week", "rising"}
        How far apart the rows have to be; ``rising`` asks for no more than the order.

    Raises
    ------
    ShapeError
        Names the first moment that does not fit, and what to do.
    """
    if is_labelled(series):
        if "time" not in series.coords:
            return
        times = series["time"].values
    elif isinstance(series, np.ndarray) and series.dtype.kind == "M":
        times = series
    else:
        return
    steps = np.diff(times.astype("datetime64[s]").astype(np.int64))
    wanted = _SECONDS.get(step)
    wrong = np.flatnonzero(steps <= 0 if wanted is None else steps != wanted)
    if not wrong.size:
        return
    at = int(wrong[0])
    seconds = int(steps[at])
    kind = "unsorted" if seconds < 0 else "given twice" if seconds == 0 else f"not {_WORDS[step]}"
    raise ShapeError(
        f"{function}(): time is {kind} after {times[at]}: the next step is {seconds} s"
        + (f", expected {wanted} s. " if wanted else ", expected more than 0 s. ")
        + "Sort, drop duplicates and put NaN into missing rows."
    )
