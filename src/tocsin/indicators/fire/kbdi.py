"""Keetch-Byram drought index: how many millimetres of rain the soil lacks.

Source: Keetch and Byram (1968), USDA Forest Service Research Paper SE-38, in the metric form of
Finkele et al. (2006), BMRC Research Report 119, section 2.1.1; the ceiling is 203.2 mm (8 inches).
Checked against: tests/indicators/fire/kbdi_by_hand.csv
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tocsin.indicators.axis import check_steps
from tocsin.indicators.kernels import along_time, kernel, rows
from tocsin.units import quantities

__all__ = ["KbdiState", "kbdi"]

FIELD_CAPACITY_MM = 203.2
INTERCEPTION_MM = 5.0  # the first 5 mm of a wet spell never reach the soil


class KbdiState(NamedTuple):
    """What today leaves to tomorrow: the deficit, and what the canopy can still hold back."""

    deficit: Any = 0.0
    interception_left: Any = INTERCEPTION_MM


@kernel
def _kbdi(rain: Any, warmest: Any, annual: Any, state: Any, out: Any) -> None:
    for place in range(rain.shape[0]):
        dryness = 1.0 + 10.88 * math.exp(-0.00173 * annual[place])
        for day in range(rain.shape[1]):
            p, t = rain[place, day], warmest[place, day]
            if not (0.0 <= p < 5000.0 and abs(t) <= 100.0):
                out[place, day] = math.nan  # the state stands still
                continue
            if p > 0.0:
                held = min(p, state[1, place])
                state[1, place] -= held
            else:
                held = 0.0
                state[1, place] = INTERCEPTION_MM
            deficit = state[0, place]
            dried = (FIELD_CAPACITY_MM - deficit) * (0.968 * math.exp(0.0875 * t + 1.5552) - 8.3)
            deficit += 1e-3 * dried / dryness - (p - held)
            state[0, place] = min(max(deficit, 0.0), FIELD_CAPACITY_MM)
            out[place, day] = state[0, place] if annual[place] > 0.0 else math.nan


@quantities(rain="mm", max_temperature="degC", mean_annual_rain="mm")
def kbdi(
    rain: Any, max_temperature: Any, *, mean_annual_rain: Any, initial: KbdiState | None = None
) -> tuple[Any, KbdiState]:
    """Soil moisture deficit from daily rain and the warmest hour.

    Parameters
    ----------
    rain, max_temperature : array-like, time first (or a dimension ``time``) [mm, degC]
        Of the last 24 hours, one row a day.
    mean_annual_rain : number or array of the shape of the places [mm]
        The mean over years of the rain of a year.
    initial : KbdiState, optional
        As a run before this one returned it; saturated soil if not given.

    Returns
    -------
    deficit : same kind and shape as the inputs [mm]
        From 0 (wet) to 203.2 (dry). A day with a missing or impossible value is NaN and the state
        stands still. NaN where the mean annual rain is not above zero.
    state : KbdiState [mm]
        After the last day.

    Raises
    ------
    UnitError
        An input is labelled with no unit, or with one of another dimension.
    ShapeError
        Shapes do not fit together.
    """
    check_steps("kbdi", rain, "day")

    def deficits(p: Any, t: Any, annual: Any, *start: Any) -> tuple[Any, ...]:
        out = np.empty_like(rows(p))
        state = np.stack([np.ravel(part) for part in start])
        _kbdi(rows(p), rows(t), np.ravel(annual), state, out)
        return (out.reshape(p.shape), *state.reshape(2, *p.shape[:-1]))

    values, *state = along_time(
        deficits,
        [rain, max_temperature],
        places=[mean_annual_rain, *(initial or KbdiState())],
        outputs=[True, False, False],
    )
    if hasattr(values, "attrs"):
        values.attrs["units"] = "mm"
    return values, KbdiState(*state)
