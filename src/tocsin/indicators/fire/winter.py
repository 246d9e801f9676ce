"""Between two fire seasons: when one ends and the next begins, and the drought code after winter.

Source: Wotton and Flannigan (1993), The Forestry Chronicle 69: 187-192 (season by temperature);
Lawson and Armitage (2008), Weather Guide for the Canadian Forest Fire Danger Rating System, eq. 3
to 5 (overwintering). Checked against: tests/indicators/fire/cffdrs_overwintering.csv
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, elementwise, kernel, per_element, rows
from tocsin.units import quantities

__all__ = ["SeasonState", "drought_code_after_winter", "fire_season"]

START_ABOVE_C = 12.0
END_BELOW_C = 5.0
DAYS_IN_A_ROW = 3
LEAST_SPRING_CODE = 15.0


@per_element(4)
def _after_winter(autumn: float, rain: float, carried: float, effective: float) -> float:
    if not (autumn >= 0.0 and rain >= 0.0 and 0.0 < carried <= 1.0 and 0.0 < effective <= 1.0):
        return math.nan
    moisture = carried * 800.0 * math.exp(-autumn / 400.0) + effective * 3.94 * rain
    return max(400.0 * math.log(800.0 / moisture), LEAST_SPRING_CODE)


@quantities(autumn_code="1", winter_rain="mm", returns="1")
def drought_code_after_winter(
    autumn_code: Any, winter_rain: Any, *, carry_over: Any = 0.75, effectiveness: Any = 0.75
) -> Any:
    """Drought code with which the spring begins.

    Parameters
    ----------
    autumn_code : array-like, any shape [1]
        Drought code of the last day of the season before.
    winter_rain : array-like, broadcastable [mm]
        Rain and melted snow between the seasons.
    carry_over, effectiveness : number or array [1]
        Share of the autumn moisture that stays, and share of winter rain that sinks in.

    Returns
    -------
    same kind as the inputs [1]
        At least 15. NaN where an input is NaN or negative, or a share is outside 0 to 1.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    """
    return elementwise(_after_winter, autumn_code, winter_rain, carry_over, effectiveness)


class SeasonState(NamedTuple):
    """What today leaves to tomorrow: whether the season is on, and warm and cold days in a row."""

    burning: Any = 0.0
    warm_days: Any = 0.0
    cold_days: Any = 0.0


@kernel
def _seasons(noon: Any, state: Any, out: Any) -> None:
    for place in range(noon.shape[0]):
        burning = state[0, place] > 0.0
        warm, cold = state[1, place], state[2, place]
        for day in range(noon.shape[1]):
            t = noon[place, day]
            if math.isnan(t):
                warm = cold = 0.0
                out[place, day] = math.nan
                continue
            warm = warm + 1.0 if t > START_ABOVE_C else 0.0
            cold = cold + 1.0 if t < END_BELOW_C else 0.0
            if burning and cold >= DAYS_IN_A_ROW:
                burning = False
            elif not burning and warm >= DAYS_IN_A_ROW:
                burning = True
            out[place, day] = 1.0 if burning else 0.0
        state[0, place] = 1.0 if burning else 0.0
        state[1, place], state[2, place] = warm, cold


@quantities(temperature="degC")
def fire_season(temperature: Any, *, initial: SeasonState | None = None) -> tuple[Any, SeasonState]:
    """Whether a day belongs to the fire season.

    The season starts with the third day in a row above 12 degC at noon and ends with the third
    below 5 degC.

    Parameters
    ----------
    temperature : array-like, time first (or a dimension ``time``) [degC]
        At noon, one row a day.
    initial : SeasonState, optional
        As a run before this one returned it, days in a row included; out of season if not given.

    Returns
    -------
    season : same kind and shape as the input [1]
        1 inside, 0 outside. NaN on a missing day, which also breaks a row of days.
    state : SeasonState [1]
        After the last day.

    Raises
    ------
    UnitError
        The input is labelled with no unit, or with one that is no temperature.
    ShapeError
        The days of a labelled series do not follow one another.
    """
    check_steps("fire_season", temperature, "day")

    def seasons(noon: Any, *start: Any) -> tuple[Any, ...]:
        out = np.empty_like(rows(noon))
        state = np.stack([np.ravel(part) for part in start])
        _seasons(rows(noon), state, out)
        return (out.reshape(noon.shape), *state.reshape(3, *noon.shape[:-1]))

    values, *state = along_time(
        seasons,
        [temperature],
        places=[*(initial or SeasonState())],
        outputs=[True, False, False, False],
    )
    if hasattr(values, "attrs"):
        values.attrs["units"] = "1"
    return values, SeasonState(*state)
